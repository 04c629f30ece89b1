using System.Text.Json.Nodes;

namespace Tributary.Api.Tests.Cargo;

/// <summary>The dialect's served description against what the server really answers.</summary>
public class CargoOpenApiTests
{
    [Fact]
    public async Task Real_answers_are_as_described()
    {
        await using var scene = await CargoScene.StartAsync();
        var description = (JsonObject)
            JsonNode.Parse((await scene.Api.SendAsync("GET", "/openapi/cargo.json", json: null, token: null)).Text)!;
        var connector = (await scene.CreateAsync()).GetProperty("uuid").GetString();
        const string Connection = "/v1/connection";
        const string Management = "/v1/workspaceManagement";
        (string Method, string Path, string? Body)[] requests =
        [
            (
                "POST",
                Connection + "/connectors",
                """{"name":"B","slug":"b","integrationSlug":"web","config":{"base_url":"https://b.example"}}"""
            ),
            ("POST", Connection + "/connectors", """{"name":5}"""),
            ("GET", Connection + "/connectors/list", null),
            ("GET", Connection + "/connectors/existsBySlug?slug=b", null),
            ("GET", Connection + "/connectors/{uuid}", null),
            ("PUT", Connection + "/connectors/{uuid}", """{"rateLimit":{"unit":"hour","max":5}}"""),
            ("GET", Connection + "/connectors/{uuid}/languageModels", null),
            ("GET", Connection + "/integrations/list", null),
            ("GET", Connection + "/integrations/web", null),
            ("GET", Connection + "/integrations/nope", null),
            ("GET", Connection + "/nativeIntegrations", null),
            ("GET", "/v1/initWorkspace", null),
            ("GET", Management + "/users/current", null),
            ("GET", Management + "/users/list", null),
            ("GET", Management + "/workspaces/current", null),
            ("GET", Management + "/workspaces/list", null),
            ("GET", Management + "/roles/list", null),
            ("GET", Management + "/folders/list", null),
            ("POST", Management + "/tokens", """{"name":"t"}"""),
            ("GET", Management + "/tokens/list", null),
        ];
        foreach (var (method, path, body) in requests)
        {
            var answer = await scene.SendAsync(method, path.Replace("{uuid}", connector), body);

            var pattern = path.Split('?')[0];
            pattern =
                pattern.StartsWith(Connection + "/integrations/") && !pattern.EndsWith("list")
                    ? Connection + "/integrations/{slug}"
                    : pattern;
            var responses = description["paths"]![pattern]![method.ToLowerInvariant()]!["responses"]!.AsObject();
            var response = responses[$"{(int)answer.Status}"] ?? responses["default"]!;
            var mistakes = await OpenApiTests.ValidateAsync(
                description,
                response["content"]!["application/json"]!["schema"]!,
                answer.Text
            );
            mistakes.ShouldBeEmpty($"{method} {path} answered {answer.Text}");
        }
    }

    [Fact]
    public async Task Members_are_described_in_camel_case()
    {
        await using var scene = await CargoScene.StartAsync();
        var description = JsonNode.Parse(
            (await scene.Api.SendAsync("GET", "/openapi/cargo.json", json: null, token: null)).ShouldBeFine().Text
        )!;

        var schemas = description["components"]!["schemas"]!;
        schemas["CreateConnectorBody"]!["required"]!
            .AsArray()
            .Select(name => (string)name!)
            .ShouldBe(["name", "slug", "integrationSlug"]);
        schemas["ConnectorAnswer"]!["properties"]!.AsObject().ShouldContainKey("cacheTtlMilliseconds");
        schemas["CreateConnectorBody"]!.ToJsonString().ShouldContain("rateLimit");
        description.ToJsonString().ShouldContain("""["second","minute","hour","day"]""");
        var create = description["paths"]!["/v1/connection/connectors"]!["post"]!["responses"]!.AsObject();
        create.ShouldContainKey("400");
        create.ShouldNotContainKey("422");
    }
}
