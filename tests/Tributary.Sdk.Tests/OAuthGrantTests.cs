using Microsoft.AspNetCore.Http;
using Tributary.Sdk.Authenticating;
using Tributary.Testing;

namespace Tributary.Sdk.Tests;

/// <summary>Tokens that a person has consented to: whose client renews them, and where it is sent.</summary>
public sealed class OAuthGrantTests : TokenScene
{
    [Fact]
    public async Task A_rotated_refresh_token_is_used_next()
    {
        var first = Server.Grant();
        using var http = Client(Refreshing(first));

        for (var i = 0; i < 3; i++)
        {
            await GetAsync(http);
            Time.Advance(TimeSpan.FromHours(1));
        }

        var used = Server.TokenRequests.Select(request => request["refresh_token"]).ToList();
        used[0].ShouldBe(first);
        used.Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public async Task A_refresh_token_that_is_not_rotated_goes_on_being_used()
    {
        Server.RotatesRefreshTokens = false;
        using var http = Client(Refreshing(Server.Grant()));

        await GetAsync(http);
        Time.Advance(TimeSpan.FromHours(1));
        await GetAsync(http);

        Server.TokenRequests.Select(request => request["refresh_token"]).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Tokens_that_came_with_the_credentials_are_used_while_they_last()
    {
        using var first = Client(Refreshing(Server.Grant()));
        await GetAsync(first);
        var access = Server.ApiRequests.Single().Authorization["Bearer ".Length..];
        var grant = TokenGrant.OAuth(Facts, access, Server.Grant(), Time.GetUtcNow().AddHours(1));
        using var http = Client(grant);

        await GetAsync(http);
        Server.TokenRequests.Count.ShouldBe(1);
        Time.Advance(TimeSpan.FromMinutes(55));
        await GetAsync(http);

        Server.TokenRequests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Tokens_that_came_with_the_credentials_and_are_over_are_not_tried()
    {
        var over = Time.GetUtcNow().AddMinutes(5);
        using var http = Client(TokenGrant.OAuth(Facts, "access-over", Server.Grant(), over));

        await GetAsync(http);

        Server.ApiRequests.ShouldHaveSingleItem().Authorization.ShouldNotContain("access-over");
    }

    [Fact]
    public async Task Tokens_that_came_with_the_credentials_are_not_gone_back_to()
    {
        using var http = Client(TokenGrant.OAuth(Facts, "access-over", Server.Grant()));
        await GetAsync(http);
        Time.Advance(TimeSpan.FromHours(1));

        await GetAsync(http);

        Server.ApiRequests.Count(request => request.Authorization == "Bearer access-over").ShouldBe(1);
    }

    [Fact]
    public async Task A_vendor_that_rotates_now_and_then_is_sent_the_latest_refresh_token()
    {
        var first = Server.Grant();
        using var http = Client(Refreshing(first));
        for (var i = 0; i < 3; i++)
        {
            await GetAsync(http);
            Time.Advance(TimeSpan.FromHours(1));
            Server.RotatesRefreshTokens = false;
        }

        var used = Server.TokenRequests.Select(request => request["refresh_token"]).ToList();
        used[0].ShouldBe(first);
        used[1].ShouldNotBe(first);
        used[2].ShouldBe(used[1]);
    }

    [Fact]
    public async Task An_instance_of_ones_own_has_a_token_address_of_its_own()
    {
        var own = new OAuthClient
        {
            ClientId = AuthorizationServer.ClientId,
            ClientSecret = AuthorizationServer.ClientSecret,
            TokenUrl = Server.TokenUrl,
        };
        var grant = TokenGrant.OAuth(Facts with { TokenUrl = "https://nowhere.invalid/" }, null, Server.Grant());
        using var http = EchoServer.Client(Authentication.Token(Server.Address, grant), Time, own);

        await GetAsync(http);

        Server.TokenRequests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_refresh_token_the_access_token_is_used_until_it_is_refused()
    {
        var grant = TokenGrant.OAuth(Facts, "access-gone", "", Time.GetUtcNow().AddHours(-1));
        using var http = Client(grant);

        var failure = await Should.ThrowAsync<SourceException>(() => GetAsync(http));

        Server.ApiRequests.ShouldHaveSingleItem().Authorization.ShouldBe("Bearer access-gone");
        failure.Kind.ShouldBe(FailureKind.Credentials);
        failure.Message.ShouldContain("no refresh token");
        failure.Message.ShouldContain("Sign in again");
    }

    [Fact]
    public async Task A_client_of_the_credentials_own_goes_before_the_operators()
    {
        var own = new OAuthClient
        {
            ClientId = AuthorizationServer.ClientId,
            ClientSecret = AuthorizationServer.ClientSecret,
        };
        var grant = TokenGrant.OAuth(Facts, null, Server.Grant(), null, own);
        using var http = EchoServer.Client(
            Authentication.Token(Server.Address, grant),
            Time,
            new OAuthClient { ClientId = "another" }
        );

        await GetAsync(http);

        Server.TokenRequests.Single()["client_id"].ShouldBe(AuthorizationServer.ClientId);
    }

    [Theory]
    [InlineData("https://vendor.example.com/token", false)]
    [InlineData("https://127.0.0.1/token", false)]
    [InlineData("http://127.0.0.1:1/token", false)]
    [InlineData(null, true)]
    public async Task The_operators_secret_goes_to_the_vendor_alone(string? vendor, bool isTrusted)
    {
        var client = new OAuthClient
        {
            ClientId = AuthorizationServer.ClientId,
            ClientSecret = AuthorizationServer.ClientSecret,
        };
        using var http = EchoServer.Client(
            Authentication.Token(Server.Address, Refreshing(Server.Grant())),
            Time,
            client,
            vendor: vendor ?? Server.TokenUrl
        );

        if (isTrusted)
        {
            await GetAsync(http);
            return;
        }

        var failure = await Should.ThrowAsync<SourceException>(() => GetAsync(http));
        failure.Kind.ShouldBe(FailureKind.Configuration);
        failure.Message.ShouldContain("token_url belongs into TRIBUTARY_OAUTH_CLIENTS");
        Server.TokenRequests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"status": "BAD_REFRESH_TOKEN", "message": "unknown"}""")]
    [InlineData("""{"object": "error", "status": 400, "code": "invalid_grant"}""")]
    [InlineData("""{"category": "INVALID_GRANT"}""")]
    public async Task Errors_in_the_words_of_a_vendors_api_are_understood(string answer)
    {
        Server.Instead.Enqueue(context =>
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsync(answer);
        });
        using var http = Client(Refreshing(Server.Grant()));

        var failure = await Should.ThrowAsync<SourceException>(() => GetAsync(http));

        failure.Kind.ShouldBe(FailureKind.Credentials);
        failure.Message.ShouldContain("was revoked, or was already used. Sign in again");
    }

    [Fact]
    public async Task Without_any_client_the_operator_is_told()
    {
        using var http = EchoServer.Client(Authentication.Token(Server.Address, Refreshing(Server.Grant())), Time);

        var failure = await Should.ThrowAsync<SourceException>(() => GetAsync(http));

        failure.Kind.ShouldBe(FailureKind.Configuration);
        failure.Message.ShouldContain("TRIBUTARY_OAUTH_CLIENTS");
    }

    [Theory]
    [InlineData(ClientSecretIn.Form, false)]
    [InlineData(ClientSecretIn.Basic, false)]
    [InlineData(ClientSecretIn.Form, true)]
    [InlineData(ClientSecretIn.Basic, true)]
    public async Task The_clients_secret_goes_where_the_vendor_wants_it(ClientSecretIn secretIn, bool sendsJson)
    {
        var facts = Facts with { SecretIn = secretIn, SendsJson = sendsJson };
        using var http = Client(TokenGrant.OAuth(facts, null, Server.Grant()));

        await GetAsync(http);

        Server.TokenRequests.Single().ContainsKey("client_secret").ShouldBe(secretIn == ClientSecretIn.Form);
    }

    [Theory]
    [InlineData("https://login.example.com/a", "https://login.example.com/b", true)]
    [InlineData("https://eu.LOGIN.example.com/a", "https://login.example.com/b", true)]
    [InlineData("https://example.com/a", "https://login.example.com/b", false)]
    [InlineData("https://notlogin.example.com/a", "https://login.example.com/b", false)]
    [InlineData("http://login.example.com/a", "https://login.example.com/b", false)]
    [InlineData("http://login.example.com:443/a", "https://login.example.com/b", false)]
    [InlineData("https://login.example.com:8443/a", "https://login.example.com/b", false)]
    public void Only_hosts_of_the_vendor_are_below_it(string address, string vendor, bool isBelow) =>
        Origin.IsBelow(address, vendor).ShouldBe(isBelow);

    [Theory]
    [InlineData(" r\n", "r")]
    [InlineData(" ", null)]
    [InlineData(null, null)]
    public void Tokens_that_came_with_the_credentials_are_kept_without_what_stands_around_them(
        string? refreshToken,
        string? kept
    )
    {
        var tokens = TokenGrant.OAuth(Facts, " a\n", refreshToken, Time.GetUtcNow()).Initial(Time)!;

        tokens.AccessToken.ShouldBe("a");
        tokens.RefreshToken.ShouldBe(kept);
        tokens.RenewAt.ShouldBe(kept is null ? null : Time.GetUtcNow().AddMinutes(-5));
    }
}
