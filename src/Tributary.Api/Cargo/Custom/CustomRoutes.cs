using Tributary.Api.Http;

namespace Tributary.Api.Cargo.Custom;

/// <summary>Custom integrations, actions, look-ups and requests through a connector.</summary>
internal static class CustomRoutes
{
    public static void Map(DialectRoutes routes)
    {
        routes.Under("Custom");
        CustomIntegrationEndpoints.Map(routes);
        ActionEndpoints.Map(routes);
        LookupEndpoints.Map(routes);
        ProxyEndpoint.Map(routes);
    }
}
