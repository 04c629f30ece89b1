using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;
using Tributary.Sdk;

namespace Tributary.Engine.Tests.Runs;

public class PruneTests
{
    private static async Task<(EngineHarness Engine, Connector Connector)> ReadAsync(int count)
    {
        var engine = await EngineHarness.StartAsync();
        for (var i = 0; i < count; i++)
        {
            engine.Source.Items[$"item-{i:D4}"] = $"Text number {i}";
        }

        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);
        engine.Time.Advance(TimeSpan.FromSeconds(1));
        return (engine, connector);
    }

    [Fact]
    public async Task What_is_gone_at_the_source_is_deleted()
    {
        var (engine, connector) = await ReadAsync(30);
        await using var _ = engine;
        engine.Source.Items.Remove("item-0004");
        engine.Source.Items.Remove("item-0020");

        var run = await engine.RunAsync(connector, RunKind.Prune);

        (run.State, run.Counts.Deleted).ShouldBe((RunState.Succeeded, 2));
        (await engine.IdsAsync(connector)).ShouldBe([.. engine.Source.Items.Keys]);
        (await engine.SearchAsync("\"number 20\"")).ShouldBeEmpty();
        (await engine.LookAsync(connector)).Connector.DocumentCount.ShouldBe(28);
    }

    [Fact]
    public async Task The_failure_of_an_item_that_is_gone_is_resolved()
    {
        var (engine, connector) = await ReadAsync(30);
        await using var _ = engine;
        engine.Source.Items["item-9999"] = "";
        engine.Source.Broken["item-9999"] = "It cannot be read.";
        await engine.RunAsync(connector, RunKind.Refresh);
        (await engine.LookAsync(connector)).OpenFailures.ShouldBe(1);
        engine.Source.Items.Remove("item-9999");
        engine.Time.Advance(TimeSpan.FromSeconds(1));

        await engine.RunAsync(connector, RunKind.Prune);

        (await engine.LookAsync(connector)).OpenFailures.ShouldBe(0);
    }

    [Fact]
    public async Task A_listing_that_breaks_off_deletes_nothing()
    {
        var (engine, connector) = await ReadAsync(30);
        await using var _ = engine;
        engine.Source.Items.Remove("item-0004");
        engine.Source.BeforeListed = number =>
            number == 28 ? throw new SourceException(FailureKind.Transient, "The source is away.") : Task.CompletedTask;

        var run = await engine.RunAsync(connector, RunKind.Prune);

        run.State.ShouldBe(RunState.Failed);
        (await engine.IdsAsync(connector)).Count.ShouldBe(30);
    }

    [Fact]
    public async Task A_document_stored_after_the_listing_began_is_never_deleted()
    {
        var (engine, connector) = await ReadAsync(30);
        await using var _ = engine;
        engine.Source.BeforeListed = async number =>
        {
            if (number == 10)
            {
                engine.Time.Advance(TimeSpan.FromSeconds(1));
                await engine
                    .Get<Engine.Ingestion.IPushService>()
                    .PushAsync(engine.Caller, connector.Id, [new() { Id = "late", Title = "Late" }], default);
            }
        };

        var run = await engine.RunAsync(connector, RunKind.Prune);

        (run.State, run.Counts.Deleted).ShouldBe((RunState.Succeeded, 0));
        (await engine.IdsAsync(connector)).ShouldContain("late");
    }

    [Fact]
    public async Task A_prune_that_would_take_too_much_waits_for_confirmation()
    {
        var (engine, connector) = await ReadAsync(60);
        await using var _ = engine;
        foreach (var id in engine.Source.Items.Keys.Take(40).ToList())
        {
            engine.Source.Items.Remove(id);
        }

        var run = await engine.RunAsync(connector, RunKind.Prune);
        run.State.ShouldBe(RunState.NeedsConfirmation);
        run.Error!.ShouldContain("40 of 60");
        (await engine.IdsAsync(connector)).Count.ShouldBe(60);

        await engine.Runs.ConfirmPruneAsync(engine.Caller, connector.Id, default);
        await engine.FireAsync(connector);
        run = await engine.Runs.GetAsync(engine.Caller, run.Id, default);
        (run.State, run.Counts.Deleted).ShouldBe((RunState.Succeeded, 40));
        (await engine.IdsAsync(connector)).Count.ShouldBe(20);
    }

    [Fact]
    public async Task A_confirmation_does_not_cover_a_source_that_has_lost_much_more_since()
    {
        var (engine, connector) = await ReadAsync(100);
        await using var _ = engine;
        foreach (var id in engine.Source.Items.Keys.Take(55).ToList())
        {
            engine.Source.Items.Remove(id);
        }

        await engine.RunAsync(connector, RunKind.Prune);
        engine.Source.Items.Clear();
        await engine.Runs.ConfirmPruneAsync(engine.Caller, connector.Id, default);
        await engine.FireAsync(connector);

        (await engine.LookAsync(connector)).CurrentRun!.State.ShouldBe(RunState.NeedsConfirmation);
        (await engine.IdsAsync(connector)).Count.ShouldBe(100);
    }

    [Fact]
    public async Task An_empty_listing_of_a_small_source_may_empty_it()
    {
        var (engine, connector) = await ReadAsync(15);
        await using var _ = engine;
        engine.Source.Items.Clear();

        (await engine.RunAsync(connector, RunKind.Prune)).Counts.Deleted.ShouldBe(15);
    }

    [Fact]
    public async Task Prunes_follow_their_own_schedule_and_a_frequency_of_zero_is_never()
    {
        await using var engine = await EngineHarness.StartAsync();
        engine.Source.Items["a"] = "A";
        var connector = await engine.CreateAsync(pruneFreq: 123);
        connector.NextPruneAt.ShouldBe(engine.Time.GetUtcNow() + TimeSpan.FromMinutes(5));
        await engine.FireAsync(connector);
        engine.Time.Advance(TimeSpan.FromMinutes(5));
        await engine.FireAsync(connector);
        (await engine.LookAsync(connector)).LastRun!.Kind.ShouldBe(RunKind.Prune);

        (await engine.CreateAsync("Never", pruneFreq: 0)).NextPruneAt.ShouldBeNull();
    }

    [Fact]
    public async Task A_document_that_another_connector_holds_stays()
    {
        var (engine, first) = await ReadAsync(3);
        await using var _ = engine;
        var second = await engine.CreateAsync("Second");
        await engine.FireAsync(second);

        await engine.Connectors.DeleteAsync(engine.Caller, first.Id, default);
        await engine.FireAsync(first);

        (await engine.IdsAsync(second)).Count.ShouldBe(3);
        (await engine.SearchAsync("text")).Count.ShouldBe(3);
        await engine.Connectors.DeleteAsync(engine.Caller, second.Id, default);
        await engine.FireAsync(second);
        (await engine.SearchAsync("text")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_deletion_hides_its_documents_at_once_and_goes_on_after_a_crash()
    {
        var (engine, connector) = await ReadAsync(30);
        var run = await engine.Connectors.DeleteAsync(engine.Caller, connector.Id, default);
        (await engine.SearchAsync("text")).ShouldBeEmpty();
        await using var after = await engine.CrashAndRestartAsync();

        await after.FireAsync(connector);

        (await after.Runs.GetAsync(after.Caller, run.Id, default)).State.ShouldBe(RunState.Succeeded);
        await Should.ThrowAsync<EngineException>(() => after.Connectors.GetAsync(after.Caller, connector.Id, default));
    }

    [Fact]
    public async Task A_connector_can_be_deleted_while_it_reads()
    {
        await using var engine = await EngineHarness.StartAsync();
        for (var i = 0; i < 40; i++)
        {
            engine.Source.Items[$"item-{i:D4}"] = "Text";
        }

        var connector = await engine.CreateAsync();
        Run? deletion = null;
        engine.Source.BeforeItem = async number =>
        {
            if (number == 20)
            {
                deletion = await engine.Connectors.DeleteAsync(engine.Caller, connector.Id, default);
            }
        };
        await engine.FireAsync(connector);

        (await engine.Runs.GetAsync(engine.Caller, deletion!.Id, default)).State.ShouldBe(RunState.Succeeded);
        (await engine.SearchAsync("text")).ShouldBeEmpty();
    }
}
