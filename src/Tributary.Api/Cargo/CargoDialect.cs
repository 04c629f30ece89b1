using Microsoft.AspNetCore.Routing;
using Tributary.Api.Cargo.Connection;
using Tributary.Api.Cargo.Custom;
using Tributary.Api.Cargo.Storage;
using Tributary.Api.Cargo.Workspace;
using Tributary.Api.Http;

namespace Tributary.Api.Cargo;

/// <summary>The dialect of api.getcargo.io.</summary>
internal static class CargoDialect
{
    /// <summary>The name of its description: /openapi/cargo.json.</summary>
    public const string Name = "cargo";

    private const string WorkspaceHeader = "selected-workspace-uuid";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var routes = new DialectRoutes(endpoints, Name, new CargoErrors(), demand: DemandWorkspace);
        ConnectionRoutes.Map(routes);
        CustomRoutes.Map(routes);
        StorageRoutes.Map(routes);
        WorkspaceRoutes.Map(routes);
        routes.RefuseOtherMethods();
        foreach (var below in (string[])["/v1/connection", "/v1/storage", "/v1/workspaceManagement"])
        {
            routes.RefuseOtherPaths(below);
        }
    }

    /// <summary>Tokens and sessions belong to one workspace: a request that is meant for another must not act on this one.</summary>
    private static void DemandWorkspace(Exchange exchange)
    {
        var selected = exchange.Http.Request.Headers[WorkspaceHeader].ToString();
        if (selected.Length > 0 && !(Guid.TryParse(selected, out var uuid) && uuid == exchange.Caller.WorkspaceUuid))
        {
            throw new RequestException(
                403,
                $"The header {WorkspaceHeader} names another workspace than the one that the token belongs to."
            );
        }
    }
}
