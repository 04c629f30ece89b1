using Tributary.Contract.Emulators;
using Tributary.Integrations.Gmail;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Gmail;

public class GmailConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new GmailIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await VendorEmulator.StartAsync<GmailEmulator>();
}
