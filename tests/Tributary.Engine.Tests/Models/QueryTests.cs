using System.Text.Json;
using Tributary.Engine.Catalog;
using Tributary.Engine.Models;
using Tributary.Engine.Models.Queries;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Tests.Models;

public class QueryTests(QueryTests.Shared shared) : IClassFixture<QueryTests.Shared>
{
    /// <summary>For the many statements that change nothing.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        public EngineHarness Engine { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Engine = await StartAsync();

        public ValueTask DisposeAsync() => Engine.DisposeAsync();
    }

    private const string Things = "datasets_default.models_things";

    [Fact]
    public async Task Selects_over_records()
    {
        await using var engine = await StartAsync();

        (
            await RowsAsync(engine, $"SELECT _id, name, size FROM {Things} WHERE size > 1 ORDER BY size DESC LIMIT 2;")
        ).ShouldBe("""[{"_id":"k9","name":"n9","size":9},{"_id":"k8","name":"n8","size":8}]""");
        (await RowsAsync(engine, $"SELECT count(*) AS n, max(t._emitted_at) AS at FROM {Things} t -- all")).ShouldBe(
            """[{"n":10,"at":"2025-01-15T08:00:00.000Z"}]"""
        );
        (
            await RowsAsync(
                engine,
                $"WITH x AS (SELECT size * 2 AS s FROM {Things}) SELECT sum(s) AS s, sum(s) AS s FROM x"
            )
        ).ShouldBe("""[{"s":90,"s_1":90}]""");
        (
            await RowsAsync(
                engine,
                $"SELECT json_extract(tags, '$[0]') AS tag, t.key FROM {Things} t, json_each(t.tags) WHERE t._id = 'k1'"
            )
        ).ShouldBe("""[{"tag":"a","key":"k1"},{"tag":"a","key":"k1"}]""");
        (await RowsAsync(engine, $"WITH x AS (SELECT 1 FROM {Things}) SELECT count(*) AS n FROM x")).ShouldBe(
            """[{"n":10}]"""
        );
        (await RowsAsync(engine, "SELECT 1 AS one, NULL AS none, x'0102' AS bytes")).ShouldBe(
            """[{"one":1,"none":null,"bytes":"AQI="}]"""
        );
    }

    [Fact]
    public async Task Selects_over_documents()
    {
        await using var engine = await StartAsync();
        engine.Source.Items["a"] = "alpha text";
        engine.Source.Items["b"] = "beta text";
        var connector = await engine.CreateAsync("My-Source");
        await engine.FireAsync(connector);
        var other = await engine.CreateAsync("Other");
        engine.Source.Items["c"] = "gamma text";
        await engine.FireAsync(other);

        (
            await RowsAsync(engine, "SELECT id, title, text FROM datasets_my_source.models_documents ORDER BY id")
        ).ShouldBe("""[{"id":"a","title":"a","text":"alpha text"},{"id":"b","title":"b","text":"beta text"}]""");
        (await RowsAsync(engine, "SELECT count(*) AS n FROM `datasets_other.models_documents`")).ShouldBe(
            """[{"n":3}]"""
        );
    }

    [Theory]
    [InlineData("SELECT * FROM connectors")]
    [InlineData("SELECT count(*) FROM credentials")]
    [InlineData("SELECT secret FROM main.credentials")]
    [InlineData("SELECT data FROM records")]
    [InlineData("SELECT * FROM documents, chunks")]
    [InlineData("SELECT * FROM sqlite_schema")]
    [InlineData("SELECT * FROM sqlite_master")]
    [InlineData("SELECT sql FROM temp.sqlite_temp_master")]
    [InlineData("SELECT sql FROM sqlite_temp_schema")]
    [InlineData("SELECT * FROM pragma_table_info('connectors')")]
    [InlineData("SELECT * FROM pragma_database_list")]
    [InlineData("SELECT * FROM chunk_index('x')")]
    [InlineData("SELECT * FROM sqlite_dbpage")]
    [InlineData("SELECT * FROM dbstat")]
    [InlineData("SELECT * FROM bytecode('SELECT 1')")]
    [InlineData("SELECT load_extension('x')")]
    [InlineData("SELECT readfile('/etc/passwd')")]
    [InlineData("SELECT randomblob(1000)")]
    [InlineData("SELECT zeroblob(1000000000)")]
    [InlineData("SELECT count(*) FROM pragma_function_list")]
    [InlineData("SELECT count(*) FROM connectors")]
    [InlineData("SELECT 1 FROM Users, tokens")]
    [InlineData("SELECT fts3_tokenizer('x')")]
    [InlineData("ATTACH '/tmp/x.db' AS x")]
    [InlineData("PRAGMA query_only = OFF")]
    [InlineData("PRAGMA table_list")]
    [InlineData("DELETE FROM records")]
    [InlineData("DELETE FROM datasets_default.models_things")]
    [InlineData("INSERT INTO records SELECT * FROM records")]
    [InlineData("CREATE TEMP TABLE x AS SELECT 1")]
    [InlineData("CREATE TEMP VIEW x AS SELECT * FROM credentials")]
    [InlineData("DROP VIEW datasets_default.models_things")]
    [InlineData("VACUUM INTO '/tmp/stolen.db'")]
    [InlineData("BEGIN")]
    [InlineData("EXPLAIN SELECT * FROM datasets_default.models_things")]
    [InlineData("EXPLAIN QUERY PLAN SELECT * FROM datasets_default.models_things")]
    [InlineData("SELECT 1; SELECT 2")]
    [InlineData("SELECT 1; DROP TABLE records")]
    [InlineData("SELECT ?")]
    [InlineData("SELECT :name")]
    [InlineData("SELECT nonsense FROM datasets_default.models_things")]
    [InlineData("SELECT * FROM datasets_default.models_unknown")]
    [InlineData("SELEKT")]
    [InlineData("")]
    [InlineData("-- nothing")]
    [InlineData(
        "WITH \"datasets_default.models_things\" AS (SELECT data FROM records) SELECT * FROM \"datasets_default.models_things\""
    )]
    [InlineData(
        "WITH datasets_default.models_things AS (SELECT secret FROM credentials) SELECT * FROM datasets_default.models_things"
    )]
    [InlineData("WITH v AS (SELECT secret FROM credentials), v_0 AS (SELECT * FROM v) SELECT * FROM v_0")]
    [InlineData("SELECT * FROM (SELECT secret FROM credentials) AS \"datasets_default.models_things\"")]
    [InlineData("SELECT (SELECT hash FROM tokens LIMIT 1) FROM datasets_default.models_things")]
    [InlineData("SELECT * FROM datasets_default.models_things t JOIN main.holders h ON 1")]
    [InlineData("SELECT 1 WHERE EXISTS (SELECT * FROM users)")]
    public async Task A_statement_that_is_wrong_or_reaches_elsewhere_is_refused(string query)
    {
        var engine = shared.Engine;

        var refusal = await Should.ThrowAsync<EngineException>(() => RowsAsync(engine, query));

        (refusal.Kind, refusal.Reason).ShouldBe((RefusalKind.Rejected, "invalidQuery"));
        refusal.Message.ShouldNotBeEmpty();
        refusal.Message.ShouldNotContain("secret_");
        (await RowsAsync(engine, $"SELECT count(*) AS n FROM {Things}")).ShouldBe("""[{"n":10}]""");
    }

    [Fact]
    public async Task Another_workspaces_models_are_not_there()
    {
        await using var engine = await StartAsync();
        var (_, token) = await engine
            .Get<IIdentityService>()
            .CreateWorkspaceAsync(engine.Caller, "Second", "b@example.com", default);
        var stranger = (await engine.Get<IIdentityService>().FindByTokenAsync(token, default))!;

        var refusal = await Should.ThrowAsync<EngineException>(() =>
            engine.Get<IQueryService>().QueryAsync(stranger, $"SELECT * FROM {Things}", default)
        );

        refusal.Message.ShouldContain("no such table");
    }

    [Fact]
    public async Task A_statement_without_end_is_ended()
    {
        await using var engine = await StartAsync();
        const string Endless =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n WHERE i < 0";
        var running = Should.ThrowAsync<EngineException>(() => RowsAsync(engine, Endless));
        while (!running.IsCompleted)
        {
            engine.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await running).Message.ShouldContain("longer than 10 seconds");
    }

    [Fact]
    public async Task Too_many_rows_and_too_many_bytes_are_refused()
    {
        await using var engine = await StartAsync();
        const string Rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10001) SELECT";

        (await Should.ThrowAsync<EngineException>(() => RowsAsync(engine, $"{Rows} i FROM n"))).Message.ShouldContain(
            "10000 rows"
        );
        (
            await Should.ThrowAsync<EngineException>(() =>
                RowsAsync(engine, $"{Rows} replace(hex(1234567890), '3', '{new string('x', 500)}') FROM n")
            )
        ).Message.ShouldContain("bytes");
    }

    [Fact]
    public async Task A_file_of_rows_can_be_fetched_for_an_hour()
    {
        await using var engine = await StartAsync();
        var queries = engine.Get<IQueryService>();
        var answer = await queries.DownloadAsync(
            engine.Caller,
            $"SELECT _id, 'a,\"b\"' AS q, 1.5 AS x, NULL AS none FROM {Things} ORDER BY _id LIMIT 2",
            default
        );

        await using (var file = queries.OpenDownload(answer.Ticket)!)
        {
            using var reader = new StreamReader(file);
            (await reader.ReadToEndAsync()).ShouldBe(
                "_id,q,x,none\r\nk0,\"a,\"\"b\"\"\",1.5,\r\nk1,\"a,\"\"b\"\"\",1.5,\r\n"
            );
        }

        queries.OpenDownload("../tributary.db").ShouldBeNull();
        queries.OpenDownload(answer.Ticket.Replace('-', '/')).ShouldBeNull();
        queries.OpenDownload(answer.Ticket + "0").ShouldBeNull();
        engine.Time.Advance(TimeSpan.FromMinutes(61));
        queries.OpenDownload(answer.Ticket).ShouldBeNull();
        await Should.ThrowAsync<EngineException>(() => queries.DownloadAsync(engine.Caller, "SELEKT", default));
        Directory.GetFiles(Path.Combine(engine.Folder, "downloads")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_ddl_makes_the_table_that_statements_see()
    {
        await using var engine = await StartAsync();
        var model = (await engine.Get<IModelService>().ListAsync(engine.Caller, default))[0];

        ModelTable
            .Ddl(model)
            .ShouldBe(
                """
                CREATE TABLE datasets_default.models_things (
                  "_id" TEXT,
                  "_title" TEXT,
                  "_emitted_at" TEXT,
                  "key" TEXT,
                  "name" TEXT,
                  "size" REAL,
                  "tags" TEXT
                )
                """
            );
    }

    /// <summary>An engine with a native model of ten rows.</summary>
    private static async Task<EngineHarness> StartAsync()
    {
        var engine = await EngineHarness.StartAsync();
        var models = engine.Get<IModelService>();
        var datasets = await models.ListDatasetsAsync(engine.Caller, default);
        var model = await models.CreateAsync(
            engine.Caller,
            new ModelDraft
            {
                Slug = "things",
                Name = "Things",
                DatasetUuid = datasets[0].Uuid,
                ExtractorSlug = NativeExtractor.Slug,
                Config = JsonSerializer.SerializeToElement(new { }),
            },
            default
        );
        var rows = Enumerable
            .Range(0, 10)
            .Select(i =>
                JsonSerializer.SerializeToElement(
                    new
                    {
                        _id = $"k{i}",
                        key = $"k{i}",
                        name = $"n{i}",
                        size = i,
                        tags = new[] { "a", "b" },
                    }
                )
            )
            .ToList();
        await engine.Get<IRecordService>().CreateAsync(engine.Caller, model.Uuid, rows, default);
        return engine;
    }

    private static async Task<string> RowsAsync(EngineHarness engine, string query) =>
        (await engine.Get<IQueryService>().QueryAsync(engine.Caller, query, default)).Rows.GetRawText();
}
