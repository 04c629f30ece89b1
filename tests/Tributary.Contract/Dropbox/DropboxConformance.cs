using Tributary.Contract.Emulators;
using Tributary.Integrations.Dropbox;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Dropbox;

public class DropboxConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new DropboxIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await VendorEmulator.StartAsync<DropboxEmulator>();
}
