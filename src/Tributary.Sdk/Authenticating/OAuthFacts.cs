using System.Collections.Immutable;

namespace Tributary.Sdk.Authenticating;

/// <summary>What an integration's manifest says about signing in by OAuth 2 (authorization code).</summary>
/// <remarks>Client id, secret and redirect address are the operator's; see <see cref="OAuthClient"/>.</remarks>
public sealed record OAuthFacts
{
    /// <summary>Where people are sent to consent. Parameters of its own stay.</summary>
    public required string AuthorizeUrl { get; init; }

    /// <summary>Where codes and refresh tokens are swapped for access tokens.</summary>
    public required string TokenUrl { get; init; }

    /// <summary>What is asked for.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>What stands between two scopes: a space, or a comma with some vendors.</summary>
    public string ScopeSeparator { get; init; } = " ";

    /// <summary>Further parameters of the consent address, e.g. <c>access_type=offline</c>.</summary>
    public IReadOnlyDictionary<string, string> AuthorizeParameters { get; init; } =
        ImmutableDictionary<string, string>.Empty;

    /// <summary>Whether the vendor understands PKCE (S256). Those that do not know the parameters pass over them; false for those that refuse them.</summary>
    public bool UsesPkce { get; init; } = true;

    /// <summary>Where the client's secret is sent.</summary>
    public ClientSecretIn SecretIn { get; init; } = ClientSecretIn.Form;

    /// <summary>The token endpoint takes JSON instead of a form.</summary>
    public bool SendsJson { get; init; }

    /// <summary>Headers that the token endpoint wants besides, e.g. <c>Notion-Version</c>.</summary>
    public IReadOnlyDictionary<string, string> TokenHeaders { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The credentials' member for the access token; in forms, the one that the OAuth button fills.</summary>
    public required string AccessTokenMember { get; init; }

    /// <summary>The member for the refresh token; null when the vendor gives none.</summary>
    public string? RefreshTokenMember { get; init; }

    /// <summary>The member for the access token's expiry, whole seconds since 1970; null when it is not kept there.</summary>
    public string? ExpiresAtMember { get; init; }

    /// <summary>
    /// <see cref="AccessTokenMember"/> holds all tokens as a JSON text in Google's form: <c>token</c>, <c>refresh_token</c>,
    /// <c>token_uri</c>, <c>scopes</c>, <c>expiry</c>. The operator's client is not in it.
    /// </summary>
    public bool TokensAsJson { get; init; }

    /// <summary>Members of the credentials that always get the same value, e.g. <c>authentication_method</c> = <c>oauth_interactive</c>.</summary>
    public IReadOnlyDictionary<string, string> FixedCredentials { get; init; } =
        ImmutableDictionary<string, string>.Empty;

    /// <summary>Members of the credentials that are found in the token endpoint's answer: member → path, e.g. <c>team_id</c> = <c>team.id</c>.</summary>
    public IReadOnlyDictionary<string, string> CredentialsFromAnswer { get; init; } =
        ImmutableDictionary<string, string>.Empty;

    /// <summary>Members of the config that are found there (Cargo's <c>extraValues</c>): member → path, e.g. <c>instance_url</c> = <c>instance_url</c>.</summary>
    public IReadOnlyDictionary<string, string> ConfigFromAnswer { get; init; } =
        ImmutableDictionary<string, string>.Empty;
}

/// <summary>An OAuth client that was registered with a vendor. Not a record: its secret is never printed.</summary>
public sealed class OAuthClient
{
    /// <summary>The client's id.</summary>
    public required string ClientId { get; init; }

    /// <summary>The client's secret; empty for public clients.</summary>
    public string ClientSecret { get; init; } = "";

    /// <summary>Where the vendor sends people back to, as registered there; needed for signing in.</summary>
    public string? RedirectUri { get; init; }

    /// <summary>In place of <see cref="OAuthFacts.AuthorizeUrl"/>, for instances of one's own.</summary>
    public string? AuthorizeUrl { get; init; }

    /// <summary>In place of <see cref="OAuthFacts.TokenUrl"/>, for instances of one's own.</summary>
    public string? TokenUrl { get; init; }
}
