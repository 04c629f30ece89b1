using Tributary.Sdk;
using Tributary.Sdk.Reading;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.Conformance;

/// <summary>What integrations promise that have nothing to read: above all, never to look empty.</summary>
public abstract class NothingToReadConformance : ManifestConformance
{
    [Fact]
    public void It_has_no_runs_and_accepts_any_settings()
    {
        Integration.HasRuns(new NoConfig()).ShouldBeFalse();
        Integration.Manifest.AcceptsAnySettings.ShouldBeTrue("the published sample sends settings of other types");
    }

    [Fact]
    public async Task A_check_passes_and_a_read_is_empty()
    {
        using var harness = new ReaderHarness(Integration, new NoConfig());

        await harness.CheckAsync();
        (await harness.ReadAsync()).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_listing_is_refused_and_never_looks_empty()
    {
        using var harness = new ReaderHarness(Integration, new NoConfig());

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.ListAsync());

        refusal.Message.ShouldContain("not supported");
    }
}
