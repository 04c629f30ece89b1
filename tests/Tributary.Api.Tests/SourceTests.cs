using System.Net;
using System.Text.Json;
using Tributary.Engine.Runs;

namespace Tributary.Api.Tests;

public class SourceTests
{
    internal static async Task<long> CreateAsync(
        ApiServer api,
        string name = "Docs",
        string type = "web",
        string token = "editor-token"
    )
    {
        var answer = await api.SendAsync(
            "POST",
            "/v1/sources/create",
            $$"""{"name":"{{name}}","type":"{{type}}","config":{"base_url":"https://docs.example.com"},"credential":{"credentials":{"a_token":"secret"} } }""",
            token
        );
        return answer.ShouldBeFine().Json.GetProperty("connector_id").GetInt64();
    }

    private static IEnumerable<string> Members(JsonElement json) =>
        json.EnumerateObject().Select(member => member.Name);

    [Fact]
    public async Task A_source_shows_its_settings_schedule_and_runs_but_no_secret()
    {
        await using var api = await ApiServer.StartAsync();
        var id = await CreateAsync(api);

        var answer = (await api.SendAsync("GET", $"/v1/sources/{id}", json: null, "reader-token")).ShouldBeFine();

        Members(answer.Json)
            .ShouldBe([
                "id",
                "uuid",
                "name",
                "type",
                "status",
                "documents",
                "config",
                "credentials",
                "credential_id",
                "refresh_freq",
                "prune_freq",
                "schedule",
                "current_run",
                "last_run",
                "last_error",
                "in_repeated_error_state",
                "open_failures",
                "last_success_at",
                "last_pruned_at",
                "created_at",
                "updated_at",
            ]);
        answer.Json.GetProperty("status").GetString().ShouldBe("ACTIVE");
        Members(answer.Json.GetProperty("schedule"))
            .ShouldBe(["refresh_freq", "prune_freq", "next_refresh_at", "next_prune_at"]);
        var run = answer.Json.GetProperty("last_run");
        Members(run)
            .ShouldBe([
                "id",
                "uuid",
                "source_id",
                "kind",
                "status",
                "requested_by",
                "phase",
                "current_item",
                "waiting_until",
                "queued_at",
                "started_at",
                "finished_at",
                "counts",
                "error",
            ]);
        (run.GetProperty("kind").GetString(), run.GetProperty("status").GetString()).ShouldBe(("refresh", "succeeded"));
        Members(run.GetProperty("counts"))
            .ShouldBe(["read", "added", "updated", "unchanged", "deleted", "failed", "skipped", "chunks"]);
        answer.Text.ShouldNotContain("\"secret\"");
    }

    [Fact]
    public async Task Sources_are_listed_page_by_page_and_filtered()
    {
        await using var api = await ApiServer.StartAsync();
        var ids = new List<long>();
        foreach (var name in (string[])["a1", "a2", "b1"])
        {
            ids.Add(await CreateAsync(api, name));
        }

        var first = (await api.SendAsync("GET", "/v1/sources?limit=2")).ShouldBeFine().Json;
        var cursor = first.GetProperty("next_cursor").GetString();
        var second = (await api.SendAsync("GET", $"/v1/sources?limit=2&after={cursor}")).ShouldBeFine().Json;

        Ids(first).Concat(Ids(second)).ShouldBe(ids);
        second.GetProperty("next_cursor").ValueKind.ShouldBe(JsonValueKind.Null);
        Ids((await api.SendAsync("GET", "/v1/sources?name=A")).ShouldBeFine().Json).ShouldBe(ids[..2]);
        Ids((await api.SendAsync("GET", "/v1/sources?status=PAUSED")).ShouldBeFine().Json).ShouldBeEmpty();
        Ids((await api.SendAsync("GET", "/v1/sources?type=file")).ShouldBeFine().Json).ShouldBeEmpty();

        static List<long> Ids(JsonElement page) =>
            [.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetInt64())];
    }

    [Fact]
    public async Task A_change_touches_only_what_it_names_and_tells_null_from_nothing()
    {
        await using var api = await ApiServer.StartAsync();
        var id = await CreateAsync(api);

        await Change("""{"refresh_freq":60,"prune_freq":300}""");
        var answer = await Change("""{"name":"Renamed","refresh_freq":null}""");

        answer.GetProperty("name").GetString().ShouldBe("Renamed");
        answer.GetProperty("refresh_freq").ValueKind.ShouldBe(JsonValueKind.Null);
        answer.GetProperty("prune_freq").GetInt64().ShouldBe(300);
        answer.GetProperty("config").GetProperty("base_url").GetString().ShouldBe("https://docs.example.com");

        async Task<JsonElement> Change(string body) =>
            (await api.SendAsync("PATCH", $"/v1/sources/{id}", body)).ShouldBeFine().Json;
    }

    [Theory]
    [InlineData("""{"refresh_freq":59}""", "refresh_freq must be ≥ 1 minute")]
    [InlineData("""{"refresh_freq":0}""", "refresh_freq must be ≥ 1 minute")]
    [InlineData("""{"prune_freq":299}""", "prune_freq must be ≥ 5 minutes")]
    public async Task A_change_to_less_than_the_minimum_is_refused(string body, string reason)
    {
        await using var api = await ApiServer.StartAsync();
        var id = await CreateAsync(api);

        var answer = await api.SendAsync("PATCH", $"/v1/sources/{id}", body);

        answer.Should(HttpStatusCode.BadRequest).Detail!.ShouldStartWith(reason);
    }

    [Fact]
    public async Task A_source_is_run_pruned_confirmed_and_canceled()
    {
        await using var api = await ApiServer.StartAsync();
        var id = await CreateAsync(api);

        (await Post("run", HttpStatusCode.OK)).GetProperty("kind").GetString().ShouldBe("refresh");
        (await Post("run", HttpStatusCode.OK, """{"from_beginning":true}"""))
            .GetProperty("kind")
            .GetString()
            .ShouldBe("reindex");
        (await Post("cancel", HttpStatusCode.OK)).GetProperty("status").GetString().ShouldBe("canceled");
        (await Post("cancel", HttpStatusCode.OK)).GetProperty("status").GetString().ShouldBe("canceled");
        await Post("cancel", HttpStatusCode.Conflict);
        await Post("prune/confirm", HttpStatusCode.Conflict);
        api.Engine.AddRun(id, RunKind.Prune, RunState.NeedsConfirmation);
        (await Post("prune/confirm", HttpStatusCode.OK)).GetProperty("status").GetString().ShouldBe("running");
        await Post("prune", HttpStatusCode.Conflict);

        var runs = (await api.SendAsync("GET", $"/v1/sources/{id}/runs?limit=2")).ShouldBeFine().Json;
        runs.GetProperty("items")[0].GetProperty("kind").GetString().ShouldBe("prune");
        var run = runs.GetProperty("items")[0].GetProperty("id").GetInt64();
        (await api.SendAsync("GET", $"/v1/runs/{run}")).ShouldBeFine();

        async Task<JsonElement> Post(string action, HttpStatusCode status, string? body = null) =>
            (await api.SendAsync("POST", $"/v1/sources/{id}/{action}", body)).Should(status).Json;
    }

    [Fact]
    public async Task A_source_is_paused_resumed_and_deleted()
    {
        await using var api = await ApiServer.StartAsync();
        var id = await CreateAsync(api);

        var paused = (await api.SendAsync("POST", $"/v1/sources/{id}/pause")).ShouldBeFine();
        paused.Json.GetProperty("status").GetString().ShouldBe("PAUSED");
        var resumed = (await api.SendAsync("POST", $"/v1/sources/{id}/resume")).ShouldBeFine();
        resumed.Json.GetProperty("status").GetString().ShouldBe("ACTIVE");
        var deleted = (await api.SendAsync("DELETE", $"/v1/sources/{id}")).ShouldBeFine();
        deleted.Json.GetProperty("kind").GetString().ShouldBe("delete");
        (await api.SendAsync("GET", $"/v1/sources/{id}"))
            .Should(HttpStatusCode.NotFound)
            .Detail!.ShouldContain($"{id}");
    }

    [Fact]
    public async Task Failed_and_skipped_items_are_listed()
    {
        await using var api = await ApiServer.StartAsync();
        var id = await CreateAsync(api);
        var now = api.Time.GetUtcNow();
        for (var failure = 1001; failure <= 1003; failure++)
        {
            api.Engine.Failures[failure] = new(
                failure,
                id,
                1,
                $"doc {failure}",
                null,
                "broken",
                2,
                now,
                now,
                failure == 1003 ? now : null
            );
        }

        var open = (await api.SendAsync("GET", $"/v1/sources/{id}/errors?limit=1")).ShouldBeFine().Json;
        var row = open.GetProperty("items")[0];
        Members(row)
            .Take(12)
            .ShouldBe(
                [
                    "id",
                    "connector_credential_pair_id",
                    "index_attempt_id",
                    "document_id",
                    "document_link",
                    "entity_id",
                    "failed_time_range_start",
                    "failed_time_range_end",
                    "failure_message",
                    "error_type",
                    "is_resolved",
                    "time_created",
                ],
                ignoreOrder: true
            );
        row.GetProperty("document_id").GetString().ShouldBe("doc 1002");
        open.GetProperty("next_cursor").GetString().ShouldBe("1002");
        var all = (await api.SendAsync("GET", $"/v1/sources/{id}/errors?include_resolved=true")).ShouldBeFine().Json;
        all.GetProperty("items").GetArrayLength().ShouldBe(3);
        (await api.SendAsync("POST", $"/v1/sources/{id}/errors/retry")).ShouldBeFine();
        var skipped = (await api.SendAsync("GET", $"/v1/sources/{id}/skipped?limit=2&after=1")).ShouldBeFine().Json;
        skipped
            .GetProperty("items")
            .EnumerateArray()
            .Select(item => item.GetProperty("id").GetInt64())
            .ShouldBe([2, 3]);
    }

    [Fact]
    public async Task Attempts_are_paged_by_number()
    {
        await using var api = await ApiServer.StartAsync();
        var id = await CreateAsync(api);
        var newest = Enumerable
            .Range(0, 249)
            .Select(_ => api.Engine.AddRun(id, RunKind.Refresh, RunState.Failed, error: "down").Id)
            .ToList()[^1];

        var page = (await api.SendAsync("GET", $"/v1/sources/{id}/attempts?page_num=12&page_size=20"))
            .ShouldBeFine()
            .Json;

        page.GetProperty("total_items").GetInt64().ShouldBe(250);
        page.GetProperty("items").GetArrayLength().ShouldBe(10);
        var last = page.GetProperty("items")[9];
        last.GetProperty("status").GetString().ShouldBe("success");
        page.GetProperty("items")[0].GetProperty("id").GetInt64().ShouldBe(newest - 240);
        var beyond = (await api.SendAsync("GET", $"/v1/sources/{id}/attempts?page_num=2147483647")).ShouldBeFine().Json;
        beyond.GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task All_51_types_are_listed_with_whether_they_can_be_read()
    {
        await using var api = await ApiServer.StartAsync();

        var types = (await api.SendAsync("GET", "/v1/sources/types")).ShouldBeFine().Json.GetProperty("items");

        types.GetArrayLength().ShouldBe(51);
        types
            .EnumerateArray()
            .Where(type => type.GetProperty("readable").GetBoolean())
            .Select(type => type.GetProperty("type").GetString())
            .ShouldBe(["ingestion_api", "web", "github", "file", "mock_connector"]);
    }

    [Fact]
    public async Task The_catalogue_shows_schemas_and_hides_what_is_hidden()
    {
        await using var api = await ApiServer.StartAsync();

        var list = (await api.SendAsync("GET", "/v1/integrations")).ShouldBeFine().Json.GetProperty("items");
        var github = (await api.SendAsync("GET", "/v1/integrations/github")).ShouldBeFine().Json;

        list.EnumerateArray()
            .Select(item => item.GetProperty("slug").GetString())
            .ShouldBe(["file", "github", "ingestion_api", "web"]);
        github.GetProperty("category").GetString().ShouldBe("development");
        github.GetProperty("config_schema").GetProperty("required")[0].GetString().ShouldBe("repo_owner");
        github
            .GetProperty("credentials_schema")
            .GetProperty("properties")
            .GetProperty("github_access_token")
            .GetProperty("writeOnly")
            .GetBoolean()
            .ShouldBeTrue();
        github.GetProperty("capabilities").GetProperty("incremental").GetBoolean().ShouldBeTrue();
        (await api.SendAsync("GET", "/v1/integrations/none")).Should(HttpStatusCode.NotFound);
    }
}
