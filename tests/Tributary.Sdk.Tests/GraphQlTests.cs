using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Tributary.Sdk.GraphQl;
using Tributary.Sdk.Http;
using Tributary.Testing;
using Tributary.Testing.Readers;

namespace Tributary.Sdk.Tests;

public sealed partial class GraphQlTests
{
    [Theory]
    [InlineData(200, "RATELIMITED", FailureKind.Transient)]
    [InlineData(400, "AUTHENTICATION_ERROR", FailureKind.Credentials)]
    [InlineData(200, "FORBIDDEN", FailureKind.Credentials)]
    [InlineData(200, "INTERNAL_SERVER_ERROR", FailureKind.Transient)]
    [InlineData(200, "GRAPHQL_VALIDATION_FAILED", FailureKind.Source)]
    public async Task Errors_in_an_answer_are_failures(int status, string code, FailureKind kind)
    {
        var error = await FailureOf(
            status,
            "application/json",
            """{"data":{"name":"half"},"errors":[{"message":"No.","extensions":{"code":"CODE"}}]}""".Replace(
                "CODE",
                code
            )
        );

        error.Kind.ShouldBe(kind);
        error.Message.ShouldContain("No.");
    }

    [Theory]
    [InlineData(200, "application/json", """{"data":null}""", FailureKind.Source)]
    [InlineData(200, "application/json", """{"data":{"name":"cut o""", FailureKind.Source)]
    [InlineData(200, "text/html", "<h1>Log in</h1>", FailureKind.Source)]
    [InlineData(401, "application/json", "{}", FailureKind.Credentials)]
    [InlineData(503, "text/html", "<h1>Down</h1>", FailureKind.Transient)]
    public async Task Other_answers_are_failures(int status, string type, string body, FailureKind kind) =>
        (await FailureOf(status, type, body)).Kind.ShouldBe(kind);

    [Fact]
    public async Task A_garbage_gzip_is_a_failure_and_not_an_exception_of_the_framework()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.WriteAsync("no gzip");
        });
        using var http = HarnessHttp.Create();

        await Should.ThrowAsync<SourceException>(() =>
            http.GetJsonAsync(server.BaseUri, GraphQlTestJson.Default.Data, default)
        );
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    public async Task A_listing_that_goes_on_nowhere_does_not_look_complete(string cursor)
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(
                """{"data":{"page":{"hasNextPage":true,"endCursor":CURSOR}}}""".Replace("CURSOR", cursor)
            );
        });
        using var http = HarnessHttp.Create();
        var pages = http.GraphQlPagesAsync(
            server.BaseUri,
            "{ page }",
            [],
            GraphQlTestJson.Default.Listing,
            listing => listing.Page,
            null,
            default
        );

        (await Should.ThrowAsync<SourceException>(() => pages.CountAsync().AsTask())).Kind.ShouldBe(FailureKind.Source);
    }

    private static async Task<SourceException> FailureOf(int status, string type, string body)
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            return context.Response.WriteAsync(body);
        });
        using var http = HarnessHttp.Create();
        return await Should.ThrowAsync<SourceException>(() =>
            http.QueryGraphQlAsync(server.BaseUri, "{ name }", new JsonObject(), GraphQlTestJson.Default.Data, default)
        );
    }

    internal sealed record Data(string? Name);

    internal sealed record Listing(GraphQlPageInfo Page);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Data))]
    [JsonSerializable(typeof(Listing))]
    internal sealed partial class GraphQlTestJson : JsonSerializerContext;
}
