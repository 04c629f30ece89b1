using System.Net;
using System.Text.Json;

namespace Tributary.Api.Tests.Custom;

/// <summary>Actions of custom integrations through the API.</summary>
public class ActionTests
{
    private const string Config = """{"apiKey":"sk-123456789-abcdefgh"}""";

    [Fact]
    public async Task They_are_executed_in_one_step_and_in_many()
    {
        await using var scene = await CustomScene.StartAsync();
        using var server = await NodeIntegration.StartAsync();
        await scene.AddAsync(server.Address);
        var connector = await scene.ConnectAsync("example_shop", Config);

        var greeted = await ExecuteAsync("greet", """{"config":{"name":"Ada"}}""");
        greeted.GetProperty("outcome").GetString().ShouldBe("executed");
        greeted.GetProperty("data").GetProperty("greeting").GetString().ShouldBe("Hello Ada");
        greeted.GetProperty("data").GetProperty("region").GetString().ShouldBe("eu");
        greeted.GetProperty("data").GetProperty("dry").GetBoolean().ShouldBeFalse();
        (await ExecuteAsync("export", "{}")).GetProperty("data").GetProperty("steps").GetInt32().ShouldBe(3);
        var collected = await ExecuteAsync("collect", "{}");
        collected.GetProperty("partialData").GetArrayLength().ShouldBe(2);
        collected.GetProperty("data").GetProperty("names")[0].GetString().ShouldBe("Jürgen");
        var waiting = await ExecuteAsync("approve", "{}");
        waiting.GetProperty("outcome").GetString().ShouldBe("waiting");
        waiting.GetProperty("timeoutMilliseconds").GetInt64().ShouldBe(60_000);
        var meta = waiting.GetProperty("meta").GetRawText();
        (await ExecuteAsync("approve", $$"""{"meta":{{meta}}}"""))
            .GetProperty("title")
            .GetString()
            .ShouldBe("Approved");
        (await ExecuteAsync("flaky", "{}")).GetProperty("title").GetString().ShouldBe("Works");
        (await server.CallsAsync("/actions/flaky/execute")).ShouldBe(3);

        async Task<JsonElement> ExecuteAsync(string action, string body) =>
            (await scene.SendAsync("POST", $"connectors/{connector}/actions/{action}", body)).ShouldBeFine().Json;
    }

    [Fact]
    public async Task Mistakes_and_refusals_are_told()
    {
        await using var scene = await CustomScene.StartAsync();
        using var server = await NodeIntegration.StartAsync();
        await scene.AddAsync(server.Address);
        var connector = await scene.ConnectAsync("example_shop", Config);

        var invalid = await SendAsync("greet", """{"config":{"loud":"yes"}}""");
        invalid.Should(HttpStatusCode.BadRequest).Json.GetProperty("reason").GetString().ShouldBe("invalidConfig");
        invalid.Json.GetProperty("errors").GetArrayLength().ShouldBe(2);
        (await SendAsync("unknown", "{}"))
            .Should(HttpStatusCode.NotFound)
            .Json.GetProperty("reason")
            .GetString()
            .ShouldBe("actionNotFound");
        var refused = await SendAsync("refuse", "{}");
        refused.Should(HttpStatusCode.BadRequest);
        refused.Json.GetProperty("reason").GetString().ShouldBe("failedToExecuteAction");
        refused.Json.GetProperty("errorMessage").GetString()!.ShouldContain("Not today");
        (await server.CallsAsync("/actions/refuse/execute")).ShouldBe(1);
        (await SendAsync("greet/validate", """{"config":{"name":"nobody"}}"""))
            .ShouldBeFine()
            .Json.GetProperty("errorMessage")
            .GetString()
            .ShouldBe("Nobody cannot be greeted.");
        (await SendAsync("greet/validate", """{"config":{}}"""))
            .ShouldBeFine()
            .Json.GetProperty("outcome")
            .GetString()
            .ShouldBe("notValid");
        (await SendAsync("greet/validate", """{"config":{"name":"Ada"}}"""))
            .ShouldBeFine()
            .Json.GetProperty("outcome")
            .GetString()
            .ShouldBe("valid");
        (await scene.SendAsync("POST", $"connectors/{Guid.NewGuid()}/actions/greet", "{}"))
            .Should(HttpStatusCode.NotFound)
            .Json.GetProperty("reason")
            .GetString()
            .ShouldBe("connectorNotFound");

        Task<Answer> SendAsync(string action, string body) =>
            scene.SendAsync("POST", $"connectors/{connector}/actions/{action}", body);
    }

    [Fact]
    public async Task Results_are_kept_as_long_as_the_connector_says_but_not_those_of_a_try()
    {
        await using var scene = await CustomScene.StartAsync();
        using var server = await NodeIntegration.StartAsync();
        await scene.AddAsync(server.Address);
        var connector = await scene.ConnectAsync("example_shop", Config, cache: 60_000);

        (await GreetAsync("""{"config":{"name":"Ada","loud":true}}""")).Headers["X-Cache"].ShouldBe("MISS");
        (await GreetAsync("""{"config":{"loud":true,"name":"Ada"}}""")).Headers["X-Cache"].ShouldBe("HIT");
        (await GreetAsync("""{"config":{"name":"Ada","loud":true},"isDryExecution":true}"""))
            .Headers.ContainsKey("X-Cache")
            .ShouldBeFalse();
        (await server.CallsAsync("/actions/greet/execute")).ShouldBe(2);
        (
            await scene.SendAsync("PUT", $"connectors/{connector}", """{"config":{"apiKey":"another-key-1234567"}}""")
        ).ShouldBeFine();
        (await GreetAsync("""{"config":{"name":"Ada","loud":true}}""")).Headers["X-Cache"].ShouldBe("MISS");

        async Task<Answer> GreetAsync(string body) =>
            (await scene.SendAsync("POST", $"connectors/{connector}/actions/greet", body)).ShouldBeFine();
    }
}
