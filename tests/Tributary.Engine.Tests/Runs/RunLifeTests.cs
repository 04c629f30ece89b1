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
}
