using Tributary.Integrations.Tests.Conformance;
using Tributary.Integrations.Web;
using Tributary.Sdk;

namespace Tributary.Integrations.Tests.Web;

public class WebConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new WebIntegration();

    // A web server's 200 has no form to check it by: any HTML is a page, also half of one, an empty one or one that asks
    // for a log-in, a JSON file is a file that is no document, and one that is packed otherwise than it says is broken.
    protected override IReadOnlyCollection<Fault> Believed =>
        [Fault.Empty, Fault.Html, Fault.OtherJson, Fault.CutOffJson, Fault.GarbageGzip];

    // Sites have links that always answer 500: a page that never could be read must not keep every listing from its end.
    protected override bool ListsByWhatIsKnown => true;

    protected override async Task<ConformanceSource> StartAsync() => await ConformanceSite.StartAsync();
}
