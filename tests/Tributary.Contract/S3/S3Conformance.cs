using Tributary.Contract.Emulators;
using Tributary.Integrations.S3;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.S3;

public class S3Conformance : IntegrationConformance
{
    public override Integration Integration { get; } = new S3Integration();

    protected override async Task<ConformanceSource> StartAsync() => await VendorEmulator.StartAsync<S3Emulator>();
}
