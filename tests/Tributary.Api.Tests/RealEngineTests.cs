using Tributary.Testing;

namespace Tributary.Api.Tests;

/// <summary>The way of a document through the API on the real engine and store.</summary>
public class RealEngineTests
{
    private const string Admin = "admin-token";

    [Fact]
    public async Task What_is_pushed_is_found_shown_and_gone_when_it_is_deleted()
    {
        using var folder = new TemporaryFolder();
        await using var api = await ApiServer.StartOnEngineAsync(folder);
        var id = await SourceTests.CreateAsync(api, "P", "ingestion_api", Admin);

        var push = await api.SendAsync(
            "POST",
            $"/v1/sources/{id}/documents",
            """
            {"documents":[
              {"id":"a","semantic_identifier":"Harbour","sections":[{"text":"The harbour closes at nine. Boats sleep.","link":"https://example.com/a"}],"metadata":{"area":"north"}},
              {"id":"b","semantic_identifier":"Harbour south","sections":[{"text":"The harbour of the south never closes."}],"metadata":{"area":"south"}}]}
            """,
            Admin
        );
        push.ShouldBeFine().Json.GetProperty("added").GetInt64().ShouldBe(2);
        (await SearchAsync("""{"query":"harbour closes"}""")).ShouldBe(["a", "b"], ignoreOrder: true);
        (await SearchAsync("""{"query":"harbour","filters":{"metadata":{"area":"north"}}}""")).ShouldBe(["a"]);
        (await SearchAsync($$$"""{"query":"harbour","filters":{"source_ids":[{{{id + 100}}}]}}""")).ShouldBeEmpty();
        (await api.SendAsync("DELETE", "/onyx-api/ingestion/a", json: null, Admin)).ShouldBeFine();
        (await SearchAsync("""{"query":"harbour"}""")).ShouldBe(["b"]);
        (await api.SendAsync("GET", $"/v1/sources/{id}", json: null, Admin))
            .ShouldBeFine()
            .Json.GetProperty("documents")
            .GetInt64()
            .ShouldBe(1);

        async Task<List<string?>> SearchAsync(string body) =>
            [
                .. (await api.SendAsync("POST", "/v1/search", body, Admin))
                    .ShouldBeFine()
                    .Json.GetProperty("citations")
                    .EnumerateArray()
                    .Select(citation => citation.GetProperty("document_id").GetString()),
            ];
    }

    [Fact]
    public async Task An_ingest_waits_for_the_first_run()
    {
        using var folder = new TemporaryFolder();
        await using var api = await ApiServer.StartOnEngineAsync(folder);
        using var form = new MultipartFormDataContent
        {
            {
                new StringContent("""[{"name":"Site","type":"web","config":{"base_url":"https://a.example"}}]"""),
                "sources_json"
            },
        };

        var answer = await api.SendAsync("POST", "/v1/sources/ingest", form, Admin);

        var result = answer.ShouldBeFine().Json.GetProperty("results")[0];
        result.GetProperty("success").GetBoolean().ShouldBeTrue();
        var id = result.GetProperty("connector_id").GetInt64();
        var source = (await api.SendAsync("GET", $"/v1/sources/{id}", json: null, Admin)).ShouldBeFine().Json;
        source.GetProperty("last_run").GetProperty("status").GetString().ShouldBe("succeeded");
        source.GetProperty("status").GetString().ShouldBe("ACTIVE");
    }
}
