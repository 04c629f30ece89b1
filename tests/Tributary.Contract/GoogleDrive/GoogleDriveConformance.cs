using Tributary.Contract.Emulators;
using Tributary.Integrations.GoogleDrive;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.GoogleDrive;

public class GoogleDriveConformance : IntegrationConformance
{
    // The work list, which is the store's, remembers what was seen of a pass; in these tests it is memory.
    protected override bool IsStreamed => false;

    public override Integration Integration { get; } = new GoogleDriveIntegration();

    protected override async Task<ConformanceSource> StartAsync() =>
        await VendorEmulator.StartAsync<GoogleDriveEmulator>();
}

public class GoogleDriveFolderConformance : IntegrationConformance
{
    // The work list, which is the store's, remembers what was seen of a pass; in these tests it is memory.
    protected override bool IsStreamed => false;

    public override Integration Integration { get; } = new GoogleDriveIntegration();

    protected override async Task<ConformanceSource> StartAsync() =>
        await VendorEmulator.StartAsync<GoogleDriveFolderEmulator>();
}
