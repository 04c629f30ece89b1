using Tributary.Contract.Emulators;
using Tributary.Integrations.Linear;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Linear;

public class LinearConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new LinearIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await VendorEmulator.StartAsync<LinearEmulator>();
}
