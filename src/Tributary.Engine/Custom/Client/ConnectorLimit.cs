using Tributary.Engine.Connectors;
using Tributary.Sdk;

namespace Tributary.Engine.Custom.Client;

/// <summary>The limit of everything that is sent for a connector of a custom integration: its own, else the manifest's.</summary>
internal static class ConnectorLimit
{
    public static IReadOnlyList<RateLimit> Of(Connector connector, LoadedIntegration integration) =>
        (connector.RateLimit ?? integration.Manifest.Description.RateLimit) is { } limit ? [limit] : [];
}
