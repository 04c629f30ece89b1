using System.Text.Json.Nodes;
using Tributary.Testing;

namespace Tributary.EndToEnd;

public sealed class CommandLineSourcesTests
{
    private const string Created =
        """{"connector_id":12,"credential_id":9,"status":"success","message":"Connector created and indexing scheduled"}""";

    private const string Delete = "DELETE /v1/sources/12";
    private const string Show = "GET /v1/sources/12";
    private const string ShowRun = "GET /v1/runs/5";

    [Fact]
    public async Task Create_sends_config_credentials_and_frequencies()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene.On("POST /v1/sources/create", Created);
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["config.json"], """{"base_url":"https://a.example","max_pages":3}""");

        var result = await CommandLineResult.OfAsync(
            [
                .. "sources create --type web --name Docs --config @config.json --credentials -".Split(' '),
                .. "--set base_url=https://b.example --refresh 30m --prune 7d".Split(' '),
            ],
            scene.Variables,
            input: """{"cookie":"secret"}""",
            workingDirectory: folder.Path
        );

        result.ExitCode.ShouldBe(0);
        result.Out.ShouldBe("Source 12: Connector created and indexing scheduled.\n");
        JsonNode
            .DeepEquals(
                scene.BodyOf("POST /v1/sources/create"),
                JsonNode.Parse(
                    """
                    {"name":"Docs","type":"web","config":{"base_url":"https://b.example","max_pages":3},
                    "credential":{"credentials":{"cookie":"secret"}},"refresh_freq":1800,"prune_freq":604800}
                    """
                )
            )
            .ShouldBeTrue();
        scene.Authorizations.ShouldBe(["Bearer test-token"]);
    }

    [Fact]
    public async Task Create_leaves_frequencies_out_that_were_not_given()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene.On("POST /v1/sources/create", Created);
        await scene.RunAsync("sources", "create", "--type", "web", "--name", "Docs");
        scene.BodyOf("POST /v1/sources/create")["refresh_freq"].ShouldBeNull();
    }

    [Fact]
    public async Task Every_mistake_of_a_refused_source_is_one_line()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene.On(
            "POST /v1/sources/create",
            """
            {"detail":[{"loc":["body","config","base_url"],"msg":"Field required","type":"missing"},
            {"loc":["body","config","pages",0],"msg":"Input should be a valid string","type":"string_type"}]}
            """,
            422
        );
        var result = await scene.RunAsync("sources", "create", "--type", "web", "--name", "Docs");
        result.ExitCode.ShouldBe(1);
        result.Error.ShouldBe(
            "tributary: config.base_url: Field required\ntributary: config.pages.0: Input should be a valid string\n"
        );
    }

    [Fact]
    public async Task Create_and_wait_shows_how_the_first_run_goes_and_ends()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On("POST /v1/sources/create", Created)
            .On(Show, Source("null", "null"))
            .On(Show, Source(Run("queued", phase: "waiting for a free worker"), "null"))
            .On(ShowRun, Run("running", phase: "reading", read: 3))
            .On(ShowRun, Run("succeeded", read: 7));

        var result = await scene.RunAsync("sources", "create", "--type", "web", "--name", "Docs", "--wait");

        result.ExitCode.ShouldBe(0);
        result.Out.ShouldContain("The refresh has ended well in 3s: 7 read, 7 added.");
        result.Error.ShouldBe("waiting for a free worker: 0 read · a.md\nreading: 3 read, 3 added · a.md\n");
    }

    [Fact]
    public async Task A_first_run_that_ended_before_one_looked_is_reported_too()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene.On("POST /v1/sources/create", Created).On(Show, Source("null", Run("succeeded", read: 2)));
        var result = await scene.RunAsync("sources", "create", "--type", "web", "--name", "Docs", "--wait");
        result.ExitCode.ShouldBe(0);
        result.Out.ShouldContain("2 read");
    }

    [Fact]
    public async Task Waiting_with_json_prints_nothing_but_the_source()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene.On("POST /v1/sources/create", Created).On(Show, Source("null", Run("succeeded", read: 2)));
        var result = await scene.RunAsync("sources", "create", "--type", "web", "--name", "D", "--wait", "--json");
        JsonNode.Parse(result.Out)!["last_run"]!["id"]!.GetValue<int>().ShouldBe(5);
    }

    [Fact]
    public async Task A_run_that_failed_ends_with_1_and_its_reason()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On("POST /v1/sources/12/run", Run("queued"))
            .On(
                ShowRun,
                Run("failed", error: """{"kind":"credentials","message":"The token has expired. Make a new one."}""")
            );
        var result = await scene.RunAsync("sources", "run", "12", "--wait");
        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("tributary: The refresh failed: The token has expired. Make a new one.");
    }

    [Fact]
    public async Task A_run_with_failed_documents_succeeds_and_says_where_they_are()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene.On("POST /v1/sources/12/run", Run("queued")).On(ShowRun, Run("succeeded_with_failures", read: 9));
        var result = await scene.RunAsync("sources", "run", "12", "--wait");
        result.ExitCode.ShouldBe(0);
        result.Out.ShouldContain("tributary sources failures 12");
    }

    [Fact]
    public async Task Run_from_the_beginning_asks_for_a_reindex()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene.On("POST /v1/sources/12/run", Run("queued"));
        (await scene.RunAsync("sources", "run", "12", "--from-beginning")).ExitCode.ShouldBe(0);
        scene.BodyOf("POST /v1/sources/12/run").ToJsonString().ShouldBe("""{"from_beginning":true}""");
    }

    [Fact]
    public async Task A_source_is_found_by_its_exact_name()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On(
                "GET /v1/sources",
                """{"items":[{"id":11,"name":"My Docs"},{"id":12,"name":"Docs"}],"next_cursor":null}"""
            )
            .On("POST /v1/sources/12/pause", Source("null", "null"));
        var result = await scene.RunAsync("sources", "pause", "Docs");
        result.Out.ShouldBe("Source 12 is paused.\n");
        scene.Requests[0].ShouldBe("GET /v1/sources?name=Docs&limit=100");
    }

    [Fact]
    public async Task A_name_that_nobody_has_is_refused()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene.On("GET /v1/sources", """{"items":[{"id":11,"name":"My Docs"}],"next_cursor":null}""");
        var result = await scene.RunAsync("sources", "pause", "Docs");
        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("There is no source named \"Docs\"");
    }

    [Fact]
    public async Task A_prune_that_needs_confirmation_stops_and_says_how_to_confirm()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On("POST /v1/sources/12/prune", Run("queued", kind: "prune"))
            .On(
                ShowRun,
                Run(
                    "needs_confirmation",
                    kind: "prune",
                    error: """{"kind":null,"message":"It would delete 80 of 100 documents."}"""
                )
            );
        var result = await scene.RunAsync("sources", "prune", "12", "--wait");
        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("It would delete 80 of 100 documents.");
        result.Error.ShouldContain("tributary sources prune 12 --confirm");
        scene.Requests.ShouldNotContain("POST /v1/sources/12/prune/confirm");
    }

    [Fact]
    public async Task A_confirmed_prune_goes_on_once_it_needs_confirmation()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On(Show, Source("null", "null"))
            .On("POST /v1/sources/12/prune", Run("queued", kind: "prune"))
            .On("POST /v1/sources/12/prune/confirm", Run("running", kind: "prune"))
            .On(ShowRun, Run("needs_confirmation", kind: "prune"))
            .On(ShowRun, Run("running", kind: "prune"))
            .On(ShowRun, Run("succeeded", kind: "prune"));
        var result = await scene.RunAsync("sources", "prune", "12", "--wait", "--confirm");
        result.ExitCode.ShouldBe(0);
        scene.Requests.Count(request => request == "POST /v1/sources/12/prune/confirm").ShouldBe(1);
    }

    [Fact]
    public async Task Confirm_confirms_a_prune_that_waits_already_instead_of_starting_another()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On(Show, Source(Run("needs_confirmation", kind: "prune"), "null"))
            .On("POST /v1/sources/12/prune/confirm", Run("running", kind: "prune"));
        (await scene.RunAsync("sources", "prune", "12", "--confirm")).ExitCode.ShouldBe(0);
        scene.Requests.ShouldNotContain("POST /v1/sources/12/prune");
    }

    [Fact]
    public async Task Delete_waits_until_the_source_is_gone()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On(Delete, Run("queued", kind: "delete"))
            .On(Show, Source(Run("running", kind: "delete"), "null"))
            .On(Show, """{"detail":"There is no source 12."}""", 404);
        var result = await scene.RunAsync("sources", "delete", "12", "--wait");
        result.ExitCode.ShouldBe(0);
        result.Out.ShouldBe("Source 12 is deleted.\n");
    }

    [Fact]
    public async Task A_deletion_that_failed_ends_with_1()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On(Delete, Run("queued", kind: "delete"))
            .On(
                Show,
                Source("null", Run("failed", kind: "delete", error: """{"kind":"bug","message":"Disk full."}"""))
            );
        var result = await scene.RunAsync("sources", "delete", "12", "--wait");
        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("The delete failed: Disk full.");
    }

    [Fact]
    public async Task List_reads_every_page_and_shows_a_table()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On("GET /v1/sources", $$"""{"items":[{{Source("null", Run("succeeded"))}}],"next_cursor":"a/b"}""")
            .On("GET /v1/sources", """{"items":[{"id":13,"name":"Other","type":"file"}],"next_cursor":null}""");
        var result = await scene.RunAsync("sources", "list", "--type", "web");
        result.Rows[0].ShouldBe("ID NAME TYPE STATUS DOCUMENTS FAILURES NOW LAST RUN NEXT REFRESH");
        result.Rows[1].ShouldBe("12 Docs web ACTIVE 7 2 refresh succeeded 2025-01-15 08:00:03Z 2025-01-15 09:00:00Z");
        result.Rows[2].ShouldBe("13 Other file");
        scene.Requests.ShouldBe([
            "GET /v1/sources?type=web&limit=100",
            "GET /v1/sources?type=web&limit=100&after=a%2Fb",
        ]);
    }

    [Fact]
    public async Task A_list_as_json_is_one_listing_of_all_pages()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On("GET /v1/sources", """{"items":[{"id":1}],"next_cursor":"1"}""")
            .On("GET /v1/sources", """{"items":[{"id":2}],"next_cursor":null}""");
        var result = await scene.RunAsync("sources", "list", "--json");
        JsonNode.Parse(result.Out)!.ToJsonString().ShouldBe("""{"items":[{"id":1},{"id":2}],"next_cursor":null}""");
    }

    [Fact]
    public async Task A_limit_is_not_exceeded()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene.On("GET /v1/sources", """{"items":[{"id":1},{"id":2}],"next_cursor":"2"}""");
        await scene.RunAsync("sources", "list", "--limit", "2");
        scene.Requests.ShouldBe(["GET /v1/sources?limit=2"]);
    }

    [Fact]
    public async Task Show_tells_schedule_failures_and_the_last_run()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene.On(Show, Source("null", Run("succeeded", read: 7)));
        var result = await scene.RunAsync("sources", "show", "12");
        result.Out.ShouldContain("every 1h, next 2025-01-15 09:00:00Z");
        result.Out.ShouldContain("2; see 'tributary sources failures 12'");
        result.Out.ShouldContain("The refresh has ended well in 3s: 7 read, 7 added.");
        result.Out.ShouldContain("abcd...wxyz");
    }

    [Fact]
    public async Task Failures_are_listed_with_link_and_reason_and_can_be_retried()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On(
                "GET /v1/sources/12/errors",
                """
                {"items":[{"id":1,"document_id":"a.pdf","document_link":"https://a.example/a.pdf",
                "failure_message":"It needs a password.","is_resolved":false,"time_created":"2025-01-15T08:00:00Z"}],"next_cursor":null}
                """
            )
            .On("POST /v1/sources/12/errors/retry", Run("queued"));
        var listed = await scene.RunAsync("sources", "failures", "12");
        listed.Rows[1].ShouldBe("2025-01-15 08:00:00Z a.pdf https://a.example/a.pdf It needs a password.");
        (await scene.RunAsync("sources", "failures", "12", "--retry")).ExitCode.ShouldBe(0);
    }

    private static string Source(string currentRun, string lastRun) =>
        $$"""
            {"id":12,"uuid":"7c9e6679-7425-40de-944b-e07fc1f90ae7","name":"Docs","type":"web","status":"ACTIVE","documents":7,
            "config":{"base_url":"https://a.example"},"credentials":{"cookie":"abcd...wxyz"},"refresh_freq":3600,"prune_freq":null,
            "schedule":{"refresh_freq":3600,"prune_freq":null,"next_refresh_at":"2025-01-15T09:00:00Z","next_prune_at":null},
            "current_run":{{currentRun}},"last_run":{{lastRun}},"last_error":null,"open_failures":2}
            """;

    private static string Run(
        string status,
        string kind = "refresh",
        string? phase = null,
        int read = 0,
        string error = "null"
    ) =>
        $$"""
            {"id":5,"source_id":12,"kind":"{{kind}}","status":"{{status}}","phase":{{(
                phase is null ? "null" : $"\"{phase}\""
            )}},
            "current_item":"a.md","waiting_until":null,"started_at":"2025-01-15T08:00:00Z","finished_at":"2025-01-15T08:00:03Z",
            "counts":{"read":{{read}},"added":{{read}},"updated":0,"unchanged":0,"deleted":0,"failed":0,"skipped":0,"chunks":0},
            "error":{{error}}}
            """;
}
