using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Tributary.Cli;

namespace Tributary.EndToEnd;

public sealed class CommandLineClientTests
{
    [Fact]
    public async Task Nobody_at_the_address_ends_with_3()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var result = await CommandLineResult.OfAsync(["sources", "list", "--server", $"http://127.0.0.1:{port}"]);
        result.ExitCode.ShouldBe(3);
        result.Error.ShouldContain($"No server answers at http://127.0.0.1:{port}/");
    }

    [Theory]
    [InlineData(401, 4, "does not know this token")]
    [InlineData(403, 4, "This needs the role admin")]
    [InlineData(409, 1, "This needs the role admin")]
    [InlineData(500, 1, "This needs the role admin")]
    public async Task A_refusal_ends_with_its_own_exit_code(int status, int exitCode, string complaint)
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene.On("GET /v1/tokens", """{"detail":"This needs the role admin"}""", status);
        var result = await scene.RunAsync("tokens", "list");
        result.ExitCode.ShouldBe(exitCode);
        result.Error.ShouldContain(complaint);
    }

    [Fact]
    public async Task A_server_that_wants_a_token_is_told_how_to_give_one()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene.Variables.Remove(ClientOptions.TokenVariable);
        scene.On("GET /v1/sources", """{"detail":"Unauthorized"}""", 401);
        var result = await scene.RunAsync("sources", "list");
        result.ExitCode.ShouldBe(4);
        result.Error.ShouldContain("TRIBUTARY_TOKEN");
        scene.Authorizations.ShouldBe([""]);
    }

    [Fact]
    public async Task Options_win_over_the_environment()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene.On("GET /v1/sources", """{"items":[],"next_cursor":null}""");
        scene.Variables[ClientOptions.ServerVariable] = "http://127.0.0.1:1";
        var result = await scene.RunAsync("sources", "list", "--server", scene.Address, "--token", "other");
        result.ExitCode.ShouldBe(0);
        result.Out.ShouldContain("There are no sources.");
        scene.Authorizations.ShouldBe(["Bearer other"]);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_with_the_token()
    {
        await using var other = await CommandLineScene.StartAsync();
        await using var scene = await CommandLineScene.StartAsync();
        scene.On("GET /v1/sources", "", 307);
        (await scene.RunAsync("sources", "list")).ExitCode.ShouldBe(1);
        other.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_no_tributary_server_is_told_apart()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene.On("GET /v1/sources", "<html>");
        var result = await scene.RunAsync("sources", "list");
        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("no Tributary server");
    }

    [Fact]
    public async Task Search_sends_words_and_filters_and_shows_hits()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On("GET /v1/collections", """{"items":[{"id":4,"name":"Handbook"}],"next_cursor":null}""")
            .On(
                "POST /v1/search",
                """
                {"answer":"x","citations":[{"document_id":"a","semantic_identifier":"Days [off]","blurb":"blurb",
                "link":"https://a.example/days","score":0.834,"match_highlights":["take <hi>vacation</hi> </hi>soon"],"source_type":"web"},
                {"document_id":"b","semantic_identifier":"B","blurb":"only a blurb","link":null,"score":null,"match_highlights":[],"source_type":"file"}]}
                """
            );
        var result = await scene.RunAsync([
            .. "search vacation policy --collection Handbook --source 12 --type web --limit 3".Split(' '),
        ]);
        result.Out.ShouldBe(
            """
            1. Days [off]  web 0.83
               https://a.example/days
               take vacation soon
            2. B  file 
               only a blurb

            """
        );
        scene
            .BodyOf("POST /v1/search")
            .ToJsonString()
            .ShouldBe(
                """{"query":"vacation policy","limit":3,"filters":{"source_type":["web"],"source_ids":[12],"collection_ids":[4]}}"""
            );
    }

    [Fact]
    public async Task Titles_of_others_do_not_steer_the_terminal()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene.On(
            "POST /v1/search",
            """{"citations":[{"semantic_identifier":"a\u001b[31mred\u0007\u202e","link":"x\ny","match_highlights":["\u009b2J"]}]}"""
        );
        var result = await scene.RunAsync("search", "a");
        result.Out.Where(character => char.IsControl(character) && character != '\n').ShouldBeEmpty();
        result.Out.ShouldNotContain("\u202e");
    }

    [Fact]
    public async Task Collections_are_made_of_sources_by_name_or_id()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On("GET /v1/sources", """{"items":[{"id":12,"name":"Docs"}],"next_cursor":null}""")
            .On("POST /v1/collections/create", """{"id":4,"name":"Handbook","sources":[]}""")
            .On("DELETE /v1/collections/4", "null");
        var created = await scene.RunAsync([
            .. "collections create --name Handbook --source Docs --source 14".Split(' '),
        ]);
        created.Out.ShouldBe("Collection 4 is made.\n");
        scene
            .BodyOf("POST /v1/collections/create")
            .ToJsonString()
            .ShouldBe("""{"name":"Handbook","sources":[12,14]}""");
        (await scene.RunAsync("collections", "delete", "4")).Out.ShouldBe("Collection 4 is deleted.\n");
    }

    [Fact]
    public async Task An_integration_is_shown_with_what_it_wants_to_know()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene.On(
            "GET /v1/integrations/web",
            """
            {"slug":"web","name":"Web","description":"Web sites.","config_schema":{"type":"object","required":["base_url"],"properties":{
            "base_url":{"type":"string","description":"Where to start."},"tags":{"type":["array","null"],"items":{"type":"string"}},
            "mode":{"enum":["a","b"],"default":"a","description":"How."}}},"credentials_schema":{"type":"object","properties":{}}}
            """
        );
        var result = await scene.RunAsync("integrations", "show", "web");
        result.Rows.ShouldContain("base_url string required Where to start.");
        result.Rows.ShouldContain("tags list of string");
        result.Rows.ShouldContain("mode a|b = a How.");
        result.Rows.ShouldContain("Credentials (--credentials): none.");
    }

    [Fact]
    public async Task A_new_token_stands_alone_on_standard_output()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene.On("POST /v1/tokens", """{"id":7,"name":"dash","display":"s3cr...cr3t","token":"s3cr3t"}""");
        var result = await scene.RunAsync("tokens", "create", "--name", "dash", "--role", "editor");
        result.Out.ShouldBe("s3cr3t\n");
        JsonNode
            .DeepEquals(
                scene.BodyOf("POST /v1/tokens"),
                JsonNode.Parse("""{"name":"dash","role":"editor","expires_at":null}""")
            )
            .ShouldBeTrue();
    }

    [Fact]
    public async Task Tokens_are_listed_and_revoked()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On(
                "GET /v1/tokens",
                """{"items":[{"id":7,"name":"dash","display":"abcd...wxyz","role":"reader","created_at":"2025-01-15T08:00:00Z"}]}"""
            )
            .On("DELETE /v1/tokens/7", "");
        (await scene.RunAsync("tokens", "list"))
            .Rows[1]
            .ShouldBe("7 dash abcd...wxyz reader 2025-01-15 08:00:00Z never never");
        (await scene.RunAsync("tokens", "revoke", "7")).Out.ShouldBe("Token 7 is revoked.\n");
    }

    [Fact]
    public async Task A_person_who_interrupts_ends_the_waiting()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On("POST /v1/sources/12/run", """{"id":5,"kind":"refresh","status":"running"}""")
            .On("GET /v1/runs/5", """{"id":5,"kind":"refresh","status":"running"}""");
        using var interrupt = new CancellationTokenSource();
        var waiting = CommandLineResult.OfAsync(
            ["sources", "run", "12", "--wait"],
            scene.Variables,
            cancellationToken: interrupt.Token
        );
        while (!scene.Requests.Contains("GET /v1/runs/5"))
        {
            await Task.Yield();
        }

        await interrupt.CancelAsync();
        (await waiting).ExitCode.ShouldBe(130);
    }
}
