using Tributary.Integrations.NotApplicable;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Integrations.Tests.NotApplicable;

public class NotApplicableConformance : NothingToReadConformance
{
    public override Integration Integration { get; } = new NotApplicableIntegration();

    [Fact]
    public void It_is_inert_and_not_among_the_types_to_choose_from()
    {
        Integration.Manifest.Kind.ShouldBe(IntegrationKind.Inert);
        Integration.Manifest.IsHidden.ShouldBeTrue();
    }
}
