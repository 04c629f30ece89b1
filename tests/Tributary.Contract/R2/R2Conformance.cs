using Tributary.Contract.Emulators;
using Tributary.Integrations.R2;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.R2;

public class R2Conformance : IntegrationConformance
{
    public override Integration Integration { get; } = new R2Integration();

    protected override async Task<ConformanceSource> StartAsync() => await VendorEmulator.StartAsync<R2Emulator>();
}
