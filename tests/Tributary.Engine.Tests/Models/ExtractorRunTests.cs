using System.Text.Json;
using Tributary.Engine.Catalog;
using Tributary.Engine.Connectors;
using Tributary.Engine.Custom;
using Tributary.Engine.Models;
using Tributary.Engine.Runs;
using Tributary.Sdk;

namespace Tributary.Engine.Tests.Models;

public class ExtractorRunTests
{
    private const string Things = "things";

    [Fact]
    public async Task Pages_become_records_and_what_has_a_text_is_found()
    {
        await using var engine = await EngineHarness.StartAsync(extractor: new());
        Fill(engine.Extractor, 25);
        engine.Extractor.Items[3] = new
        {
            key = 3,
            name = "Third",
            size = 7.5,
        };
        var (connector, model) = await CreateAsync(engine);

        await engine.FireAsync(connector);

        model = await LookAsync(engine, model);
        model.LastRun!.State.ShouldBe(RunState.Succeeded, model.LastRun.Error);
        model.LastRun.Counts.ShouldBe(new RunCounts(Read: 25, Added: 25, Chunks: 24));
        engine.Extractor.Metas.ShouldBe([null, """{"next":10}""", """{"next":20}"""]);
        (await IdsAsync(engine, model)).Count.ShouldBe(25);
        model.Columns.Select(column => column.Slug).ShouldBe(["key", "name", "body", "size"]);
        (model.IdColumn, model.TitleColumn, model.TimeColumn).ShouldBe(("key", "name", "changed"));
        model.LastEmittedAt.ShouldBe(engine.Time.GetUtcNow());
        (await engine.SearchAsync("body12")).ShouldBe([$"model:{model.Uuid}:k12"]);
        (await engine.LookAsync(connector)).Connector.DocumentCount.ShouldBe(24);
        (await engine.LookAsync(connector)).Connector.Status.ShouldBe(ConnectorStatus.Active);
        var found = await engine.Get<IRecordService>().GetAsync(engine.Caller, model.Uuid, "3", default);
        found.Record.Title.ShouldBe("Third");
    }

    [Fact]
    public async Task A_whole_read_removes_what_it_has_not_seen()
    {
        await using var engine = await EngineHarness.StartAsync(extractor: new());
        Fill(engine.Extractor, 25);
        var (connector, model) = await CreateAsync(engine);
        await engine.FireAsync(connector);
        engine.Extractor.Items.RemoveAll(item => NameOf(item) is "k03" or "k24");
        engine.Extractor.Items[0] = new
        {
            key = "k00",
            name = "k00",
            body = "changed",
        };

        var run = await RunAsync(engine, connector, model);

        run.Counts.ShouldBe(new RunCounts(Read: 23, Updated: 1, Unchanged: 22, Deleted: 2, Chunks: 1));
        (await IdsAsync(engine, model)).Count.ShouldBe(23);
        (await engine.SearchAsync("body03")).ShouldBeEmpty();
        (await engine.SearchAsync("body00")).ShouldBeEmpty();
        (await engine.SearchAsync("changed")).Count.ShouldBe(1);
        (await LookAsync(engine, model)).Meta.ShouldBeNull();
    }

    [Fact]
    public async Task Rows_of_an_appending_extractor_stay()
    {
        await using var engine = await EngineHarness.StartAsync(extractor: new());
        Fill(engine.Extractor, 5);
        var (connector, model) = await CreateAsync(engine, ScriptedDirectory.Extractor(appends: true));
        await engine.FireAsync(connector);
        engine.Extractor.Items.RemoveAt(0);

        await RunAsync(engine, connector, model);

        (await IdsAsync(engine, model)).Count.ShouldBe(5);
    }

    [Fact]
    public async Task An_incremental_extractor_goes_on_where_it_was_merges_and_removes()
    {
        await using var engine = await EngineHarness.StartAsync(extractor: new());
        Fill(engine.Extractor, 15);
        var (connector, model) = await CreateAsync(engine, ScriptedDirectory.Extractor(isIncremental: true));
        await engine.FireAsync(connector);
        var extractor = engine.Extractor;
        extractor.Items.Add(Removed("k02"));
        extractor.Items.Add(new ExtractedRecord(false, Overrides: false, Json(new { key = "k01", size = 5 })));
        extractor.Items.Add(new ExtractedRecord(false, Overrides: true, Json(new { key = "k04", size = 5 })));
        extractor.Items.Add(new ExtractedRecord(false, Overrides: false, Json(new { key = "k01", name = "Both" })));
        extractor.Metas.Clear();

        var run = await RunAsync(engine, connector, model);

        run.State.ShouldBe(RunState.Succeeded, run.Error);
        extractor.Metas.ShouldBe(["""{"next":15}"""]);
        (await IdsAsync(engine, model)).Count.ShouldBe(14);
        (await engine.SearchAsync("body02")).ShouldBeEmpty();
        (await engine.SearchAsync("body01")).ShouldHaveSingleItem();
        (await engine.SearchAsync("body04")).ShouldBeEmpty();
        var merged = await engine.Get<IRecordService>().GetAsync(engine.Caller, model.Uuid, "k01", default);
        merged.Record.Data.GetRawText().ShouldBe("""{"body":"body01","size":5,"key":"k01","name":"Both"}""");
        (await LookAsync(engine, model)).Meta!.Value.GetRawText().ShouldBe("""{"next":19}""");
    }

    [Fact]
    public async Task A_reset_forgets_the_position()
    {
        await using var engine = await EngineHarness.StartAsync(extractor: new());
        Fill(engine.Extractor, 5);
        var (connector, model) = await CreateAsync(engine, ScriptedDirectory.Extractor(isIncremental: true));
        await engine.FireAsync(connector);
        engine.Extractor.Metas.Clear();

        await RunAsync(engine, connector, model, isReset: true);

        engine.Extractor.Metas.ShouldBe([null]);
    }

    [Fact]
    public async Task Goes_on_from_the_last_page_after_the_process_died()
    {
        var engine = await EngineHarness.StartAsync(extractor: new());
        Fill(engine.Extractor, 40);
        var (connector, model) = await CreateAsync(engine);
        var reached = new TaskCompletionSource();
        engine.Extractor.BeforePage = async (number, _, _) =>
        {
            if (number == 2)
            {
                reached.SetResult();
                return await new TaskCompletionSource<ExtractorPage?>().Task;
            }

            return null;
        };
        await engine.FireUntilAsync(connector, reached.Task);
        engine = await engine.CrashAndRestartAsync();
        await using var _ = engine;
        engine.Extractor.BeforePage = (_, _, _) => Task.FromResult<ExtractorPage?>(null);
        engine.Extractor.Metas.Clear();
        engine.Recovered.ShouldBe(1);

        await engine.FireAsync(connector);

        engine.Extractor.Metas.ShouldBe(["""{"next":20}""", """{"next":30}"""]);
        (await IdsAsync(engine, model)).Count.ShouldBe(40);
        (await LookAsync(engine, model)).LastRun!.State.ShouldBe(RunState.Succeeded);
    }

    [Fact]
    public async Task A_page_that_is_still_prepared_is_waited_for()
    {
        await using var engine = await EngineHarness.StartAsync(extractor: new());
        Fill(engine.Extractor, 3);
        var (connector, model) = await CreateAsync(
            engine,
            ScriptedDirectory.Extractor(fetching: new RetryDescription(4, 30_000, 2))
        );
        var asked = new List<DateTimeOffset>();
        engine.Extractor.BeforePage = (number, _, _) =>
        {
            asked.Add(engine.Time.GetUtcNow());
            return Task.FromResult(
                number < 2
                    ? new ExtractorPage { IsReady = false, Meta = Json(new { next = 0, job = number }) }
                    : (ExtractorPage?)null
            );
        };

        await engine.FireWhileTimePassesAsync(connector);

        (asked[1] - asked[0]).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(30));
        (asked[2] - asked[1]).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(60));
        engine.Extractor.Metas.ShouldBe([null, """{"next":0,"job":0}""", """{"next":0,"job":1}"""]);
        (await IdsAsync(engine, model)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_page_that_is_never_ready_fails_and_is_tried_again_later()
    {
        await using var engine = await EngineHarness.StartAsync(extractor: new());
        var (connector, model) = await CreateAsync(
            engine,
            ScriptedDirectory.Extractor(fetching: new RetryDescription(1, 1_000, 1))
        );
        engine.Extractor.BeforePage = (_, _, _) =>
            Task.FromResult<ExtractorPage?>(new ExtractorPage { IsReady = false });

        await engine.FireAsync(connector);

        var run = (await LookAsync(engine, model)).LastRun!;
        (run.State, run.ErrorKind).ShouldBe((RunState.Failed, FailureKind.Transient));
        engine.Extractor.Metas.Count.ShouldBe(1);
        engine.Extractor.BeforePage = (_, _, _) => Task.FromResult<ExtractorPage?>(null);
        engine.Time.Advance(TimeSpan.FromSeconds(90));
        await engine.FireAsync(connector);
        (await LookAsync(engine, model)).LastRun!.State.ShouldBe(RunState.Succeeded);
    }

    [Fact]
    public async Task A_wait_ends_when_somebody_cancels()
    {
        await using var engine = await EngineHarness.StartAsync(extractor: new());
        var (connector, model) = await CreateAsync(engine);
        engine.Extractor.BeforePage = (_, _, _) =>
            Task.FromResult<ExtractorPage?>(new ExtractorPage { IsReady = false });
        var run = engine.FireAsync(connector);
        await UntilAsync(() => engine.Time.WaitingTimers >= 2);

        var queued = (await LookAsync(engine, model)).LastRun!;
        await engine.Get<IModelService>().CancelRunAsync(engine.Caller, queued.Uuid, default);
        await run;

        (await LookAsync(engine, model)).LastRun!.State.ShouldBe(RunState.Canceled);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task An_extractor_that_does_not_move_is_stopped(int records)
    {
        await using var engine = await EngineHarness.StartAsync(extractor: new());
        var (connector, model) = await CreateAsync(engine);
        Fill(engine.Extractor, records);
        engine.Extractor.BeforePage = (_, _, _) =>
            Task.FromResult<ExtractorPage?>(
                engine.Extractor.Page(engine.Extractor.Items, hasMore: true, new { next = 0 })
            );

        await engine.FireAsync(connector);

        var run = (await LookAsync(engine, model)).LastRun!;
        (run.State, run.ErrorKind).ShouldBe((RunState.Failed, FailureKind.Source));
        run.Error!.ShouldContain("does not come to an end");
    }

    [Fact]
    public async Task Records_without_an_id_are_failures_and_too_many_fail_the_run()
    {
        await using var engine = await EngineHarness.StartAsync(extractor: new());
        Fill(engine.Extractor, 40);
        engine.Extractor.Items.Add(new { name = "nameless" });
        var (connector, model) = await CreateAsync(engine);
        await engine.FireAsync(connector);

        (await LookAsync(engine, model)).LastRun!.State.ShouldBe(RunState.SucceededWithFailures);
        var failures = await engine.Runs.ListFailuresAsync(
            engine.Caller,
            connector.Id,
            false,
            long.MaxValue,
            10,
            default
        );
        failures.ShouldHaveSingleItem().Reason.ShouldContain("id column 'key'");
        engine.Extractor.Items.AddRange(Enumerable.Range(0, 10).Select(_ => (object)new { name = "nameless" }));
        (await RunAsync(engine, connector, model)).State.ShouldBe(RunState.Failed);
    }

    [Theory]
    [InlineData(FailureKind.Transient)]
    [InlineData(FailureKind.Credentials)]
    public async Task A_failed_page_fails_the_run_by_its_kind_and_keeps_what_was_read(FailureKind kind)
    {
        await using var engine = await EngineHarness.StartAsync(extractor: new());
        Fill(engine.Extractor, 30);
        var (connector, model) = await CreateAsync(engine);
        engine.Extractor.BeforePage = (number, _, _) =>
            number == 1 ? throw new SourceException(kind, "No.") : Task.FromResult<ExtractorPage?>(null);

        await engine.FireAsync(connector);

        var run = (await LookAsync(engine, model)).LastRun!;
        (run.State, run.ErrorKind, run.Error).ShouldBe((RunState.Failed, kind, "No."));
        (await IdsAsync(engine, model)).Count.ShouldBe(10);
        (await engine.Get<Store.IRunStore>().FindNextDueAsync(connector.Id, default)).HasValue.ShouldBe(
            kind == FailureKind.Transient
        );
    }

    [Fact]
    public async Task A_schedule_reads_the_model_when_it_is_due()
    {
        await using var engine = await EngineHarness.StartAsync(extractor: new());
        Fill(engine.Extractor, 3);
        var (connector, model) = await CreateAsync(engine, schedule: "30 9 * * *");
        await engine.FireAsync(connector);
        engine.Extractor.Metas.Clear();

        await engine.FireAsync(connector);
        engine.Extractor.Metas.ShouldBeEmpty();
        (await engine.Get<Store.IRunStore>().FindNextDueAsync(connector.Id, default)).ShouldBe(
            new DateTimeOffset(2025, 1, 15, 9, 30, 0, TimeSpan.Zero)
        );
        engine.Time.Advance(TimeSpan.FromHours(1.5));
        await engine.FireAsync(connector);

        engine.Extractor.Metas.Count.ShouldBe(1);
        (await LookAsync(engine, model)).LastRun!.RequestedBy.ShouldBe("schedule");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_pause_has_ended_goes_on_after_it(bool isRunning)
    {
        await using var engine = await EngineHarness.StartAsync(extractor: new());
        Fill(engine.Extractor, 25);
        var (connector, model) = await CreateAsync(engine);
        engine.Extractor.BeforePage = async (number, _, _) =>
        {
            if (number == 1)
            {
                await engine.Connectors.PauseAsync(engine.Caller, connector.Id, default);
            }

            return null;
        };
        if (!isRunning)
        {
            await engine.Connectors.PauseAsync(engine.Caller, connector.Id, default);
        }

        await engine.FireAsync(connector);
        (await LookAsync(engine, model)).LastRun!.State.ShouldBe(isRunning ? RunState.Interrupted : RunState.Canceled);
        engine.Extractor.BeforePage = (_, _, _) => Task.FromResult<ExtractorPage?>(null);
        engine.Extractor.Metas.Clear();
        await engine.Connectors.ResumeAsync(engine.Caller, connector.Id, default);
        await engine.FireAsync(connector);

        engine.Extractor.Metas[0].ShouldBe(isRunning ? """{"next":10}""" : null);
        (await IdsAsync(engine, model)).Count.ShouldBe(25);
    }

    [Fact]
    public async Task A_removed_model_takes_its_records_and_documents_along_also_when_the_connector_is_paused()
    {
        await using var engine = await EngineHarness.StartAsync(extractor: new());
        Fill(engine.Extractor, 1_200);
        engine.Extractor.PageSize = 600;
        var (connector, model) = await CreateAsync(engine);
        await engine.FireAsync(connector);
        await engine.Connectors.PauseAsync(engine.Caller, connector.Id, default);

        await engine.Get<IModelService>().RemoveAsync(engine.Caller, model.Uuid, default);
        (await engine.Get<IModelService>().ListAsync(engine.Caller, default)).ShouldBeEmpty();
        await engine.FireAsync(connector);

        (await engine.SearchAsync("body0001")).ShouldBeEmpty();
        (await engine.LookAsync(connector)).Connector.DocumentCount.ShouldBe(0);
        (await engine.IdsAsync(connector)).ShouldBeEmpty();
        (await engine.LookAsync(connector)).LastRun!.Kind.ShouldBe(RunKind.Clear);
    }

    [Fact]
    public async Task A_deleted_connector_takes_its_models_along()
    {
        await using var engine = await EngineHarness.StartAsync(extractor: new());
        Fill(engine.Extractor, 1_200);
        engine.Extractor.PageSize = 600;
        var (connector, model) = await CreateAsync(engine);
        await engine.FireAsync(connector);
        await engine.Connectors.DeleteAsync(engine.Caller, connector.Id, default);

        var gone = await Should.ThrowAsync<EngineException>(() => LookAsync(engine, model));
        gone.Reason.ShouldBe("datasetNotFound");
        await engine.FireAsync(connector);

        (await engine.Get<IModelStore>().FindAsync(model.Id, default)).ShouldBeNull();
        (await engine.SearchAsync("body0001")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_config_is_read_from_the_beginning()
    {
        await using var engine = await EngineHarness.StartAsync(extractor: new());
        Fill(engine.Extractor, 3);
        var (connector, model) = await CreateAsync(engine, ScriptedDirectory.Extractor(isIncremental: true));
        await engine.FireAsync(connector);
        engine.Extractor.Metas.Clear();

        var change = new ModelChange { Config = Json(new { folder = "b" }) };
        await engine.Get<IModelService>().UpdateAsync(engine.Caller, model.Uuid, change, default);
        await engine.FireAsync(connector);

        engine.Extractor.Metas.ShouldBe([null]);
    }

    private static void Fill(ScriptedExtractor extractor, int count)
    {
        var width = count > 100 ? "D4" : "D2";
        extractor.Items.AddRange(
            Enumerable
                .Range(0, count)
                .Select(i =>
                    (object)
                        new
                        {
                            key = $"k{i.ToString(width)}",
                            name = $"k{i.ToString(width)}",
                            body = $"body{i.ToString(width)}",
                        }
                )
        );
    }

    private static async Task<(Connector Connector, Model Model)> CreateAsync(
        EngineHarness engine,
        ExtractorDescription? extractor = null,
        string? schedule = null
    )
    {
        var connector = await engine.CreateAsync(startNow: false);
        engine.Extractor.Offered = new() { [Things] = extractor ?? ScriptedDirectory.Extractor() };
        var draft = new ModelDraft
        {
            Slug = Things,
            Name = "Things",
            DatasetUuid = connector.DatasetUuid,
            ExtractorSlug = Things,
            Config = Json(new { folder = "a" }),
            Schedule = schedule,
        };
        return (connector, await engine.Get<IModelService>().CreateAsync(engine.Caller, draft, default));
    }

    private static async Task<Run> RunAsync(
        EngineHarness engine,
        Connector connector,
        Model model,
        bool isReset = false
    )
    {
        await engine.Get<IModelService>().StartRunAsync(engine.Caller, model.Uuid, isReset, false, default);
        await engine.FireAsync(connector);
        return (await LookAsync(engine, model)).LastRun!;
    }

    private static Task<Model> LookAsync(EngineHarness engine, Model model) =>
        engine.Get<IModelService>().GetAsync(engine.Caller, model.Uuid, default);

    private static async Task<List<string>> IdsAsync(EngineHarness engine, Model model) =>
        [
            .. (
                await engine
                    .Get<IRecordService>()
                    .ListAsync(engine.Caller, model.Uuid, RecordOrder.Id, false, 100_000, 0, default)
            ).Records.Select(record => record.Id),
        ];

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Yield();
        }
    }

    private static ExtractedRecord Removed(string key) => new(true, false, Json(new { key }));

    private static string? NameOf(object item) => Json(item).GetProperty("key").ToString();

    private static JsonElement Json(object value) => JsonSerializer.SerializeToElement(value);
}
