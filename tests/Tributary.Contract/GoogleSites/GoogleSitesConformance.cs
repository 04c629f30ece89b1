using Tributary.Integrations.GoogleSites;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.GoogleSites;

public class GoogleSitesConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new GoogleSitesIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await Task.FromResult(new SiteExport());
}
