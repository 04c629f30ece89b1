using System.Net;

namespace Tributary.Api.Tests;

public class AuthenticationTests
{
    private static HttpRequestMessage Request(string method, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static async Task<string> LogInAsync(ApiServer api)
    {
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string> { ["username"] = "admin@example.com", ["password"] = "correct horse" }
        );
        var answer = (await api.SendAsync("POST", "/auth/login", form, token: null)).Should(HttpStatusCode.NoContent);
        return answer.Headers["Set-Cookie"];
    }

    [Theory]
    [InlineData("Authorization", "Bearer reader-token")]
    [InlineData("Authorization", "bearer  reader-token")]
    [InlineData("Authorization", "reader-token")]
    [InlineData("Authorization", "Basic reader-token")]
    [InlineData("X-Onyx-Authorization", "Bearer reader-token")]
    public async Task A_token_is_understood_in_every_way_that_clients_send_it(string header, string value)
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync(Request("GET", "/v1/me", (header, value)));

        answer.ShouldBeFine().Json.GetProperty("role").GetString().ShouldBe("reader");
    }

    [Theory]
    [InlineData("Authorization", "Bearer wrong")]
    [InlineData("Authorization", "Bearer")]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("Cookie", "fastapiusersauth=")]
    [InlineData("Cookie", "fastapiusersauth=wrong")]
    [InlineData("Accept", "*/*")]
    public async Task Without_a_valid_token_or_session_the_answer_is_401(string header, string value)
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync(Request("POST", "/v1/sources/create", (header, value)));

        answer.Should(HttpStatusCode.Unauthorized).Text.ShouldBe("""{"detail":"Unauthorized"}""");
    }

    [Fact]
    public async Task A_login_sets_a_cookie_that_works_until_the_logout()
    {
        await using var api = await ApiServer.StartAsync();
        var cookie = await LogInAsync(api);
        cookie.ShouldContain("; max-age=604800");
        cookie.ShouldContain("; path=/");
        cookie.ShouldContain("; samesite=lax");
        cookie.ShouldContain("; httponly");
        cookie.ShouldNotContain("secure");
        var session = ("Cookie", cookie[..cookie.IndexOf(';')]);

        (await api.SendAsync(Request("GET", "/v1/me", session))).ShouldBeFine();
        (await api.SendAsync(Request("POST", "/auth/logout", session))).Should(HttpStatusCode.NoContent);
        (await api.SendAsync(Request("GET", "/v1/me", session))).Should(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_wrong_password_is_told_as_FastAPI_Users_tells_it()
    {
        await using var api = await ApiServer.StartAsync();
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string> { ["username"] = "admin@example.com", ["password"] = "wrong" }
        );

        var answer = await api.SendAsync("POST", "/auth/login", form, token: null);

        answer.Should(HttpStatusCode.BadRequest).Detail.ShouldBe("LOGIN_BAD_CREDENTIALS");
    }

    [Fact]
    public async Task A_login_without_its_fields_names_both()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync("POST", "/auth/login", "{}", token: null);

        answer
            .Should(HttpStatusCode.UnprocessableEntity)
            .Mistakes.ShouldBe(["body.username:missing", "body.password:missing"]);
    }

    [Theory]
    [InlineData("Origin", "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "null", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.NoContent)]
    [InlineData("Sec-Fetch-Site", "none", HttpStatusCode.NoContent)]
    [InlineData("Origin", "self", HttpStatusCode.NoContent)]
    [InlineData("Accept", "*/*", HttpStatusCode.NoContent)]
    public async Task Another_sites_page_may_change_nothing_with_the_cookie(
        string header,
        string value,
        HttpStatusCode status
    )
    {
        await using var api = await ApiServer.StartAsync();
        var cookie = await LogInAsync(api);
        value = value == "self" ? api.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) : value;

        var answer = await api.SendAsync(
            Request("POST", "/auth/logout", ("Cookie", cookie[..cookie.IndexOf(';')]), (header, value))
        );

        answer.Should(status);
    }

    [Fact]
    public async Task A_token_works_from_anywhere()
    {
        await using var api = await ApiServer.StartAsync();

        var answer = await api.SendAsync(
            Request(
                "POST",
                "/auth/logout",
                ("Authorization", "Bearer reader-token"),
                ("Origin", "https://elsewhere.example")
            )
        );

        answer.Should(HttpStatusCode.NoContent);
    }
}
