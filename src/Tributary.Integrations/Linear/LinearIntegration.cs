using System.ComponentModel;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Linear;

/// <summary>Issues, projects and documents of a Linear workspace.</summary>
public sealed class LinearIntegration : Integration<LinearConfig, LinearCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "linear",
            Name = "Linear",
            Description =
                "Issues with their comments, projects with their updates, and documents of a Linear workspace.",
            Category = IntegrationCategory.Projects,
            AuthKinds = ["api_key", "oauth2"],
            OAuth = new OAuthFacts
            {
                AuthorizeUrl = "https://linear.app/oauth/authorize",
                TokenUrl = "https://api.linear.app/oauth/token",
                Scopes = ["read"],
                ScopeSeparator = ",",
                AuthorizeParameters = new Dictionary<string, string> { ["prompt"] = "consent" },
                AccessTokenMember = "access_token",
                RefreshTokenMember = "refresh_token",
                ExpiresAtMember = "expire_at",
            },
            // Of requests Linear allows 5,000 an hour, of points two to three million: a page of issues takes some 2,000.
            VendorLimits = [new RateLimit(RateUnit.Hour, 1_000)],
            Capabilities = new IntegrationCapabilities
            {
                Incremental = true,
                Permissions = true,
                DeepLinks = true,
            },
            Documentation = """
                Sign in, or make a personal API key at *Settings, Security & access, Personal API keys* with the permission
                *Read*. What the key's owner can see is read: an administrator's key does not see private teams that the
                administrator is not a member of, and a key stops working when its owner is suspended. Several
                workspaces are several connectors.

                Issues of all teams are read with all their comments, archived ones included; what is in the trash is not. Projects
                come with their updates. Documents of private and restricted teams are shown to the team's members alone. Images
                and attached files are not read.

                A refresh asks for what was updated since the last one, and for new and edited comments and project updates.
                """,
        };

    /// <inheritdoc />
    public override IReadOnlyList<IntegrationAction> Actions =>
        [
            SearchAction("issues", "Searches issues and their comments by Linear's own search."),
            GetAction("issue", "Reads one issue with its comments, by its identifier, e.g. ENG-12, or its id."),
        ];

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(LinearConfig config, LinearCredentials credentials)
    {
        var api = config.Root.AbsoluteUri;
        var isSignedIn =
            !string.IsNullOrWhiteSpace(credentials.AccessToken) || !string.IsNullOrWhiteSpace(credentials.RefreshToken);
        return isSignedIn
            ? Authentication.Token(
                api,
                TokenGrant.OAuth(
                    Manifest.OAuth! with
                    {
                        TokenUrl = config.Root.At($"oauth/token").AbsoluteUri,
                    },
                    credentials.AccessToken,
                    credentials.RefreshToken,
                    credentials.ExpireAt is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null
                )
            )
            : Authentication.Header(api, "Authorization", credentials.KeyHeader);
    }

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        LinearConfig config,
        LinearCredentials credentials
    ) => new LinearReader(context, config);
}

/// <summary>What of the workspace.</summary>
public sealed record LinearConfig : IValidatable
{
    private const string Usual = "https://api.linear.app";

    /// <summary>Projects.</summary>
    [Description("Read projects with their updates, too.")]
    public bool IncludeProjects { get; init; } = true;

    /// <summary>Documents.</summary>
    [Description("Read documents, too.")]
    public bool IncludeDocuments { get; init; } = true;

    /// <summary>Another address of the API.</summary>
    [Description("Address of the API, for gateways.")]
    [Advanced]
    public string ApiBaseUrl { get; init; } = Usual;

    internal Uri Root
    {
        get
        {
            var address = ApiAddress.Parse(string.IsNullOrWhiteSpace(ApiBaseUrl) ? Usual : ApiBaseUrl);
            const string Path = "/graphql";
            return address.AbsolutePath.EndsWith(Path, StringComparison.Ordinal)
                ? new Uri(address.AbsoluteUri[..^Path.Length])
                : address;
        }
    }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (!string.IsNullOrWhiteSpace(ApiBaseUrl) && ApiAddress.Problem(ApiBaseUrl) is { } problem)
        {
            yield return SettingsProblem.Of("api_base_url", problem);
        }
    }
}

/// <summary>Whose eyes read it: those of a key's owner, or of who has signed in.</summary>
public sealed record LinearCredentials : IValidatable
{
    /// <summary>The key.</summary>
    [Description("Personal API key; it begins with lin_api_.")]
    [Alias("linear_access_token")]
    [Secret]
    public string? LinearApiKey { get; init; }

    /// <summary>The access token.</summary>
    [Description("Access token, by signing in.")]
    [Secret]
    public string? AccessToken { get; init; }

    /// <summary>The refresh token.</summary>
    [Description("Refresh token, by signing in.")]
    [Secret]
    public string? RefreshToken { get; init; }

    /// <summary>The end of the access token.</summary>
    [Description("When the access token expires, in seconds since 1970.")]
    [Advanced]
    public long? ExpireAt { get; init; }

    /// <summary>
    /// A personal key stands alone. Older settings hold tokens of OAuth under the same name, which go behind "Bearer".
    /// </summary>
    internal string KeyHeader
    {
        get
        {
            const string Scheme = "Bearer ";
            var typed = LinearApiKey?.Trim() ?? "";
            var key = typed.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
                ? typed[Scheme.Length..].Trim()
                : typed;
            return key.StartsWith("lin_oauth_", StringComparison.Ordinal) ? Scheme + key : key;
        }
    }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (new[] { LinearApiKey, AccessToken, RefreshToken }.All(string.IsNullOrWhiteSpace))
        {
            yield return SettingsProblem.Of(
                "linear_api_key",
                "Should be a personal API key from Settings, Security & access, unless you sign in"
            );
        }
    }
}
