namespace Tributary.Sdk.Authenticating;

/// <summary>
/// How access tokens are come by. They are kept encrypted, shared by everything that uses the same credential, renewed
/// before they expire and once more when the source refuses one with 401; a rotated refresh token is saved before the
/// tokens are used.
/// </summary>
public abstract class TokenGrant
{
    private protected TokenGrant() { }

    /// <summary>What the keys of kept tokens are made of: everything that decides whose tokens they are. Secret.</summary>
    internal abstract IEnumerable<string?> Identity { get; }

    /// <summary>What to say when the source or the token endpoint no longer takes the credentials.</summary>
    internal abstract string Cure { get; }

    /// <summary>Tokens that came with the credentials; null when all have to be fetched.</summary>
    internal virtual TokenSet? Initial(TimeProvider time) => null;

    /// <summary>Fetches tokens.</summary>
    /// <param name="kept">Those that are kept, used up; null when there are none.</param>
    /// <param name="channel">The way to the token endpoint.</param>
    /// <param name="subject">Whom to act as; null for the credentials' own.</param>
    /// <param name="cancellationToken">Ends it.</param>
    internal abstract Task<TokenSet> FetchAsync(
        TokenSet? kept,
        TokenChannel channel,
        string? subject,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Tokens that a person has consented to (authorization code, with or without PKCE), or a refresh token that was
    /// brought along.
    /// </summary>
    /// <param name="facts">The manifest's; <c>facts with { TokenUrl = … }</c> for instances of one's own.</param>
    /// <param name="accessToken">The access token of the credentials; null or empty fetches one.</param>
    /// <param name="refreshToken">The refresh token; null or empty when there is none: then the access token is used until it is refused.</param>
    /// <param name="expiresAt">When the access token expires; null when that is not known.</param>
    /// <param name="client">The OAuth client that the tokens were given to; null for the one that the operator has configured for this integration.</param>
    public static TokenGrant OAuth(
        OAuthFacts facts,
        string? accessToken,
        string? refreshToken,
        DateTimeOffset? expiresAt = null,
        OAuthClient? client = null
    ) => new OAuthGrant(facts, accessToken, refreshToken, expiresAt, client);

    /// <summary>Client credentials with a secret: Microsoft Entra (<c>{authority}/{tenant}/oauth2/v2.0/token</c>) and others.</summary>
    /// <param name="tokenUrl">The token endpoint.</param>
    /// <param name="clientId">The application's id.</param>
    /// <param name="clientSecret">Its secret.</param>
    /// <param name="scope">What to ask for, e.g. <c>https://graph.microsoft.com/.default</c>; null leaves it out.</param>
    /// <param name="secretIn">Where the secret is sent.</param>
    public static TokenGrant ClientCredentials(
        string tokenUrl,
        string clientId,
        string clientSecret,
        string? scope,
        ClientSecretIn secretIn = ClientSecretIn.Form
    ) => new ClientCredentialsGrant(tokenUrl, clientId, clientSecret, scope, secretIn);

    /// <summary>Client credentials with a certificate (RFC 7523), as Microsoft Entra takes it.</summary>
    /// <param name="tokenUrl">The token endpoint.</param>
    /// <param name="clientId">The application's id.</param>
    /// <param name="certificate">A PFX file, base64.</param>
    /// <param name="password">Its password; null for none.</param>
    /// <param name="scope">What to ask for.</param>
    public static TokenGrant ClientCertificate(
        string tokenUrl,
        string clientId,
        string certificate,
        string? password,
        string? scope
    ) => new ClientCertificateGrant(tokenUrl, clientId, certificate, password, scope);

    /// <summary>
    /// A Google service account. Single requests may act as a user (domain-wide delegation) by
    /// <see cref="AuthenticationRequests.ActAs"/>, each user with tokens of his own.
    /// </summary>
    /// <param name="keyFile">The service account's key file, JSON.</param>
    /// <param name="scopes">The scopes' whole addresses.</param>
    /// <param name="subject">The user to act as where a request names none; null acts as the service account itself.</param>
    /// <param name="tokenUrl">Another token endpoint than the key file's; for gateways and tests.</param>
    public static TokenGrant GoogleServiceAccount(
        string keyFile,
        IEnumerable<string> scopes,
        string? subject = null,
        string? tokenUrl = null
    ) => new GoogleServiceAccountGrant(keyFile, [.. scopes], subject, tokenUrl);

    /// <summary>An installation of a GitHub App.</summary>
    /// <param name="api">The API's address, <c>https://api.github.com</c> or <c>https://host/api/v3</c>.</param>
    /// <param name="appId">The app's client id or id.</param>
    /// <param name="privateKey">Its private key, PEM.</param>
    /// <param name="installationId">The installation.</param>
    public static TokenGrant GitHubInstallation(string api, string appId, string privateKey, long installationId) =>
        new GitHubInstallationGrant(api, appId, privateKey, installationId);
}

/// <summary>Where an OAuth client's secret goes in requests to the token endpoint.</summary>
public enum ClientSecretIn
{
    /// <summary>Into the body, beside the other fields.</summary>
    Form,

    /// <summary>Into an <c>Authorization: Basic</c> header.</summary>
    Basic,
}
