using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Engine;
using Tributary.Engine.Connectors;
using Tributary.Engine.Workspaces;

namespace Tributary.Api.Tests.Cargo;

public class SharedCredentialsTests
{
    private const string Offer = """
        {"web": {"config": {"base_url": "https://shared.example"}, "credentials": {"a_token": "operators-own-secret"},
                 "allowance": {"unit": "day", "max": 2}}}
        """;

    [Fact]
    public async Task A_connector_without_config_uses_what_the_operator_offers_and_shows_nothing_of_it()
    {
        await using var scene = await CargoScene.StartAsync(options => options.SharedCredentials = Offer);
        const string Body = """{"name":"S","slug":"s","integrationSlug":"web"}""";

        var created = (await scene.SendAsync("POST", CargoScene.Connectors, Body)).ShouldBeFine();

        var connector = created.Json.GetProperty("connector");
        connector.GetProperty("useCredits").GetBoolean().ShouldBeTrue();
        connector.GetProperty("config").ValueKind.ShouldBe(JsonValueKind.Null);
        var own = await scene.SendAsync(
            "PUT",
            connector.Path(),
            """{"config":{"base_url":"https://own.example","credentials":{"a_token":"my-own-secret-12345"}}}"""
        );
        own.ShouldBeFine().Json.GetProperty("connector").GetProperty("useCredits").GetBoolean().ShouldBeFalse();
        var back = await scene.SendAsync("PUT", connector.Path(), """{"config":null}""");
        back.ShouldBeFine().Json.GetProperty("connector").GetProperty("useCredits").GetBoolean().ShouldBeTrue();
        foreach (var answer in (Answer[])[created, own, back, await scene.GetAsync("/v1/sources")])
        {
            answer.Text.ShouldNotContain("operators-own");
            answer.Text.ShouldNotContain("oper...cret");
            answer.Text.ShouldNotContain("shared.example");
        }
    }

    [Fact]
    public async Task Null_is_no_config_where_nothing_is_offered()
    {
        await using var scene = await CargoScene.StartAsync();
        var path = (await scene.CreateAsync()).Path();

        var refused = await scene.SendAsync("PUT", path, """{"config":null}""");

        refused.ShouldBeRefused(400).ShouldBe("invalidConfig");
        refused.Paths().ShouldBe(["config"]);
    }

    [Fact]
    public async Task A_workspace_cannot_use_more_than_its_allowance_whichever_connector_it_uses_it_with()
    {
        await using var scene = await CargoScene.StartAsync(options => options.SharedCredentials = Offer);
        foreach (var slug in (string[])["a", "b"])
        {
            var body = $$"""{"name":"S","slug":"{{slug}}","integrationSlug":"web"}""";
            (await scene.SendAsync("POST", CargoScene.Connectors, body)).ShouldBeFine();
        }

        var allowances = scene.Api.Services.GetRequiredService<Allowances>();
        var caller = (
            await scene.Api.Services.GetRequiredService<IIdentityService>().FindByTokenAsync(CargoScene.Admin, default)
        )!;
        var connectors = await scene
            .Api.Services.GetRequiredService<IConnectorService>()
            .ListAsync(caller, new ConnectorFilter(), 0, 10, default);
        await allowances.MeterFor(connectors[0].Connector, waits: false)!(default);
        await allowances.MeterFor(connectors[1].Connector, waits: false)!(default);

        var refusal = await Should.ThrowAsync<EngineException>(async () =>
            await allowances.MeterFor(connectors[0].Connector, waits: false)!(default)
        );

        (refusal.Kind, refusal.Reason).ShouldBe((RefusalKind.OutOfCredits, "notEnoughCredits"));
        using var impatience = new CancellationTokenSource();
        var run = allowances.MeterFor(connectors[0].Connector, waits: true)!(impatience.Token).AsTask();
        await Task.Yield();
        run.IsCompleted.ShouldBeFalse();
        await impatience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task A_check_beyond_the_allowance_is_refused_and_stores_nothing()
    {
        await using var scene = await CargoScene.StartAsync(options =>
            options.SharedCredentials = Offer
                .Replace("shared.example", "asked.example")
                .Replace("\"max\": 2", "\"max\": 1")
        );
        const string Body = """{"name":"S","slug":"s","integrationSlug":"web"}""";
        (await scene.SendAsync("POST", CargoScene.Connectors, Body)).ShouldBeRefused(400);

        (await scene.SendAsync("POST", CargoScene.Connectors, Body)).ShouldBeRefused(402).ShouldBe("notEnoughCredits");

        (await scene.GetAsync(CargoScene.Connectors + "/existsBySlug?slug=s"))
            .Json.GetProperty("exists")
            .GetBoolean()
            .ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"web": {"credentials": {}}}""", "web.allowance")]
    [InlineData("""{"web": {"credentials": {}, "allowance": {"unit": "week", "max": 1}}}""", "web.allowance.unit")]
    [InlineData("""{"web": """, "JSON")]
    [InlineData("/no/such/file", "cannot be read")]
    public void A_wrong_setting_is_refused_with_the_place_of_the_mistake(string text, string place) =>
        Should.Throw<FormatException>(() => SharedCredentials.Parse(text)).Message.ShouldContain(place);
}
