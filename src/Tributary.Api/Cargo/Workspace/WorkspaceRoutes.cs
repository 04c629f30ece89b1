using Tributary.Api.Http;

namespace Tributary.Api.Cargo.Workspace;

/// <summary>Tokens, users and what clients ask for at their start.</summary>
internal static class WorkspaceRoutes
{
    public static void Map(DialectRoutes routes)
    {
        routes.Under("Workspace");
        PeopleEndpoints.Map(routes);
        TokenEndpoints.Map(routes);
        InitEndpoint.Map(routes);
    }
}
