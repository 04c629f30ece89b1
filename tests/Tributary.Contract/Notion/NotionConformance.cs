using Tributary.Contract.Emulators;
using Tributary.Integrations.Notion;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Notion;

public class NotionConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new NotionIntegration();

    /// <summary>Times are whole minutes, and everything happens within one: what was read in it has to be read again.</summary>
    protected override bool KnowsVersions => false;

    protected override async Task<ConformanceSource> StartAsync() => await VendorEmulator.StartAsync<NotionEmulator>();
}
