using Tributary.Contract.Emulators;
using Tributary.Integrations.OciStorage;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.OciStorage;

public class OciStorageConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new OciStorageIntegration();

    protected override async Task<ConformanceSource> StartAsync() =>
        await VendorEmulator.StartAsync<OciStorageEmulator>();
}
