using Tributary.Integrations.MockConnector;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Integrations.Tests.MockConnector;

public class MockConnectorConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new MockConnectorIntegration();

    // A script is replayed as it is; what is in it decides, not what was stored.
    protected override bool KnowsVersions => false;

    // The script is one answer, which is held for the length of a run.
    protected override bool IsStreamed => false;

    protected override async Task<ConformanceSource> StartAsync() => await ScriptServer.StartAsync();
}
