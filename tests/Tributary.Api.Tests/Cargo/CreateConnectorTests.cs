using System.Text.Json;

namespace Tributary.Api.Tests.Cargo;

public class CreateConnectorTests
{
    [Fact]
    public async Task The_published_sample_works_and_its_answer_has_every_member()
    {
        await using var scene = await CargoScene.StartAsync();

        var answer = await scene.SendAsync(
            "POST",
            CargoScene.Connectors,
            """
            {"name":"<string>","slug":"sample_1","integrationSlug":"ingestion_api","config":{},
             "rateLimit":{"unit":"day","max":123},"cacheTtlMilliseconds":123,"somethingNewer":{"a":1}}
            """
        );

        var connector = answer.ShouldBeFine().Json.GetProperty("connector");
        connector
            .EnumerateObject()
            .Select(member => member.Name)
            .ShouldBe(
                [
                    .. "uuid workspaceUuid userUuid name slug rateLimit cacheTtlMilliseconds integrationSlug playsCount toolsCount".Split(
                        ' '
                    ),
                    .. "modelsCount createdAt updatedAt deletedAt useCredits config isDefault".Split(' '),
                ],
                ignoreOrder: true
            );
        connector.GetProperty("rateLimit").GetRawText().ShouldBe("""{"unit":"day","max":123,"strategy":"burst"}""");
        connector.GetProperty("deletedAt").ValueKind.ShouldBe(JsonValueKind.Null);
        connector.GetProperty("useCredits").GetBoolean().ShouldBeFalse();
        connector.GetProperty("isDefault").GetBoolean().ShouldBeFalse();
        connector.GetProperty("uuid").GetString()!.ShouldMatch("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]");
        connector.GetProperty("createdAt").GetString()!.ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$");
        var dataset = answer.Json.GetProperty("dataset");
        dataset.GetProperty("slug").GetString().ShouldBe("sample_1");
        dataset.GetProperty("kind").GetString().ShouldBe("connector");
        dataset.GetProperty("connectorUuid").GetString().ShouldBe(connector.GetProperty("uuid").GetString());
        dataset.GetProperty("config").GetProperty("kind").GetString().ShouldBe("connector");
        dataset
            .GetProperty("config")
            .GetProperty("connectorUuid")
            .GetString()
            .ShouldBe(connector.GetProperty("uuid").GetString());
        dataset.GetProperty("deletedAt").ValueKind.ShouldBe(JsonValueKind.Null);
        dataset.GetProperty("workspaceUuid").GetString().ShouldBe(connector.GetProperty("workspaceUuid").GetString());
    }

    [Fact]
    public async Task A_taken_slug_is_refused_leaves_nothing_behind_and_is_free_in_another_workspace()
    {
        await using var scene = await CargoScene.StartAsync();
        await scene.CreateAsync("site");
        const string Same =
            """{"name":"B","slug":"site","integrationSlug":"web","config":{"base_url":"https://b.example"}}""";

        (await scene.SendAsync("POST", CargoScene.Connectors, Same)).ShouldBeRefused(409).ShouldBe("duplicateSlug");

        var list = await scene.GetAsync(CargoScene.Connectors + "/list");
        list.Json.GetProperty("connectors").GetArrayLength().ShouldBe(1);
        var other = await scene.AddWorkspaceAsync();
        (await scene.SendAsync("POST", CargoScene.Connectors, Same, other)).ShouldBeFine();
    }

    [Theory]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("a\\n")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public async Task A_slug_of_the_wrong_form_is_refused(string slug)
    {
        await using var scene = await CargoScene.StartAsync();
        (
            await scene.SendAsync(
                "POST",
                CargoScene.Connectors,
                $$$"""{"name":"B","slug":"{{{slug}}}","integrationSlug":"web","config":{}}"""
            )
        )
            .ShouldBeRefused(400)
            .ShouldBe("invalidSlug");
    }

    [Fact]
    public async Task Mistakes_are_found_in_the_order_of_role_shape_integration_slug_config_and_credentials()
    {
        await using var scene = await CargoScene.StartAsync();
        await scene.CreateAsync("taken");
        var reader = (await scene.SendAsync("POST", "/v1/tokens", """{"name":"r","role":"reader"}"""))
            .Json.GetProperty("token")
            .GetString()!;

        (await CreateAsync("""{"name":5}""", reader)).ShouldBeRefused(403).ShouldBe("forbidden");
        var shape = await CreateAsync("""{"name":5,"rateLimit":{"unit":"week","max":0},"cacheTtlMilliseconds":-1}""");
        shape.ShouldBeRefused(400).ShouldBe("invalidPayload");
        shape
            .Paths()
            .ShouldBe(
                ["name", "slug", "integrationSlug", "rateLimit.unit", "rateLimit.max", "cacheTtlMilliseconds"],
                ignoreOrder: true
            );
        (await CreateAsync("""{"name":"x","slug":"taken","integrationSlug":"nope","config":{}}"""))
            .ShouldBeRefused(404)
            .ShouldBe("integrationNotFound");
        (await CreateAsync("""{"name":"x","slug":"taken","integrationSlug":"github","config":{}}"""))
            .ShouldBeRefused(409)
            .ShouldBe("duplicateSlug");
        var config = await CreateAsync(
            """{"name":"x","slug":"x","integrationSlug":"github","config":{"repo":1,"credentials":{"token":"refused"}}}"""
        );
        config.ShouldBeRefused(400).ShouldBe("invalidConfig");
        config
            .Paths()
            .ShouldBe(
                [
                    "config.repo",
                    "config.repo_owner",
                    "config.credentials.token",
                    "config.credentials.github_access_token",
                ],
                ignoreOrder: true
            );
        (
            await CreateAsync(
                """{"name":"x","slug":"x","integrationSlug":"github","config":{"repo_owner":"o","credentials":{"github_access_token":"refused"}}}"""
            )
        )
            .ShouldBeRefused(400)
            .ShouldBe("unauthenticated");
        (await CreateAsync("{\"name\":\"x\"}", "nobody's token")).ShouldBeRefused(401).ShouldBe("unauthorized");

        Task<Answer> CreateAsync(string body, string token = CargoScene.Admin) =>
            scene.SendAsync("POST", CargoScene.Connectors, body, token);
    }

    [Fact]
    public async Task Without_a_config_the_schema_decides_whether_an_empty_one_will_do()
    {
        await using var scene = await CargoScene.StartAsync();

        var empty = await scene.SendAsync(
            "POST",
            CargoScene.Connectors,
            """{"name":"P","slug":"p","integrationSlug":"ingestion_api"}"""
        );
        empty
            .ShouldBeFine()
            .Json.GetProperty("connector")
            .GetProperty("config")
            .GetRawText()
            .ShouldBe("""{"credentials":{}}""");
        var refused = await scene.SendAsync(
            "POST",
            CargoScene.Connectors,
            """{"name":"W","slug":"w","integrationSlug":"web"}"""
        );
        refused.ShouldBeRefused(400).ShouldBe("invalidConfig");
        refused.Paths().ShouldBe(["config.base_url"]);
    }

    [Fact]
    public async Task It_is_the_same_connector_in_both_dialects_and_waits_for_its_first_model()
    {
        await using var scene = await CargoScene.StartAsync();
        await scene.CreateAsync("site");
        var source = await SourceTests.CreateAsync(scene.Api, "Docs", "web", CargoScene.Admin);

        var sources = (await scene.GetAsync("/v1/sources")).Json.GetProperty("items").EnumerateArray().ToList();
        sources.Select(item => item.GetProperty("name").GetString()).ShouldBe(["Site", "Docs"], ignoreOrder: true);
        var made = sources.Single(item => item.GetProperty("name").GetString() == "Site");
        made.GetProperty("current_run").ValueKind.ShouldBe(JsonValueKind.Null);
        made.GetProperty("last_run").ValueKind.ShouldBe(JsonValueKind.Null);
        made.GetProperty("schedule").GetProperty("next_refresh_at").ValueKind.ShouldBe(JsonValueKind.Null);
        var connectors = (await scene.GetAsync(CargoScene.Connectors + "/list?integrationSlug=web"))
            .Json.GetProperty("connectors")
            .EnumerateArray()
            .ToList();
        connectors.Select(item => item.GetProperty("slug").GetString()).ShouldBe(["site", "docs"]);
        (await scene.GetAsync($"/v1/sources/{source}"))
            .Json.GetProperty("uuid")
            .GetString()
            .ShouldBe(connectors[1].GetProperty("uuid").GetString());
        (await scene.GetAsync(CargoScene.Connectors + "/list?integrationSlug=github"))
            .Json.GetProperty("connectors")
            .GetArrayLength()
            .ShouldBe(0);
    }
}
