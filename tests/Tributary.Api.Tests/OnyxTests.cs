using System.Net;
using System.Text;
using System.Text.Json;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;

namespace Tributary.Api.Tests;

/// <summary>Onyx's management endpoints, with and without the prefix that its proxy adds.</summary>
public class OnyxTests
{
    private static async Task<JsonElement> GetAsync(ApiServer api, string path) =>
        (await api.SendAsync("GET", path)).ShouldBeFine().Json;

    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task Connectors_are_listed_with_their_credentials_masked(string prefix)
    {
        await using var api = await ApiServer.StartAsync();
        var id = await SourceTests.CreateAsync(api);
        var credential = api.Engine.Connectors[id].CredentialId;

        var connector = (await GetAsync(api, $"{prefix}/manage/admin/connector"))[0];
        connector.GetProperty("source").GetString().ShouldBe("web");
        connector.GetProperty("input_type").GetString().ShouldBe("load_state");
        connector.GetProperty("credential_ids")[0].GetInt64().ShouldBe(credential);
        (await GetAsync(api, $"{prefix}/manage/connector/{id}")).GetProperty("id").GetInt64().ShouldBe(id);
        var snapshot = await GetAsync(api, $"{prefix}/manage/credential/{credential}");
        snapshot.GetProperty("credential_json").GetProperty("a_token").GetString().ShouldBe("••••••••••••");
        (await GetAsync(api, $"{prefix}/manage/admin/similar-credentials/file")).GetArrayLength().ShouldBe(0);
        (await GetAsync(api, $"{prefix}/manage/admin/connector/status"))[0]
            .GetProperty("cc_pair_id")
            .GetInt64()
            .ShouldBe(id);
    }

    [Fact]
    public async Task What_does_not_exist_is_told_in_Onyxs_words()
    {
        await using var api = await ApiServer.StartAsync();

        var connector = await api.SendAsync("GET", "/manage/connector/9");
        connector.Should(HttpStatusCode.NotFound).Detail.ShouldBe("Connector 9 does not exist");
        var deletion = await api.SendAsync(
            "POST",
            "/manage/admin/deletion-attempt",
            """{"connector_id":9,"credential_id":9}"""
        );
        deletion
            .Should(HttpStatusCode.NotFound)
            .Detail.ShouldBe("Connector with ID '9' does not exist. Has it already been deleted?");
        (await api.SendAsync("GET", "/manage/admin/cc-pair/9")).Should(HttpStatusCode.NotFound);
        (await api.SendAsync("POST", "/manage/admin/cc-pair/9/prune")).Should(HttpStatusCode.BadRequest);
        (await api.SendAsync("GET", "/manage/credential/9")).Should(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Readers_have_only_what_users_have()
    {
        await using var api = await ApiServer.StartAsync();

        (await api.SendAsync("GET", "/manage/admin/connector", json: null, "reader-token")).Should(
            HttpStatusCode.Forbidden
        );
        (await api.SendAsync("GET", "/manage/connector-status", json: null, "reader-token")).ShouldBeFine();
        (await api.SendAsync("GET", "/manage/indexed-sources", json: null, "reader-token")).ShouldBeFine();
    }

    [Fact]
    public async Task A_connector_is_created_replaced_run_and_deleted()
    {
        await using var api = await ApiServer.StartAsync();
        const string Body =
            """{"name":"Site","source":"web","input_type":"load_state","connector_specific_config":{"base_url":"https://a.example"},"refresh_freq":3600,"access_type":"public"}""";

        var created = (
            await api.SendAsync("POST", "/manage/admin/connector-with-mock-credential", Body)
        ).ShouldBeFine();
        created.Json.GetProperty("success").GetBoolean().ShouldBeTrue();
        var id = created.Json.GetProperty("data").GetInt64();
        var replaced = (
            await api.SendAsync("PATCH", $"/manage/admin/connector/{id}", Body.Replace("a.example", "b.example"))
        ).ShouldBeFine();
        replaced.Json.GetProperty("prune_freq").GetInt64().ShouldBe(604_800);
        var run = (
            await api.SendAsync(
                "POST",
                "/manage/admin/connector/run-once",
                $$"""{"connector_id":{{id}},"from_beginning":true}"""
            )
        ).ShouldBeFine();
        run.Json.GetProperty("message").GetString().ShouldBe("Marked 1 index attempts with indexing triggers.");
        api.Engine.Runs.Values.ShouldContain(known => known.Kind == RunKind.Reindex);
        var foreign = await api.SendAsync(
            "POST",
            "/manage/admin/connector/run-once",
            $$"""{"connector_id":{{id}},"credential_ids":[5]}"""
        );
        foreign.Should(HttpStatusCode.BadRequest);
        var credential = api.Engine.Connectors[id].CredentialId;
        var deletion = await api.SendAsync(
            "POST",
            "/manage/admin/deletion-attempt",
            $$"""{"connector_id":{{id}},"credential_id":{{credential}}}"""
        );
        deletion.ShouldBeFine().Text.ShouldBe("null");
        api.Engine.Connectors.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_running_connector_is_not_triggered_again()
    {
        await using var api = await ApiServer.StartAsync();
        var id = await SourceTests.CreateAsync(api);
        api.Engine.AddRun(id, RunKind.Refresh, RunState.Running);

        var answer = await api.SendAsync("POST", "/manage/admin/connector/run-once", $$"""{"connector_id":{{id}}}""");

        answer.ShouldBeFine().Json.GetProperty("data").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task A_pair_is_looked_at_paused_renamed_and_retimed()
    {
        await using var api = await ApiServer.StartAsync();
        var id = await SourceTests.CreateAsync(api);
        var pair = $"/manage/admin/cc-pair/{id}";
        api.Time.Advance(TimeSpan.FromMinutes(2));

        var info = await GetAsync(api, pair);
        info.GetProperty("status").GetString().ShouldBe("ACTIVE");
        info.GetProperty("last_index_attempt_status").GetString().ShouldBe("success");
        info.GetProperty("overall_indexing_speed").GetDouble().ShouldBe(0.5);
        info.GetProperty("latest_deletion_attempt").ValueKind.ShouldBe(JsonValueKind.Null);
        var paused = await api.SendAsync("PUT", $"{pair}/status", """{"status":"PAUSED"}""");
        paused.ShouldBeFine().Text.ShouldBe("""{"message":"200"}""");
        api.Engine.Connectors[id].Status.ShouldBe(ConnectorStatus.Paused);
        (await api.SendAsync("PUT", $"{pair}/name?new_name=Other")).ShouldBeFine();
        api.Engine.Connectors[id].Name.ShouldBe("Other");
        (await Property("refresh_frequency", "3600")).ShouldBeFine();
        (await Property("pruning_frequency", "300")).ShouldBeFine();
        (api.Engine.Connectors[id].RefreshFreq, api.Engine.Connectors[id].PruneFreq).ShouldBe((3600, 300));
        (await Property("refresh_frequency", "59")).Should(HttpStatusCode.BadRequest);
        (await Property("pruning_frequency", "x")).Should(HttpStatusCode.BadRequest);
        (await Property("colour", "300")).Should(HttpStatusCode.BadRequest);
        (await api.SendAsync("GET", $"{pair}/last_pruned")).ShouldBeFine().Text.ShouldBe("null");

        Task<Answer> Property(string name, string value) =>
            api.SendAsync("PUT", $"{pair}/property", $$"""{"name":"{{name}}","value":"{{value}}"}""");
    }

    [Fact]
    public async Task A_second_prune_is_refused_while_one_goes_on()
    {
        await using var api = await ApiServer.StartAsync();
        var id = await SourceTests.CreateAsync(api);

        (await api.SendAsync("POST", $"/manage/admin/cc-pair/{id}/prune")).ShouldBeFine();
        var second = await api.SendAsync("POST", $"/manage/admin/cc-pair/{id}/prune");

        second.Should(HttpStatusCode.Conflict).Detail.ShouldBe("Pruning task already in progress.");
    }

    [Fact]
    public async Task Failed_documents_of_all_pairs_are_listed_for_a_time()
    {
        await using var api = await ApiServer.StartAsync();
        var id = await SourceTests.CreateAsync(api);
        var now = api.Time.GetUtcNow();
        for (var n = 0; n < 40; n++)
        {
            var at = now.AddDays(n - 39);
            api.Engine.Failures[1000 + n] = new(1000 + n, id, 1, $"d{n}", null, "broken", 1, at, at, null);
        }

        var month = await GetAsync(api, "/manage/admin/indexing/failed-documents?page_size=5&page_num=1");
        month.GetProperty("total_items").GetInt64().ShouldBe(31);
        month.GetProperty("items")[0].GetProperty("document_id").GetString().ShouldBe("d34");
        var early = await GetAsync(
            api,
            $"/manage/admin/indexing/failed-documents?start_time={now.AddDays(-39):yyyy-MM-dd}&end_time={now.AddDays(-38):yyyy-MM-ddTHH:mm:ssZ}"
        );
        early.GetProperty("total_items").GetInt64().ShouldBe(2);
        var pair = await GetAsync(api, $"/manage/admin/cc-pair/{id}/errors?page_size=1");
        pair.GetProperty("total_items").GetInt64().ShouldBe(40);
    }

    [Fact]
    public async Task How_pairs_stand_is_told_by_type_and_page()
    {
        await using var api = await ApiServer.StartAsync();
        for (var n = 0; n < 12; n++)
        {
            await SourceTests.CreateAsync(api, $"w{n}");
        }

        await SourceTests.CreateAsync(api, "p", "ingestion_api");

        var answer = await api.SendAsync(
            "POST",
            "/manage/admin/connector/indexing-status",
            """{"source_to_page":{"web":2},"docs_count_operator":">","docs_count_value":0}"""
        );

        var web = answer.ShouldBeFine().Json.EnumerateArray().ShouldHaveSingleItem();
        web.GetProperty("source").GetString().ShouldBe("web");
        web.GetProperty("summary").GetProperty("total_connectors").GetInt32().ShouldBe(12);
        (web.GetProperty("current_page").GetInt32(), web.GetProperty("total_pages").GetInt32()).ShouldBe((2, 2));
        web.GetProperty("indexing_statuses").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task Files_are_uploaded_listed_and_exchanged()
    {
        await using var api = await ApiServer.StartAsync();
        var first = (await UploadAsync("/manage/admin/connector/file/upload", [], "a.md", "b.md")).ShouldBeFine().Json;
        var paths = first.GetProperty("file_paths").EnumerateArray().Select(path => path.GetString()!).ToList();
        var created = await api.SendAsync(
            "POST",
            "/v1/sources/create",
            $$"""{"name":"F","type":"file","config":{"file_locations":["{{paths[0]}}","{{paths[1]}}"]},"credential":{"credentials":{} } }"""
        );
        var id = created.ShouldBeFine().Json.GetProperty("connector_id").GetInt64();

        (await GetAsync(api, $"/manage/admin/connector/{id}/files"))
            .GetProperty("files")
            .EnumerateArray()
            .Select(file => file.GetProperty("file_name").GetString())
            .ShouldBe(["a.md", "b.md"]);
        var update = await UploadAsync($"/manage/admin/connector/{id}/files/update", [paths[0]], "c.md");
        update
            .ShouldBeFine()
            .Json.GetProperty("file_names")
            .EnumerateArray()
            .Select(name => name.GetString())
            .ShouldBe(["b.md", "c.md"]);
        api.Engine.Connectors[id].Config.GetProperty("file_locations")[0].GetString().ShouldBe(paths[1]);
        (await UploadAsync("/v1/files", [])).Should(HttpStatusCode.UnprocessableEntity);

        async Task<Answer> UploadAsync(string path, string[] remove, params string[] names)
        {
            using var form = new MultipartFormDataContent
            {
                { new StringContent(JsonSerializer.Serialize(remove)), "file_ids_to_remove" },
            };
            foreach (var name in names)
            {
                form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(name)), "files", name);
            }

            return await api.SendAsync("POST", path, form);
        }
    }

    [Fact]
    public async Task Uploads_are_listed_and_deleted()
    {
        await using var api = await ApiServer.StartAsync();
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent([1, 2, 3]), "files", "../ü\u202e/naïve.bin" },
        };
        var upload = (await api.SendAsync("POST", "/v1/files", form)).ShouldBeFine().Json;
        var file = upload.GetProperty("files")[0];
        file.GetProperty("name").GetString().ShouldBe("naïve.bin");
        file.GetProperty("size").GetInt64().ShouldBe(3);
        var id = file.GetProperty("id").GetString();

        (await GetAsync(api, "/v1/files")).GetProperty("items").GetArrayLength().ShouldBe(1);
        (await GetAsync(api, $"/v1/files/{id}")).GetProperty("sha256").GetString()!.Length.ShouldBe(64);
        (await api.SendAsync("DELETE", $"/v1/files/{id}")).ShouldBeFine();
        (await api.SendAsync("GET", $"/v1/files/{id}")).Should(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Document_sets_are_collections()
    {
        await using var api = await ApiServer.StartAsync();
        var source = await SourceTests.CreateAsync(api);

        var made = await api.SendAsync(
            "POST",
            "/manage/admin/document-set",
            $$"""{"name":"S","description":"d","cc_pair_ids":[{{source}}],"is_public":true}"""
        );
        var id = long.Parse(made.ShouldBeFine().Text);
        var set = (await GetAsync(api, "/manage/document-set"))[0];
        set.GetProperty("cc_pair_descriptors")[0].GetProperty("id").GetInt64().ShouldBe(source);
        set.GetProperty("is_up_to_date").GetBoolean().ShouldBeTrue();
        var change = await api.SendAsync("PATCH", "/manage/admin/document-set", $$"""{"id":{{id}},"cc_pair_ids":[]}""");
        change.ShouldBeFine();
        api.Engine.Collections[id].Connectors.ShouldBeEmpty();
        (await api.SendAsync("DELETE", $"/manage/admin/document-set/{id}")).ShouldBeFine();
        (await GetAsync(api, "/v1/collections")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Keys_are_shown_once_and_end_when_they_are_deleted()
    {
        await using var api = await ApiServer.StartAsync();
        const string Admin = "admin-token";
        var made = (await api.SendAsync("POST", "/admin/api-key", """{"name":"robot","role":"curator"}""", Admin))
            .ShouldBeFine()
            .Json;
        var secret = made.GetProperty("api_key").GetString()!;
        var id = made.GetProperty("api_key_id").GetInt64();

        (await api.SendAsync("GET", "/v1/me", json: null, secret)).ShouldBeFine();
        var listed = (await api.SendAsync("GET", "/admin/api-key", json: null, Admin)).ShouldBeFine();
        listed.Text.ShouldNotContain(secret);
        listed.Json[0].GetProperty("api_key_role").GetString().ShouldBe("curator");
        var changed = await api.SendAsync("PATCH", $"/admin/api-key/{id}", """{"role":"basic"}""", Admin);
        changed.ShouldBeFine().Json.GetProperty("api_key_role").GetString().ShouldBe("basic");
        (await api.SendAsync("PATCH", $"/admin/api-key/{id}", """{"role":"king"}""", Admin)).Mistakes.ShouldBe([
            "body.role:enum",
        ]);
        (await api.SendAsync("POST", $"/admin/api-key/{id}/regenerate", json: null, Admin)).ShouldBeFine();
        (await api.SendAsync("DELETE", $"/admin/api-key/{id}", json: null, Admin)).ShouldBeFine();
        (await api.SendAsync("DELETE", $"/admin/api-key/{id}", json: null, Admin)).Should(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Tokens_people_workspaces_and_the_audit_log_are_for_admins()
    {
        await using var api = await ApiServer.StartAsync();
        api.Engine.Audit.Enqueue(new(5, api.Time.GetUtcNow(), "ada", "connector.create", "connector 1", null));
        const string Admin = "admin-token";

        var token = await api.SendAsync("POST", "/v1/tokens", """{"name":"t","role":"editor"}""", Admin);
        token.ShouldBeFine().Json.GetProperty("token").GetString().ShouldNotBeNullOrEmpty();
        var past = await api.SendAsync(
            "POST",
            "/v1/tokens",
            """{"name":"t","role":"editor","expires_at":"2001-01-01"}""",
            Admin
        );
        past.Mistakes.ShouldBe(["body.expires_at:value_error"]);
        (await api.SendAsync("GET", "/v1/tokens", json: null, Admin)).ShouldBeFine();
        (await api.SendAsync("POST", "/v1/users", """{"email":"x","password":"short"}""", Admin)).Mistakes.ShouldBe([
            "body.email:string_pattern_mismatch",
            "body.password:string_too_short",
        ]);
        (
            await api.SendAsync("POST", "/v1/users", """{"email":"x@y","password":"long enough"}""", Admin)
        ).ShouldBeFine();
        (await api.SendAsync("GET", "/v1/users", json: null, Admin)).ShouldBeFine();
        (await api.SendAsync("POST", "/v1/workspaces", """{"name":"W","admin_email":"x@y"}""", Admin)).ShouldBeFine();
        var audit = (await api.SendAsync("GET", "/v1/audit", json: null, Admin)).ShouldBeFine().Json;
        audit.GetProperty("items")[0].GetProperty("action").GetString().ShouldBe("connector.create");
        foreach (var path in (string[])["/v1/audit", "/v1/tokens", "/admin/api-key"])
        {
            (await api.SendAsync("GET", path)).Should(HttpStatusCode.Forbidden);
        }
    }
}
