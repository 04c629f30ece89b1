using Tributary.Integrations.IngestionApi;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Integrations.Tests.IngestionApi;

public class IngestionApiConformance : NothingToReadConformance
{
    public override Integration Integration { get; } = new IngestionApiIntegration();

    [Fact]
    public void It_takes_pushes()
    {
        Integration.Manifest.Kind.ShouldBe(IntegrationKind.Push);
    }
}
