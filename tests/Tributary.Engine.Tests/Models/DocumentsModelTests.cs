using System.Text.Json;
using Tributary.Engine.Catalog;
using Tributary.Engine.Connectors;
using Tributary.Engine.Models;
using Tributary.Engine.Runs;

namespace Tributary.Engine.Tests.Models;

/// <summary>A source is a connector with one documents model: what changes on one side shows on the other.</summary>
public class DocumentsModelTests
{
    [Fact]
    public async Task A_connector_that_reads_from_its_beginning_has_its_model_with_the_same_schedule()
    {
        await using var engine = await EngineHarness.StartAsync();
        engine.Source.Items["a"] = "alpha";
        var connector = await engine.CreateAsync(refreshFreq: 5400);
        await engine.FireAsync(connector);

        var model = (await Models(engine).ListAsync(engine.Caller, default)).ShouldHaveSingleItem();

        (model.Slug, model.ExtractorSlug, model.Schedule).ShouldBe(("documents", "documents", "@every 5400s"));
        model.DatasetUuid.ShouldBe(connector.DatasetUuid);
        model.LastRun!.State.ShouldBe(RunState.Succeeded);
        model.LastEmittedAt.ShouldBe(engine.Time.GetUtcNow());
        var runs = await Models(engine).ListRunsAsync(engine.Caller, model.Uuid, [], 10, 0, default);
        runs.ShouldHaveSingleItem().Run.RequestedBy.ShouldBe("start");
    }

    [Fact]
    public async Task Changing_the_frequency_changes_the_schedule_and_the_other_way_round()
    {
        await using var engine = await EngineHarness.StartAsync();
        var connector = await engine.CreateAsync(refreshFreq: 5400);
        await engine.FireAsync(connector);
        var model = (await Models(engine).ListAsync(engine.Caller, default))[0];

        var frequency = new ConnectorChange { RefreshFreq = new(7200) };
        await engine.Connectors.UpdateAsync(engine.Caller, connector.Id, frequency, default);
        (await Models(engine).GetAsync(engine.Caller, model.Uuid, default)).Schedule.ShouldBe("@every 7200s");

        await ScheduleAsync("@every 1h30m");
        var seen = (await engine.LookAsync(connector)).Connector;
        (seen.RefreshFreq, seen.NextRefreshAt).ShouldBe((5400, engine.Time.GetUtcNow().AddSeconds(5400)));

        await ScheduleAsync("0 12 * * *");
        seen = (await engine.LookAsync(connector)).Connector;
        seen.RefreshFreq.ShouldBeNull();
        seen.NextRefreshAt.ShouldBe(new DateTimeOffset(2025, 1, 15, 12, 0, 0, TimeSpan.Zero));
        engine.Time.Advance(TimeSpan.FromHours(4));
        await engine.FireAsync(connector);
        seen = (await engine.LookAsync(connector)).Connector;
        seen.NextRefreshAt.ShouldBe(new DateTimeOffset(2025, 1, 16, 12, 0, 0, TimeSpan.Zero));

        await ScheduleAsync(null);
        (await engine.LookAsync(connector)).Connector.NextRefreshAt.ShouldBeNull();

        Task ScheduleAsync(string? schedule) =>
            Models(engine)
                .UpdateAsync(engine.Caller, model.Uuid, new ModelChange { Schedule = new(schedule) }, default);
    }

    [Fact]
    public async Task A_connector_without_a_model_reads_nothing_until_it_has_one()
    {
        await using var engine = await EngineHarness.StartAsync();
        engine.Source.Items["a"] = "alpha";
        var connector = await engine.CreateAsync(refreshFreq: 60, startNow: false);
        await engine.FireAsync(connector);
        (await engine.SearchAsync("alpha")).ShouldBeEmpty();
        (await Should.ThrowAsync<EngineException>(() => engine.RunAsync(connector, RunKind.Refresh))).Kind.ShouldBe(
            RefusalKind.Conflict
        );

        var model = await CreateAsync(engine, connector, "@every 2h");
        await engine.FireAsync(connector);

        (await engine.SearchAsync("alpha")).ShouldBe(["a"]);
        (await engine.LookAsync(connector)).Connector.RefreshFreq.ShouldBe(7200);
        var second = await Should.ThrowAsync<EngineException>(() => CreateAsync(engine, connector, null, "more"));
        second.Reason.ShouldBe("modelNotCompatible");
        model.Kind.ShouldBe(ModelKind.Documents);
    }

    [Fact]
    public async Task Removing_the_model_stops_reading_and_removes_the_documents_also_after_a_crash()
    {
        var engine = await EngineHarness.StartAsync();
        for (var i = 0; i < 30; i++)
        {
            engine.Source.Items[$"i{i:D2}"] = "alpha";
        }

        var connector = await engine.CreateAsync(refreshFreq: 60);
        await engine.FireAsync(connector);
        var model = (await Models(engine).ListAsync(engine.Caller, default))[0];
        await Models(engine).RemoveAsync(engine.Caller, model.Uuid, default);
        engine = await engine.CrashAndRestartAsync();
        await using var _ = engine;

        await engine.FireAsync(connector);
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.FireAsync(connector);

        (await engine.IdsAsync(connector)).ShouldBeEmpty();
        var seen = (await engine.LookAsync(connector)).Connector;
        (seen.Status, seen.RefreshFreq, seen.NextRefreshAt).ShouldBe((ConnectorStatus.Scheduled, null, null));
        await CreateAsync(engine, connector, null);
        await engine.FireAsync(connector);
        (await engine.IdsAsync(connector)).Count.ShouldBe(30);
    }

    [Fact]
    public async Task A_config_that_the_extractor_does_not_know_is_refused()
    {
        await using var engine = await EngineHarness.StartAsync();
        var connector = await engine.CreateAsync(startNow: false);

        var refusal = await Should.ThrowAsync<EngineException>(() =>
            CreateAsync(engine, connector, null, config: new { nonsense = 1 })
        );

        refusal.Problems.ShouldHaveSingleItem().Path.ShouldBe(["config", "nonsense"]);
    }

    private static IModelService Models(EngineHarness engine) => engine.Get<IModelService>();

    private static Task<Model> CreateAsync(
        EngineHarness engine,
        Connector connector,
        string? schedule,
        string slug = "docs",
        object? config = null
    ) =>
        Models(engine)
            .CreateAsync(
                engine.Caller,
                new ModelDraft
                {
                    Slug = slug,
                    Name = slug,
                    DatasetUuid = connector.DatasetUuid,
                    ExtractorSlug = ExtractorDescription.Documents,
                    Config = JsonSerializer.SerializeToElement(config ?? new { }),
                    Schedule = schedule,
                },
                default
            );
}
