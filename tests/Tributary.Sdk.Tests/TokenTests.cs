using System.Net;
using Tributary.Sdk.Authenticating;
using Tributary.Testing;

namespace Tributary.Sdk.Tests;

/// <summary>Tokens that are fetched, kept, renewed and refused, against an authorization server on a real socket.</summary>
public sealed class TokenTests : TokenScene
{
    [Fact]
    public async Task A_token_is_fetched_once_and_used_until_shortly_before_it_expires()
    {
        using var http = Client(Refreshing(Server.Grant()));

        await GetAsync(http);
        Time.Advance(TimeSpan.FromMinutes(54.9));
        await GetAsync(http);
        Server.TokenRequests.Count.ShouldBe(1);
        Time.Advance(TimeSpan.FromMinutes(0.1));
        await GetAsync(http);

        Server.TokenRequests.Count.ShouldBe(2);
        Server.ApiRequests.Select(request => request.Authorization).Distinct().Count().ShouldBe(2);
    }

    [Theory]
    [InlineData(3600, 3300)]
    [InlineData(1500, 1200)]
    [InlineData(100, 80)]
    public void Tokens_are_renewed_five_minutes_early_or_a_fifth_of_a_short_life(int life, int renewedAfter)
    {
        var now = Time.GetUtcNow();

        TokenSet.RenewalOf(now, TimeSpan.FromSeconds(life)).ShouldBe(now.AddSeconds(renewedAfter));
        var tokens = new TokenSet { AccessToken = "a", RenewAt = now };
        tokens.IsFresh(now.AddSeconds(-1)).ShouldBeTrue();
        tokens.IsFresh(now).ShouldBeFalse();
    }

    [Fact]
    public async Task A_token_that_is_refused_in_mid_run_is_renewed_once_and_the_request_repeated()
    {
        using var http = Client(Refreshing(Server.Grant()));
        await GetAsync(http);
        Server.RevokeAccessTokens();

        using var response = await http.PostAsync($"{Server.Address}/things", new StringContent("body"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Server.TokenRequests.Count.ShouldBe(2);
        Server.ApiRequests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_second_refusal_says_what_to_do()
    {
        await using var refusing = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 401;
            return Task.CompletedTask;
        });
        using var http = EchoServer.Client(
            Authentication.Token(refusing.BaseUri.ToString(), Refreshing(Server.Grant())),
            Time,
            Operator
        );

        var failure = await Should.ThrowAsync<SourceException>(() => http.GetAsync(refusing.BaseUri));

        failure.Kind.ShouldBe(FailureKind.Credentials);
        failure.Message.ShouldContain("Sign in again");
        refusing.Requests.Count.ShouldBe(2);
        Server.TokenRequests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_upload_that_was_a_stream_is_not_repeated_but_its_token_is_renewed()
    {
        using var http = Client(Refreshing(Server.Grant()));
        await GetAsync(http);
        Server.RevokeAccessTokens();

        var failure = await Should.ThrowAsync<SourceException>(() =>
            http.PostAsync($"{Server.Address}/up", new StreamContent(new MemoryStream([1])))
        );

        failure.Kind.ShouldBe(FailureKind.Transient);
        await GetAsync(http);
        Server.TokenRequests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Changed_credentials_never_find_the_tokens_of_the_old_ones()
    {
        var vault = new TokensInMemory(Time);
        var refresh = Server.Grant();
        TokenGrant[] grants =
        [
            Refreshing(refresh),
            Refreshing(Server.Grant()),
            Clients(AuthorizationServer.ClientSecret),
            TokenGrant.ClientCredentials(
                Server.TokenUrl,
                AuthorizationServer.ClientId,
                AuthorizationServer.ClientSecret,
                "s"
            ),
            TokenGrant.GoogleServiceAccount(KeyFile(), ["a"]),
            TokenGrant.GoogleServiceAccount(KeyFile(), ["a", "b"]),
            TokenGrant.GoogleServiceAccount(KeyFile(), ["a"], "user"),
        ];
        foreach (var grant in grants.Concat(grants))
        {
            using var http = EchoServer.Client(Authentication.Token(Server.Address, grant), Time, Operator, vault);
            await GetAsync(http);
        }

        Server.TokenRequests.Count.ShouldBe(grants.Length);
    }

    [Fact]
    public void Tokens_that_are_kept_are_found_again_by_later_versions()
    {
        // The only refresh token that still works may be among them: a change of their names locks people out.
        var grant = TokenGrant.ClientCredentials("https://t/token", "id", "secret", null);

        TokenKey.Of(grant, null).ShouldBe("2d02c4bfac8c3876d63f104e178783af995a4fcf7d586e29875dc5209907caf2");
        TokenKey.Of(grant, "jane").ShouldBe("29e15c1b99d01b48b268f1cda680509a4b6ad583fe7d26f019b340b49a4a28da");
    }
}
