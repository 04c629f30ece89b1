using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;
using Tributary.Testing;

namespace Tributary.Engine.Tests.OAuth;

/// <summary>An integration that people sign in to. Its reader sends plain requests.</summary>
public sealed class SignInSource(AuthorizationServer server) : Integration<NoConfig, SignInCredentials>
{
    public const string SlugName = "sign_in";

    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = SlugName,
            Name = "Sign-in",
            Description = "For tests.",
            Category = IntegrationCategory.Custom,
            AuthKinds = ["oauth2"],
            VendorLimits = [new RateLimit(RateUnit.Day, 1_000)],
            OAuth = new OAuthFacts
            {
                AuthorizeUrl = server.AuthorizeUrl + "?prompt=consent",
                TokenUrl = server.TokenUrl,
                Scopes = ["read", "write:things"],
                ScopeSeparator = ",",
                AuthorizeParameters = new Dictionary<string, string> { ["access_type"] = "offline" },
                AccessTokenMember = "access_token",
                RefreshTokenMember = "refresh_token",
                ExpiresAtMember = "expires_at",
                CredentialsFromAnswer = new Dictionary<string, string> { ["team"] = "team.id", ["none"] = "not.there" },
                ConfigFromAnswer = new Dictionary<string, string> { ["instance"] = "team.id" },
                FixedCredentials = new Dictionary<string, string> { ["method"] = "oauth" },
            },
        };

    /// <summary>Where a connector's settings say that tokens are renewed.</summary>
    public string TokenUrl { get; set; } = server.TokenUrl;

    /// <summary>Called before each request of a read.</summary>
    public Action BeforeRequest { get; set; } = () => { };

    protected override Authentication AuthenticateWith(NoConfig config, SignInCredentials credentials) =>
        Authentication.Token(
            server.Address,
            TokenGrant.OAuth(
                Manifest.OAuth! with
                {
                    TokenUrl = TokenUrl,
                },
                credentials.AccessToken,
                credentials.RefreshToken,
                credentials.ExpiresAt is { } at ? DateTimeOffset.FromUnixTimeSeconds(at) : null
            )
        );

    protected override IReader CreateReader(ReaderContext context, NoConfig config, SignInCredentials credentials) =>
        new Reader(this, server, context.Http);

    private sealed class Reader(SignInSource source, AuthorizationServer server, HttpClient http) : IReader
    {
        public Task CheckAsync(CancellationToken cancellationToken) => AskAsync("me", cancellationToken);

        public async IAsyncEnumerable<ReadItem> ReadAsync(
            ReadRequest request,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            for (var page = 0; page < 3; page++)
            {
                source.BeforeRequest();
                await AskAsync($"page{page}", cancellationToken);
                yield return new ReadItem.Found(
                    new Document
                    {
                        Id = $"page{page}",
                        Title = "Page",
                        Link = $"https://example.com/{page}",
                        Sections = [new Section("text")],
                    }
                );
            }

            yield return ReadItem.Checkpoint.From(new { });
        }

        public IAsyncEnumerable<string> ListAsync(CancellationToken cancellationToken) =>
            AsyncEnumerable.Empty<string>();

        private async Task AskAsync(string path, CancellationToken cancellationToken)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{server.Address}/{path}");
            using var response = await http.SendCheckedAsync(request, cancellationToken);
        }
    }
}

public sealed record SignInCredentials
{
    [Secret]
    public string? AccessToken { get; init; }

    [Secret]
    public string? RefreshToken { get; init; }

    public long? ExpiresAt { get; init; }

    public string? Team { get; init; }

    public string? Method { get; init; }
}
