using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Sdk.Authenticating;
using Tributary.Testing;

namespace Tributary.Sdk.Tests;

/// <summary>Tokens that are fetched, renewed and refused, against an authorization server on a real socket.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly RSA _key = RSA.Create(2048);
    private AuthorizationServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await AuthorizationServer.StartAsync(_time);
        _server.PublicKey = _key;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _key.Dispose();
    }

    [Fact]
    public async Task A_token_is_fetched_once_and_used_until_shortly_before_it_expires()
    {
        using var http = Client(Refreshing(_server.Grant()));

        await GetAsync(http);
        _time.Advance(TimeSpan.FromMinutes(54.9));
        await GetAsync(http);
        _server.TokenRequests.Count.ShouldBe(1);
        _time.Advance(TimeSpan.FromMinutes(0.1));
        await GetAsync(http);

        _server.TokenRequests.Count.ShouldBe(2);
        _server.ApiRequests.Select(request => request.Authorization).Distinct().Count().ShouldBe(2);
    }

    [Theory]
    [InlineData(3600, 3300)]
    [InlineData(1500, 1200)]
    [InlineData(100, 80)]
    public void Tokens_are_renewed_five_minutes_early_or_a_fifth_of_a_short_life(int life, int renewedAfter)
    {
        var now = _time.GetUtcNow();

        TokenSet.RenewalOf(now, TimeSpan.FromSeconds(life)).ShouldBe(now.AddSeconds(renewedAfter));
        var tokens = new TokenSet { AccessToken = "a", RenewAt = now };
        tokens.IsFresh(now.AddSeconds(-1)).ShouldBeTrue();
        tokens.IsFresh(now).ShouldBeFalse();
    }

    [Fact]
    public async Task A_rotated_refresh_token_is_used_next()
    {
        var first = _server.Grant();
        using var http = Client(Refreshing(first));

        for (var i = 0; i < 3; i++)
        {
            await GetAsync(http);
            _time.Advance(TimeSpan.FromHours(1));
        }

        var used = _server.TokenRequests.Select(request => request["refresh_token"]).ToList();
        used[0].ShouldBe(first);
        used.Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public async Task A_refresh_token_that_is_not_rotated_goes_on_being_used()
    {
        _server.RotatesRefreshTokens = false;
        using var http = Client(Refreshing(_server.Grant()));

        await GetAsync(http);
        _time.Advance(TimeSpan.FromHours(1));
        await GetAsync(http);

        _server.TokenRequests.Select(request => request["refresh_token"]).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_token_that_is_refused_in_mid_run_is_renewed_once_and_the_request_repeated()
    {
        using var http = Client(Refreshing(_server.Grant()));
        await GetAsync(http);
        _server.RevokeAccessTokens();

        using var response = await http.PostAsync($"{_server.Address}/things", new StringContent("body"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        _server.TokenRequests.Count.ShouldBe(2);
        _server.ApiRequests.Count.ShouldBe(3);
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
            Authentication.Token(refusing.BaseUri.ToString(), Refreshing(_server.Grant())),
            _time,
            Operator
        );

        var failure = await Should.ThrowAsync<SourceException>(() => http.GetAsync(refusing.BaseUri));

        failure.Kind.ShouldBe(FailureKind.Credentials);
        failure.Message.ShouldContain("Sign in again");
        refusing.Requests.Count.ShouldBe(2);
        _server.TokenRequests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_upload_that_was_a_stream_is_not_repeated_but_its_token_is_renewed()
    {
        using var http = Client(Refreshing(_server.Grant()));
        await GetAsync(http);
        _server.RevokeAccessTokens();

        var failure = await Should.ThrowAsync<SourceException>(() =>
            http.PostAsync($"{_server.Address}/up", new StreamContent(new MemoryStream([1])))
        );

        failure.Kind.ShouldBe(FailureKind.Transient);
        await GetAsync(http);
        _server.TokenRequests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Tokens_that_came_with_the_credentials_are_used_while_they_last()
    {
        using var first = Client(Refreshing(_server.Grant()));
        await GetAsync(first);
        var access = _server.ApiRequests.Single().Authorization["Bearer ".Length..];
        var grant = TokenGrant.OAuth(Facts, access, _server.Grant(), _time.GetUtcNow().AddHours(1));
        using var http = Client(grant);

        await GetAsync(http);
        _server.TokenRequests.Count.ShouldBe(1);
        _time.Advance(TimeSpan.FromMinutes(55));
        await GetAsync(http);

        _server.TokenRequests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Tokens_that_came_with_the_credentials_and_are_over_are_not_tried()
    {
        var over = _time.GetUtcNow().AddMinutes(5);
        using var http = Client(TokenGrant.OAuth(Facts, "access-over", _server.Grant(), over));

        await GetAsync(http);

        _server.ApiRequests.ShouldHaveSingleItem().Authorization.ShouldNotContain("access-over");
    }

    [Fact]
    public async Task Tokens_that_came_with_the_credentials_are_not_gone_back_to()
    {
        using var http = Client(TokenGrant.OAuth(Facts, "access-over", _server.Grant()));
        await GetAsync(http);
        _time.Advance(TimeSpan.FromHours(1));

        await GetAsync(http);

        _server.ApiRequests.Count(request => request.Authorization == "Bearer access-over").ShouldBe(1);
    }

    [Fact]
    public async Task A_vendor_that_rotates_now_and_then_is_sent_the_latest_refresh_token()
    {
        var first = _server.Grant();
        using var http = Client(Refreshing(first));
        for (var i = 0; i < 3; i++)
        {
            await GetAsync(http);
            _time.Advance(TimeSpan.FromHours(1));
            _server.RotatesRefreshTokens = false;
        }

        var used = _server.TokenRequests.Select(request => request["refresh_token"]).ToList();
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
            TokenUrl = _server.TokenUrl,
        };
        var grant = TokenGrant.OAuth(Facts with { TokenUrl = "https://nowhere.invalid/" }, null, _server.Grant());
        using var http = EchoServer.Client(Authentication.Token(_server.Address, grant), _time, own);

        await GetAsync(http);

        _server.TokenRequests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_refresh_token_the_access_token_is_used_until_it_is_refused()
    {
        var grant = TokenGrant.OAuth(Facts, "access-gone", "", _time.GetUtcNow().AddHours(-1));
        using var http = Client(grant);

        var failure = await Should.ThrowAsync<SourceException>(() => GetAsync(http));

        _server.ApiRequests.ShouldHaveSingleItem().Authorization.ShouldBe("Bearer access-gone");
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
        var grant = TokenGrant.OAuth(Facts, null, _server.Grant(), null, own);
        using var http = EchoServer.Client(
            Authentication.Token(_server.Address, grant),
            _time,
            new OAuthClient { ClientId = "another" }
        );

        await GetAsync(http);

        _server.TokenRequests.Single()["client_id"].ShouldBe(AuthorizationServer.ClientId);
    }

    [Theory]
    [InlineData("https://vendor.example.com/token", false)]
    [InlineData("https://127.0.0.1/token", false)]
    [InlineData(null, true)]
    public async Task The_operators_secret_goes_to_the_vendor_alone(string? vendor, bool isTrusted)
    {
        var client = new OAuthClient
        {
            ClientId = AuthorizationServer.ClientId,
            ClientSecret = AuthorizationServer.ClientSecret,
        };
        using var http = EchoServer.Client(
            Authentication.Token(_server.Address, Refreshing(_server.Grant())),
            _time,
            client,
            vendor: vendor ?? _server.TokenUrl
        );

        if (isTrusted)
        {
            await GetAsync(http);
            return;
        }

        var failure = await Should.ThrowAsync<SourceException>(() => GetAsync(http));
        failure.Kind.ShouldBe(FailureKind.Configuration);
        failure.Message.ShouldContain("token_url belongs into TRIBUTARY_OAUTH_CLIENTS");
        _server.TokenRequests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"status": "BAD_REFRESH_TOKEN", "message": "unknown"}""")]
    [InlineData("""{"object": "error", "status": 400, "code": "invalid_grant"}""")]
    public async Task Errors_in_the_words_of_a_vendors_api_are_understood(string answer)
    {
        _server.Instead.Enqueue(context =>
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsync(answer);
        });
        using var http = Client(Refreshing(_server.Grant()));

        var failure = await Should.ThrowAsync<SourceException>(() => GetAsync(http));

        failure.Kind.ShouldBe(FailureKind.Credentials);
        failure.Message.ShouldContain("was revoked, or was already used. Sign in again");
    }

    [Fact]
    public async Task Without_any_client_the_operator_is_told()
    {
        using var http = EchoServer.Client(Authentication.Token(_server.Address, Refreshing(_server.Grant())), _time);

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
        using var http = Client(TokenGrant.OAuth(facts, null, _server.Grant()));

        await GetAsync(http);

        _server.TokenRequests.Single().ContainsKey("client_secret").ShouldBe(secretIn == ClientSecretIn.Form);
    }

    [Fact]
    public async Task Client_credentials_ask_for_their_scope()
    {
        using var http = Client(Clients("  " + AuthorizationServer.ClientSecret + "\n"));

        await GetAsync(http);

        var request = _server.TokenRequests.Single();
        request["grant_type"].ShouldBe("client_credentials");
        request["scope"].ShouldBe("https://graph.example.com/.default");
    }

    [Fact]
    public async Task A_certificate_signs_in_its_clients_place()
    {
        var request = new CertificateRequest("CN=test", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(_time.GetUtcNow(), _time.GetUtcNow().AddYears(1));
        var pfx = Convert.ToBase64String(certificate.Export(X509ContentType.Pfx, "pa55"));
        using var http = Client(TokenGrant.ClientCertificate(_server.TokenUrl, "app", pfx, "pa55", "scope"));

        await GetAsync(http);

        var sent = _server.TokenRequests.Single();
        sent["client_id"].ShouldBe("app");
        sent["client_assertion_type"].ShouldBe("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        sent.ContainsKey("client_secret").ShouldBeFalse();
        var header = AuthorizationServer.Claims(sent["client_assertion"], 0);
        header["alg"]!.GetValue<string>().ShouldBe("RS256");
        header["x5t"]!.GetValue<string>().ShouldBe(Jwt.Encode(certificate.GetCertHash()));
        var claims = AuthorizationServer.Claims(sent["client_assertion"]);
        claims["aud"]!.GetValue<string>().ShouldBe(_server.TokenUrl);
        claims["iss"]!.GetValue<string>().ShouldBe("app");
        claims["sub"]!.GetValue<string>().ShouldBe("app");
        claims["exp"]!.GetValue<long>().ShouldBe(_time.GetUtcNow().AddMinutes(10).ToUnixTimeSeconds());
        claims["jti"]!.GetValue<string>().ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("no base64!")]
    [InlineData("bm8gcGZ4")]
    public async Task A_certificate_that_cannot_be_opened_is_refused_in_words(string pfx)
    {
        using var http = Client(TokenGrant.ClientCertificate(_server.TokenUrl, "app", pfx, "pa55", null));

        var failure = await Should.ThrowAsync<SourceException>(() => GetAsync(http));

        failure.Kind.ShouldBe(FailureKind.Credentials);
        failure.Message.ShouldContain("PFX");
        failure.ToString().ShouldNotContain(pfx);
    }

    [Fact]
    public async Task A_service_account_acts_as_each_user_with_tokens_of_his_own()
    {
        using var http = Client(TokenGrant.GoogleServiceAccount(KeyFile(), ["s1", "s2"], "admin@example.com"));

        await GetAsync(http);
        foreach (var user in (string[])["jane@example.com", "joe@example.com", "jane@example.com"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _server.Address).ActAs(user);
            (await http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var claims = _server.TokenRequests.Select(request => AuthorizationServer.Claims(request["assertion"])).ToList();
        claims
            .Select(claim => claim["sub"]!.GetValue<string>())
            .ShouldBe(["admin@example.com", "jane@example.com", "joe@example.com"]);
        var first = claims[0];
        first["iss"]!.GetValue<string>().ShouldBe("robot@project.iam.example.com");
        first["scope"]!.GetValue<string>().ShouldBe("s1 s2");
        first["aud"]!.GetValue<string>().ShouldBe(_server.TokenUrl);
        first["iat"]!.GetValue<long>().ShouldBe(_time.GetUtcNow().ToUnixTimeSeconds());
        first["exp"]!.GetValue<long>().ShouldBe(_time.GetUtcNow().AddHours(1).ToUnixTimeSeconds());
        AuthorizationServer.Claims(_server.TokenRequests.First()["assertion"], 0)["kid"]!
            .GetValue<string>()
            .ShouldBe("kid-1");
        _server.ApiRequests.Select(request => request.Authorization).Distinct().Count().ShouldBe(3);
        _server.ApiRequests.ToArray()[3].Authorization.ShouldBe(_server.ApiRequests.ToArray()[1].Authorization);
    }

    [Fact]
    public async Task A_service_account_can_act_as_itself()
    {
        using var http = Client(TokenGrant.GoogleServiceAccount(KeyFile(), ["s1"]));

        await GetAsync(http);

        AuthorizationServer.Claims(_server.TokenRequests.Single()["assertion"]).ContainsKey("sub").ShouldBeFalse();
    }

    [Theory]
    [InlineData("not json", "JSON file")]
    [InlineData("""{"client_email": "a@b"}""", "JSON file")]
    [InlineData("""{"client_email": "a@b", "private_key": "sk-very-secret", "token_uri": "https://x"}""", "PEM")]
    public async Task A_key_file_that_is_none_is_refused_in_words(string keyFile, string word)
    {
        using var http = Client(TokenGrant.GoogleServiceAccount(keyFile, ["s"]));

        var failure = await Should.ThrowAsync<SourceException>(() => GetAsync(http));

        failure.Kind.ShouldBe(FailureKind.Credentials);
        failure.Message.ShouldContain(word);
        failure.ToString().ShouldNotContain("very-secret");
    }

    [Fact]
    public async Task A_GitHub_app_gets_the_tokens_of_its_installation()
    {
        var asked = new List<string>();
        await using var github = await LoopbackServer.StartAsync(context =>
        {
            var authorization = context.Request.Headers.Authorization.ToString();
            asked.Add(authorization);
            var expiry = _time
                .GetUtcNow()
                .AddHours(1)
                .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            context.Response.StatusCode = context.Request.Method == "POST" ? 201 : 200;
            return context.Response.WriteAsync(
                context.Request.Method == "POST"
                    ? $$"""{"token": "ghs_{{asked.Count}}", "expires_at": "{{expiry}}"}"""
                    : "ok"
            );
        });
        var api = github.BaseUri + "api/v3/";
        using var http = EchoServer.Client(
            Authentication.Token(api, TokenGrant.GitHubInstallation(api, "Iv1.app", _key.ExportRSAPrivateKeyPem(), 42)),
            _time
        );

        await http.GetStringAsync(api);
        _time.Advance(TimeSpan.FromMinutes(54));
        await http.GetStringAsync(api);
        _time.Advance(TimeSpan.FromMinutes(1));
        await http.GetStringAsync(api);

        github.Requests.First().ShouldBe("POST /api/v3/app/installations/42/access_tokens");
        asked[1..3].ShouldBe(["Bearer ghs_1", "Bearer ghs_1"]);
        asked[4].ShouldBe("Bearer ghs_4");
        var claims = AuthorizationServer.Claims(asked[0]["Bearer ".Length..]);
        claims["iss"]!.GetValue<string>().ShouldBe("Iv1.app");
        var start = new ManualTime().GetUtcNow();
        claims["iat"]!.GetValue<long>().ShouldBe(start.AddMinutes(-1).ToUnixTimeSeconds());
        claims["exp"]!.GetValue<long>().ShouldBe(start.AddMinutes(9).ToUnixTimeSeconds());
    }

    [Theory]
    [InlineData(401, "", FailureKind.Credentials)]
    [InlineData(404, "", FailureKind.Credentials)]
    [InlineData(500, "", FailureKind.Transient)]
    [InlineData(201, """{"token": "x"}""", FailureKind.Source)]
    [InlineData(201, "[", FailureKind.Source)]
    public async Task GitHubs_refusals_have_their_kind(int status, string body, FailureKind kind)
    {
        await using var github = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        });
        var api = github.BaseUri.ToString();
        var grant = TokenGrant.GitHubInstallation(api, "1", _key.ExportRSAPrivateKeyPem(), 42);
        using var http = EchoServer.Client(Authentication.Token(api, grant), _time);

        (await Should.ThrowAsync<SourceException>(() => http.GetAsync(api))).Kind.ShouldBe(kind);
    }

    [Fact]
    public async Task A_role_is_assumed_and_its_keys_sign_until_shortly_before_they_expire()
    {
        var forms = new List<string>();
        await using var sts = await LoopbackServer.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            forms.Add($"{await reader.ReadToEndAsync()} {context.Request.Headers.Authorization}");
            var expiry = _time.GetUtcNow().AddHours(1).ToString("o", CultureInfo.InvariantCulture);
            await context.Response.WriteAsync(
                $"""
                <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
                <AccessKeyId>ASIA{forms.Count}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
                <SessionToken>session</SessionToken><Expiration>{expiry}</Expiration>
                </Credentials></AssumeRoleResult></AssumeRoleResponse>
                """
            );
        });
        var seen = new List<string>();
        await using var s3 = await LoopbackServer.StartAsync(context =>
        {
            seen.Add($"{context.Request.Headers["x-amz-security-token"]} {context.Request.Headers.Authorization}");
            return Task.CompletedTask;
        });
        var keys = AwsKeys.AssumeRole(
            AwsKeys.Fixed("AKIA", "secret"),
            "arn:aws:iam::1:role/r",
            "eu-west-1",
            sts.BaseUri.ToString(),
            "external"
        );
        using var http = EchoServer.Client(
            Authentication.AwsSignature(s3.BaseUri.ToString(), keys, "eu-west-1"),
            _time
        );

        await http.GetAsync(s3.BaseUri);
        await http.GetAsync(s3.BaseUri);
        _time.Advance(TimeSpan.FromMinutes(55));
        await http.GetAsync(s3.BaseUri);

        forms.Count.ShouldBe(2);
        forms[0].ShouldStartWith("Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&");
        forms[0].ShouldContain("ExternalId=external");
        forms[0].ShouldContain("Credential=AKIA/20250115/eu-west-1/sts/aws4_request");
        seen[0].ShouldStartWith("session AWS4-HMAC-SHA256 Credential=ASIA1/");
        seen[2].ShouldContain("Credential=ASIA2/");
    }

    [Fact]
    public async Task A_token_in_a_file_is_the_server_s_own_identity_and_may_assume_another_role()
    {
        var forms = new List<string>();
        await using var sts = await LoopbackServer.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            forms.Add($"{await reader.ReadToEndAsync()} {context.Request.Headers.Authorization}");
            var expiry = _time.GetUtcNow().AddHours(1).ToString("o", CultureInfo.InvariantCulture);
            await context.Response.WriteAsync(
                $"""
                <Answer><Credentials><AccessKeyId>ASIA{forms.Count}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
                <SessionToken>session</SessionToken><Expiration>{expiry}</Expiration></Credentials></Answer>
                """
            );
        });
        using var folder = new TemporaryFolder();
        var file = folder["token"];
        await File.WriteAllTextAsync(file, "ey.J.wt\n");
        var environment = new Dictionary<string, string>
        {
            ["AWS_WEB_IDENTITY_TOKEN_FILE"] = file,
            ["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/pod",
            ["AWS_ENDPOINT_URL_STS"] = sts.BaseUri.ToString(),
        };
        var own = AwsKeys.OfServer(environment.GetValueOrDefault);
        var other = AwsKeys.AssumeRole(own, "arn:aws:iam::2:role/reader", "eu-west-1", sts.BaseUri.ToString());
        await using var s3 = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        using var http = EchoServer.Client(Authentication.AwsSignature(s3.BaseUri.ToString(), other, "r"), _time);

        await http.GetAsync(s3.BaseUri);

        forms[0].ShouldStartWith("Action=AssumeRoleWithWebIdentity&");
        forms[0].ShouldContain("WebIdentityToken=ey.J.wt ");
        forms[0].ShouldNotContain("Credential=", customMessage: "the token is proof enough");
        forms[1].ShouldStartWith("Action=AssumeRole&");
        forms[1].ShouldContain("Credential=ASIA1/");
    }

    [Fact]
    public void A_server_without_an_identity_says_how_to_give_it_one()
    {
        Should.Throw<SourceException>(() => AwsKeys.OfServer(_ => null)).Message.ShouldContain("AWS_ROLE_ARN");
    }

    [Theory]
    [InlineData(
        403,
        "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>",
        FailureKind.Credentials,
        "AccessDenied"
    )]
    [InlineData(
        400,
        "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>",
        FailureKind.Transient,
        "busy"
    )]
    [InlineData(403, "no xml", FailureKind.Credentials, "trust policy")]
    [InlineData(200, "<a/>", FailureKind.Source, "200")]
    [InlineData(200, "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", FailureKind.Source, "200")]
    [InlineData(503, "", FailureKind.Transient, "503")]
    public async Task Refusals_of_a_role_have_their_kind(int status, string body, FailureKind kind, string word)
    {
        await using var sts = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        });
        var keys = AwsKeys.AssumeRole(AwsKeys.Fixed("a", "s"), "arn:r", "r", sts.BaseUri.ToString());
        using var http = EchoServer.Client(Authentication.AwsSignature("https://s3.test", keys, "r"), _time);

        var failure = await Should.ThrowAsync<SourceException>(() => http.GetAsync("https://s3.test/"));

        failure.Kind.ShouldBe(kind);
        failure.Message.ShouldContain(word);
    }

    [Fact]
    public async Task Changed_credentials_never_find_the_tokens_of_the_old_ones()
    {
        var vault = new TokensInMemory(_time);
        var refresh = _server.Grant();
        TokenGrant[] grants =
        [
            Refreshing(refresh),
            Refreshing(_server.Grant()),
            Clients(AuthorizationServer.ClientSecret),
            TokenGrant.ClientCredentials(
                _server.TokenUrl,
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
            using var http = EchoServer.Client(Authentication.Token(_server.Address, grant), _time, Operator, vault);
            await GetAsync(http);
        }

        _server.TokenRequests.Count.ShouldBe(grants.Length);
    }

    private static readonly OAuthClient Operator = new()
    {
        ClientId = AuthorizationServer.ClientId,
        ClientSecret = AuthorizationServer.ClientSecret,
    };

    private OAuthFacts Facts =>
        new()
        {
            AuthorizeUrl = _server.AuthorizeUrl,
            TokenUrl = _server.TokenUrl,
            AccessTokenMember = "access_token",
        };

    private TokenGrant Refreshing(string refreshToken) => TokenGrant.OAuth(Facts, null, refreshToken);

    private TokenGrant Clients(string secret) =>
        TokenGrant.ClientCredentials(
            _server.TokenUrl,
            AuthorizationServer.ClientId,
            secret,
            "https://graph.example.com/.default"
        );

    private string KeyFile() =>
        JsonSerializer.Serialize(
            new Dictionary<string, string>
            {
                ["client_email"] = "robot@project.iam.example.com",
                ["private_key"] = _key.ExportPkcs8PrivateKeyPem(),
                ["private_key_id"] = "kid-1",
                ["token_uri"] = _server.TokenUrl,
            }
        );

    private HttpClient Client(TokenGrant grant) =>
        EchoServer.Client(Authentication.Token(_server.Address, grant), _time, Operator);

    private async Task GetAsync(HttpClient http) => (await http.GetStringAsync(_server.Address)).ShouldBe("hello");
}
