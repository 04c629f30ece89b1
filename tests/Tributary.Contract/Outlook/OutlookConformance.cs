using Tributary.Contract.Emulators;
using Tributary.Integrations.Outlook;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Outlook;

public class OutlookConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new OutlookIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await VendorEmulator.StartAsync<OutlookEmulator>();
}
