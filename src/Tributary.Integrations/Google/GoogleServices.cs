using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;

namespace Tributary.Integrations.Google;

/// <summary>Where Google's services are, and how requests to them are signed.</summary>
internal sealed record GoogleServices
{
    private const string GoogleTokenUrl = "https://oauth2.googleapis.com/token";
    private static readonly string[] GoogleTokenHosts =
    [
        "oauth2.googleapis.com",
        "accounts.google.com",
        "www.googleapis.com",
    ];
    private static readonly string[] Paths = ["/drive/v3", "/gmail/v1"];

    public required Uri Drive { get; init; }

    public required Uri Docs { get; init; }

    public required Uri Gmail { get; init; }

    public required Uri Directory { get; init; }

    /// <summary>Where large documents are exported to; null for another root than Google's, which serves all by itself.</summary>
    public Uri? Exports { get; init; }

    /// <summary>The token endpoint where the credentials name none.</summary>
    public string TokenUrl { get; init; } = GoogleTokenUrl;

    /// <summary>Google's own hosts, or one root that has all of their paths.</summary>
    /// <param name="apiBaseUrl">The root, with or without the path of one service; null or empty for Google's.</param>
    public static GoogleServices At(string? apiBaseUrl)
    {
        if (string.IsNullOrWhiteSpace(apiBaseUrl))
        {
            return new GoogleServices
            {
                Drive = new Uri("https://www.googleapis.com/drive/v3"),
                Docs = new Uri("https://docs.googleapis.com/v1"),
                Gmail = new Uri("https://gmail.googleapis.com/gmail/v1"),
                Directory = new Uri("https://admin.googleapis.com/admin/directory/v1"),
                Exports = new Uri("https://docs.google.com"),
            };
        }

        var root = ApiAddress.Parse(apiBaseUrl).AbsoluteUri.TrimEnd('/');
        foreach (var path in Paths.Where(path => root.EndsWith(path, StringComparison.Ordinal)))
        {
            root = root[..^path.Length];
        }

        return new GoogleServices
        {
            Drive = new Uri(root + "/drive/v3"),
            Docs = new Uri(root + "/v1"),
            Gmail = new Uri(root + "/gmail/v1"),
            Directory = new Uri(root + "/admin/directory/v1"),
            TokenUrl = root + "/token",
        };
    }

    /// <summary>What a manifest says about signing in.</summary>
    public static OAuthFacts SignIn(IReadOnlyList<string> scopes) =>
        new()
        {
            AuthorizeUrl = "https://accounts.google.com/o/oauth2/v2/auth",
            TokenUrl = GoogleTokenUrl,
            Scopes = scopes,
            // Without these, Google gives a refresh token at the very first consent only.
            AuthorizeParameters = new Dictionary<string, string>
            {
                ["access_type"] = "offline",
                ["prompt"] = "consent",
            },
            AccessTokenMember = "google_tokens",
            TokensAsJson = true,
            FixedCredentials = new Dictionary<string, string> { ["authentication_method"] = "oauth_interactive" },
        };

    /// <summary>Signs requests to all services. A service account acts as itself unless a request names a user.</summary>
    public Authentication AuthenticateWith(GoogleCredentials credentials, OAuthFacts signIn)
    {
        TokenGrant grant;
        if (credentials.IsServiceAccount)
        {
            grant = TokenGrant.GoogleServiceAccount(
                credentials.GoogleServiceAccountKey!,
                signIn.Scopes,
                tokenUrl: TokenUrlOf(credentials)
            );
        }
        else
        {
            // The operator's client secret goes to Google alone, whatever endpoint the credentials name.
            var client = credentials.ClientId is { } id
                ? new OAuthClient { ClientId = id, ClientSecret = credentials.ClientSecret ?? "" }
                : null;
            var facts = client is null ? signIn : signIn with { TokenUrl = TokenUrlOf(credentials) };
            grant = TokenGrant.OAuth(facts, credentials.Token, credentials.RefreshToken, credentials.Expiry, client);
        }

        var others = new[] { Docs, Gmail, Directory, Exports }.OfType<Uri>().Select(address => address.AbsoluteUri);
        return Authentication.Token(Drive.AbsoluteUri, grant).AlsoFor([.. others]);
    }

    /// <summary>The token endpoint that the credentials name. Where another root stands for Google's hosts, for that one, too.</summary>
    private string TokenUrlOf(GoogleCredentials credentials) =>
        credentials.TokenUri is { } named && (TokenUrl == GoogleTokenUrl || !IsGoogles(named)) ? named : TokenUrl;

    private static bool IsGoogles(string tokenUrl) =>
        Uri.TryCreate(tokenUrl, UriKind.Absolute, out var address) && GoogleTokenHosts.Contains(address.IdnHost);
}
