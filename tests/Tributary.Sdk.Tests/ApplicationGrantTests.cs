using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Tributary.Sdk.Authenticating;
using Tributary.Testing;

namespace Tributary.Sdk.Tests;

/// <summary>Tokens of applications, which sign in without a person.</summary>
public sealed class ApplicationGrantTests : TokenScene
{
    [Fact]
    public async Task Client_credentials_ask_for_their_scope()
    {
        using var http = Client(Clients("  " + AuthorizationServer.ClientSecret + "\n"));

        await GetAsync(http);

        var request = Server.TokenRequests.Single();
        request["grant_type"].ShouldBe("client_credentials");
        request["scope"].ShouldBe("https://graph.example.com/.default");
    }

    [Fact]
    public async Task A_certificate_signs_in_its_clients_place()
    {
        var request = new CertificateRequest("CN=test", Key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(Time.GetUtcNow(), Time.GetUtcNow().AddYears(1));
        var pfx = Convert.ToBase64String(certificate.Export(X509ContentType.Pfx, "pa55"));
        using var http = Client(TokenGrant.ClientCertificate(Server.TokenUrl, "app", pfx, "pa55", "scope"));

        await GetAsync(http);

        var sent = Server.TokenRequests.Single();
        sent["client_id"].ShouldBe("app");
        sent["client_assertion_type"].ShouldBe("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        sent.ContainsKey("client_secret").ShouldBeFalse();
        var header = AuthorizationServer.Claims(sent["client_assertion"], 0);
        header["alg"]!.GetValue<string>().ShouldBe("RS256");
        header["typ"]!.GetValue<string>().ShouldBe("JWT");
        header["x5t"]!.GetValue<string>().ShouldBe(Jwt.Encode(certificate.GetCertHash()));
        var claims = AuthorizationServer.Claims(sent["client_assertion"]);
        claims["aud"]!.GetValue<string>().ShouldBe(Server.TokenUrl);
        claims["iss"]!.GetValue<string>().ShouldBe("app");
        claims["sub"]!.GetValue<string>().ShouldBe("app");
        claims["exp"]!.GetValue<long>().ShouldBe(Time.GetUtcNow().AddMinutes(10).ToUnixTimeSeconds());
        claims["nbf"]!.GetValue<long>().ShouldBe(Time.GetUtcNow().AddMinutes(-1).ToUnixTimeSeconds());
        claims["jti"]!.GetValue<string>().ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("no base64!")]
    [InlineData("bm8gcGZ4")]
    public async Task A_certificate_that_cannot_be_opened_is_refused_in_words(string pfx)
    {
        using var http = Client(TokenGrant.ClientCertificate(Server.TokenUrl, "app", pfx, "pa55", null));

        var failure = await Should.ThrowAsync<SourceException>(() => GetAsync(http));

        failure.Kind.ShouldBe(FailureKind.Credentials);
        failure.Message.ShouldContain("PFX");
        failure.ToString().ShouldNotContain(pfx);
    }

    [Fact]
    public async Task A_certificate_without_its_private_key_is_refused_in_words()
    {
        using var key = ECDsa.Create();
        using var certificate = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            Time.GetUtcNow(),
            Time.GetUtcNow().AddYears(1)
        );
        var pfx = Convert.ToBase64String(certificate.Export(X509ContentType.Pfx));
        using var http = Client(TokenGrant.ClientCertificate(Server.TokenUrl, "app", pfx, null, null));

        var failure = await Should.ThrowAsync<SourceException>(() => GetAsync(http));

        failure.Kind.ShouldBe(FailureKind.Credentials);
        failure.Message.ShouldContain("with its private key");
    }

    [Fact]
    public void A_private_key_may_have_lost_its_line_breaks()
    {
        var pem = $"Bag Attributes: none\n{Key.ExportPkcs8PrivateKeyPem()}";

        using var key = Jwt.KeyOf(pem.Replace("\n", "\\n", StringComparison.Ordinal));

        key.ExportRSAPublicKey().ShouldBe(Key.ExportRSAPublicKey());
    }

    [Fact]
    public async Task A_service_account_acts_as_each_user_with_tokens_of_his_own()
    {
        using var http = Client(TokenGrant.GoogleServiceAccount(KeyFile(), ["s1", "s2"], "admin@example.com"));

        await GetAsync(http);
        foreach (var user in (string[])["jane@example.com", "joe@example.com", "jane@example.com"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Server.Address).ActAs(user);
            (await http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var claims = Server.TokenRequests.Select(request => AuthorizationServer.Claims(request["assertion"])).ToList();
        claims
            .Select(claim => claim["sub"]!.GetValue<string>())
            .ShouldBe(["admin@example.com", "jane@example.com", "joe@example.com"]);
        var first = claims[0];
        first["iss"]!.GetValue<string>().ShouldBe("robot@project.iam.example.com");
        first["scope"]!.GetValue<string>().ShouldBe("s1 s2");
        first["aud"]!.GetValue<string>().ShouldBe(Server.TokenUrl);
        first["iat"]!.GetValue<long>().ShouldBe(Time.GetUtcNow().ToUnixTimeSeconds());
        first["exp"]!.GetValue<long>().ShouldBe(Time.GetUtcNow().AddHours(1).ToUnixTimeSeconds());
        AuthorizationServer.Claims(Server.TokenRequests.First()["assertion"], 0)["kid"]!
            .GetValue<string>()
            .ShouldBe("kid-1");
        Server.ApiRequests.Select(request => request.Authorization).Distinct().Count().ShouldBe(3);
        Server.ApiRequests.ToArray()[3].Authorization.ShouldBe(Server.ApiRequests.ToArray()[1].Authorization);
    }

    [Fact]
    public async Task A_service_account_can_act_as_itself()
    {
        using var http = Client(TokenGrant.GoogleServiceAccount(KeyFile(), ["s1"]));

        await GetAsync(http);

        AuthorizationServer.Claims(Server.TokenRequests.Single()["assertion"]).ContainsKey("sub").ShouldBeFalse();
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
            var expiry = Time.GetUtcNow()
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
            Authentication.Token(api, TokenGrant.GitHubInstallation(api, "Iv1.app", Key.ExportRSAPrivateKeyPem(), 42)),
            Time
        );

        await http.GetStringAsync(api);
        Time.Advance(TimeSpan.FromMinutes(54));
        await http.GetStringAsync(api);
        Time.Advance(TimeSpan.FromMinutes(1));
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
        var grant = TokenGrant.GitHubInstallation(api, "1", Key.ExportRSAPrivateKeyPem(), 42);
        using var http = EchoServer.Client(Authentication.Token(api, grant), Time);

        (await Should.ThrowAsync<SourceException>(() => http.GetAsync(api))).Kind.ShouldBe(kind);
    }
}
