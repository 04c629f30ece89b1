using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Engine.Custom;
using Tributary.Sdk;
using Tributary.Testing;

namespace Tributary.Api.Tests.Custom;

/// <summary>Servers that are wrong, slow, endless or gone harm nobody else.</summary>
public class HostileServerTests
{
    private const string Manifest =
        """{"name":"Hostile","description":"","connector":{"config":{"jsonSchema":{}}},"actions":{"do":{"config":{"jsonSchema":{}}}},"autocompletes":{"cities":{"params":{"jsonSchema":{}}}},"extractors":{"rows":{"mode":{"kind":"fetch"},"config":{"jsonSchema":{}}}}}""";

    [Theory]
    [InlineData("""[]""", "should be a JSON object")]
    [InlineData("""{}""", "name: Field required")]
    [InlineData("""not json""", "no JSON")]
    [InlineData(
        """{"name":"X","connector":{"rateLimit":{"unit":"week","max":1}}}""",
        "connector.rateLimit: Should be like"
    )]
    [InlineData("""{"name":"X","actions":{"a b":{}}}""", "actions.a b: A slug has")]
    [InlineData("""{"name":"X","extractors":{"r":{}}}""", "extractors.r.mode: Should be an object")]
    [InlineData(
        """{"name":"X","extractors":{"r":{"mode":{"kind":"push"}}}}""",
        "extractors.r.mode.kind: Should be one of fetch, ingest"
    )]
    [InlineData(
        """{"name":"X","connector":{"config":{"jsonSchema":"x"}}}""",
        "connector.config.jsonSchema: Should be a JSON Schema"
    )]
    [InlineData("""{"name":"half \ud800"}""", "surrogate")]
    public async Task A_wrong_manifest_is_refused_with_what_is_wrong(string manifest, string expected)
    {
        await using var server = await LoopbackServer.StartAsync(http => http.Response.WriteAsync(manifest));
        await using var scene = await CustomScene.StartAsync();

        var answer = await RegisterAsync(scene, server.BaseUri.ToString());

        answer.Should(HttpStatusCode.BadRequest);
        answer.Json.GetProperty("errorMessage").GetString()!.ShouldContain(expected);
        (await scene.SendAsync("GET", "customIntegrations/list"))
            .ShouldBeFine()
            .Json.GetProperty("customIntegrations")
            .GetArrayLength()
            .ShouldBe(0);
    }

    [Theory]
    [InlineData("http://192.168.1.1/")]
    [InlineData("http://169.254.169.254/latest")]
    [InlineData("http://[::1]/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://user:pass@127.0.0.1/")]
    [InlineData("nonsense")]
    public async Task Addresses_that_nobody_should_reach_are_refused(string baseUrl)
    {
        await using var scene = await CustomScene.StartAsync();

        (await RegisterAsync(scene, baseUrl)).Should(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("""[]""", "should be an object")]
    [InlineData("""{"outcome":"done"}""", "outcome is 'done'")]
    [InlineData("""{"outcome":"fetched","kind":"record","records":[]}""", "columns should be an array")]
    [InlineData(
        """{"outcome":"fetched","columns":[],"idColumnSlug":"id","records":[]}""",
        "idColumnSlug names no column"
    )]
    [InlineData(
        """{"outcome":"fetched","columns":[{"slug":"id","type":"text"}],"idColumnSlug":"id","records":[]}""",
        "columns[0].type"
    )]
    [InlineData(
        """{"outcome":"fetched","columns":[{"slug":"id"},{"slug":"id"}],"idColumnSlug":"id","records":[]}""",
        "there twice"
    )]
    [InlineData(
        """{"outcome":"fetched","columns":[{"slug":"id"}],"idColumnSlug":"id","records":[{"record":{}}]}""",
        "records[0].record.id"
    )]
    [InlineData(
        """{"outcome":"fetched","columns":[{"slug":"id"},{"slug":"n","type":"number"}],"idColumnSlug":"id","records":[{"record":{"id":1,"n":"x"}}]}""",
        "should be of type number"
    )]
    [InlineData(
        """{"outcome":"fetched","columns":[{"slug":"id"}],"idColumnSlug":"id","records":[],"hasMore":true}""",
        "would never end"
    )]
    [InlineData("""{"outcome":"fetched","kind":"query","query":"SELECT 1"}""", "a query was sent")]
    public async Task A_page_against_the_contract_ends_in_words(string page, string expected)
    {
        await using var server = await ServerAsync(http => http.Response.WriteAsync(page));
        await using var scene = await CustomScene.StartAsync();
        var (client, call) = await ExtractorAsync(scene, server);

        var failure = await Should.ThrowAsync<SourceException>(() =>
            client.FetchAsync(call, null, isDry: false, CancellationToken.None)
        );

        failure.Kind.ShouldBe(FailureKind.Source);
        failure.Message.ShouldContain(expected);
    }

    [Fact]
    public async Task Nested_results_of_older_generations_are_read_too()
    {
        await using var server = await ServerAsync(http =>
            http.Response.WriteAsync(
                """{"outcome":"fetched","columns":[{"slug":"id","type":"string","label":"Id"}],"idColumnSlug":"id","titleColumnSlug":"id","data":{"kind":"records","records":[{"action":"upsert","override":false,"record":{"id":"1"}},{"action":"remove","override":true,"record":{"id":"2"}}],"hasMore":true,"meta":{"p":2}}}"""
            )
        );
        await using var scene = await CustomScene.StartAsync();
        var (client, call) = await ExtractorAsync(scene, server);

        var page = await client.FetchAsync(call, null, isDry: false, CancellationToken.None);

        page.HasMore.ShouldBeTrue();
        page.Meta!.Value.GetProperty("p").GetInt32().ShouldBe(2);
        page.Records.Select(record => (record.IsRemoved, record.Overrides)).ShouldBe([(false, false), (true, true)]);
    }

    [Fact]
    public async Task The_first_generations_server_is_called_at_its_own_paths()
    {
        await using var server = await LoopbackServer.StartAsync(async http =>
        {
            var path = http.Request.Path.Value;
            http.Response.StatusCode = path is "/manifest" or "/model/execute" or "/model/count" ? 200 : 404;
            await http.Response.WriteAsync(
                path switch
                {
                    "/manifest" =>
                        """{"name":"Old","connector":{"config":{"jsonSchema":{}}},"model":{"slug":{"jsonSchema":{"enum":["people","firms"]}},"variants":[{"condition":{"slugs":["firms"]},"config":{"jsonSchema":{}},"mode":{"kind":"fetch","isIncremental":true},"preview":"none"},{"config":{"jsonSchema":{}},"preview":"count"}]},"autocompletes":[{"slug":"x","params":{"jsonSchema":{}}}]}""",
                    "/model/count" => """{"count":7}""",
                    "/model/execute" =>
                        """{"outcome":"fetched","columns":[{"slug":"id"}],"idColumnSlug":"id","data":{"kind":"records","records":[{"record":{"id":1}}],"hasMore":false}}""",
                    _ => """{"errorMessage":"Not found"}""",
                }
            );
        });
        await using var scene = await CustomScene.StartAsync();
        await scene.AddAsync(server.BaseUri.ToString());
        var connector = await CustomIntegrationTests.ConnectorAsync(scene, await scene.ConnectAsync("old", "{}"));
        var client = (IExtractorClient)scene.Api.Services.GetService(typeof(IExtractorClient))!;
        var call = new ExtractorCall(connector, "people", Guid.NewGuid(), JsonElement.Parse("{}"));

        (await client.FetchAsync(call, null, false, CancellationToken.None)).Records.Count.ShouldBe(1);
        (await client.CountAsync(call, CancellationToken.None)).ShouldBe(7);
        server.Requests.ShouldContain("POST /model/fetch");
        server.Requests.ShouldContain("POST /model/execute");
    }

    [Fact]
    public async Task A_body_beyond_the_cap_is_cut_off()
    {
        await using var server = await ServerAsync(async http =>
        {
            var block = new byte[1 << 20];
            Array.Fill(block, (byte)' ');
            for (var i = 0; i < 100; i++)
            {
                await http.Response.Body.WriteAsync(block);
            }
        });
        await using var scene = await CustomScene.StartAsync();
        var (client, call) = await ExtractorAsync(scene, server);

        var failure = await Should.ThrowAsync<SourceException>(() =>
            client.FetchAsync(call, null, false, CancellationToken.None)
        );

        failure.Message.ShouldContain("too long");
    }

    [Fact]
    public async Task A_server_that_dies_in_the_middle_of_its_answer_is_a_passing_failure()
    {
        await using var server = await ServerAsync(async http =>
        {
            http.Response.ContentLength = 1_000;
            await http.Response.WriteAsync("{");
            await http.Response.Body.FlushAsync();
            http.Abort();
        });
        await using var scene = await CustomScene.StartAsync();
        var (client, call) = await ExtractorAsync(scene, server);

        var failure = await Should.ThrowAsync<SourceException>(() =>
            client.FetchAsync(call, null, false, CancellationToken.None)
        );

        failure.Kind.ShouldBe(FailureKind.Transient);
    }

    [Fact, Trait("Category", "Slow")]
    public async Task A_server_that_never_ends_its_answer_is_given_up_and_holds_nobody_else_up()
    {
        await using var slow = await ServerAsync(async http =>
        {
            await http.Response.WriteAsync("{");
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.WriteAsync(" ", http.RequestAborted);
                await Task.Delay(20, http.RequestAborted);
            }
        });
        using var quick = await NodeIntegration.StartAsync();
        await using var scene = await CustomScene.StartAsync(answerSeconds: 2);
        var (client, call) = await ExtractorAsync(scene, slow);
        await scene.AddAsync(quick.Address);
        var other = await scene.ConnectAsync("example_shop", """{"apiKey":"abc"}""", slug: "c2");

        var hanging = Should.ThrowAsync<SourceException>(() =>
            client.FetchAsync(call, null, false, CancellationToken.None)
        );
        (
            await scene.SendAsync("POST", $"connectors/{other}/actions/greet", """{"config":{"name":"A"}}""")
        ).ShouldBeFine();

        (await hanging).Message.ShouldContain("not finished its answer");
    }

    [Theory]
    [InlineData(500, """{"errorMessage":"Internal Server Error"}""", "Internal Server Error")]
    [InlineData(302, "", "302")]
    [InlineData(200, """{"outcome":"finished"}""", "outcome should be executed")]
    [InlineData(200, """{"outcome":"executed","data":[]}""", "data should be an object")]
    [InlineData(200, "<html>", "no JSON")]
    public async Task An_action_that_fails_says_why_and_is_our_callers_to_see(int status, string body, string expected)
    {
        await using var server = await ServerAsync(async http =>
        {
            http.Response.StatusCode = status;
            await http.Response.WriteAsync(body);
        });
        await using var scene = await CustomScene.StartAsync();
        await scene.AddAsync(server.BaseUri.ToString());
        var connector = await scene.ConnectAsync("hostile", "{}");

        var answer = await scene.SendAsync("POST", $"connectors/{connector}/actions/do", "{}");

        answer.Should(HttpStatusCode.BadRequest);
        answer.Json.GetProperty("reason").GetString().ShouldBe("failedToExecuteAction");
        answer.Json.GetProperty("errorMessage").GetString()!.ShouldContain(expected);
        scene.Api.Errors.Entries.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(503, "", "503")]
    [InlineData(200, """{"results":"none"}""", "results should be an array")]
    public async Task A_look_up_that_fails_says_why_and_is_our_callers_to_see(int status, string body, string expected)
    {
        await using var server = await ServerAsync(async http =>
        {
            http.Response.StatusCode = status;
            await http.Response.WriteAsync(body);
        });
        await using var scene = await CustomScene.StartAsync();
        await scene.AddAsync(server.BaseUri.ToString());
        var connector = await scene.ConnectAsync("hostile", "{}");

        var answer = await scene.SendAsync(
            "POST",
            $"connectors/{connector}/autocomplete",
            """{"slug":"cities","params":{}}"""
        );

        answer.Should(HttpStatusCode.BadRequest);
        answer.Json.GetProperty("reason").GetString().ShouldBe("failedToGetIntegrationAutocomplete");
        answer.Json.GetProperty("errorMessage").GetString()!.ShouldContain(expected);
    }

    private static Task<Answer> RegisterAsync(CustomScene scene, string baseUrl) =>
        scene.SendAsync("POST", "customIntegrations", JsonSerializer.Serialize(new { baseUrl }));

    /// <summary>One whose manifest is right, and that lets connectors in.</summary>
    private static Task<LoopbackServer> ServerAsync(RequestDelegate others) =>
        LoopbackServer.StartAsync(http =>
            http.Request.Path.Value switch
            {
                "/manifest" => http.Response.WriteAsync(Manifest),
                "/authenticate" => http.Response.WriteAsync("""{"outcome":"success"}"""),
                _ => others(http),
            }
        );

    private static async Task<(IExtractorClient, ExtractorCall)> ExtractorAsync(
        CustomScene scene,
        LoopbackServer server
    )
    {
        await scene.AddAsync(server.BaseUri.ToString());
        var connector = await CustomIntegrationTests.ConnectorAsync(scene, await scene.ConnectAsync("hostile", "{}"));
        return (
            (IExtractorClient)scene.Api.Services.GetService(typeof(IExtractorClient))!,
            new ExtractorCall(connector, "rows", Guid.NewGuid(), JsonElement.Parse("{}"))
        );
    }
}
