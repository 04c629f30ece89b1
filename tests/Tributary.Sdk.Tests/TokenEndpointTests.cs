using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Sdk.Authenticating;
using Tributary.Testing;

namespace Tributary.Sdk.Tests;

/// <summary>What token endpoints answer when they do not give tokens, and what people read of it.</summary>
public class TokenEndpointTests
{
    private const string Secret = "c1ient-s3cret-value";

    [Theory]
    [InlineData(400, """{"error":"invalid_grant"}""", FailureKind.Credentials, "Do this.")]
    [InlineData(401, """{"error":"invalid_client"}""", FailureKind.Credentials, "client id or its secret")]
    [InlineData(400, """{"error":"invalid_scope"}""", FailureKind.Credentials, "every scope")]
    [InlineData(401, """{"error":"unauthorized_client"}""", FailureKind.Credentials, "Do this.")]
    [InlineData(400, """{"error":"access_denied"}""", FailureKind.Credentials, "consent")]
    [InlineData(400, """{"error":"redirect_uri_mismatch"}""", FailureKind.Configuration, "redirect address")]
    [InlineData(400, """{"error":"invalid_request"}""", FailureKind.Configuration, "Check the address")]
    [InlineData(400, """{"error":"temporarily_unavailable"}""", FailureKind.Transient, "tries again")]
    [InlineData(200, """{"error":"bad_verification_code"}""", FailureKind.Credentials, "Sign in again")]
    [InlineData(200, """{"ok":false,"error":"invalid_refresh_token"}""", FailureKind.Credentials, "Do this.")]
    [InlineData(200, """{"ok":false}""", FailureKind.Credentials, "unknown_error")]
    [InlineData(400, """{"error":{"code":"nested"}}""", FailureKind.Credentials, "unknown_error")]
    [InlineData(400, """{"error":"<script>alert(1)</script>"}""", FailureKind.Credentials, "unknown_error")]
    [InlineData(500, """{"hello":1}""", FailureKind.Transient, "500")]
    [InlineData(429, "", FailureKind.Transient, "429")]
    [InlineData(403, "Forbidden", FailureKind.Credentials, "403")]
    [InlineData(404, "<html>", FailureKind.Configuration, "404")]
    [InlineData(200, "<html>Sign in</html>", FailureKind.Source, "login page")]
    [InlineData(302, "", FailureKind.Source, "302")]
    [InlineData(200, "[]", FailureKind.Source, "200")]
    [InlineData(200, "{}", FailureKind.Source, "without a usable access token")]
    [InlineData(200, """{"access_token":"two words"}""", FailureKind.Source, "without a usable access token")]
    [InlineData(200, """{"access_token":""}""", FailureKind.Source, "without a usable access token")]
    [InlineData(200, """{"access_token":null,"error":null}""", FailureKind.Source, "without a usable access token")]
    public async Task Errors_become_sentences(int status, string body, FailureKind kind, string words)
    {
        var failure = await FailAsync(status, body);

        failure.Kind.ShouldBe(kind, failure.Message);
        failure.Message.ShouldContain(words);
        failure.Message.ShouldContain("127.0.0.1");
    }

    [Theory]
    [InlineData(
        "invalid_client",
        "AADSTS7000215: Invalid client secret provided.",
        FailureKind.Credentials,
        "not its id"
    )]
    [InlineData("invalid_client", "AADSTS7000222: expired", FailureKind.Credentials, "has expired")]
    [InlineData(
        "unauthorized_client",
        "AADSTS700016: x",
        FailureKind.Credentials,
        "no application with this client id"
    )]
    [InlineData("invalid_request", "AADSTS90002: x", FailureKind.Credentials, "tenant")]
    [InlineData("invalid_client", "AADSTS700027: x", FailureKind.Credentials, "certificate")]
    [InlineData("invalid_scope", "AADSTS70011: x", FailureKind.Configuration, "cloud")]
    [InlineData("invalid_grant", "AADSTS65001: x", FailureKind.Credentials, "administrator has not consented")]
    [InlineData("access_denied", "AADSTS53003: x", FailureKind.Credentials, "conditional access")]
    [InlineData("temporarily_unavailable", "AADSTS90033: x", FailureKind.Transient, "busy")]
    [InlineData("invalid_client", "AADSTS123456: unknown", FailureKind.Credentials, "client id or its secret")]
    public async Task Microsofts_numbers_say_more(string error, string description, FailureKind kind, string words)
    {
        var failure = await FailAsync(400, $$"""{"error":"{{error}}","error_description":"{{description}}"}""");

        failure.Kind.ShouldBe(kind);
        failure.Message.ShouldContain(words);
        failure.Message.ShouldContain($"({error} {description.Split(':')[0]})");
    }

    [Fact]
    public async Task What_an_endpoint_quotes_is_not_repeated()
    {
        var failure = await FailAsync(
            400,
            $$"""{"error":"invalid_grant","error_description":"You sent {{Secret}}","error_uri":"{{Secret}}"}"""
        );
        failure.ToString().ShouldNotContain(Secret);

        (await FailAsync(200, $"<html>{Secret}")).ToString().ShouldNotContain(Secret);
        (await FailAsync(400, $$"""{"error":"{{Secret}} and more"}""")).ToString().ShouldNotContain(Secret);
    }

    [Theory]
    [InlineData("""{"access_token":"a","expires_in":3600}""", 3600.0)]
    [InlineData("""{"access_token":"a","expires_in":"3600"}""", 3600.0)]
    [InlineData("""{"access_token":"a","expires_in":59.9}""", 59.9)]
    [InlineData("""{"access_token":"a","expires_in":0}""", null)]
    [InlineData("""{"access_token":"a","expires_in":-5}""", null)]
    [InlineData("""{"access_token":"a","expires_in":1e12}""", null)]
    [InlineData("""{"access_token":"a","expires_in":"soon"}""", null)]
    [InlineData("""{"access_token":"a","expires_in":null}""", null)]
    [InlineData("""{"access_token":"a"}""", null)]
    public async Task The_life_of_a_token_is_read_in_every_form(string body, double? seconds)
    {
        await using var server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync(body));
        using var http = new HttpClient();
        var time = new ManualTime();

        var answer = await TokenEndpoint.AskAsync(http, Request(server), CancellationToken.None);
        var tokens = TokenEndpoint.TokensOf(answer, "kept", time);

        TokenEndpoint.LifeOf(answer).ShouldBe(seconds is { } s ? TimeSpan.FromSeconds(s) : null);
        (tokens.RenewAt is null).ShouldBe(seconds is null);
        tokens.RefreshToken.ShouldBe("kept");
    }

    [Theory]
    [InlineData("team.id", "T1")]
    [InlineData("team.size", "5.0")]
    [InlineData("team", null)]
    [InlineData("name.id", null)]
    [InlineData("nobody.id", null)]
    [InlineData("isOpen", null)]
    public void Texts_and_numbers_are_found_by_their_path(string path, string? text)
    {
        using var answer = JsonDocument.Parse("""{"team":{"id":"T1","size":5.0},"name":"n","isOpen":true}""");

        TokenEndpoint.Text(answer.RootElement, path).ShouldBe(text);
    }

    [Fact]
    public void Missing_arguments_are_named()
    {
        using var answer = JsonDocument.Parse("{}");

        Should.Throw<ArgumentNullException>(() => TokenEndpoint.Text(answer.RootElement, null!));
        Should.Throw<ArgumentNullException>(() => TokenEndpoint.TokensOf(answer.RootElement, null, null!));
    }

    private static async Task<SourceException> FailAsync(int status, string body)
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        });
        using var http = new HttpClient();
        return await Should.ThrowAsync<SourceException>(() =>
            TokenEndpoint.AskAsync(http, Request(server), CancellationToken.None)
        );
    }

    private static TokenRequest Request(LoopbackServer server) =>
        new()
        {
            Url = server.BaseUri + "token",
            Fields = [new("grant_type", "refresh_token"), new("refresh_token", "r")],
            Client = new OAuthClient { ClientId = "id", ClientSecret = Secret },
            Cure = "Do this.",
        };
}
