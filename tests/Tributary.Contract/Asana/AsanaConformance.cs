using Tributary.Contract.Emulators;
using Tributary.Integrations.Asana;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Asana;

public class AsanaConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new AsanaIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await VendorEmulator.StartAsync<AsanaEmulator>();
}
