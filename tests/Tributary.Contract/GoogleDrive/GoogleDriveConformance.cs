using Tributary.Contract.Emulators;
using Tributary.Integrations.GoogleDrive;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.GoogleDrive;

public class GoogleDriveConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new GoogleDriveIntegration();

    protected override async Task<ConformanceSource> StartAsync() =>
        await VendorEmulator.StartAsync<GoogleDriveEmulator>();
}

public class GoogleDriveFolderConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new GoogleDriveIntegration();

    protected override async Task<ConformanceSource> StartAsync() =>
        await VendorEmulator.StartAsync<GoogleDriveFolderEmulator>();
}
