using Tributary.Contract.Emulators;
using Tributary.Integrations.Asana;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Asana;

public class AsanaConformance : IntegrationConformance
{
    // The work list, which is the store's, remembers what was seen of a pass; in these tests it is memory.
    protected override bool IsStreamed => false;

    public override Integration Integration { get; } = new AsanaIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await VendorEmulator.StartAsync<AsanaEmulator>();
}
