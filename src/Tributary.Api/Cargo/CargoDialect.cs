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

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var routes = new DialectRoutes(endpoints, Name, new CargoErrors());
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
}
