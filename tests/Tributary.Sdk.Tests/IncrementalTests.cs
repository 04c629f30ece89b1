using System.Net;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Sdk.Tests;

public class IncrementalTests
{
    private static readonly DateTimeOffset Noon = new(2025, 1, 15, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_a_list_without_order_a_pass_takes_the_newest()
    {
        var mark = new Watermark().Advance(null).Advance(Noon).Advance(Noon.AddHours(1)).Advance(Noon.AddHours(-1));

        mark.Advance(null).Complete().Since.ShouldBe(Noon.AddHours(1));
    }

    [Fact]
    public void A_watermark_moves_to_the_beginning_of_a_pass_and_not_to_its_end()
    {
        var mark = new Watermark().Begin(Noon).Begin(Noon.AddHours(1)).Complete();

        mark.Since.ShouldBe(Noon);
        mark.From(TimeSpan.FromMinutes(5)).ShouldBe(Noon.AddMinutes(-5));
        mark.Complete().Since.ShouldBe(Noon, "an empty pass keeps it");
    }

    [Fact]
    public void A_watermark_does_not_pass_what_failed()
    {
        var mark = new Watermark().Begin(Noon).Hold(Noon.AddDays(-2)).Hold(Noon.AddDays(-1)).Complete();

        mark.Since.ShouldBe(Noon.AddDays(-2));
        mark.Held.ShouldBeNull();
    }

    [Fact]
    public void An_ascent_goes_on_from_the_last_change_that_was_read()
    {
        var midway = new Ascent { Since = Noon.AddDays(-9) }
            .Reach(Noon)
            .Reach(Noon.AddHours(-1))
            .Reach(null);

        midway.From(TimeSpan.FromMinutes(5)).ShouldBe(Noon.AddMinutes(-5), "also when the pass was cut off");
        midway.Complete().ShouldBe(new Ascent { Since = Noon });
        midway.Complete().Complete().Since.ShouldBe(Noon, "an empty pass keeps it");
        new Ascent().From(TimeSpan.FromMinutes(5)).ShouldBeNull("everything");
    }

    [Fact]
    public void An_ascent_comes_back_to_what_failed()
    {
        var passed = new Ascent().Hold(Noon.AddDays(-1)).Reach(Noon).Hold(Noon).Complete();

        passed.ShouldBe(new Ascent { Since = Noon.AddDays(-1) });
        new Ascent().Hold(null).Reach(Noon).Complete().Since.ShouldBe(DateTimeOffset.UnixEpoch, "a time is not known");
    }

    [Fact]
    public void Overlapping_pages_say_each_item_once()
    {
        var boundary = new PageBoundary();

        boundary.Fresh(["a", "b", "b"], item => item).ShouldBe(["a", "b"]);
        boundary.Fresh(["b", "c"], item => item).ShouldBe(["c"]);
    }

    [Fact]
    public async Task A_forgotten_token_leads_to_everything()
    {
        var pages = await DeltaFeed
            .ReadAsync(
                "old",
                _ => Throws(HttpStatusCode.Gone),
                () => new[] { new Page<string>("all", null) }.ToAsyncEnumerable(),
                null,
                default
            )
            .ToListAsync();

        pages.ShouldHaveSingleItem().ShouldBe((new Page<string>("all", null), true));
        await Should.ThrowAsync<SourceException>(async () =>
            await DeltaFeed
                .ReadAsync(
                    "old",
                    _ => Throws(HttpStatusCode.Forbidden),
                    AsyncEnumerable.Empty<Page<string>>,
                    null,
                    default
                )
                .CountAsync()
        );
    }

    [Fact]
    public async Task Single_items_may_fail_and_many_in_a_row_may_not()
    {
        var reads = new ItemReads(mostInARow: 2);
        Task<ReadItem> Broken() => throw new SourceException(FailureKind.Source, "It is no JSON.");
        Task<ReadItem> Gone() =>
            throw new SourceException(FailureKind.Configuration, "Nothing there.") { Status = HttpStatusCode.NotFound };

        (await reads.ReadAsync("a", null, Broken)).ShouldBeOfType<ReadItem.Failed>().Reason.ShouldBe("It is no JSON.");
        (await reads.ReadAsync("b", null, Gone)).ShouldBe(new ReadItem.Deleted("b"));
        (await reads.ReadAsync("c", null, Broken)).ShouldBeOfType<ReadItem.Failed>();
        (await reads.ReadAsync("d", null, Broken)).ShouldBeOfType<ReadItem.Failed>();
        await Should.ThrowAsync<SourceException>(() => reads.ReadAsync("e", null, Broken));
    }

    private static async IAsyncEnumerable<Page<string>> Throws(HttpStatusCode status)
    {
        await Task.Yield();
        yield return status == HttpStatusCode.OK
            ? new Page<string>("", null)
            : throw new SourceException(FailureKind.Source, "No.") { Status = status };
    }
}
