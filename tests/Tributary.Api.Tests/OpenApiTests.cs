using System.Text.Json;
using System.Text.Json.Nodes;
using NJsonSchema;

namespace Tributary.Api.Tests;

/// <summary>The served description against what the server really answers.</summary>
public class OpenApiTests
{
    private static async Task<JsonObject> DescriptionAsync(ApiServer api) =>
        (JsonObject)
            JsonNode.Parse(
                (await api.SendAsync("GET", "/openapi/clarm.json", json: null, token: null)).ShouldBeFine().Text
            )!;

    [Fact]
    public async Task Every_path_is_described_with_its_answer_and_errors()
    {
        await using var api = await ApiServer.StartAsync();

        var paths = (await DescriptionAsync(api))["paths"]!.AsObject();

        foreach (
            var path in (string[])
                [
                    "/v1/sources/create",
                    "/v1/sources/ingest",
                    "/v1/collections/create",
                    "/v1/collections/{collection_id}",
                    "/v1/search",
                    "/auth/login",
                    "/v1/sources/{source_id}/prune/confirm",
                    "/onyx-api/ingestion",
                    "/manage/admin/cc-pair/{cc_pair_id}",
                ]
        )
        {
            paths.ShouldContainKey(path);
        }

        paths.Select(path => path.Key).ShouldNotContain(path => path.StartsWith("/api/"));
        var create = paths["/v1/sources/create"]!["post"]!;
        create["responses"]!.AsObject().ShouldContainKey("422");
        create["security"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_source_types_are_listed_in_the_description()
    {
        await using var api = await ApiServer.StartAsync();

        var schemas = (await DescriptionAsync(api))["components"]!["schemas"]!;

        schemas["CreateSourceBody"]!["properties"]!["type"]!["enum"]!.AsArray().Count.ShouldBe(51);
        schemas["CreateSourceBody"]!["required"]!
            .AsArray()
            .Select(name => (string)name!)
            .ShouldBe(["name", "type", "config", "credential"]);
    }

    [Fact]
    public async Task Real_answers_are_as_described()
    {
        await using var api = await ApiServer.StartAsync();
        var description = await DescriptionAsync(api);
        var id = await SourceTests.CreateAsync(api);
        var push = await SourceTests.CreateAsync(api, "P", "ingestion_api");
        const string Document =
            """{"id":"d","semantic_identifier":"D","sections":[{"text":"word"}],"metadata":{"k":["v"]}}""";
        var now = api.Time.GetUtcNow();
        api.Engine.Failures[900] = new(900, id, 1, "d", null, "broken", 1, now, now, null);
        api.Engine.Audit.Enqueue(new(5, now, "ada", "connector.create", "connector 1", null));
        (string Method, string Path, string? Body)[] requests =
        [
            ("POST", "/v1/sources/{source_id}/documents", $$"""{"documents":[{{Document}}]}"""),
            ("POST", "/onyx-api/ingestion", $$"""{"document":{{Document}}}"""),
            ("GET", "/onyx-api/ingestion", null),
            ("POST", "/v1/search", """{"query":"word"}"""),
            ("POST", "/v1/collections/create", $$"""{"name":"C","sources":[{{id}}]}"""),
            ("GET", "/v1/collections", null),
            ("GET", "/v1/sources", null),
            ("GET", "/v1/sources/types", null),
            ("GET", "/v1/sources/{source_id}", null),
            ("PATCH", "/v1/sources/{source_id}", """{"refresh_freq":60}"""),
            ("GET", "/v1/sources/{source_id}/runs", null),
            ("GET", "/v1/sources/{source_id}/errors", null),
            ("GET", "/v1/sources/{source_id}/skipped", null),
            ("GET", "/v1/sources/{source_id}/documents", null),
            ("GET", "/v1/sources/{cc_pair_id}/attempts", null),
            ("POST", "/v1/sources/{source_id}/run", null),
            ("GET", "/v1/integrations", null),
            ("GET", "/v1/me", null),
            ("POST", "/v1/tokens", """{"name":"t","role":"reader"}"""),
            ("GET", "/v1/tokens", null),
            ("POST", "/v1/users", """{"email":"a@b","password":"long enough","role":"reader"}"""),
            ("GET", "/v1/users", null),
            ("GET", "/v1/audit", null),
            ("GET", "/manage/admin/connector", null),
            ("GET", "/manage/admin/connector/status", null),
            ("GET", "/manage/admin/credential", null),
            ("GET", "/manage/connector-status", null),
            ("GET", "/manage/indexed-sources", null),
            ("POST", "/manage/admin/connector/indexing-status", "{}"),
            ("GET", "/manage/admin/cc-pair/{cc_pair_id}", null),
            ("GET", "/manage/admin/cc-pair/{cc_pair_id}/errors", null),
            ("GET", "/manage/document-set", null),
            ("GET", "/admin/api-key", null),
            ("POST", "/v1/sources/create", """{"name":5}"""),
            ("GET", "/v1/runs/{run_id}", null),
        ];
        foreach (var (method, pattern, body) in requests)
        {
            var path = pattern
                .Replace("{source_id}", $"{(pattern.EndsWith("/documents") ? push : id)}")
                .Replace("{cc_pair_id}", $"{id}")
                .Replace("{run_id}", "424242");

            var answer = await api.SendAsync(method, path, body, "admin-token");

            var responses = description["paths"]![pattern]![method.ToLowerInvariant()]!["responses"]!.AsObject();
            var response = responses[$"{(int)answer.Status}"] ?? responses["default"]!;
            var mistakes = await ValidateAsync(
                description,
                response["content"]!["application/json"]!["schema"]!,
                answer.Text
            );
            mistakes.ShouldBeEmpty($"{method} {pattern} answered {answer.Text}");
        }
    }

    [Fact]
    public async Task An_answer_that_is_not_as_described_is_noticed()
    {
        await using var api = await ApiServer.StartAsync();
        var description = await DescriptionAsync(api);
        var schema = description["paths"]!["/v1/sources/create"]!["post"]!["responses"]!["200"]!["content"]![
            "application/json"
        ]!["schema"]!;

        (await ValidateAsync(description, schema, """{"connector_id":"x"}""")).ShouldNotBeEmpty();
    }

    internal static async Task<List<string>> ValidateAsync(JsonObject description, JsonNode schema, string answer)
    {
        var whole = new JsonObject
        {
            ["allOf"] = new JsonArray(schema.DeepClone()),
            ["definitions"] = description["components"]!["schemas"]!.DeepClone(),
        };
        var text = whole.ToJsonString().Replace("#/components/schemas/", "#/definitions/");
        var validator = await JsonSchema.FromJsonAsync(text);
        return [.. validator.Validate(answer).Select(mistake => mistake.ToString())];
    }
}
