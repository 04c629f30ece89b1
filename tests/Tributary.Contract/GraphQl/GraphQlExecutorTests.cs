using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Tributary.Contract.Emulators;
using Tributary.Sdk;
using Tributary.Sdk.GraphQl;
using Tributary.Testing;
using Tributary.Testing.Readers;

namespace Tributary.Contract.GraphQl;

public sealed partial class GraphQlExecutorTests
{
    private const string Issues = """
        query Issues($after: String) {
          issues(first: 2, after: $after) { nodes { id title } pageInfo { hasNextPage endCursor } }
        }
        """;

    [Fact]
    public async Task Queries_run_against_the_vendors_schema_page_by_page()
    {
        if (!GraphQlExecutor.IsPossible)
        {
            return;
        }

        using var executor = new GraphQlExecutor("linear", Resolve);
        await using var server = await ServeAsync(executor);
        using var http = HarnessHttp.Create();

        var pages = await http.GraphQlPagesAsync(
                server.BaseUri,
                Issues,
                [],
                TestJson.Default.IssuesData,
                data => data.Issues.PageInfo,
                null,
                default
            )
            .ToListAsync();

        pages
            .SelectMany(page => page.Body.Issues.Nodes.Select(node => node.Title))
            .ShouldBe(["Größe 0", "Größe 1", "Größe 2"]);
        executor.Invalid.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_query_that_the_schema_does_not_allow_is_refused_and_remembered()
    {
        if (!GraphQlExecutor.IsPossible)
        {
            return;
        }

        using var executor = new GraphQlExecutor("linear", Resolve);
        await using var server = await ServeAsync(executor);
        using var http = HarnessHttp.Create();

        var error = await Should.ThrowAsync<SourceException>(() =>
            http.QueryGraphQlAsync(
                server.BaseUri,
                "{ issues { nodes { colour } } }",
                [],
                TestJson.Default.IssuesData,
                default
            )
        );

        error.Message.ShouldContain("colour");
        executor.Invalid.ShouldHaveSingleItem();
    }

    private static object? Resolve(string type, string field, JsonElement parent, JsonElement args)
    {
        (type, field).ShouldBe(("Query", "issues"));
        var from = args.TryGetProperty("after", out var after) && after.GetString() is { } text ? int.Parse(text) : 0;
        var nodes = Enumerable
            .Range(from, Math.Min(2, 3 - from))
            .Select(number => new { id = $"{number}", title = $"Größe {number}" });
        return new { nodes, pageInfo = new { hasNextPage = from == 0, endCursor = "2" } };
    }

    private static Task<LoopbackServer> ServeAsync(GraphQlExecutor executor) =>
        LoopbackServer.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var answer = executor.Answer(new EmulatorCall(context, new Dictionary<string, string>(), body.ToArray()));
            context.Response.StatusCode = answer.Status;
            context.Response.ContentType = answer.ContentType;
            await context.Response.Body.WriteAsync(answer.Body);
        });

    internal sealed record IssuesData(Connection Issues);

    internal sealed record Connection(IReadOnlyList<Node> Nodes, GraphQlPageInfo PageInfo);

    internal sealed record Node(string Id, string Title);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(IssuesData))]
    internal sealed partial class TestJson : JsonSerializerContext;
}
