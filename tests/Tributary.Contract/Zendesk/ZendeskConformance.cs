using Tributary.Contract.Emulators;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Integrations.Zendesk;
using Tributary.Sdk;

namespace Tributary.Contract.Zendesk;

/// <summary>With tickets: of articles, nothing is read one by one, so that none can fail by itself.</summary>
public class ZendeskConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new ZendeskIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await VendorEmulator.StartAsync<ZendeskEmulator>();
}
