using Tributary.Contract.Emulators;
using Tributary.Integrations.Confluence;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Confluence;

public class ConfluenceConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new ConfluenceIntegration();

    protected override async Task<ConformanceSource> StartAsync() =>
        await VendorEmulator.StartAsync<ConfluenceEmulator>();
}

public class ConfluenceDataCenterConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new ConfluenceIntegration();

    protected override async Task<ConformanceSource> StartAsync() =>
        await VendorEmulator.StartAsync<ConfluenceDataCenterEmulator>();
}
