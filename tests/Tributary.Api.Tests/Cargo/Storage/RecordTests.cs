using System.Net;
using System.Text.Json;

namespace Tributary.Api.Tests.Cargo.Storage;

public class RecordTests
{
    private const string Records = "/v1/storage/records";
    private const string Nothing = "11111111-1111-4111-8111-111111111111";

    [Fact]
    public async Task Records_that_were_read_are_listed_in_order_and_not_written_to()
    {
        await using var server = await StorageServer.StartAsync();
        var uuid = await server.MakeAsync();
        await server.WaitAsync(uuid);

        (await ListAsync(new { modelUuid = uuid, limit = 2 })).ShouldBe(["k00", "k01"]);
        (await ListAsync(Sorted("asc", "_title", 2, 0))).ShouldBe(["k11", "k10"]);
        (await ListAsync(Sorted("desc", "_id", 2, 1))).ShouldBe(["k10", "k09"]);
        (await ListAsync(Sorted("desc", "_emitted_at", 100, 10))).ShouldBe(["k01", "k00"]);
        (await ListAsync(new { modelUuid = uuid, fromIngest = true })).Count.ShouldBe(12);
        var one = (await server.SendAsync("GET", $"{Records}/get?modelUuid={uuid}&id=k05"))
            .ShouldBeFine()
            .Json.GetProperty("record");
        one.GetProperty("_title").GetString().ShouldBe("n06");
        one.GetProperty("_emitted_at").GetString()!.ShouldEndWith("Z");
        one.GetProperty("size").GetInt32().ShouldBe(5);

        (await server.SendAsync("GET", $"{Records}/get?modelUuid={uuid}&id=x")).ShouldRefuse(404, "recordNotFound");
        (await server.SendAsync("GET", $"{Records}/get?modelUuid=x&id=x")).ShouldRefuse(404, "modelNotFound");
        (await server.SendAsync("POST", $"{Records}/list", new { modelUuid = Nothing })).ShouldRefuse(
            404,
            "modelNotFound"
        );
        (await server.SendAsync("POST", $"{Records}/list", new { modelUuid = uuid, limit = 0 })).ShouldRefuse(
            400,
            "invalidPayload"
        );
        (await server.SendAsync("POST", $"{Records}/list", new { modelUuid = uuid, limit = 101 })).ShouldRefuse(
            400,
            "invalidPayload"
        );
        (await server.SendAsync("POST", $"{Records}/list", new { modelUuid = uuid, offset = -1 })).ShouldRefuse(
            400,
            "invalidPayload"
        );
        (await server.SendAsync("POST", $"{Records}/list", Sorted("asc", "size", 5, 0))).ShouldRefuse(
            400,
            "invalidPayload"
        );
        foreach (var (method, path, body) in Writes(uuid))
        {
            (await server.SendAsync(method, $"{Records}/{path}", body)).ShouldRefuse(
                400,
                "incompatibleWithRecordAction"
            );
        }

        object Sorted(string kind, string columnSlug, int limit, int offset) =>
            new
            {
                modelUuid = uuid,
                limit,
                offset,
                sort = new { kind, columnSlug },
            };

        async Task<List<string?>> ListAsync(object body) =>
            [
                .. (await server.SendAsync("POST", $"{Records}/list", body))
                    .ShouldBeFine()
                    .Json.GetProperty("records")
                    .EnumerateArray()
                    .Select(record => record.GetProperty("_id").GetString()),
            ];
    }

    [Fact]
    public async Task Documents_are_the_records_of_their_model()
    {
        await using var server = await StorageServer.StartAsync(isCustom: false);
        var uuid = await server.MakeAsync("documents");
        await server.WaitAsync(uuid);
        var source = (await server.SendAsync("GET", "/v1/sources")).Json.GetProperty("items")[0].GetProperty("id");
        (
            await server.Api.SendAsync(
                "POST",
                $"/v1/sources/{source.GetInt64()}/documents",
                """{"documents":[{"id":"z","semantic_identifier":"A","sections":[{"text":"one"}]},{"id":"y","semantic_identifier":"B","sections":[{"text":"two"}],"metadata":{"k":"v"}}]}""",
                "admin-token"
            )
        ).ShouldBeFine();

        foreach (var (column, ids) in (ValueTuple<string, string[]>[])[("_id", ["y", "z"]), ("_title", ["z", "y"])])
        {
            var sort = new { kind = "asc", columnSlug = column };
            var records = (await server.SendAsync("POST", $"{Records}/list", new { modelUuid = uuid, sort }))
                .ShouldBeFine()
                .Json.GetProperty("records");
            records.EnumerateArray().Select(record => record.GetProperty("_id").GetString()).ShouldBe(ids);
        }

        var one = (await server.SendAsync("GET", $"{Records}/get?modelUuid={uuid}&id=y"))
            .ShouldBeFine()
            .Json.GetProperty("record");
        one.EnumerateObject()
            .Select(member => member.Name)
            .ShouldBe([
                "_id",
                "_title",
                "_emitted_at",
                "id",
                "title",
                "link",
                "updated_at",
                "owners",
                "metadata",
                "text",
            ]);
        one.GetProperty("text").GetString().ShouldBe("two");
        var byTime = new { kind = "desc", columnSlug = "_emitted_at" };
        (await server.SendAsync("POST", $"{Records}/list", new { modelUuid = uuid, sort = byTime })).ShouldBeFine();
        (await server.SendAsync("POST", $"{Records}/create", new { modelUuid = uuid, data = new { } })).ShouldRefuse(
            400,
            "incompatibleWithRecordAction"
        );
    }

    [Theory]
    [InlineData("object")]
    [InlineData("hook")]
    public async Task Records_of_models_that_nobody_reads_are_written(string extractor)
    {
        await using var server = await StorageServer.StartAsync();
        var uuid = await server.MakeAsync(extractor, dataset: extractor == "object" ? server.Own : null);

        var made = (
            await PostAsync(
                "create",
                new
                {
                    modelUuid = uuid,
                    data = new
                    {
                        _id = "a",
                        title = "A",
                        n = 1,
                    },
                }
            )
        ).GetProperty("record");
        made.GetProperty("_title").GetString().ShouldBe("A");
        (await PostAsync("create", new { modelUuid = uuid, data = new { n = 2 } }))
            .GetProperty("record")
            .GetProperty("_id")
            .GetString()!
            .Length.ShouldBe(36);
        var more = new[] { new { data = new { _id = "b", n = 3 } }, new { data = new { _id = "c", n = 4 } } };
        (await PostAsync("createBulk", new { modelUuid = uuid, records = more }))
            .GetProperty("records")
            .GetArrayLength()
            .ShouldBe(2);
        var updated = (
            await server.SendAsync(
                "PUT",
                $"{Records}/update",
                new
                {
                    modelUuid = uuid,
                    id = "a",
                    data = new { n = 9 },
                }
            )
        ).ShouldBeFine().Json.GetProperty("record");
        updated.GetProperty("n").GetInt32().ShouldBe(9);
        updated.GetProperty("title").GetString().ShouldBe("A");
        var changes = new[] { new { id = "b", data = new { n = 30 } }, new { id = "missing", data = new { n = 1 } } };
        (
            await server.SendAsync("PUT", $"{Records}/updateBulk", new { modelUuid = uuid, records = changes })
        ).ShouldRefuse(404, "recordNotFound");
        (await NumberAsync("b")).ShouldBe(3);
        (
            await server.SendAsync("PUT", $"{Records}/updateBulk", new { modelUuid = uuid, records = changes[..1] })
        ).ShouldBeFine();
        (await NumberAsync("b")).ShouldBe(30);
        (
            await server.SendAsync(
                "PUT",
                $"{Records}/update",
                new
                {
                    modelUuid = uuid,
                    id = "x",
                    data = new { },
                }
            )
        ).ShouldRefuse(404, "recordNotFound");
        (await server.SendAsync("DELETE", $"{Records}/remove", new { modelUuid = uuid, id = "a" })).Status.ShouldBe(
            HttpStatusCode.NoContent
        );
        (await server.SendAsync("DELETE", $"{Records}/remove", new { modelUuid = uuid, id = "a" })).ShouldRefuse(
            404,
            "recordNotFound"
        );
        (
            await server.SendAsync(
                "DELETE",
                $"{Records}/removeBulk",
                new { modelUuid = uuid, ids = new[] { "b", "x" } }
            )
        ).Status.ShouldBe(HttpStatusCode.NoContent);
        (await PostAsync("list", new { modelUuid = uuid })).GetProperty("records").GetArrayLength().ShouldBe(2);
        (await server.ModelAsync(uuid))
            .GetProperty("columns")
            .EnumerateArray()
            .Select(column => column.GetProperty("slug").GetString())
            .ShouldBe(["title", "n"]);
        (await server.SendAsync("POST", $"{Records}/create", new { modelUuid = uuid, data = 5 })).ShouldRefuse(
            400,
            "invalidPayload"
        );
        foreach (var (method, path, body) in Writes(Nothing))
        {
            (await server.SendAsync(method, $"{Records}/{path}", body)).ShouldRefuse(404, "modelNotFound");
        }

        async Task<JsonElement> PostAsync(string path, object body) =>
            (await server.SendAsync("POST", $"{Records}/{path}", body)).ShouldBeFine().Json;

        async Task<int> NumberAsync(string id) =>
            (await server.SendAsync("GET", $"{Records}/get?modelUuid={uuid}&id={id}"))
                .ShouldBeFine()
                .Json.GetProperty("record")
                .GetProperty("n")
                .GetInt32();
    }

    private static IEnumerable<(string Method, string Path, object Body)> Writes(string model) =>
        [
            ("POST", "create", new { modelUuid = model, data = new { } }),
            ("POST", "createBulk", new { modelUuid = model, records = new[] { new { data = new { } } } }),
            (
                "PUT",
                "update",
                new
                {
                    modelUuid = model,
                    id = "k00",
                    data = new { },
                }
            ),
            ("PUT", "updateBulk", new { modelUuid = model, records = new[] { new { id = "k00", data = new { } } } }),
            ("DELETE", "remove", new { modelUuid = model, id = "k00" }),
            ("DELETE", "removeBulk", new { modelUuid = model, ids = new[] { "k00" } }),
        ];
}
