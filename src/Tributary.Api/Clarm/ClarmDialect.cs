using Microsoft.AspNetCore.Routing;
using Tributary.Api.Clarm.Access;
using Tributary.Api.Clarm.Catalog;
using Tributary.Api.Clarm.Collections;
using Tributary.Api.Clarm.Files;
using Tributary.Api.Clarm.Onyx;
using Tributary.Api.Clarm.Push;
using Tributary.Api.Clarm.Runs;
using Tributary.Api.Clarm.Search;
using Tributary.Api.Clarm.Sources;
using Tributary.Api.Http;

namespace Tributary.Api.Clarm;

/// <summary>The dialect of api.clarm.com, and of Onyx, which it descends from.</summary>
internal static class ClarmDialect
{
    /// <summary>The name of its description: /openapi/clarm.json.</summary>
    public const string Name = "clarm";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var errors = new ClarmErrors();
        var routes = new DialectRoutes(endpoints, Name, errors);
        routes.Under("Sources");
        CreateSource.Map(routes);
        IngestEndpoint.Map(routes);
        SourceTypes.Map(routes);
        SourceEndpoints.Map(routes);
        PushEndpoints.Map(routes);
        routes.Under("Runs");
        RunEndpoints.Map(routes);
        PairHistoryEndpoints.MapAttempts(routes);
        FailureEndpoints.Map(routes);
        routes.Under("Collections");
        CollectionEndpoints.Map(routes);
        routes.Under("Search");
        SearchEndpoint.Map(routes);
        routes.Under("Files");
        FileEndpoints.Map(routes);
        routes.Under("Integrations");
        IntegrationEndpoints.Map(routes);
        routes.Under("Access");
        LoginEndpoints.Map(routes);
        TokenEndpoints.Map(routes);
        UserEndpoints.Map(routes);
        AuditEndpoint.Map(routes);
        OnyxRoutes.Map(routes);
        routes.RefuseOtherMethods();
        foreach (var below in (string[])["/v1", "/auth", "/manage", "/onyx-api", "/admin/api-key"])
        {
            routes.RefuseOtherPaths(below);
        }

        // Behind its own proxy Onyx has /api in front, and its clients are used to it.
        var behindProxy = new DialectRoutes(endpoints, Name, errors, "/api");
        OnyxRoutes.Map(behindProxy);
        behindProxy.RefuseOtherMethods();
        behindProxy.RefuseOtherPaths("");
    }
}
