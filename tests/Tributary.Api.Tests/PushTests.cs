using System.Net;
using System.Text;
using System.Text.Json;
using Tributary.Sdk.Documents;

namespace Tributary.Api.Tests;

public class PushTests
{
    private const string Full = """
        {"document":{
          "id":"https://example.com/a b","source":"web","semantic_identifier":"Ein Größe","title":"Another title",
          "sections":[{"text":"First \u0000part"},{"type":"text","text":"Second","link":"https://example.com/a#2","heading":"Two"},{"text":""}],
          "metadata":{"team":"core","tags":["a","b"],"count":3,"on":true,"none":null},
          "doc_updated_at":"2025-01-02T03:04:05","doc_created_at":"2025-01-01T00:00:00+02:00",
          "primary_owners":[{"first_name":"Ada","middle_initial":"K","last_name":"Lovelace","email":"ada@example.com"},"bob@example.com"],
          "secondary_owners":[{"display_name":"Cy"},{}],
          "external_access":{"external_user_emails":["a@example.com"],"external_user_group_ids":["g"],"is_public":false},
          "from_ingestion_api":true,"additional_info":{"x":1}}}
        """;

    [Fact]
    public async Task A_pushed_document_keeps_everything_that_it_came_with()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = (await api.SendAsync("POST", "/onyx-api/ingestion", Full)).ShouldBeFine();

        answer.Json.GetProperty("already_existed").GetBoolean().ShouldBeFalse();
        var id = answer.Json.GetProperty("document_id").GetString()!;
        id.ShouldBe("https%3A%2F%2Fexample.com%2Fa_b");
        var document = api.Engine.Documents[id].Document;
        document.Title.ShouldBe("Ein Größe");
        document.Link.ShouldBe("https://example.com/a#2");
        document.SourceType.ShouldBe("web");
        document.Sections.ShouldBe([
            new Section("Another title"),
            new Section("First part"),
            new Section("Second", "https://example.com/a#2", "Two"),
        ]);
        document
            .Metadata.Select(tag => $"{tag.Key}={tag.Value}")
            .ShouldBe(["team=core", "tags=a, b", "count=3", "on=true"]);
        document.UpdatedAt.ShouldBe(new DateTimeOffset(2025, 1, 2, 3, 4, 5, TimeSpan.Zero));
        document.CreatedAt.ShouldBe(new DateTimeOffset(2024, 12, 31, 22, 0, 0, TimeSpan.Zero));
        document.PrimaryOwners.ShouldBe([
            new Owner("Ada K Lovelace", "ada@example.com"),
            new Owner(null, "bob@example.com"),
        ]);
        document.SecondaryOwners.ShouldBe([new Owner("Cy")]);
        document.Access!.IsPublic.ShouldBeFalse();
        document.Access.Users.ShouldBe(["a@example.com"]);
    }

    [Fact]
    public async Task Pushing_again_by_the_given_or_the_answered_id_replaces()
    {
        await using var api = await ApiServer.StartAsync();
        (await Push("a/b c")).GetProperty("document_id").GetString().ShouldBe("a%2Fb_c");

        (await Push("a/b c")).GetProperty("already_existed").GetBoolean().ShouldBeTrue();
        (await Push("a%2Fb_c")).GetProperty("already_existed").GetBoolean().ShouldBeTrue();
        api.Engine.Documents.Count.ShouldBe(1);

        async Task<JsonElement> Push(string id) =>
            (
                await api.SendAsync(
                    "POST",
                    "/onyx-api/ingestion",
                    $$"""{"document":{"id":"{{id}}","semantic_identifier":"t","sections":[{"text":"x"}],"metadata":{} } }"""
                )
            )
                .ShouldBeFine()
                .Json;
    }

    [Fact]
    public async Task A_document_without_id_and_time_gets_both()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync(
            "POST",
            "/api/onyx-api/ingestion",
            """{"document":{"semantic_identifier":"My page","sections":[],"metadata":{}}}"""
        );

        answer.ShouldBeFine().Json.GetProperty("document_id").GetString().ShouldBe("ingestion_api_My_page");
        api.Engine.Documents["ingestion_api_My_page"].Document.UpdatedAt.ShouldBe(api.Time.GetUtcNow());
    }

    [Fact]
    public async Task Every_mistake_of_a_document_is_named()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync(
            "POST",
            "/onyx-api/ingestion",
            """
            {"document":{"id":5,"sections":[{"image_file_id":"f"},{"link":"l"},7],"doc_updated_at":"yesterday",
             "primary_owners":{},"source":"no such thing","external_access":[]}}
            """
        );

        answer
            .Should(HttpStatusCode.UnprocessableEntity)
            .Mistakes.ShouldBe(
                [
                    "body.document.id:string_type",
                    "body.document.sections.0.text:value_error",
                    "body.document.sections.1.text:missing",
                    "body.document.sections.2:dict_type",
                    "body.document.doc_updated_at:datetime_parsing",
                    "body.document.primary_owners:list_type",
                    "body.document.source:enum",
                    "body.document.external_access:dict_type",
                    "body.document.metadata:missing",
                ],
                ignoreOrder: true
            );
    }

    [Fact]
    public async Task An_unknown_pair_is_refused()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync(
            "POST",
            "/onyx-api/ingestion",
            """{"cc_pair_id":99,"document":{"semantic_identifier":"t","sections":[],"metadata":{}}}"""
        );

        answer.Should(HttpStatusCode.BadRequest).Detail.ShouldBe("Connector-Credential Pair specified does not exist");
    }

    [Fact]
    public async Task Pushed_documents_are_listed_and_deleted()
    {
        await using var api = await ApiServer.StartAsync();
        (await api.SendAsync("POST", "/onyx-api/ingestion", Full)).ShouldBeFine();

        var list = (await api.SendAsync("GET", "/onyx-api/ingestion")).ShouldBeFine();
        list.Text.ShouldBe(
            """[{"document_id":"https%3A%2F%2Fexample.com%2Fa_b","semantic_id":"Ein Größe","link":"https://example.com/a#2"}]"""
        );
        var path = "/onyx-api/ingestion/" + Uri.EscapeDataString("https%3A%2F%2Fexample.com%2Fa_b");
        (await api.SendAsync("DELETE", path)).ShouldBeFine().Text.ShouldBe("null");
        (await api.SendAsync("DELETE", path)).Should(HttpStatusCode.NotFound).Detail.ShouldBe("Document not found");
    }

    [Fact]
    public async Task A_document_is_deleted_also_by_the_id_that_was_given()
    {
        await using var api = await ApiServer.StartAsync();
        (await api.SendAsync("POST", "/onyx-api/ingestion", Full)).ShouldBeFine();

        var path = "/onyx-api/ingestion/" + Uri.EscapeDataString("https://example.com/a b");

        (await api.SendAsync("DELETE", path)).ShouldBeFine();
    }

    [Fact]
    public async Task A_batch_is_stored_whole_or_not_at_all()
    {
        await using var api = await ApiServer.StartAsync();
        var id = await SourceTests.CreateAsync(api, type: "ingestion_api");
        const string Good = """{"id":"a/b","semantic_identifier":"A","sections":[{"text":"x"},{"text":"y"}]}""";

        var bad = await api.SendAsync(
            "POST",
            $"/v1/sources/{id}/documents",
            $$"""{"documents":[{{Good}},{"id":"b"}]}"""
        );
        bad.Should(HttpStatusCode.UnprocessableEntity).Mistakes.ShouldBe(["body.documents.1.sections:missing"]);
        api.Engine.Documents.ShouldBeEmpty();

        var good = await api.SendAsync("POST", $"/v1/sources/{id}/documents", $$"""{"documents":[{{Good}}]}""");
        good.ShouldBeFine()
            .Text.ShouldBe(
                """{"stored":1,"added":1,"updated":0,"chunks":2,"documents":[{"document_id":"a/b","already_existed":false,"chunks":2}]}"""
            );
        var documents = (await api.SendAsync("GET", $"/v1/sources/{id}/documents")).ShouldBeFine().Json;
        documents.GetProperty("items")[0].GetProperty("title").GetString().ShouldBe("A");
    }

    [Fact]
    public async Task A_batch_has_at_most_a_thousand_documents()
    {
        await using var api = await ApiServer.StartAsync();
        var id = await SourceTests.CreateAsync(api, type: "ingestion_api");

        var answer = await api.SendAsync(
            "POST",
            $"/v1/sources/{id}/documents",
            $$"""{"documents":[{{string.Join(',', Enumerable.Repeat("{}", 1001))}}]}"""
        );

        answer.Should(HttpStatusCode.UnprocessableEntity).Mistakes.ShouldBe(["body.documents:too_long"]);
    }

    [Fact]
    public async Task Lines_are_stored_in_batches_however_many_there_are()
    {
        await using var api = await ApiServer.StartAsync();
        var id = await SourceTests.CreateAsync(api, type: "ingestion_api");
        var lines = Enumerable
            .Range(0, 1_250)
            .Select(n => $$"""{"id":"{{n % 1_200}}","semantic_identifier":"A","sections":[{"text":"x"}]}""");

        var answer = await SendLinesAsync(api, id, string.Join("\r\n", lines) + "\n\n");

        answer
            .ShouldBeFine()
            .Text.ShouldBe("""{"stored":1250,"added":1200,"updated":50,"chunks":1250,"documents":null}""");
    }

    [Fact]
    public async Task A_wrong_line_is_named_and_the_lines_before_it_are_stored()
    {
        await using var api = await ApiServer.StartAsync();
        var id = await SourceTests.CreateAsync(api, type: "ingestion_api");
        const string Good = """{"id":"N","semantic_identifier":"A","sections":[{"text":"x"}]}""";
        var lines = Enumerable.Range(0, 600).Select(n => Good.Replace("N", $"{n}"));

        var answer = await SendLinesAsync(api, id, string.Join('\n', lines) + "\n{\"id\":3}\n");

        answer
            .Should(HttpStatusCode.UnprocessableEntity)
            .Mistakes.ShouldBe(["body.601.id:string_type", "body.601.sections:missing"], ignoreOrder: true);
        api.Engine.Documents.Count.ShouldBe(500);
    }

    private static async Task<Answer> SendLinesAsync(ApiServer api, long id, string lines)
    {
        using var content = new StringContent(lines, Encoding.UTF8, "application/x-ndjson");
        return await api.SendAsync("POST", $"/v1/sources/{id}/documents", content);
    }
}
