using Tributary.Contract.Emulators;
using Tributary.Integrations.Discourse;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Discourse;

public class DiscourseConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new DiscourseIntegration();

    protected override async Task<ConformanceSource> StartAsync() =>
        await VendorEmulator.StartAsync<DiscourseEmulator>();
}
