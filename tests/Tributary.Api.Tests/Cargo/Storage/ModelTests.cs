using System.Net;
using System.Text.Json;
using Tributary.Engine.Connectors;
using Tributary.Engine.Tests.Models;
using Tributary.Engine.Workspaces;
using Tributary.Sdk;

namespace Tributary.Api.Tests.Cargo.Storage;

public class ModelTests
{
    private const string Models = "/v1/storage/models";
    private const string Nothing = "11111111-1111-4111-8111-111111111111";

    [Fact]
    public async Task A_model_has_every_field()
    {
        await using var server = await StorageServer.StartAsync();
        var schedule = new { type = "cron", cron = "@every 1h30m" };
        var uuid = await server.MakeAsync(schedule: schedule);

        var model = await server.WaitAsync(uuid);

        model
            .EnumerateObject()
            .Select(member => member.Name)
            .ShouldBe(
                [
                    "uuid",
                    "workspaceUuid",
                    "slug",
                    "name",
                    "description",
                    "datasetUuid",
                    "extractorSlug",
                    "kind",
                    "connectorUuid",
                    "position",
                    "config",
                    "schedule",
                    "meta",
                    "columns",
                    "additionalColumns",
                    "idColumnSlug",
                    "titleColumnSlug",
                    "timeColumnSlug",
                    "unification",
                    "folderUuid",
                    "playsCount",
                    "segmentsCount",
                    "isPaused",
                    "lastEmittedAt",
                    "lastRun",
                    "createdAt",
                    "updatedAt",
                    "deletedAt",
                ],
                ignoreOrder: true
            );
        model.GetProperty("kind").GetString().ShouldBe("connector");
        model.GetProperty("connectorUuid").GetString().ShouldBe(server.Connector);
        model.GetProperty("position").GetRawText().ShouldBe("""{"x":0,"y":0}""");
        model.GetProperty("schedule").GetProperty("cron").GetString().ShouldBe("@every 1h30m");
        model.GetProperty("schedule").GetProperty("temporalScheduleWorkflowId").GetString().ShouldNotBeNullOrEmpty();
        model
            .GetProperty("columns")[0]
            .GetRawText()
            .ShouldBe("""{"slug":"key","type":"string","label":"Key","kind":"original","originalSlug":"key"}""");
        model.GetProperty("lastRun").GetProperty("status").GetString().ShouldBe("success");
        model.GetProperty("createdAt").GetString()!.ShouldEndWith("Z");
        var list = (await server.SendAsync("GET", $"{Models}/list")).ShouldBeFine().Json.GetProperty("models");
        list.EnumerateArray().ShouldHaveSingleItem().GetProperty("uuid").GetString().ShouldBe(uuid);
        (
            await server.SendAsync("GET", $"{Models}/existsBySlug?slug=things&datasetUuid={server.Dataset}")
        ).Text.ShouldBe("""{"exists":true}""");
        (await server.SendAsync("GET", $"{Models}/existsBySlug?slug=things&datasetUuid={server.Own}")).Text.ShouldBe(
            """{"exists":false}"""
        );
        (await server.SendAsync("GET", $"{Models}/{uuid}/ddl"))
            .ShouldBeFine()
            .Json.GetProperty("ddl")
            .GetString()!
            .ShouldStartWith("CREATE TABLE datasets_my_things.models_things (");
        (await server.SendAsync("GET", $"{Models}/{uuid}/ddl"))
            .Json.GetProperty("language")
            .GetString()
            .ShouldBe("sqlite");
    }

    [Fact]
    public async Task Datasets_are_those_of_connectors_and_the_workspaces_own()
    {
        await using var server = await StorageServer.StartAsync();

        var list = (await server.SendAsync("GET", "/v1/storage/datasets/list")).ShouldBeFine().Json;

        list.GetProperty("datasets")
            .EnumerateArray()
            .Select(dataset => $"{dataset.GetProperty("slug").GetString()} {dataset.GetProperty("kind").GetString()}")
            .ShouldBe(["default native", "my-things connector"]);
        var one = (await server.SendAsync("GET", $"/v1/storage/datasets/{server.Dataset}")).ShouldBeFine().Json;
        one.GetProperty("dataset").GetProperty("connectorUuid").GetString().ShouldBe(server.Connector);
        (await server.SendAsync("GET", $"/v1/storage/datasets/{Nothing}")).ShouldRefuse(404, "datasetNotFound");
        (await server.SendAsync("GET", "/v1/storage/datasets/x")).ShouldRefuse(404, "datasetNotFound");
    }

    [Fact]
    public async Task Create_refuses_by_name()
    {
        await using var server = await StorageServer.StartAsync();
        await server.MakeAsync();

        (await server.CreateAsync()).ShouldRefuse(409, "duplicateSlug");
        (await server.CreateAsync(slug: "a b")).ShouldRefuse(400, "invalidPayload");
        (await server.CreateAsync(slug: "x", dataset: Nothing)).ShouldRefuse(404, "datasetNotFound");
        (await server.CreateAsync("unknown")).ShouldRefuse(400, "modelNotCompatible");
        (await server.CreateAsync("things", "y", server.Own)).ShouldRefuse(400, "modelNotCompatible");
        (await server.CreateAsync(slug: "x", config: new { folder = 5 })).ShouldRefuse(400, "invalidConfig");
        (await server.CreateAsync(slug: "x", config: "text")).ShouldRefuse(400, "invalidConfig");
        (await server.CreateAsync(slug: "x", schedule: Cron("61 * * * *"))).ShouldRefuse(400, "failedToSchedule");
        (await server.CreateAsync("slow", schedule: Cron("*/30 * * * *"))).ShouldRefuse(
            400,
            "scheduleIntervalTooShort"
        );
        (await server.CreateAsync("hook", schedule: Cron("0 * * * *"))).ShouldRefuse(400, "scheduleNotCompatible");
        (await server.CreateAsync(slug: "x", schedule: new { type = "dbt", jobId = "1" })).ShouldRefuse(
            400,
            "scheduleNotCompatible"
        );
        (await server.CreateAsync(slug: "x", schedule: "0 * * * *")).ShouldRefuse(400, "invalidPayload");
        (await server.SendAsync("POST", Models, new { name = "x" })).ShouldRefuse(400, "invalidPayload");
        (
            await server.SendAsync(
                "POST",
                Models,
                new
                {
                    slug = "x",
                    name = "x",
                    datasetUuid = server.Dataset,
                    extractorSlug = "things",
                    config = new { },
                    folderUuid = Nothing,
                }
            )
        ).ShouldRefuse(404, "folderNotFound");
        server.Extractor.Offered = [];
        (await server.CreateAsync(slug: "x")).ShouldRefuse(400, "integrationNotCompatible");
        server.Extractor.IsGone = true;
        (await server.CreateAsync(slug: "x")).ShouldRefuse(404, "integrationNotFound");
        (await server.SendAsync("GET", $"{Models}/list")).Json.GetProperty("models").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Update_is_partial_and_refuses_by_name()
    {
        await using var server = await StorageServer.StartAsync();
        var uuid = await server.MakeAsync("slow", schedule: Cron("0 5 * * *"));

        var changed = await PutAsync(
            new
            {
                name = "New",
                description = "D",
                position = new { x = 1.5, y = -2 },
                unification = new { source = "integration" },
            }
        );
        changed.GetProperty("name").GetString().ShouldBe("New");
        changed.GetProperty("position").GetRawText().ShouldBe("""{"x":1.5,"y":-2}""");
        changed.GetProperty("unification").GetProperty("source").GetString().ShouldBe("integration");
        changed.GetProperty("schedule").GetProperty("cron").GetString().ShouldBe("0 5 * * *");
        changed = await PutAsync(
            new
            {
                description = (string?)null,
                schedule = (object?)null,
                unification = (object?)null,
            }
        );
        changed.GetProperty("description").ValueKind.ShouldBe(JsonValueKind.Null);
        changed.GetProperty("schedule").ValueKind.ShouldBe(JsonValueKind.Null);
        changed.GetProperty("unification").ValueKind.ShouldBe(JsonValueKind.Null);
        changed.GetProperty("name").GetString().ShouldBe("New");
        (await PutAsync(new { extractorSlug = "slow", folderUuid = (string?)null })).ValueKind.ShouldBe(
            JsonValueKind.Object
        );

        await RefusesAsync(new { name = "" }, 400, "invalidPayload");
        await RefusesAsync(new { description = 5 }, 400, "invalidPayload");
        await RefusesAsync(new { extractorSlug = "things" }, 400, "modelNotCompatible");
        await RefusesAsync(new { schedule = Cron("* * * * *") }, 400, "scheduleIntervalTooShort");
        await RefusesAsync(new { schedule = Cron("nonsense") }, 400, "failedToSchedule");
        await RefusesAsync(new { schedule = new { type = "dbt" } }, 400, "scheduleNotCompatible");
        await RefusesAsync(new { config = new { folder = 1 } }, 400, "invalidConfig");
        await RefusesAsync(new { folderUuid = Nothing }, 404, "folderNotFound");
        (await server.SendAsync("PUT", $"{Models}/{Nothing}", new { })).ShouldRefuse(404, "modelNotFound");
        server.Extractor.IsGone = true;
        await RefusesAsync(new { name = "x" }, 404, "integrationNotFound");

        async Task<JsonElement> PutAsync(object body) =>
            (await server.SendAsync("PUT", $"{Models}/{uuid}", body)).ShouldBeFine().Json.GetProperty("model");

        async Task RefusesAsync(object body, int status, string reason) =>
            (await server.SendAsync("PUT", $"{Models}/{uuid}", body)).ShouldRefuse(status, reason);
    }

    [Fact]
    public async Task A_removed_model_frees_its_slug_and_its_connector()
    {
        await using var server = await StorageServer.StartAsync();
        var uuid = await server.MakeAsync();
        await server.WaitAsync(uuid);
        (await server.SendAsync("DELETE", $"/v1/connection/connectors/{server.Connector}")).ShouldRefuse(
            409,
            "connectorIsUsedInModels"
        );

        (await server.SendAsync("DELETE", $"{Models}/{uuid}", new { })).Status.ShouldBe(HttpStatusCode.NoContent);

        (await server.SendAsync("GET", $"{Models}/{uuid}")).ShouldRefuse(404, "modelNotFound");
        (await server.SendAsync("DELETE", $"{Models}/{uuid}", new { })).ShouldRefuse(404, "modelNotFound");
        var again = await server.MakeAsync();
        again.ShouldNotBe(uuid);
        await server.SendAsync("DELETE", $"{Models}/{again}");
        (await server.SendAsync("DELETE", $"/v1/connection/connectors/{server.Connector}")).Status.ShouldBe(
            HttpStatusCode.NoContent
        );
        (await server.CreateAsync()).ShouldRefuse(404, "datasetNotFound");
    }

    [Fact]
    public async Task What_pushes_is_set_up_paused_and_taken_down_at_the_source()
    {
        await using var server = await StorageServer.StartAsync();
        server.Extractor.ExtraConfig = JsonSerializer.SerializeToElement(new { hook = 7 });
        var uuid = await server.MakeAsync("hook");
        (await server.ModelAsync(uuid)).GetProperty("config").GetRawText().ShouldBe("""{"hook":7}""");
        (await server.SendAsync("PUT", $"{Models}/{uuid}", new { config = new { folder = "x" } })).ShouldBeFine();
        await server.MakeAsync(); // one that is fetched has nothing at the source
        var sources = (await server.SendAsync("GET", "/v1/sources")).ShouldBeFine().Json;
        var id = sources.GetProperty("items")[0].GetProperty("id").GetInt64();
        (await server.SendAsync("POST", $"/v1/sources/{id}/pause")).ShouldBeFine();
        server.Extractor.Refusal = new SourceException(FailureKind.Transient, "The server is dead.");
        (await server.SendAsync("POST", $"/v1/sources/{id}/resume")).ShouldBeFine();
        (await server.ModelAsync(uuid)).GetProperty("isPaused").GetBoolean().ShouldBeFalse();
        server.Extractor.Refusal = null;

        await server.SendAsync("DELETE", $"{Models}/{uuid}");

        server.Extractor.SetUps.ShouldBe(["create", "update", "pause", "resume", "remove"]);
    }

    [Fact]
    public async Task Previews_look_and_store_nothing()
    {
        await using var server = await StorageServer.StartAsync();

        var page = (await PreviewAsync("preview", "things")).ShouldBeFine().Json;
        page.GetProperty("records").GetArrayLength().ShouldBe(10);
        page.GetProperty("columns")[0].GetProperty("slug").GetString().ShouldBe("key");
        (await PreviewAsync("previewCount", "things")).Text.ShouldBe("""{"count":12}""");
        (await server.SendAsync("GET", $"{Models}/list")).Json.GetProperty("models").GetArrayLength().ShouldBe(0);

        foreach (var which in (string[])["preview", "previewCount"])
        {
            (await PreviewAsync(which, "things", Nothing)).ShouldRefuse(404, "datasetNotFound");
            (await PreviewAsync(which, "things", server.Own)).ShouldRefuse(400, "modelNotCompatible");
            (await PreviewAsync(which, "unknown")).ShouldRefuse(400, "modelNotCompatible");
            (await PreviewAsync(which, "hook")).ShouldRefuse(400, "integrationNotCompatible");
        }

        server.Extractor.IsGone = true;
        (await PreviewAsync("preview", "things")).ShouldRefuse(404, "integrationNotFound");

        Task<Answer> PreviewAsync(string which, string slug, string? dataset = null) =>
            server.SendAsync(
                "POST",
                $"{Models}/{which}",
                new
                {
                    datasetUuid = dataset ?? server.Dataset,
                    slug,
                    config = new { },
                }
            );
    }

    [Fact]
    public async Task Refresh_reads_once_at_a_time()
    {
        await using var server = await StorageServer.StartAsync();
        var uuid = await server.MakeAsync("slow");
        using var gate = new Gate(server.Extractor);

        var first = (await server.SendAsync("POST", $"{Models}/{uuid}/refresh")).ShouldBeFine().Json;
        first.GetProperty("isRefreshing").GetBoolean().ShouldBeTrue();
        (await server.SendAsync("POST", $"{Models}/{uuid}/refresh")).ShouldRefuse(409, "alreadySyncing");
        gate.Open();
        (await server.WaitAsync(uuid)).GetProperty("lastRun").GetProperty("status").GetString().ShouldBe("success");
        var hook = await server.MakeAsync("hook");
        (await server.SendAsync("POST", $"{Models}/{hook}/refresh"))
            .ShouldBeFine()
            .Json.GetProperty("isRefreshing")
            .GetBoolean()
            .ShouldBeFalse();
        (await server.SendAsync("POST", $"{Models}/{Nothing}/refresh")).ShouldRefuse(404, "modelNotFound");
        await PauseAsync(server);
        (await server.SendAsync("POST", $"{Models}/{uuid}/refresh")).ShouldRefuse(400, "failedToSyncFromClient");
        (await server.ModelAsync(uuid)).GetProperty("isPaused").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Readers_look_but_do_not_touch()
    {
        await using var server = await StorageServer.StartAsync();
        var uuid = await server.MakeAsync();
        var reader = (await server.SendAsync("POST", "/v1/tokens", new { name = "r", role = "reader" }))
            .ShouldBeFine()
            .Json.GetProperty("token")
            .GetString()!;

        (await server.SendAsync("GET", $"{Models}/{uuid}", token: reader)).ShouldBeFine();
        foreach (
            var (method, path, body) in (ValueTuple<string, string, object>[])
                [
                    ("PUT", $"{Models}/{uuid}", new { name = "x" }),
                    ("DELETE", $"{Models}/{uuid}", new { }),
                    ("POST", $"{Models}/{uuid}/refresh", new { }),
                    ("POST", "/v1/storage/runs", new { modelUuid = uuid }),
                ]
        )
        {
            (await server.SendAsync(method, path, body, reader)).ShouldRefuse(403, "forbidden");
        }
    }

    [Fact]
    public async Task Another_workspaces_objects_do_not_exist()
    {
        await using var server = await StorageServer.StartAsync();
        var uuid = await server.MakeAsync();
        var identities = server.Get<IIdentityService>();
        var admin = (await identities.FindByTokenAsync("admin-token", default))!;
        var (_, token) = await identities.CreateWorkspaceAsync(admin, "Second", "b@example.com", default);

        (await server.SendAsync("GET", $"{Models}/{uuid}", token: token)).ShouldRefuse(404, "modelNotFound");
        (await server.SendAsync("GET", $"/v1/storage/datasets/{server.Dataset}", token: token)).ShouldRefuse(
            404,
            "datasetNotFound"
        );
        (await server.SendAsync("POST", "/v1/storage/records/list", new { modelUuid = uuid }, token)).ShouldRefuse(
            404,
            "modelNotFound"
        );
        (await server.SendAsync("GET", "/v1/storage/runs/list", token: token)).Text.ShouldBe("""{"runs":[]}""");
        (
            await server.SendAsync(
                "GET",
                $"{Models}/existsBySlug?slug=things&datasetUuid={server.Dataset}",
                token: token
            )
        ).Text.ShouldBe("""{"exists":false}""");
    }

    private static object Cron(string cron) => new { type = "cron", cron };

    private static async Task PauseAsync(StorageServer server)
    {
        var identities = server.Get<IIdentityService>();
        var admin = (await identities.FindByTokenAsync("admin-token", default))!;
        var connectors = server.Get<IConnectorService>();
        var id = (await connectors.ListAsync(admin, new ConnectorFilter(), 0, 1, default))[0].Connector.Id;
        await connectors.PauseAsync(admin, id, default);
    }
}

/// <summary>Keeps an extractor's answers back until it is opened.</summary>
internal sealed class Gate : IDisposable
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Gate(ScriptedExtractor extractor) =>
        extractor.BeforePage = async (_, _, _) =>
        {
            _reached.TrySetResult();
            await _open.Task;
            return null;
        };

    /// <summary>Somebody waits.</summary>
    public Task Reached => _reached.Task;

    public void Open() => _open.TrySetResult();

    public void Dispose() => Open();
}
