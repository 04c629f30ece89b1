using Tributary.Integrations.Tests.Conformance;
using Tributary.Integrations.Tests.MediaWiki;
using Tributary.Integrations.Wikipedia;
using Tributary.Sdk;

namespace Tributary.Integrations.Tests.Wikipedia;

public class WikipediaConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new WikipediaIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await FakeWiki.StartAsync(isWikipedia: true);
}
