using System.Net;

namespace Tributary.Api.Tests.Cargo.Storage;

public class QueryAndColumnTests
{
    private const string Query = "/v1/storage/query";
    private const string Columns = "/v1/storage/columns";
    private const string Relationships = "/v1/storage/relationships";
    private const string Nothing = "11111111-1111-4111-8111-111111111111";

    [Fact]
    public async Task A_query_answers_rows_and_a_download_a_file()
    {
        await using var server = await StorageServer.StartAsync();
        var uuid = await server.MakeAsync();
        await server.WaitAsync(uuid);
        const string Sql = "SELECT key, size FROM datasets_my_things.models_things WHERE size < 2 ORDER BY key";

        (await server.SendAsync("POST", Query, new { query = Sql }))
            .ShouldBeFine()
            .Text.ShouldBe("""{"rows":[{"key":"k00","size":0},{"key":"k01","size":1}],"isRefreshing":false}""");
        var answer = (await server.SendAsync("POST", $"{Query}/download", new { query = Sql, format = "csv" }))
            .ShouldBeFine()
            .Json;
        var url = new Uri(answer.GetProperty("urls")[0].GetString()!);
        var file = await server.Api.SendAsync("GET", url.PathAndQuery, json: null, token: null);
        file.ShouldBeFine().Text.ShouldBe("key,size\r\nk00,0\r\nk01,1\r\n");

        (await server.SendAsync("POST", $"{Query}/download", new { query = Sql })).ShouldBeFine();
        (await server.SendAsync("POST", $"{Query}/download", new { query = Sql, format = "parquet" })).ShouldRefuse(
            400,
            "invalidPayload"
        );
        (await server.SendAsync("POST", Query, new { query = "SELEKT" })).ShouldRefuse(400, "invalidQuery");
        (await server.SendAsync("POST", Query, new { query = "SELECT * FROM credentials" })).ShouldRefuse(
            400,
            "invalidQuery"
        );
        (await server.SendAsync("POST", Query, new { })).ShouldRefuse(400, "invalidPayload");
        (await server.Api.SendAsync("GET", $"{Query}/files/nothing.csv", json: null, token: null)).ShouldRefuse(
            404,
            "notFound"
        );
        (await server.Api.SendAsync("POST", Query, """{"query":"SELECT 1"}""", token: null)).Status.ShouldBe(
            HttpStatusCode.Unauthorized
        );
    }

    [Fact]
    public async Task Columns_are_added_changed_moved_and_removed()
    {
        await using var server = await StorageServer.StartAsync();
        var uuid = await server.MakeAsync();
        await server.WaitAsync(uuid);

        (await SendAsync("POST", Column("score", "number"))).Status.ShouldBe(HttpStatusCode.NoContent);
        (await SendAsync("POST", Column("note", "string"))).Status.ShouldBe(HttpStatusCode.NoContent);
        (await SendAsync("PUT", Column("score", "any"))).Status.ShouldBe(HttpStatusCode.NoContent);
        (await MoveAsync("note", 0)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await server.SendAsync("GET", $"{Columns}/list?modelUuid={uuid}"))
            .ShouldBeFine()
            .Text.ShouldBe("""{"columns":["key","name","body","size","note","score"]}""");
        (await server.ModelAsync(uuid))
            .GetProperty("additionalColumns")[1]
            .GetProperty("type")
            .GetString()
            .ShouldBe("any");
        (await server.SendAsync("GET", $"{Columns}/existsBySlug?modelUuid={uuid}&slug=note")).Text.ShouldBe(
            """{"exists":true}"""
        );
        (await server.SendAsync("GET", $"{Columns}/existsBySlug?modelUuid={Nothing}&slug=note")).Text.ShouldBe(
            """{"exists":false}"""
        );
        var values = await server.SendAsync(
            "POST",
            $"{Columns}/autocomplete",
            new
            {
                modelUuid = uuid,
                column = "name",
                query = "1",
            }
        );
        values
            .ShouldBeFine()
            .Text.ShouldBe(
                """{"results":[{"value":"n01","label":"n01"},{"value":"n10","label":"n10"},{"value":"n11","label":"n11"}]}"""
            );
        (
            await server.SendAsync(
                "POST",
                $"{Columns}/autocomplete",
                new { modelUuid = uuid, column = new { slug = "name" } }
            )
        )
            .Json.GetProperty("results")
            .GetArrayLength()
            .ShouldBe(12);

        (await SendAsync("POST", Column("score", "number"))).ShouldRefuse(409, "duplicateSlug");
        (await SendAsync("POST", Column("key", "number"))).ShouldRefuse(409, "duplicateSlug");
        (await SendAsync("POST", Column("a b", "number"))).ShouldRefuse(400, "invalidPayload");
        (await SendAsync("POST", Column("x", "money"))).ShouldRefuse(400, "invalidPayload");
        (await SendAsync("PUT", Column("unknown", "number"))).ShouldRefuse(404, "columnNotFound");
        (await SendAsync("POST", Computed("ai", "a score from 1 to 10"))).ShouldRefuse(400, "aiExpressionNotAllowed");
        (await SendAsync("POST", Computed("plain", "none"))).Status.ShouldBe(HttpStatusCode.NoContent);
        (await SendAsync("PUT", Computed("plain", "a score"))).ShouldRefuse(400, "aiExpressionNotAllowed");
        (await SendAsync("POST", Lookup("look", Nothing))).ShouldRefuse(400, "invalidRelationship");
        (await SendAsync("POST", Lookup("look", uuid))).Status.ShouldBe(HttpStatusCode.NoContent);
        (await SendAsync("PUT", Lookup("look", Nothing))).ShouldRefuse(400, "invalidRelationship");
        (await SendAsync("POST", Metric(Nothing))).ShouldRefuse(400, "invalidRelationship");
        (await MoveAsync("note", 9)).ShouldRefuse(400, "invalidIndex");
        (await MoveAsync("note", -1)).ShouldRefuse(400, "invalidIndex");
        (await MoveAsync("unknown", 0)).ShouldRefuse(404, "columnNotFound");
        (await RemoveAsync("note")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await RemoveAsync("note")).ShouldRefuse(404, "columnNotFound");
        (
            await server.SendAsync("POST", Columns, new { modelUuid = Nothing, column = Column("x", "any") })
        ).ShouldRefuse(404, "modelNotFound");
        (await server.SendAsync("GET", $"{Columns}/list?modelUuid={Nothing}")).ShouldRefuse(404, "modelNotFound");
        (
            await server.SendAsync("POST", $"{Columns}/autocomplete", new { modelUuid = Nothing, column = "x" })
        ).ShouldRefuse(404, "modelNotFound");

        Task<Answer> SendAsync(string method, object column) =>
            server.SendAsync(method, Columns, new { modelUuid = uuid, column });

        Task<Answer> RemoveAsync(string columnSlug) =>
            server.SendAsync("DELETE", Columns, new { modelUuid = uuid, columnSlug });

        Task<Answer> MoveAsync(string columnSlug, int toIndex) =>
            server.SendAsync(
                "PUT",
                $"{Columns}/reorder",
                new
                {
                    modelUuid = uuid,
                    columnSlug,
                    toIndex,
                }
            );
    }

    [Fact]
    public async Task Relationships_of_a_dataset_are_replaced_as_a_whole()
    {
        await using var server = await StorageServer.StartAsync();
        var from = await server.MakeAsync("slow");
        var to = await server.MakeAsync("hook");
        var own = await server.MakeAsync("object", dataset: server.Own);

        var set = (await SetAsync(Relationship(from, to), Relationship(from, own)))
            .ShouldBeFine()
            .Json.GetProperty("relationships");
        set.GetArrayLength().ShouldBe(2);
        var uuid = set[0].GetProperty("uuid").GetString();
        var kept = (
            await SetAsync(
                new
                {
                    uuid,
                    fromModelUuid = from,
                    fromColumnSlug = "other",
                    toModelUuid = to,
                    toColumnSlug = "key",
                    relation = "oneToMany",
                }
            )
        ).ShouldBeFine().Json.GetProperty("relationships");
        kept.EnumerateArray().ShouldHaveSingleItem().GetProperty("uuid").GetString().ShouldBe(uuid);
        (await server.SendAsync("GET", $"{Relationships}/list"))
            .Json.GetProperty("relationships")
            .GetArrayLength()
            .ShouldBe(1);
        (await server.SendAsync("GET", $"{Relationships}/{uuid}"))
            .ShouldBeFine()
            .Json.GetProperty("relationship")
            .GetProperty("relation")
            .GetString()
            .ShouldBe("oneToMany");
        (await server.SendAsync("POST", Columns, new { modelUuid = from, column = Metric(uuid!) })).Status.ShouldBe(
            HttpStatusCode.NoContent
        );

        (await server.SendAsync("GET", $"{Relationships}/{Nothing}")).ShouldRefuse(404, "relationshipNotFound");
        (await SetAsync(Relationship(from, Nothing))).ShouldRefuse(400, "invalidRelationships");
        (await SetAsync(new { fromModelUuid = from })).ShouldRefuse(400, "invalidRelationships");
        (await SetAsync(Relationship(own, to))).ShouldRefuse(400, "modelNotCompatible");
        (
            await server.SendAsync(
                "POST",
                Relationships,
                new { datasetUuid = Nothing, relationships = Array.Empty<object>() }
            )
        ).ShouldRefuse(404, "datasetNotFound");
        await server.SendAsync("DELETE", $"/v1/storage/models/{to}");
        (await server.SendAsync("GET", $"{Relationships}/list")).Text.ShouldBe("""{"relationships":[]}""");

        Task<Answer> SetAsync(params object[] relationships) =>
            server.SendAsync("POST", Relationships, new { datasetUuid = server.Dataset, relationships });
    }

    private static object Relationship(string from, string to) =>
        new
        {
            fromModelUuid = from,
            fromColumnSlug = "key",
            toModelUuid = to,
            toColumnSlug = "key",
            relation = "manyToOne",
        };

    private static object Column(string slug, string type) =>
        new
        {
            slug,
            type,
            label = slug,
            kind = "custom",
        };

    private static object Computed(string slug, string instructTo) =>
        new
        {
            slug,
            type = "number",
            label = slug,
            kind = "computed",
            expression = new
            {
                kind = "jsExpression",
                expression = "1",
                instructTo,
                fromRecipe = false,
            },
        };

    private static object Lookup(string slug, string model) =>
        new
        {
            slug,
            type = "string",
            label = slug,
            kind = "lookup",
            join = new
            {
                toModelUuid = model,
                fromColumnSlug = "key",
                toColumnSlug = "key",
            },
            extractColumnSlug = "name",
        };

    private static object Metric(string relationshipUuid) =>
        new
        {
            slug = "m",
            type = "number",
            label = "M",
            kind = "metric",
            relationshipUuid,
            aggregation = new { function = "COUNT", columnSlug = "key" },
        };
}
