using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Testing;

namespace Tributary.Sdk.Tests;

/// <summary>What every kind of grant sends to its token endpoint, and says when its tokens are refused.</summary>
public sealed class GrantTests : IDisposable
{
    private const string TokenUrl = "https://login.example.com/token";

    private static readonly OAuthFacts Facts = new()
    {
        AuthorizeUrl = "https://login.example.com/authorize",
        TokenUrl = TokenUrl,
        AccessTokenMember = "access_token",
    };

    private readonly ManualTime _time = new();
    private readonly RSA _key = TestKey.Open();

    // What the endpoints of all grants but AWS's understand.
    private readonly RecordingHandler _tokens = new(_ => new Answer(
        HttpStatusCode.OK,
        """{"access_token": "a", "token": "a", "expires_at": "2025-01-15T09:00:00Z"}"""
    ));

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task Requests_for_tokens_are_bounded_and_led_nowhere_else()
    {
        foreach (var (grant, _) in Grants())
        {
            await FetchAsync(grant);

            var request = _tokens.Requests[^1];
            request.Method.ShouldBe(HttpMethod.Post);
            request.Headers.Accept.ToString().ShouldBe("application/json");
            Option(request, OutboundOptions.FollowRedirects).ShouldBe(false);
            Option(request, OutboundOptions.MaxBodyBytes).ShouldBe(1 << 20);
        }
    }

    [Fact]
    public async Task Only_a_refresh_token_is_not_sent_twice()
    {
        foreach (var (grant, _) in Grants())
        {
            await FetchAsync(grant);

            Option(_tokens.Requests[^1], OutboundOptions.OnlyReads).ShouldBe(!_tokens.Bodies[^1].Contains("refresh"));
        }
    }

    [Fact]
    public async Task The_refusal_of_a_new_token_names_the_cure()
    {
        foreach (var (grant, cure) in Grants())
        {
            var api = new RecordingHandler(_ => new Answer(HttpStatusCode.Unauthorized));
            using var http = new HttpClient(
                new AuthenticatingHandler(
                    Authentication.Token("https://api.example.com", grant),
                    new TokensInMemory(_time),
                    Channel()
                )
                {
                    InnerHandler = api,
                }
            );

            var failure = await Should.ThrowAsync<SourceException>(() => http.GetAsync("https://api.example.com/"));

            failure.Kind.ShouldBe(FailureKind.Credentials);
            failure.Message.ShouldContain(cure);
            api.Answers.Select(answer => answer.IsGivenBack).ShouldBe([true, true]);
        }
    }

    [Theory]
    [InlineData(false, "application/x-www-form-urlencoded", "grant_type=refresh_token&refresh_token=r&client_id=id")]
    [InlineData(
        true,
        "application/json; charset=utf-8",
        """{"grant_type":"refresh_token","refresh_token":"r","client_id":"id"}"""
    )]
    public async Task A_client_without_a_secret_sends_none(bool sendsJson, string type, string body)
    {
        foreach (var secretIn in Enum.GetValues<ClientSecretIn>())
        {
            var facts = Facts with { SendsJson = sendsJson, SecretIn = secretIn };
            await FetchAsync(TokenGrant.OAuth(facts, null, "r", null, new OAuthClient { ClientId = "id" }));

            _tokens.Requests[^1].Headers.Authorization.ShouldBeNull();
            _tokens.Requests[^1].Content!.Headers.ContentType!.ToString().ShouldBe(type);
            _tokens.Bodies[^1].ShouldBe(body);
        }
    }

    [Fact]
    public async Task A_token_endpoint_gets_the_headers_that_it_wants_besides()
    {
        var headers = new Dictionary<string, string> { ["Notion-Version"] = "2022-06-28" };

        await FetchAsync(TokenGrant.OAuth(Facts with { TokenHeaders = headers }, null, "r"));

        _tokens.Requests[0].Headers.GetValues("Notion-Version").ShouldBe(["2022-06-28"]);
    }

    [Fact]
    public async Task A_client_of_the_credentials_own_may_have_an_address_of_its_own()
    {
        var own = new OAuthClient { ClientId = "id", TokenUrl = "https://own.example.com/token" };

        await FetchAsync(TokenGrant.OAuth(Facts, null, "r", null, own));

        _tokens.Requests[0].RequestUri!.Host.ShouldBe("own.example.com");
    }

    [Theory]
    [InlineData(null, null, "https://oauth2.googleapis.com/token")]
    [InlineData("https://file.example.com/token", null, "https://file.example.com/token")]
    [InlineData("https://file.example.com/token", "https://gateway.example.com/t", "https://gateway.example.com/t")]
    public async Task A_service_account_asks_Google_unless_another_address_is_given(
        string? inFile,
        string? given,
        string asked
    )
    {
        await FetchAsync(TokenGrant.GoogleServiceAccount(KeyFile(inFile), ["s"], null, given));

        _tokens.Requests[0].RequestUri!.ToString().ShouldBe(asked);
    }

    [Fact]
    public void What_a_manifest_does_not_say_is_what_most_vendors_do()
    {
        var facts = new OAuthFacts
        {
            AuthorizeUrl = "https://login.example.com/authorize",
            TokenUrl = TokenUrl,
            AccessTokenMember = "access_token",
        };

        facts.ScopeSeparator.ShouldBe(" ");
        facts.UsesPkce.ShouldBeTrue();
        facts.SecretIn.ShouldBe(ClientSecretIn.Form);
        facts.SendsJson.ShouldBeFalse();
    }

    private (TokenGrant Grant, string Cure)[] Grants()
    {
        var request = new CertificateRequest("CN=test", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(_time.GetUtcNow(), _time.GetUtcNow().AddYears(1));
        var pfx = Convert.ToBase64String(certificate.Export(X509ContentType.Pfx));
        return
        [
            (TokenGrant.OAuth(Facts, null, "r"), "Sign in again"),
            (TokenGrant.ClientCredentials(TokenUrl, "id", "secret", null), "Check the client id, its secret"),
            (TokenGrant.ClientCertificate(TokenUrl, "id", pfx, null, null), "this certificate is registered"),
            (TokenGrant.GoogleServiceAccount(KeyFile(TokenUrl), ["s"]), "domain-wide delegation"),
            (
                TokenGrant.GitHubInstallation("https://api.example.com", "1", _key.ExportRSAPrivateKeyPem(), 42),
                "the app is installed and not suspended"
            ),
        ];
    }

    private string KeyFile(string? tokenUrl) =>
        JsonSerializer.Serialize(
            new Dictionary<string, string?>
            {
                ["client_email"] = "robot@project.iam.example.com",
                ["private_key"] = _key.ExportPkcs8PrivateKeyPem(),
                ["token_uri"] = tokenUrl,
            }
        );

    private TokenChannel Channel() =>
        new(new HttpClient(_tokens), _time, new OAuthClient { ClientId = "operator", ClientSecret = "secret" });

    private Task<TokenSet> FetchAsync(TokenGrant grant) =>
        grant.FetchAsync(null, Channel(), null, CancellationToken.None);

    private static T? Option<T>(HttpRequestMessage request, HttpRequestOptionsKey<T> key)
        where T : struct => request.Options.TryGetValue(key, out var value) ? value : null;
}
