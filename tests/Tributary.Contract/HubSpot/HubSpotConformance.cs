using Tributary.Contract.Emulators;
using Tributary.Integrations.HubSpot;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.HubSpot;

public class HubSpotConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new HubSpotIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await VendorEmulator.StartAsync<HubSpotEmulator>();
}
