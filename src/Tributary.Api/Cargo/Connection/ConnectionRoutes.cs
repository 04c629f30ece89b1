using Tributary.Api.Http;

namespace Tributary.Api.Cargo.Connection;

/// <summary>Connectors and the catalogue.</summary>
internal static class ConnectionRoutes
{
    public static void Map(DialectRoutes routes)
    {
        routes.Under("Connection");
        ConnectorEndpoints.Map(routes);
        IntegrationEndpoints.Map(routes);
        OAuthEndpoints.Map(routes);
    }
}
