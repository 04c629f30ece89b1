using Tributary.Contract.Emulators;
using Tributary.Integrations.SharePoint;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.SharePoint;

public class SharePointConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new SharePointIntegration();

    protected override async Task<ConformanceSource> StartAsync() =>
        await VendorEmulator.StartAsync<SharePointEmulator>();
}
