using System.Text;
using System.Text.Json;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;
using Tributary.Testing;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.Conformance;

/// <summary>
/// What every integration promises. An integration joins by one class that derives from this and starts a live source;
/// A test of Tributary.Contract fails for one that has none.
/// </summary>
public abstract class IntegrationConformance : ManifestConformance
{
    private const int Items = 30;

    // As many pages at every emulator as Items are. Each step of a read of it is spoiled in every way, so that the work grows
    // with the square of this.
    private const int SpoiledItems = 22;
    private static readonly DateTimeOffset SourceStart = new(2025, 1, 15, 8, 0, 0, TimeSpan.Zero);

    /// <summary>Whether the source tells the state of an item without its content, so that a second read finds nothing.</summary>
    protected virtual bool KnowsVersions => true;

    /// <summary>Whether items come in parts, so that memory does not grow with their number.</summary>
    protected virtual bool IsStreamed => true;

    /// <summary>
    /// Bad answers that this source could as well have meant, so that they are believed for the moment; the read after that
    /// puts right what they did. Give a reason where there are any.
    /// </summary>
    protected virtual IReadOnlyCollection<Fault> Believed => [];

    /// <summary>Whether a listing is complete only as to what earlier reads have stored: nothing else can be deleted.</summary>
    protected virtual bool ListsByWhatIsKnown => false;

    /// <summary>Starts a source without items.</summary>
    protected abstract Task<ConformanceSource> StartAsync();

    [Fact]
    public async Task Settings_survive_a_round_trip_through_JSON()
    {
        await using var source = await StartAsync();
        foreach (var settings in new[] { source.Config, source.Credentials }.OfType<object>())
        {
            var json = JsonSerializer.SerializeToElement(settings, settings.GetType(), SettingsJson.Options);
            var problems = new List<SettingsProblem>();
            var again = SettingsReader.Read(settings.GetType(), json, UnknownMembers.Refused, problems);

            problems.ShouldBeEmpty();
            JsonSerializer
                .SerializeToElement(again, settings.GetType(), SettingsJson.Options)
                .GetRawText()
                .ShouldBe(json.GetRawText());
            var schema = JsonSchemaWriter.Write(settings.GetType());
            json.EnumerateObject()
                .Select(member => member.Name)
                .ShouldBeSubsetOf(schema["properties"]!.AsObject().Select(property => property.Key));
        }
    }

    [Fact]
    public async Task A_check_passes_on_a_source_that_can_be_read()
    {
        await using var source = await FilledAsync();
        using var harness = Harness(source);

        await harness.CheckAsync();
    }

    [Fact]
    public async Task A_check_says_what_is_wrong()
    {
        await using var source = await FilledAsync();
        foreach (var bad in source.BadSettings)
        {
            using var harness = Harness(source);
            harness.Config = bad.Config;
            harness.Credentials = bad.Credentials ?? harness.Credentials;

            var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

            refusal.Kind.ShouldBe(bad.Kind, $"{bad.What}: {refusal.Message}");
            refusal.Message.Length.ShouldBeGreaterThan(20, "it says what to do about it");
        }
    }

    [Fact]
    public async Task Reads_everything_and_lists_the_same()
    {
        await using var source = await FilledAsync();
        using var harness = Harness(source);

        var run = await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(Items);
        run.Failed.ShouldBeEmpty();
        run.Checkpoints.ShouldBeGreaterThan(0);
        (await ListedAsync(harness)).ShouldBe(harness.Documents.Keys.Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_that_dies_anywhere_goes_on_to_the_same_end(bool fromBeginning)
    {
        await using var source = await FilledAsync();
        using var undisturbed = Harness(source);
        var whole = await undisturbed.ReadAsync(fromBeginning);
        for (var death = 1; death <= whole.Items.Count; death++)
        {
            using var harness = Harness(source);
            await harness.ReadAsync(fromBeginning, crashAfter: death);
            var run = await harness.ReadAsync(fromBeginning);

            run.WasCutOff.ShouldBeFalse();
            Snapshot(harness).ShouldBe(Snapshot(undisturbed), customMessage: $"died after item {death}");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_changes_while_a_cut_off_read_waits_is_not_missed(bool fromBeginning)
    {
        await using var source = await FilledAsync();
        using var harness = Harness(source);
        var whole = (await Harness(source).ReadAsync(fromBeginning)).Items.Count;
        await harness.ReadAsync(fromBeginning, crashAfter: whole * 2 / 3);
        await source.ChangeAsync("item 0");
        await source.ChangeAsync($"item {Items - 1}");
        await harness.ReadAsync(fromBeginning);

        using var fresh = Harness(source);
        await fresh.ReadAsync();
        Snapshot(harness).ShouldBe(Snapshot(fresh));
    }

    [Fact]
    public async Task A_second_read_brings_nothing_new()
    {
        await using var source = await FilledAsync();
        using var harness = Harness(source);
        await harness.ReadAsync();
        var before = Snapshot(harness);

        var second = await harness.ReadAsync();

        Snapshot(harness).ShouldBe(before);
        second.Deleted.ShouldBeEmpty();
        if (KnowsVersions)
        {
            second.Found.ShouldBeEmpty("what is known by its version is not fetched");
        }
    }

    [Fact]
    public async Task A_reindex_reads_everything_anew()
    {
        await using var source = await FilledAsync();
        using var harness = Harness(source);
        await harness.ReadAsync();

        var again = await harness.ReadAsync(fromBeginning: true);

        again.Found.Count.ShouldBe(Items);
    }

    [Fact]
    public async Task Changes_additions_and_removals_are_seen()
    {
        await using var source = await FilledAsync();
        using var harness = Harness(source);
        await harness.ReadAsync();
        var before = Snapshot(harness);
        await source.ChangeAsync("item 3");
        await source.AddAsync("item new");
        await source.RemoveAsync("item 5");

        var run = await harness.ReadAsync();
        var live = await ListedAsync(harness);

        var after = Snapshot(harness);
        after.Keys.Except(before.Keys).Count().ShouldBe(1, "one was added");
        after
            .Count(pair => before.TryGetValue(pair.Key, out var old) && old != pair.Value)
            .ShouldBe(1, "one was changed");
        live.Count.ShouldBe(Items);
        before.Keys.Except(live).Count().ShouldBe(1, "one is gone");
        if (KnowsVersions)
        {
            run.Found.Count.ShouldBe(2);
        }
    }

    [Fact]
    public async Task An_item_that_cannot_be_read_is_named_and_the_rest_is_read()
    {
        await using var source = await FilledAsync();
        await source.AddBrokenAsync("item broken");
        using var harness = Harness(source);

        var run = await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(Items);
        var failure = run.Failed.ShouldHaveSingleItem();
        failure.ItemId.ShouldNotBeNullOrWhiteSpace();
        failure.Reason.Length.ShouldBeGreaterThan(10);
    }

    [Theory]
    [InlineData(Fault.TooManyRequests)]
    [InlineData(Fault.ServerError)]
    [InlineData(Fault.Empty)]
    [InlineData(Fault.CutOffJson)]
    [InlineData(Fault.CutOffConnection)]
    [InlineData(Fault.Html)]
    [InlineData(Fault.OtherJson)]
    [InlineData(Fault.TooManyRequestsWithoutHeader)]
    [InlineData(Fault.Burst)]
    [InlineData(Fault.Reset)]
    [InlineData(Fault.CutOffGzip)]
    [InlineData(Fault.GarbageGzip)]
    public Task A_bad_answer_at_any_step_is_told_and_loses_nothing(Fault fault) => ReadWithAsync(fault);

    [Theory]
    [InlineData(Fault.TooManyRequests)]
    [InlineData(Fault.ServerError)]
    [InlineData(Fault.Empty)]
    [InlineData(Fault.CutOffJson)]
    [InlineData(Fault.CutOffConnection)]
    [InlineData(Fault.Html)]
    [InlineData(Fault.OtherJson)]
    [InlineData(Fault.TooManyRequestsWithoutHeader)]
    [InlineData(Fault.Burst)]
    [InlineData(Fault.Reset)]
    [InlineData(Fault.CutOffGzip)]
    [InlineData(Fault.GarbageGzip)]
    public Task A_listing_is_complete_or_throws(Fault fault) => ListWithAsync(fault);

    [Fact]
    [Trait("Category", "Slow")]
    public async Task An_answer_that_never_comes_is_told_and_loses_nothing()
    {
        await ReadWithAsync(Fault.Hang);
        await ListWithAsync(Fault.Hang);
    }

    private async Task ReadWithAsync(Fault fault)
    {
        await using var source = await FilledAsync(SpoiledItems);
        if (source.Faults is not { } faults)
        {
            return;
        }

        using var undisturbed = Harness(source);
        faults.Reset();
        await undisturbed.ReadAsync();
        var requests = faults.Seen;
        requests.ShouldBeGreaterThan(1);
        for (var index = 0; index < requests; index++)
        {
            using var harness = Harness(source, isImpatient: fault == Fault.Hang);
            faults.Reset((index, fault));
            var where = $"{fault} at request {index}";
            var isGood = await ToldAsync(() => harness.ReadAsync(), fault, where);
            if (isGood && harness.LastRun.Failed.Count == 0 && !Believed.Contains(fault))
            {
                Snapshot(harness).ShouldBe(Snapshot(undisturbed), customMessage: $"{where} was lost in silence");
            }

            faults.Reset();
            await harness.ReadAsync();
            Snapshot(harness).ShouldBe(Snapshot(undisturbed), customMessage: $"after {where}");
        }
    }

    private async Task ListWithAsync(Fault fault)
    {
        await using var source = await FilledAsync(SpoiledItems);
        if (source.Faults is not { } faults)
        {
            return;
        }

        using var undisturbed = Harness(source);
        await undisturbed.ReadAsync();
        faults.Reset();
        var live = await ListedAsync(undisturbed);
        var requests = faults.Seen;
        for (var index = 0; index < requests; index++)
        {
            using var harness = Harness(source, isImpatient: fault == Fault.Hang);
            if (ListsByWhatIsKnown)
            {
                faults.Reset();
                await harness.ReadAsync();
            }

            faults.Reset((index, fault));
            List<string> listed = [];
            var isGood = await ToldAsync(
                async () => listed = await ListedAsync(harness),
                fault,
                $"{fault} at request {index}"
            );
            if (isGood && !Believed.Contains(fault))
            {
                listed.ShouldBe(
                    live,
                    customMessage: $"{fault} at request {index}: a partial listing deletes documents"
                );
            }
        }
    }

    [Theory]
    [InlineData(-400)]
    [InlineData(400)]
    public async Task Changes_are_seen_whatever_our_own_clock_says(int daysOff)
    {
        await using var source = await FilledAsync();
        using var harness = Harness(source, clock: new ManualTime(SourceStart.AddDays(daysOff)));
        await harness.ReadAsync();
        await source.ChangeAsync("item 3");
        await source.AddAsync("item new");

        await harness.ReadAsync();

        using var afresh = Harness(source);
        await afresh.ReadAsync();
        Snapshot(harness).ShouldBe(Snapshot(afresh));
    }

    [Fact]
    public async Task An_item_that_vanishes_during_a_read_hides_no_other()
    {
        await using var source = await FilledAsync();
        using var harness = Harness(source);
        var vanished = false;
        await foreach (var item in harness.StreamReadAsync())
        {
            if (item is ReadItem.Found && !vanished)
            {
                // Listings shift: some that were read, some that were listed and not read yet, some not listed.
                vanished = true;
                await source.RemoveAsync("item 1");
                await source.RemoveAsync("item 14");
                await source.RemoveAsync($"item {Items - 2}");
            }
        }

        using var afresh = Harness(source);
        await afresh.ReadAsync();
        afresh.Documents.Keys.Except(harness.Documents.Keys).ShouldBeEmpty("what is there was read");
    }

    [Fact]
    public async Task A_thousand_items_of_one_instant_are_all_read()
    {
        await using var source = await StartAsync();
        if (!await source.FillAtOneInstantAsync(1_000))
        {
            return;
        }

        using var harness = Harness(source);
        await harness.ReadAsync();
        harness.Documents.Count.ShouldBe(1_000);
        (await ListedAsync(harness)).ShouldBe(harness.Documents.Keys.Order(StringComparer.Ordinal), ignoreOrder: true);
        await source.ChangeAsync("item 500");

        await harness.ReadAsync();

        harness.Documents.Values.Count(document => TextOf(harness, document).Contains("Another")).ShouldBe(1);
    }

    [Fact]
    public async Task A_token_that_expires_in_the_middle_is_renewed_or_told()
    {
        await using var source = await FilledAsync();
        if (!source.ExpireToken())
        {
            return;
        }

        using var undisturbed = Harness(source);
        await undisturbed.ReadAsync();
        using var harness = Harness(source);
        var count = 0;
        try
        {
            await foreach (var item in harness.StreamReadAsync())
            {
                if (++count == 5)
                {
                    source.ExpireToken().ShouldBeTrue();
                }
            }
        }
        catch (SourceException exception)
        {
            exception.Kind.ShouldBe(FailureKind.Credentials);
        }

        harness.Credentials = source.Credentials ?? harness.Credentials;
        await harness.ReadAsync();
        Snapshot(harness).ShouldBe(Snapshot(undisturbed));
    }

    [Fact]
    public async Task Cancelling_ends_a_read_and_a_listing_at_once()
    {
        await using var source = await FilledAsync();
        using var harness = Harness(source);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() =>
            harness.ReadAsync(cancellationToken: cancelled.Token)
        );
        await Should.ThrowAsync<OperationCanceledException>(() => harness.ListAsync(cancelled.Token));
        if (source.Faults is { } faults)
        {
            // In the middle of a request that never ends.
            faults.Reset((1, Fault.Hang));
            using var soon = new CancellationTokenSource();
            var reading = harness.ReadAsync(cancellationToken: soon.Token);
            await TestWait.Until(() => faults.Seen > 1, "the request that hangs");
            await soon.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => reading.WaitAsync(TimeSpan.FromSeconds(20)));
        }
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Memory_does_not_grow_with_the_source()
    {
        if (!IsStreamed)
        {
            return;
        }

        await using var source = await StartAsync();
        await source.FillAsync(MemoryCheck.Items);
        source.StopRecording();
        using var harness = Harness(source);
        await MemoryCheck.ReadAsync(harness);
    }

    private async Task<ConformanceSource> FilledAsync(int items = Items)
    {
        var source = await StartAsync();
        await source.FillAsync(items);
        source.Faults?.Reset();
        return source;
    }

    private ReaderHarness Harness(ConformanceSource source, bool isImpatient = false, ManualTime? clock = null)
    {
        HttpMessageHandler handler = isImpatient ? new ImpatientHandler(source.Faults!) : new HarnessHttp();
        var harness = new ReaderHarness(Integration, source.Config, source.Credentials)
        {
            Time = clock ?? new ManualTime(),
            Http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(60) },
        };
        source.Equip(harness);
        return harness;
    }

    private static async Task<List<string>> ListedAsync(ReaderHarness harness) =>
        [.. (await harness.ListAsync()).Distinct().Order()];

    /// <summary>Whether it went well; an exception has to be one that a person can understand.</summary>
    private async Task<bool> ToldAsync(Func<Task> action, Fault fault, string where)
    {
        try
        {
            await action();
            return true;
        }
        catch (SourceException exception)
        {
            FailureKind[] kinds = Believed.Contains(fault)
                ? [FailureKind.Transient, FailureKind.Source, FailureKind.Configuration, FailureKind.Credentials]
                : [FailureKind.Transient, FailureKind.Source];
            exception.Kind.ShouldBeOneOf(kinds);
            return false;
        }
        catch (Exception exception) when (exception is not Shouldly.ShouldAssertException)
        {
            throw new InvalidOperationException($"{where} ended in a {exception.GetType().Name}.", exception);
        }
    }

    private static SortedDictionary<string, string> Snapshot(ReaderHarness harness) =>
        new(
            harness.Documents.Values.ToDictionary(
                document => document.Id,
                document => $"{document.Title}|{document.Version}|{TextOf(harness, document)}"
            ),
            StringComparer.Ordinal
        );

    private static string TextOf(ReaderHarness harness, Document document) =>
        string.Join('\n', document.Sections.Select(section => section.Text))
        + (harness.FileBytes.TryGetValue(document.Id, out var bytes) ? Encoding.UTF8.GetString(bytes) : "");
}
