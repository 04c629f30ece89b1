using System.Net;
using System.Text;

namespace Tributary.Api.Tests;

public class RequestShapeTests
{
    private static ByteArrayContent Json(byte[] bytes, string? type = "application/json")
    {
        var content = new ByteArrayContent(bytes);
        if (type is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        return content;
    }

    private static async Task<Answer> PostAsync(ApiServer api, string text, string? type = "application/json") =>
        await api.SendAsync("POST", "/v1/collections/create", Json(Encoding.UTF8.GetBytes(text), type));

    [Theory]
    [InlineData("", "body:missing")]
    [InlineData("{", "body.1:json_invalid")]
    [InlineData("{\"ä\": x}", "body.6:json_invalid")]
    [InlineData("{\"name\":\"a\"} trailing", "body.13:json_invalid")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}", "body.0:json_invalid")]
    [InlineData("{\"name\":\"\\ud800\"}", "body.8:json_invalid")]
    [InlineData("{\"\\udc00\":\"a\"}", "body.1:json_invalid")]
    [InlineData("{\"name\":\"a\\u0000b\"}", "body.8:json_invalid")]
    [InlineData("[]", "body:dict_type")]
    [InlineData("null", "body:dict_type")]
    [InlineData("{\"name\":5}", "body.name:string_type")]
    [InlineData("{\"name\":\"\"}", "body.name:string_too_short")]
    [InlineData("{\"name\":\"a\",\"sources\":{}}", "body.sources:list_type")]
    [InlineData("{\"name\":\"a\",\"sources\":[\"x\"]}", "body.sources.0:int_parsing")]
    public async Task A_body_of_the_wrong_shape_is_told_with_its_place(string body, string mistake)
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await PostAsync(api, body);

        var found = answer.Should(HttpStatusCode.UnprocessableEntity).Mistakes;
        if (body.StartsWith("{\"name\":\"a\",\"name\"", StringComparison.Ordinal))
        {
            // Where the parser notices a repeated key is its own business.
            found.ShouldHaveSingleItem().ShouldEndWith(":json_invalid");
            return;
        }

        found.ShouldBe([mistake]);
    }

    [Fact]
    public async Task Text_that_is_not_UTF_8_is_refused()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync(
            "POST",
            "/v1/collections/create",
            Json([.. "{\"name\":\""u8, 0xff, 0xfe, .. "\"}"u8])
        );

        answer.Should(HttpStatusCode.UnprocessableEntity).Mistakes.ShouldBe(["body.0:json_invalid"]);
    }

    [Fact]
    public async Task Deep_nesting_is_refused()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await PostAsync(api, $"{{\"name\":{new string('[', 65)}{new string(']', 65)}}}");

        answer.Should(HttpStatusCode.UnprocessableEntity).Mistakes[0].ShouldEndWith(":json_invalid");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("nonsense")]
    public async Task JSON_has_to_be_called_JSON(string type)
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await PostAsync(api, "{\"name\":\"a\"}", type);

        answer.Should(HttpStatusCode.UnprocessableEntity).Mistakes.ShouldBe(["body:model_attributes_type"]);
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/vnd.api+json")]
    [InlineData(null)]
    public async Task JSON_goes_by_several_names(string? type)
    {
        await using var api = await ApiServer.StartAsync();

        (await PostAsync(api, "\ufeff{\"name\":\"a\"}", type)).ShouldBeFine();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_beyond_ten_megabytes_is_refused_whether_its_length_is_announced_or_not(bool announced)
    {
        await using var api = await ApiServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/collections/create")
        {
            Content = Json(new byte[(10 << 20) + 1]),
        };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer editor-token");
        request.Headers.TransferEncodingChunked = !announced;

        var answer = await api.SendAsync(request);

        answer.Should(HttpStatusCode.RequestEntityTooLarge).Detail!.ShouldContain("too large");
    }

    [Theory]
    [InlineData("GET", "/v1/sources/abc", "path.source_id:int_parsing")]
    [InlineData("DELETE", "/v1/collections/1.5", "path.collection_id:int_parsing")]
    [InlineData("GET", "/v1/runs/99999999999999999999", "path.run_id:int_parsing")]
    [InlineData("GET", "/v1/sources?limit=0", "query.limit:greater_than_equal")]
    [InlineData("GET", "/v1/sources?limit=101", "query.limit:less_than_equal")]
    [InlineData("GET", "/v1/sources?limit=x", "query.limit:int_parsing")]
    [InlineData("GET", "/v1/sources?after=x", "query.after:value_error")]
    [InlineData("GET", "/v1/sources?status=busy", "query.status:enum")]
    [InlineData("GET", "/v1/sources?name=a%00b", "query.name:value_error")]
    [InlineData("GET", "/manage/admin/cc-pair/1/index-attempts?page_size=1001", "query.page_size:less_than_equal")]
    public async Task Wrong_paths_and_queries_are_told_with_their_place(string method, string path, string mistake)
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync(method, path);

        answer.Should(HttpStatusCode.UnprocessableEntity).Mistakes.ShouldBe([mistake]);
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404, "Not Found")]
    [InlineData("GET", "/v1", 404, "Not Found")]
    [InlineData("POST", "/manage/nothing", 404, "Not Found")]
    [InlineData("POST", "/api/manage/nothing", 404, "Not Found")]
    [InlineData("PUT", "/v1/sources", 405, "Method Not Allowed")]
    [InlineData("GET", "/v1/search", 405, "Method Not Allowed")]
    public async Task Unknown_paths_and_methods_are_answered_in_JSON(
        string method,
        string path,
        int status,
        string detail
    )
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync(method, path);

        answer.Should((HttpStatusCode)status).Detail.ShouldBe(detail);
    }

    [Fact]
    public async Task A_mistake_of_ours_is_told_without_its_reason_and_logged_with_it()
    {
        await using var api = await ApiServer.StartAsync();
        api.Engine.Mishap = new InvalidOperationException("the secret reason");

        var answer = await PostAsync(api, "{\"name\":\"a\"}");

        answer.Should(HttpStatusCode.InternalServerError).Text.ShouldBe("""{"detail":"Internal Server Error"}""");
        api.Errors.Entries.ShouldHaveSingleItem().ShouldContain("the secret reason");
    }

    [Fact]
    public async Task Answers_are_not_kept_by_caches()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync("GET", "/v1/me");

        answer.Headers["Cache-Control"].ShouldBe("no-store");
        answer.Headers["X-Content-Type-Options"].ShouldBe("nosniff");
    }
}
