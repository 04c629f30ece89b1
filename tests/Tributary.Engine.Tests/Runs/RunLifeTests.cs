using System.Text.Json;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;
using Tributary.Sdk;

namespace Tributary.Engine.Tests.Runs;

/// <summary>Runs that are paused, cancelled, confirmed or cut off at awkward moments.</summary>
public class RunLifeTests
{
    private static async Task<EngineHarness> StartAsync(int count)
    {
        var engine = await EngineHarness.StartAsync();
        for (var i = 0; i < count; i++)
        {
            engine.Source.Items[$"item-{i:D4}"] = "Text";
        }

        return engine;
    }

    [Fact]
    public async Task A_frequency_beyond_all_calendars_breaks_no_run()
    {
        await using var engine = await StartAsync(3);
        var connector = await engine.CreateAsync(refreshFreq: long.MaxValue, pruneFreq: long.MaxValue);
        await engine.FireAsync(connector);

        var overview = await engine.LookAsync(connector);
        overview.LastRun!.State.ShouldBe(RunState.Succeeded);
        overview.Connector.NextRefreshAt!.Value.ShouldBeGreaterThan(engine.Time.GetUtcNow().AddYears(1));
    }

    [Fact]
    public async Task A_run_whose_end_cannot_be_stored_is_ended_when_the_store_is_back()
    {
        await using var engine = await StartAsync(3);
        var connector = await engine.CreateAsync();
        engine.Faults.FailNext("FinishAsync", new IOException("No space left on device."));
        await engine.FireWhileTimePassesAsync(connector);

        var overview = await engine.LookAsync(connector);
        overview.CurrentRun.ShouldBeNull();
        overview.LastRun!.State.ShouldBe(RunState.Succeeded);
    }

    [Fact]
    public async Task Waiting_for_runs_leaves_nothing_behind()
    {
        await using var engine = await StartAsync(3);
        var connector = await engine.CreateAsync();
        var run = (await engine.LookAsync(connector)).CurrentRun!;
        var waiting = engine.Runs.WaitAsync(engine.Caller, run.Id, default);
        await engine.FireAsync(connector);

        (await waiting).State.ShouldBe(RunState.Succeeded);
        (await engine.Runs.WaitAsync(engine.Caller, run.Id, default)).State.ShouldBe(RunState.Succeeded);
        engine.Get<RunRegistry>().Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task Settings_changed_in_the_middle_of_a_run_are_read_from_the_beginning()
    {
        await using var engine = await StartAsync(35);
        var connector = await engine.CreateAsync();
        var isChanged = false;
        engine.Source.BeforeItem = async number =>
        {
            if (number == 15 && !isChanged)
            {
                isChanged = true;
                var config = JsonSerializer.SerializeToElement(new { uploads = (string[])["other"] });
                await engine.Connectors.UpdateAsync(engine.Caller, connector.Id, new() { Config = config }, default);
            }
        };
        await engine.FireAsync(connector);

        // What the old settings had read is no place for the new ones to go on from.
        engine.Source.Begun.ShouldBe([null, null]);
        (await engine.LookAsync(connector)).LastRun!.State.ShouldBe(RunState.Succeeded);
        (await engine.IdsAsync(connector)).Count.ShouldBe(35);
    }

    [Fact]
    public async Task Settings_changed_while_paused_are_read_after_the_resume()
    {
        await using var engine = await StartAsync(3);
        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);
        await engine.Connectors.PauseAsync(engine.Caller, connector.Id, default);
        var config = JsonSerializer.SerializeToElement(new { uploads = (string[])["other"] });
        await engine.Connectors.UpdateAsync(engine.Caller, connector.Id, new() { Config = config }, default);
        await engine.FireAsync(connector);
        engine.Source.Begun.Count.ShouldBe(1);

        await engine.Connectors.ResumeAsync(engine.Caller, connector.Id, default);
        await engine.FireAsync(connector);

        engine.Source.Begun.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_resume_before_the_paused_run_has_stopped_still_goes_on_with_it()
    {
        await using var engine = await StartAsync(35);
        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);
        var isPaused = false;
        engine.Source.BeforeItem = async number =>
        {
            if (number == 15 && !isPaused)
            {
                isPaused = true;
                await engine.Connectors.PauseAsync(engine.Caller, connector.Id, default);
                await engine.Connectors.ResumeAsync(engine.Caller, connector.Id, default);
            }
        };
        await engine.RunAsync(connector, RunKind.Reindex);

        var last = (await engine.LookAsync(connector)).LastRun!;
        (last.Kind, last.State, last.Counts.Read).ShouldBe((RunKind.Reindex, RunState.Succeeded, 35));
    }

    [Fact]
    public async Task A_reindex_cut_off_before_its_first_checkpoint_begins_again()
    {
        var engine = await StartAsync(25);
        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);
        await engine.Runs.RequestAsync(engine.Caller, connector.Id, RunKind.Reindex, default);
        var reached = new TaskCompletionSource();
        var killed = new TaskCompletionSource();
        engine.Source.BeforeItem = async number =>
        {
            if (number == 5)
            {
                reached.SetResult();
                await killed.Task;
            }
        };
        await using var end = engine.Shutdown.Register(() => killed.SetResult());
        await engine.FireUntilAsync(connector, reached.Task);
        engine.Source.BeforeItem = _ => Task.CompletedTask;
        await using var after = await engine.CrashAndRestartAsync();
        await after.FireAsync(connector);

        after.Source.Begun[^1].ShouldBeNull();
        (await after.LookAsync(connector)).LastRun!.Counts.Read.ShouldBe(25);
    }

    [Fact]
    public async Task A_run_that_fails_for_too_many_failures_lists_them_all()
    {
        await using var engine = await StartAsync(100);
        foreach (var id in engine.Source.Items.Keys)
        {
            engine.Source.Broken[id] = "No.";
        }

        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);

        var overview = await engine.LookAsync(connector);
        overview.LastRun!.State.ShouldBe(RunState.Failed);
        overview.LastRun.Counts.Failed.ShouldBe(50);
        overview.OpenFailures.ShouldBe(50);
    }

    [Fact]
    public async Task A_cancelled_run_that_a_crash_ended_is_not_begun_again()
    {
        await using var engine = await StartAsync(3);
        var connector = await engine.CreateAsync();
        var store = engine.Get<IRunStore>();
        var going = (await store.TryBeginAsync(connector.Id, engine.Time.GetUtcNow(), default))!;
        await engine.Runs.CancelAsync(engine.Caller, going.Run.Id, default);

        await store.RecoverAsync(engine.Time.GetUtcNow(), default);

        var overview = await engine.LookAsync(connector);
        overview.CurrentRun.ShouldBeNull();
        overview.LastRun!.State.ShouldBe(RunState.Canceled);
    }

    [Fact]
    public async Task A_confirmed_prune_that_a_crash_ended_need_not_be_confirmed_again()
    {
        await using var engine = await StartAsync(60);
        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);
        engine.Time.Advance(TimeSpan.FromSeconds(1));
        engine.Source.Items.Clear();
        await engine.RunAsync(connector, RunKind.Prune);
        await engine.Runs.ConfirmPruneAsync(engine.Caller, connector.Id, default);
        var store = engine.Get<IRunStore>();
        await store.TryBeginAsync(connector.Id, engine.Time.GetUtcNow(), default);
        await store.RecoverAsync(engine.Time.GetUtcNow(), default);
        await engine.FireAsync(connector);

        (await engine.IdsAsync(connector)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_later_prune_takes_the_place_of_one_that_waits_for_confirmation()
    {
        await using var engine = await StartAsync(60);
        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);
        engine.Time.Advance(TimeSpan.FromSeconds(1));
        var items = engine.Source.Items.ToList();
        engine.Source.Items.Clear();
        var first = await engine.RunAsync(connector, RunKind.Prune);
        first.State.ShouldBe(RunState.NeedsConfirmation);

        items.ForEach(item => engine.Source.Items.Add(item.Key, item.Value));
        (await engine.RunAsync(connector, RunKind.Prune)).State.ShouldBe(RunState.Succeeded);

        (await engine.LookAsync(connector)).CurrentRun.ShouldBeNull();
        (await engine.Runs.GetAsync(engine.Caller, first.Id, default)).State.ShouldBe(RunState.Canceled);
        await Should.ThrowAsync<EngineException>(() =>
            engine.Runs.ConfirmPruneAsync(engine.Caller, connector.Id, default)
        );
    }

    [Fact]
    public async Task No_run_is_queued_for_a_connector_that_is_gone()
    {
        await using var engine = await StartAsync(3);
        var run = new NewRun(Guid.NewGuid(), engine.Caller.WorkspaceId, 999, RunKind.Refresh, "late", default);

        await Should.ThrowAsync<EngineException>(() => engine.Get<IRunStore>().EnqueueAsync(run, null, default));
        (await engine.Get<IRunStore>().ListDueAsync(default)).ShouldBeEmpty();
    }
}
