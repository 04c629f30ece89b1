using Tributary.Contract.Emulators;
using Tributary.Integrations.Slack;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Slack;

public class SlackConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new SlackIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await VendorEmulator.StartAsync<SlackEmulator>();
}
