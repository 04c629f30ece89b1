using System.Net;
using System.Text.Json;
using Tributary.Engine.Connectors;
using Tributary.Engine.Custom;
using Tributary.Engine.Workspaces;

namespace Tributary.Api.Tests.Custom;

/// <summary>Custom integrations through the API, against a server in TypeScript's own types.</summary>
public class CustomIntegrationTests
{
    private const string Config = """{"apiKey":"sk-123456789-abcdefgh"}""";

    [Fact]
    public async Task One_is_made_from_its_manifest_shown_in_the_catalogue_and_removed()
    {
        await using var scene = await CustomScene.StartAsync();
        using var server = await NodeIntegration.StartAsync();

        var made = await scene.AddAsync(server.Address);

        made.GetProperty("slug").GetString().ShouldBe("example_shop");
        made.GetProperty("kind").GetString().ShouldBe("external");
        made.GetProperty("baseUrl").GetString().ShouldBe(server.Address);
        made.GetProperty("deletedAt").ValueKind.ShouldBe(JsonValueKind.Null);
        var uuid = made.GetProperty("uuid").GetGuid();
        var found = (await scene.SendAsync("GET", $"customIntegrations/{uuid}")).ShouldBeFine().Json;
        found.GetProperty("connector").GetProperty("uuid").GetGuid().ShouldBe(uuid);
        found.GetProperty("customIntegration").GetProperty("uuid").GetGuid().ShouldBe(uuid);
        (await scene.SendAsync("GET", "customIntegrations/list"))
            .ShouldBeFine()
            .Json.GetProperty("customIntegrations")
            .GetArrayLength()
            .ShouldBe(1);
        var listed = (await scene.SendAsync("GET", "integrations/example_shop"))
            .ShouldBeFine()
            .Json.GetProperty("integration");
        listed.GetProperty("category").GetString().ShouldBe("custom");
        listed.GetProperty("actions").TryGetProperty("greet", out _).ShouldBeTrue();
        listed.GetProperty("extractors").TryGetProperty("customers", out _).ShouldBeTrue();

        (await scene.SendAsync("DELETE", $"customIntegrations/{uuid}")).Should(HttpStatusCode.NoContent);
        (await scene.SendAsync("GET", $"customIntegrations/{uuid}"))
            .Should(HttpStatusCode.NotFound)
            .Json.GetProperty("reason")
            .GetString()
            .ShouldBe("customIntegrationNotFound");
        (await scene.SendAsync("GET", "integrations/example_shop")).Should(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Two_of_the_same_name_get_slugs_of_their_own()
    {
        await using var scene = await CustomScene.StartAsync();
        using var server = await NodeIntegration.StartAsync();

        await scene.AddAsync(server.Address);
        var second = await scene.AddAsync(server.Address);

        second.GetProperty("slug").GetString().ShouldBe("example_shop_2");
    }

    [Fact]
    public async Task A_secret_goes_to_the_server_and_into_no_answer()
    {
        await using var scene = await CustomScene.StartAsync();
        using var server = await NodeIntegration.StartAsync("the-secret-of-the-server");
        var body = JsonSerializer.Serialize(new { baseUrl = server.Address, secret = "another" });
        (await scene.SendAsync("POST", "customIntegrations", body))
            .Should(HttpStatusCode.BadRequest)
            .Json.GetProperty("errorMessage")
            .GetString()!
            .ShouldContain("The secret is wrong");

        var made = await scene.AddAsync(server.Address, "the-secret-of-the-server");

        made.GetProperty("hasSecret").GetBoolean().ShouldBeTrue();
        made.GetRawText().ShouldNotContain("the-secret-of-the-server");
        var connector = await scene.ConnectAsync("example_shop", Config);
        (
            await scene.SendAsync("POST", $"connectors/{connector}/actions/greet", """{"config":{"name":"Ada"}}""")
        ).ShouldBeFine();
    }

    [Fact]
    public async Task A_secret_does_not_follow_to_another_address()
    {
        await using var scene = await CustomScene.StartAsync();
        using var server = await NodeIntegration.StartAsync("the-secret-of-the-server");
        using var other = await NodeIntegration.StartAsync();
        var uuid = (await scene.AddAsync(server.Address, "the-secret-of-the-server")).GetProperty("uuid").GetGuid();

        var moved = await scene.SendAsync(
            "PUT",
            $"customIntegrations/{uuid}",
            JsonSerializer.Serialize(new { baseUrl = other.Address })
        );

        moved
            .ShouldBeFine()
            .Json.GetProperty("customIntegration")
            .GetProperty("hasSecret")
            .GetBoolean()
            .ShouldBeFalse();
    }

    [Fact]
    public async Task Workers_are_not_found()
    {
        await using var scene = await CustomScene.StartAsync();

        var answer = await scene.SendAsync(
            "POST",
            "customIntegrations",
            """{"kind":"worker","workerUuid":"2f1f6c1e-2f7e-4c59-9f4e-0a8c7a5f3a11"}"""
        );

        answer.Should(HttpStatusCode.NotFound).Json.GetProperty("reason").GetString().ShouldBe("workerNotFound");
    }

    [Fact]
    public async Task Its_connectors_are_validated_authenticated_and_masked()
    {
        await using var scene = await CustomScene.StartAsync();
        using var server = await NodeIntegration.StartAsync();
        await scene.AddAsync(server.Address);

        var invalid = await CreateAsync("""{"region":"mars","limits":{"pages":0},"more":1}""");
        invalid.Should(HttpStatusCode.BadRequest);
        invalid.Json.GetProperty("reason").GetString().ShouldBe("invalidConfig");
        invalid
            .Json.GetProperty("errors")
            .EnumerateArray()
            .Select(error => error.GetProperty("path").GetString())
            .ShouldBe(["config.apiKey", "config.region", "config.limits.pages", "config.more"], ignoreOrder: true);
        var refused = await CreateAsync("""{"apiKey":"wrong"}""");
        refused.Should(HttpStatusCode.BadRequest);
        refused.Json.GetProperty("reason").GetString().ShouldBe("unauthenticated");
        refused.Json.GetProperty("errorMessage").GetString().ShouldBe("This API key is not known.");

        var made = (await CreateAsync(Config)).ShouldBeFine();

        made.Text.ShouldNotContain("sk-123456789-abcdefgh");
        made.Json.GetProperty("connector")
            .GetProperty("config")
            .GetProperty("region")
            .GetString()
            .ShouldBe("eu", "what the server returned is merged in");

        Task<Answer> CreateAsync(string config) =>
            scene.SendAsync(
                "POST",
                "connectors",
                $$"""{"name":"A","slug":"a","integrationSlug":"example_shop","config":{{config}}}"""
            );
    }

    [Fact]
    public async Task One_in_use_is_not_removed()
    {
        await using var scene = await CustomScene.StartAsync();
        using var server = await NodeIntegration.StartAsync();
        var uuid = (await scene.AddAsync(server.Address)).GetProperty("uuid").GetGuid();
        await scene.ConnectAsync("example_shop", Config);

        (await scene.SendAsync("DELETE", $"customIntegrations/{uuid}")).Should(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Look_ups_are_kept_and_asked_again_on_demand()
    {
        await using var scene = await CustomScene.StartAsync();
        using var server = await NodeIntegration.StartAsync();
        await scene.AddAsync(server.Address);
        var connector = await scene.ConnectAsync("example_shop", Config);

        var first = await LookUpAsync("""{"slug":"cities","params":{"minimum":50},"value":"o"}""");
        first
            .ShouldBeFine()
            .Json.GetProperty("results")
            .EnumerateArray()
            .Select(result => result.GetProperty("value").GetString())
            .ShouldBe(["London", "New York"]);
        var second = await LookUpAsync("""{"slug":"cities","value":"o","params":{"minimum":50}}""");
        second.Headers["X-Cache"].ShouldBe("HIT");
        await LookUpAsync("""{"slug":"cities","params":{"minimum":50},"value":"o","refresh":true}""");
        (await server.CallsAsync("/autocompletes/cities")).ShouldBe(2);
        (await LookUpAsync("""{"slug":"cities","params":{"minimum":"x"}}"""))
            .Should(HttpStatusCode.BadRequest)
            .Json.GetProperty("errorMessage")
            .GetString()!
            .ShouldContain("Invalid autocomplete params");
        (await LookUpAsync("""{"slug":"rivers","params":{}}"""))
            .Should(HttpStatusCode.BadRequest)
            .Json.GetProperty("reason")
            .GetString()
            .ShouldBe("failedToGetIntegration");
        var schema = await scene.SendAsync(
            "POST",
            $"connectors/{connector}/dynamicSchemas/customer",
            """{"params":{"kind":"gold"}}"""
        );
        schema
            .ShouldBeFine()
            .Json.GetProperty("schema")
            .GetProperty("properties")
            .TryGetProperty("gold", out _)
            .ShouldBeTrue();

        Task<Answer> LookUpAsync(string body) => scene.SendAsync("POST", $"connectors/{connector}/autocomplete", body);
    }

    [Fact]
    public async Task Extractors_are_paged_counted_and_go_on_where_they_were()
    {
        await using var scene = await CustomScene.StartAsync();
        using var server = await NodeIntegration.StartAsync();
        await scene.AddAsync(server.Address);
        var connector = await ConnectorAsync(scene, await scene.ConnectAsync("example_shop", Config));
        var client = (IExtractorClient)scene.Api.Services.GetService(typeof(IExtractorClient))!;
        var customers = Call("customers");

        var names = new List<string?>();
        JsonElement? meta = null;
        ExtractorPage page;
        do
        {
            page = await client.FetchAsync(customers, meta, isDry: false, CancellationToken.None);
            meta = page.Meta;
            names.AddRange(page.Records.Select(record => record.Record.GetProperty("name").GetString()));
        } while (page.HasMore);

        names.ShouldBe(["Ada", "Grace", "Linus", "Radia", "Jürgen"]);
        page.TextColumnSlug.ShouldBe("notes");
        (await client.CountAsync(customers, CancellationToken.None)).ShouldBe(5);
        var dry = await client.FetchAsync(customers, null, isDry: true, CancellationToken.None);
        dry.HasMore.ShouldBeFalse();
        var changes = Call("changes");
        var waiting = await client.FetchAsync(changes, null, isDry: false, CancellationToken.None);
        waiting.IsReady.ShouldBeFalse();
        var ready = await client.FetchAsync(changes, waiting.Meta, isDry: false, CancellationToken.None);
        ready.Records.Count.ShouldBe(2);
        var extra = await client.CreateAsync(changes, CancellationToken.None);
        extra!.Value.GetProperty("hook").GetString().ShouldBe("h1");
        (await client.CreateAsync(customers, CancellationToken.None)).ShouldBeNull("the server does not offer it");
        await client.RemoveAsync(changes, CancellationToken.None);

        ExtractorCall Call(string slug) => new(connector, slug, Guid.NewGuid(), JsonElement.Parse("{}"));
    }

    internal static async Task<Connector> ConnectorAsync(CustomScene scene, Guid uuid)
    {
        var identities = (IIdentityService)scene.Api.Services.GetService(typeof(IIdentityService))!;
        var caller = (await identities.FindByTokenAsync(CustomScene.Admin, CancellationToken.None))!;
        var connectors = (IConnectorService)scene.Api.Services.GetService(typeof(IConnectorService))!;
        return await connectors.GetAsync(caller, uuid, CancellationToken.None);
    }
}
