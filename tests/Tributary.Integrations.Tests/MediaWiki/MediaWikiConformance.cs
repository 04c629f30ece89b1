using Tributary.Integrations.MediaWiki;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Integrations.Tests.MediaWiki;

public class MediaWikiConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new MediaWikiIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await FakeWiki.StartAsync();
}
