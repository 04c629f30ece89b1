using System.Net;
using System.Text;
using System.Text.Json;

namespace Tributary.Api.Tests;

public class IngestTests
{
    private static async Task<Answer> IngestAsync(
        ApiServer api,
        string? sources,
        string field = "files",
        params string[] files
    )
    {
        using var form = new MultipartFormDataContent();
        foreach (var file in files)
        {
            form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes($"content of {file}")), field, file);
        }

        // Last, since clients may send the parts in any order.
        if (sources is not null)
        {
            form.Add(new StringContent(sources), "sources_json");
        }

        return await api.SendAsync("POST", "/v1/sources/ingest", form);
    }

    private static List<string> Results(Answer answer) =>
        [
            .. answer
                .Json.GetProperty("results")
                .EnumerateArray()
                .Select(result =>
                    $"{result.GetProperty("source_name").GetString()}:{result.GetProperty("source_type").GetString()}:"
                    + $"{result.GetProperty("documents_indexed").GetInt64()}:{result.GetProperty("success").GetBoolean()}"
                ),
        ];

    [Fact]
    public async Task Pages_and_files_are_indexed_when_the_call_returns()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await IngestAsync(
            api,
            """
            {"collection_name":"Handbook","sources":[
              {"name":"Site","type":"web","config":{"base_url":"https://docs.example.com"}},
              {"name":"Manuals","type":"file","config":{"file_names":["a.md"]}}]}
            """,
            files: ["a.md"]
        );

        Results(answer.ShouldBeFine()).ShouldBe(["Site:web:1:True", "Manuals:file:1:True"]);
        var json = answer.Json;
        json.GetProperty("success").GetBoolean().ShouldBeTrue();
        json.GetProperty("total_documents_indexed").GetInt64().ShouldBe(2);
        json.GetProperty("total_chunks_indexed").GetInt64().ShouldBe(6);
        var collection = api.Engine.Collections.Values.ShouldHaveSingleItem();
        json.GetProperty("collection_id").GetInt64().ShouldBe(collection.Id);
        json.GetProperty("knowledge_source_ids")
            .EnumerateArray()
            .Select(id => id.GetInt64())
            .ShouldBe(collection.Connectors.Select(connector => connector.Id));
    }

    [Fact]
    public async Task A_bad_file_does_not_hold_up_the_good_one()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await IngestAsync(
            api,
            """
            [{"name":"Good","type":"file","config":{"file_names":["good.md"]}},
             {"name":"Bad","type":"file","config":{"file_names":["bad.pdf"]}}]
            """,
            files: ["bad.pdf", "good.md"]
        );

        Results(answer.ShouldBeFine()).ShouldBe(["Good:file:1:True", "Bad:file:0:False"]);
        answer.Json.GetProperty("success").GetBoolean().ShouldBeFalse();
        answer.Json.GetProperty("total_documents_indexed").GetInt64().ShouldBe(1);
        answer
            .Json.GetProperty("results")[1]
            .GetProperty("error_message")
            .GetString()!
            .ShouldContain("bad.pdf: damaged");
        answer.Json.GetProperty("knowledge_source_ids").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task One_bad_file_among_good_ones_is_told_of()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await IngestAsync(api, """{"name":"Both","type":"file"}""", files: ["bad.pdf", "good.md"]);

        Results(answer.ShouldBeFine()).ShouldBe(["Both:file:1:False"]);
    }

    [Fact]
    public async Task A_named_file_that_was_not_uploaded_fails_its_own_source_only()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await IngestAsync(
            api,
            """
            {"sources":[{"name":"Missing","type":"file","config":{"file_names":["nowhere.md"]}},
                        {"name":"Site","type":"web","config":{"base_url":"https://docs.example.com"}}]}
            """
        );

        Results(answer.ShouldBeFine()).ShouldBe(["Missing:file:0:False", "Site:web:1:True"]);
        var missing = answer.Json.GetProperty("results")[0];
        missing.GetProperty("connector_id").ValueKind.ShouldBe(JsonValueKind.Null);
        missing.GetProperty("error_message").GetString()!.ShouldContain("nowhere.md");
    }

    [Theory]
    [InlineData("files")]
    [InlineData("files[]")]
    [InlineData("files.items")]
    public async Task Files_that_no_source_takes_become_one_of_their_own(string field)
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await IngestAsync(api, "[]", field, "first.md", "second.md");

        Results(answer.ShouldBeFine()).ShouldBe(["first.md:file:2:True"]);
        var config = api.Engine.Connectors.Values.Single().Config;
        config.GetProperty("file_locations").GetArrayLength().ShouldBe(2);
        config.GetProperty("file_names")[1].GetString().ShouldBe("second.md");
    }

    [Fact]
    public async Task A_source_that_names_no_files_takes_those_that_others_leave()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await IngestAsync(
            api,
            """
            [{"name":"Rest","type":"file","config":{}},
             {"name":"Named","type":"file","config":{"file_names":["a.md"]}}]
            """,
            files: ["a.md", "b.md", "c.md"]
        );

        Results(answer.ShouldBeFine()).ShouldBe(["Rest:file:2:True", "Named:file:1:True"]);
    }

    [Fact]
    public async Task A_collection_is_used_again_by_its_name_or_id()
    {
        await using var api = await ApiServer.StartAsync();
        const string Source = """{"name":"N","type":"web","config":{"base_url":"https://docs.example.com"}}""";
        var first = await IngestAsync(api, $$"""{"collection_name":"C","sources":[{{Source.Replace("N", "1")}}]}""");
        var id = first.ShouldBeFine().Json.GetProperty("collection_id").GetInt64();

        (
            await IngestAsync(api, $$"""{"collection_name":"C","sources":[{{Source.Replace("N", "2")}}]}""")
        ).ShouldBeFine();
        (
            await IngestAsync(api, $$"""{"collection_id":{{id}},"sources":[{{Source.Replace("N", "3")}}]}""")
        ).ShouldBeFine();

        var collection = api.Engine.Collections.Values.ShouldHaveSingleItem();
        collection.Connectors.Select(connector => connector.Name).ShouldBe(["1", "2", "3"]);
    }

    [Theory]
    [InlineData(null, "body.sources_json:missing")]
    [InlineData("{", "body.sources_json:json_invalid")]
    [InlineData("{\"sources\":[{\"name\":\"a\",\"type\":\"webb\"}]}", "body.sources_json.sources.0.type:enum")]
    [InlineData("[{\"type\":\"web\"}]", "body.sources_json.0.name:missing")]
    [InlineData("{\"name\":3,\"type\":\"web\"}", "body.sources_json.name:string_type")]
    [InlineData("{\"collection_id\":\"x\",\"sources\":[]}", "body.sources_json.collection_id:int_parsing")]
    public async Task Mistakes_in_the_sources_are_told_and_nothing_of_the_form_stays(string? sources, string mistake)
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await IngestAsync(api, sources, files: ["a.md"]);

        answer.Should(HttpStatusCode.UnprocessableEntity).Mistakes.ShouldBe([mistake]);
        api.Engine.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_upload_beyond_the_limit_is_refused_and_nothing_of_the_form_stays()
    {
        await using var api = await ApiServer.StartAsync(options => options.MaxUploadBytes = 12);

        var answer = await IngestAsync(api, "[]", files: ["a", "longer"]);

        answer.Should(HttpStatusCode.RequestEntityTooLarge);
        api.Engine.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_form_that_breaks_off_is_refused_and_nothing_of_it_stays()
    {
        await using var api = await ApiServer.StartAsync();
        using var content = new StringContent(
            "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.md\"\r\n\r\nwhole\r\n"
                + "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"b.md\"\r\n\r\nhal"
        );
        content.Headers.ContentType = new("multipart/form-data") { Parameters = { new("boundary", "x") } };

        var answer = await api.SendAsync("POST", "/v1/sources/ingest", content);

        answer.Should(HttpStatusCode.UnprocessableEntity).Mistakes.ShouldBe(["body:multipart_invalid"]);
        api.Engine.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_not_a_form_is_refused()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync("POST", "/v1/sources/ingest", "{}");

        answer.Should(HttpStatusCode.UnprocessableEntity).Mistakes.ShouldBe(["body:multipart_invalid"]);
    }
}
