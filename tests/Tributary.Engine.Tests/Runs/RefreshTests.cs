using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;
using Tributary.Sdk;

namespace Tributary.Engine.Tests.Runs;

public class RefreshTests
{
    private static void Fill(ScriptedSource source, int count)
    {
        for (var i = 0; i < count; i++)
        {
            source.Items[$"item-{i:D4}"] = $"Text number {i} about rivers";
        }
    }

    [Fact]
    public async Task The_first_run_starts_by_itself_and_makes_everything_searchable()
    {
        await using var engine = await EngineHarness.StartAsync();
        Fill(engine.Source, 25);
        var connector = await engine.CreateAsync();
        connector.Status.ShouldBe(ConnectorStatus.Scheduled);

        await engine.FireAsync(connector);

        var overview = await engine.LookAsync(connector);
        overview.Connector.Status.ShouldBe(ConnectorStatus.Active);
        overview.Connector.DocumentCount.ShouldBe(25);
        overview.LastRun!.State.ShouldBe(RunState.Succeeded);
        overview.LastRun.Counts.ShouldBe(new RunCounts(Read: 25, Added: 25, Chunks: 25));
        (await engine.SearchAsync("rivers")).Count.ShouldBe(25);
    }

    [Fact]
    public async Task A_second_refresh_writes_only_what_changed()
    {
        await using var engine = await EngineHarness.StartAsync();
        Fill(engine.Source, 25);
        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);

        engine.Source.Items["item-0003"] = "Now about mountains";
        engine.Source.Items["item-9999"] = "New, about lakes";
        var run = await engine.RunAsync(connector, RunKind.Refresh);

        run.Counts.ShouldBe(new RunCounts(Read: 26, Added: 1, Updated: 1, Unchanged: 24, Chunks: 2));
        (await engine.SearchAsync("mountains")).ShouldBe(["item-0003"]);
        (await engine.SearchAsync("\"number 3\"")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_document_of_the_same_version_is_not_opened_again()
    {
        await using var engine = await EngineHarness.StartAsync();
        Fill(engine.Source, 5);
        engine.Source.Files.UnionWith(engine.Source.Items.Keys);
        foreach (var id in engine.Source.Items.Keys)
        {
            engine.Source.Versions[id] = "1";
        }

        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);
        engine.Source.FilesOpened.ShouldBe(5);

        engine.Source.Versions["item-0002"] = "2";
        var run = await engine.RunAsync(connector, RunKind.Refresh);

        engine.Source.FilesOpened.ShouldBe(6);
        run.Counts.Unchanged.ShouldBe(5);
    }

    [Fact]
    public async Task A_reindex_reads_everything_without_regard_to_versions_or_checkpoint()
    {
        await using var engine = await EngineHarness.StartAsync();
        Fill(engine.Source, 5);
        engine.Source.Files.UnionWith(engine.Source.Items.Keys);
        foreach (var id in engine.Source.Items.Keys)
        {
            engine.Source.Versions[id] = "1";
        }

        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);
        await engine.RunAsync(connector, RunKind.Reindex);

        engine.Source.FilesOpened.ShouldBe(10);
        engine.Source.Begun[^1].ShouldBeNull();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(37)]
    public async Task After_a_crash_the_next_process_goes_on_from_the_checkpoint(int itemsBefore)
    {
        var engine = await EngineHarness.StartAsync();
        Fill(engine.Source, 45);
        var connector = await engine.CreateAsync();
        var reached = new TaskCompletionSource();
        engine.Source.BeforeItem = async number =>
        {
            if (number == itemsBefore)
            {
                // What was read so far is committed before the process ends.
                await WaitForCommit(engine, connector, itemsBefore);
                reached.SetResult();
                await new TaskCompletionSource().Task.WaitAsync(TimeSpan.FromSeconds(1), TimeProvider.System);
            }
        };
        await engine.FireUntilAsync(connector, reached.Task);
        engine.Source.BeforeItem = _ => Task.CompletedTask;
        await using var after = await engine.CrashAndRestartAsync();

        after.Recovered.ShouldBe(1);
        await after.FireAsync(connector);

        var overview = await after.LookAsync(connector);
        overview.LastRun!.State.ShouldBe(RunState.Succeeded);
        overview.LastRun.RequestedBy.ShouldBe("recovery");

        // It went on from the checkpoint that was committed last: at most one page is read twice, and nothing is missed.
        var resumedAt = after.Source.Items.Keys.Count(id =>
            after.Source.Begun[^1]?.Contains(id, StringComparison.Ordinal) == true
        );
        var skipped = resumedAt == 0 ? 0 : int.Parse(after.Source.Begun[^1]!.Split("item-")[1][..4]) + 1;
        skipped.ShouldBeInRange(Math.Max(0, itemsBefore / 10 * 10 - 10), itemsBefore);
        overview.LastRun.Counts.Read.ShouldBe(45 - skipped);
        (await after.IdsAsync(connector)).ShouldBe([.. after.Source.Items.Keys]);
        (await after.SearchAsync("rivers")).Count.ShouldBe(45);
        (await after.Runs.ListAsync(after.Caller, connector.Id, long.MaxValue, 10, default)).ShouldContain(run =>
            run.State == RunState.Interrupted
        );
    }

    /// <summary>Lets the clock run until the batch that waits for company is committed.</summary>
    private static async Task WaitForCommit(EngineHarness engine, Connector connector, int documents)
    {
        while ((await engine.IdsAsync(connector)).Count < documents)
        {
            engine.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_failing_source_keeps_what_was_read_and_is_tried_again_soon()
    {
        await using var engine = await EngineHarness.StartAsync();
        Fill(engine.Source, 25);
        engine.Source.BeforeItem = number =>
            number == 15 ? throw new SourceException(FailureKind.Transient, "The source is away.") : Task.CompletedTask;
        var connector = await engine.CreateAsync(refreshFreq: 86_400);
        await engine.FireAsync(connector);

        var overview = await engine.LookAsync(connector);
        overview.LastRun!.State.ShouldBe(RunState.Failed);
        overview.LastRun.ErrorKind.ShouldBe(FailureKind.Transient);
        overview.Connector.LastError.ShouldBe("The source is away.");
        overview.Connector.Status.ShouldBe(ConnectorStatus.InitialIndexing);
        overview.Connector.NextRefreshAt.ShouldBe(engine.Time.GetUtcNow() + TimeSpan.FromMinutes(1));
        (await engine.IdsAsync(connector)).Count.ShouldBe(15);

        engine.Source.BeforeItem = _ => Task.CompletedTask;
        engine.Time.Advance(TimeSpan.FromMinutes(2));
        await engine.FireAsync(connector);
        (await engine.IdsAsync(connector)).Count.ShouldBe(25);
        (await engine.LookAsync(connector)).Connector.LastError.ShouldBeNull();
    }

    [Fact]
    public async Task Items_that_fail_are_kept_with_their_reason_and_cleared_by_success()
    {
        await using var engine = await EngineHarness.StartAsync();
        Fill(engine.Source, 30);
        engine.Source.Broken["item-0007"] = "Nobody may read it.";
        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);

        (await engine.LookAsync(connector)).LastRun!.State.ShouldBe(RunState.SucceededWithFailures);
        var failure = (
            await engine.Runs.ListFailuresAsync(engine.Caller, connector.Id, false, long.MaxValue, 10, default)
        ).ShouldHaveSingleItem();
        (failure.ItemId, failure.Reason, failure.Link, failure.Attempts).ShouldBe(
            ("item-0007", "Nobody may read it.", "https://example.com/item-0007", 1)
        );

        await engine.RunAsync(connector, RunKind.Refresh);
        (await engine.LookAsync(connector)).OpenFailures.ShouldBe(1);

        engine.Source.Broken.Clear();
        (await engine.RunAsync(connector, RunKind.Refresh)).State.ShouldBe(RunState.Succeeded);
        (await engine.LookAsync(connector)).OpenFailures.ShouldBe(0);
        (await engine.Runs.ListFailuresAsync(engine.Caller, connector.Id, true, long.MaxValue, 10, default))[0]
            .ResolvedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_poison_file_waits_longer_after_each_failure_and_is_tried_at_once_when_asked()
    {
        await using var engine = await EngineHarness.StartAsync();
        Fill(engine.Source, 30);
        engine.Source.Items["item-0007"] = "broken";
        engine.Source.Files.Add("item-0007");
        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);
        engine.Source.FilesOpened.ShouldBe(1);

        await engine.RunAsync(connector, RunKind.Refresh);
        engine.Source.FilesOpened.ShouldBe(1);

        engine.Time.Advance(TimeSpan.FromMinutes(6));
        await engine.RunAsync(connector, RunKind.Refresh);
        engine.Source.FilesOpened.ShouldBe(2);

        engine.Time.Advance(TimeSpan.FromMinutes(6));
        await engine.RunAsync(connector, RunKind.Refresh);
        engine.Source.FilesOpened.ShouldBe(2);

        engine.Source.Items["item-0007"] = "mended";
        await engine.Runs.RetryFailuresAsync(engine.Caller, connector.Id, default);
        await engine.FireAsync(connector);
        engine.Source.FilesOpened.ShouldBe(3);
        (await engine.LookAsync(connector)).OpenFailures.ShouldBe(0);
        (await engine.SearchAsync("mended")).ShouldBe(["item-0007"]);
    }

    [Fact]
    public async Task A_run_fails_as_a_whole_when_more_than_three_and_more_than_a_tenth_fail()
    {
        await using var engine = await EngineHarness.StartAsync();
        Fill(engine.Source, 20);
        foreach (var id in engine.Source.Items.Keys.Take(4))
        {
            engine.Source.Broken[id] = "No.";
        }

        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);
        var run = (await engine.LookAsync(connector)).LastRun!;
        (run.State, run.ErrorKind).ShouldBe((RunState.Failed, (FailureKind?)FailureKind.Source));

        engine.Source.Broken.Remove("item-0000");
        (await engine.RunAsync(connector, RunKind.Refresh)).State.ShouldBe(RunState.SucceededWithFailures);
    }

    [Fact]
    public async Task Five_failed_checks_in_a_row_make_a_connector_invalid_until_it_is_resumed()
    {
        await using var engine = await EngineHarness.StartAsync();
        Fill(engine.Source, 3);
        var connector = await engine.CreateAsync(refreshFreq: 60);
        await engine.FireAsync(connector);
        engine.Source.CheckFailure = new SourceException(FailureKind.Credentials, "The token has expired.");
        for (var i = 0; i < 5; i++)
        {
            engine.Time.Advance(TimeSpan.FromMinutes(2));
            await engine.FireAsync(connector);
        }

        var overview = await engine.LookAsync(connector);
        overview.Connector.Status.ShouldBe(ConnectorStatus.Invalid);
        overview.Connector.InRepeatedErrorState.ShouldBeTrue();

        engine.Source.CheckFailure = null;
        await engine.Connectors.ResumeAsync(engine.Caller, connector.Id, default);
        engine.Time.Advance(TimeSpan.FromMinutes(2));
        await engine.FireAsync(connector);
        overview = await engine.LookAsync(connector);
        (overview.Connector.Status, overview.Connector.InRepeatedErrorState).ShouldBe((ConnectorStatus.Active, false));
    }

    [Fact]
    public async Task A_connector_without_frequency_reads_once_and_resuming_does_not_read_again()
    {
        await using var engine = await EngineHarness.StartAsync();
        Fill(engine.Source, 3);
        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);
        await engine.Connectors.PauseAsync(engine.Caller, connector.Id, default);
        await engine.Connectors.ResumeAsync(engine.Caller, connector.Id, default);
        engine.Time.Advance(TimeSpan.FromDays(400));
        await engine.FireAsync(connector);

        (await engine.Runs.CountAsync(engine.Caller, connector.Id, default)).ShouldBe(1);
    }

    [Fact]
    public async Task The_next_refresh_is_due_a_frequency_after_the_end_of_the_last()
    {
        await using var engine = await EngineHarness.StartAsync();
        Fill(engine.Source, 3);
        var connector = await engine.CreateAsync(refreshFreq: 5);
        await engine.FireAsync(connector);
        engine.Time.Advance(TimeSpan.FromSeconds(59));
        await engine.FireAsync(connector);
        (await engine.Runs.CountAsync(engine.Caller, connector.Id, default)).ShouldBe(1);
        engine.Time.Advance(TimeSpan.FromSeconds(1));
        await engine.FireAsync(connector);
        (await engine.Runs.CountAsync(engine.Caller, connector.Id, default)).ShouldBe(2);
    }

    [Fact]
    public async Task A_pause_stops_the_run_and_a_resume_goes_on_where_it_stopped()
    {
        await using var engine = await EngineHarness.StartAsync();
        Fill(engine.Source, 35);
        var connector = await engine.CreateAsync();
        engine.Source.BeforeItem = async number =>
        {
            if (number == 30)
            {
                await WaitForCommit(engine, connector, 30);
                await engine.Connectors.PauseAsync(engine.Caller, connector.Id, default);
            }
        };
        await engine.FireAsync(connector);
        var overview = await engine.LookAsync(connector);
        (overview.Connector.Status, overview.LastRun!.State).ShouldBe((ConnectorStatus.Paused, RunState.Interrupted));

        engine.Source.BeforeItem = _ => Task.CompletedTask;
        await engine.Connectors.ResumeAsync(engine.Caller, connector.Id, default);
        await engine.FireAsync(connector);

        overview = await engine.LookAsync(connector);
        (overview.LastRun!.State, overview.LastRun.Counts.Read).ShouldBe((RunState.Succeeded, 5));
        overview.Connector.DocumentCount.ShouldBe(35);
    }

    [Fact]
    public async Task A_cancelled_run_says_so()
    {
        await using var engine = await EngineHarness.StartAsync();
        Fill(engine.Source, 35);
        var connector = await engine.CreateAsync();
        engine.Source.BeforeItem = async number =>
        {
            if (number == 20)
            {
                var going = (await engine.LookAsync(connector)).CurrentRun!;
                await engine.Runs.CancelAsync(engine.Caller, going.Id, default);
            }
        };
        await engine.FireAsync(connector);

        (await engine.LookAsync(connector)).LastRun!.State.ShouldBe(RunState.Canceled);
    }

    [Fact]
    public async Task The_same_id_twice_in_a_batch_leaves_the_last()
    {
        await using var engine = await EngineHarness.StartAsync();
        var documents = new[] { "first version", "second version" }.Select(text => new Sdk.Documents.Document
        {
            Id = "same",
            Title = "Same",
            Sections = [new Sdk.Documents.Section(text)],
        });
        await engine.Get<Engine.Ingestion.IPushService>().PushAsync(engine.Caller, null, [.. documents], default);

        (await engine.SearchAsync("first")).ShouldBeEmpty();
        (await engine.SearchAsync("second")).ShouldBe(["same"]);
    }

    [Fact]
    public async Task A_run_that_was_given_up_for_dead_cannot_write()
    {
        await using var engine = await EngineHarness.StartAsync();
        Fill(engine.Source, 40);
        var connector = await engine.CreateAsync();
        var store = engine.Get<Engine.Store.IRunStore>();
        Engine.Store.StartedRun? newer = null;
        engine.Source.BeforeItem = async number =>
        {
            if (number == 15 && newer is null)
            {
                // Another node finds the run without a sign of life and begins a new one.
                await store.RecoverAsync(engine.Time.GetUtcNow(), default);
                newer = await store.TryBeginAsync(connector.Id, engine.Time.GetUtcNow(), default);
            }
        };
        await engine.FireAsync(connector);

        newer.ShouldNotBeNull();
        (await engine.IdsAsync(connector)).Count.ShouldBeLessThanOrEqualTo(15);
        (await engine.LookAsync(connector)).CurrentRun!.Id.ShouldBe(newer.Run.Id);
    }
}
