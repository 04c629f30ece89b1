using System.Text.Json;

namespace Tributary.Api.Tests.Cargo;

public class ConnectorTests
{
    [Fact]
    public async Task Secrets_are_masked_in_every_answer()
    {
        await using var scene = await CargoScene.StartAsync();
        var connector = await scene.CreateAsync();

        foreach (
            var answer in (Answer[])
                [await scene.GetAsync(connector.Path()), await scene.GetAsync(CargoScene.Connectors + "/list")]
        )
        {
            answer
                .ShouldBeFine()
                .Text.ShouldContain("""{"base_url":"https://a.example","credentials":{"a_token":"secr...7890"}}""");
        }
    }

    [Fact]
    public async Task What_an_update_leaves_out_stays_and_null_clears()
    {
        await using var scene = await CargoScene.StartAsync();
        var path = (await scene.CreateAsync()).Path();
        await PutAsync("""{"rateLimit":{"unit":"minute","max":6,"strategy":"spread"},"cacheTtlMilliseconds":1000}""");

        var renamed = await PutAsync("""{"name":"New name","slug":"ignored","integrationSlug":"ignored"}""");

        renamed.GetProperty("name").GetString().ShouldBe("New name");
        renamed.GetProperty("slug").GetString().ShouldBe("site");
        renamed.GetProperty("integrationSlug").GetString().ShouldBe("web");
        renamed.GetProperty("rateLimit").GetRawText().ShouldBe("""{"unit":"minute","max":6,"strategy":"spread"}""");
        renamed.GetProperty("cacheTtlMilliseconds").GetInt64().ShouldBe(1000);
        var cleared = await PutAsync("""{"rateLimit":null,"cacheTtlMilliseconds":null}""");
        cleared.GetProperty("rateLimit").ValueKind.ShouldBe(JsonValueKind.Null);
        cleared.GetProperty("cacheTtlMilliseconds").ValueKind.ShouldBe(JsonValueKind.Null);
        cleared.GetProperty("name").GetString().ShouldBe("New name");
        (await scene.SendAsync("PUT", path)).ShouldBeFine();

        async Task<JsonElement> PutAsync(string body) =>
            (await scene.SendAsync("PUT", path, body)).ShouldBeFine().Json.GetProperty("connector");
    }

    [Fact]
    public async Task At_most_one_connector_of_an_integration_is_the_default()
    {
        await using var scene = await CargoScene.StartAsync();
        var first = (await scene.CreateAsync("a")).Path();
        var second = (await scene.CreateAsync("b")).Path();
        var push = (await scene.CreateAsync("c", "ingestion_api", "{}")).Path();

        foreach (var path in (string[])[first, push, second])
        {
            (await scene.SendAsync("PUT", path, """{"isDefault":true}"""))
                .ShouldBeFine()
                .Json.GetProperty("connector")
                .GetProperty("isDefault")
                .GetBoolean()
                .ShouldBeTrue();
        }

        (await DefaultsAsync()).ShouldBe(["b", "c"]);
        await scene.SendAsync("PUT", second, """{"isDefault":false}""");
        (await DefaultsAsync()).ShouldBe(["c"]);

        async Task<List<string?>> DefaultsAsync() =>
            [
                .. (await scene.GetAsync(CargoScene.Connectors + "/list"))
                    .Json.GetProperty("connectors")
                    .EnumerateArray()
                    .Where(connector => connector.GetProperty("isDefault").GetBoolean())
                    .Select(connector => connector.GetProperty("slug").GetString()),
            ];
    }

    [Fact]
    public async Task A_mask_sent_back_means_unchanged_and_any_other_mask_is_refused()
    {
        await using var scene = await CargoScene.StartAsync();
        var path = (await scene.CreateAsync()).Path();

        var echoed = await PutAsync("""{"base_url":"https://a.example","credentials":{"a_token":"secr...7890"}}""");
        echoed.ShouldBeFine().Text.ShouldContain("secr...7890");
        (await PutAsync("""{"base_url":"https://a.example"}""")).ShouldBeFine().Text.ShouldContain("secr...7890");
        foreach (var mask in (string[])["xxxx...yyyy", "••••••••••••"])
        {
            var stale = await PutAsync(
                $$$"""{"base_url":"https://a.example","credentials":{"a_token":"{{{mask}}}"}}"""
            );
            stale.ShouldBeRefused(400).ShouldBe("invalidConfig");
            stale.Paths().ShouldBe(["config.credentials.a_token"]);
        }

        (await PutAsync("""{"base_url":"https://a.example","credentials":{"a_token":"another-secret-99"}}"""))
            .ShouldBeFine()
            .Text.ShouldContain("anot...t-99");
        (await PutAsync("""{"base_url":"https://a.example","credentials":{"a_token":"refused"}}"""))
            .ShouldBeRefused(400)
            .ShouldBe("unauthenticated");

        Task<Answer> PutAsync(string config) => scene.SendAsync("PUT", path, $$"""{"config":{{config}}}""");
    }

    [Fact]
    public async Task Stored_secrets_do_not_follow_a_connector_to_another_address()
    {
        await using var scene = await CargoScene.StartAsync();
        var connector = await scene.CreateAsync();
        var path = connector.Path();
        var id = (await scene.GetAsync("/v1/sources")).Json.GetProperty("items")[0].GetProperty("id").GetInt64();

        foreach (
            var config in (string[])
                [
                    """{"base_url":"https://evil.example"}""",
                    """{"base_url":"https://evil.example","credentials":{"a_token":"secr...7890"}}""",
                ]
        )
        {
            var refused = await scene.SendAsync("PUT", path, $$"""{"config":{{config}}}""");
            refused.ShouldBeRefused(400).ShouldBe("invalidConfig");
            refused.Paths().ShouldBe(["config.base_url"]);
        }

        (await scene.SendAsync("PATCH", $"/v1/sources/{id}", """{"config":{"base_url":"https://evil.example"}}"""))
            .Should(System.Net.HttpStatusCode.UnprocessableEntity)
            .Mistakes.ShouldBe(["body.config.base_url:value_error"]);
        (
            await scene.SendAsync(
                "PUT",
                path,
                """{"config":{"base_url":"https://b.example","credentials":{"a_token":"another-secret-99"}}}"""
            )
        ).ShouldBeFine();
        (
            await scene.SendAsync(
                "PUT",
                path,
                """{"config":{"base_url":"https://b.example","web_connector_type":"single"}}"""
            )
        ).ShouldBeFine();
    }

    [Fact]
    public async Task A_removed_connector_is_not_found_and_frees_slug_and_name_at_once()
    {
        await using var scene = await CargoScene.StartAsync();
        var path = (await scene.CreateAsync()).Path();

        (await scene.SendAsync("DELETE", path, "{}")).Should(System.Net.HttpStatusCode.NoContent).Text.ShouldBeEmpty();

        (await scene.GetAsync(path)).ShouldBeRefused(404).ShouldBe("connectorNotFound");
        (await scene.SendAsync("PUT", path, "{}")).ShouldBeRefused(404).ShouldBe("connectorNotFound");
        (await scene.SendAsync("DELETE", path)).ShouldBeRefused(404).ShouldBe("connectorNotFound");
        (await scene.GetAsync(CargoScene.Connectors + "/list"))
            .Json.GetProperty("connectors")
            .GetArrayLength()
            .ShouldBe(0);
        (await scene.GetAsync(CargoScene.Connectors + "/existsBySlug?slug=site"))
            .Json.GetProperty("exists")
            .GetBoolean()
            .ShouldBeFalse();
        await scene.CreateAsync();
        (await scene.GetAsync(CargoScene.Connectors + "/existsBySlug?slug=site"))
            .Json.GetProperty("exists")
            .GetBoolean()
            .ShouldBeTrue();
    }

    [Fact]
    public async Task A_connector_with_models_is_not_removed()
    {
        await using var scene = await CargoScene.StartAsync(add: StoreWithModels.Add);
        var path = (await scene.CreateAsync()).Path();

        (await scene.SendAsync("DELETE", path)).ShouldBeRefused(409).ShouldBe("connectorIsUsedInModels");

        (await scene.GetAsync(path)).ShouldBeFine();
    }

    [Fact]
    public async Task Another_workspaces_connector_is_not_found()
    {
        await using var scene = await CargoScene.StartAsync();
        var path = (await scene.CreateAsync()).Path();
        var other = await scene.AddWorkspaceAsync();

        foreach (var method in (string[])["GET", "PUT", "DELETE"])
        {
            (await scene.SendAsync(method, path, method == "PUT" ? "{}" : null, other))
                .ShouldBeRefused(404)
                .ShouldBe("connectorNotFound");
        }

        (await scene.GetAsync(path + "/languageModels", other)).ShouldBeRefused(404).ShouldBe("connectorNotFound");
        (await scene.GetAsync(path + "/languageModels")).ShouldBeRefused(400).ShouldBe("languageModelsNotSupported");
        (await scene.GetAsync(CargoScene.Connectors + "/not-a-uuid"))
            .ShouldBeRefused(404)
            .ShouldBe("connectorNotFound");
        (await scene.SendAsync("PATCH", path, "{}")).ShouldBeRefused(405).ShouldBe("methodNotAllowed");
        (await scene.GetAsync("/v1/connection/nothing")).ShouldBeRefused(404).ShouldBe("notFound");
    }

    [Fact]
    public async Task Names_may_repeat_here_but_not_in_the_other_dialect()
    {
        await using var scene = await CargoScene.StartAsync();
        await scene.CreateAsync("a");
        await scene.CreateAsync("b");

        var refused = await scene.SendAsync(
            "POST",
            "/v1/sources/create",
            """{"name":"Site","type":"web","config":{"base_url":"https://c.example"},"credential":{"credentials":{}}}"""
        );
        refused.Should(System.Net.HttpStatusCode.BadRequest);
    }
}
