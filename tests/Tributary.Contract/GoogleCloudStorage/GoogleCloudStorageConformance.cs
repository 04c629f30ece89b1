using Tributary.Contract.Emulators;
using Tributary.Integrations.GoogleCloudStorage;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.GoogleCloudStorage;

public class GoogleCloudStorageConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new GoogleCloudStorageIntegration();

    protected override async Task<ConformanceSource> StartAsync() =>
        await VendorEmulator.StartAsync<GoogleCloudStorageEmulator>();
}

public class GoogleCloudStorageAccountConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new GoogleCloudStorageIntegration();

    protected override async Task<ConformanceSource> StartAsync() =>
        await VendorEmulator.StartAsync<GoogleCloudStorageAccountEmulator>();
}
