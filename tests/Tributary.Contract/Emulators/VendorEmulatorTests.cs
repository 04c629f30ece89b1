using Tributary.Contract.Discourse;
using Tributary.Integrations.Discourse;

namespace Tributary.Contract.Emulators;

public class VendorEmulatorTests
{
    [Fact]
    public async Task An_emulator_that_records_nothing_answers_the_same_with_fewer_pages()
    {
        await using var forum = await VendorEmulator.StartAsync<DiscourseEmulator>();
        await forum.FillAsync(60);
        using var harness = forum.HarnessOf(new DiscourseIntegration());
        await harness.ReadAsync();
        var pages = forum.Exchanges.Count(exchange => exchange.Path == "/latest.json");
        forum.Exchanges.Clear();
        forum.Faults.Reset();

        forum.StopRecording();
        using var quiet = forum.HarnessOf(new DiscourseIntegration());
        await quiet.ReadAsync();

        forum.Exchanges.ShouldBeEmpty();
        quiet.Documents.Keys.ShouldBe(harness.Documents.Keys, ignoreOrder: true);
        forum.Faults.Seen.ShouldBe(60 + 3, "the forum, its categories, one page of topics, each topic");
        pages.ShouldBeGreaterThan(5);
    }
}
