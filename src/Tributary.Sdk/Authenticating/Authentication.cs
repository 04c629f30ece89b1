using System.Collections.Immutable;
using System.Text;

namespace Tributary.Sdk.Authenticating;

/// <summary>
/// How the requests of a connector prove who sends them. An integration says it once, in
/// <see cref="Integration{TConfig, TCredentials}.AuthenticateWith(TConfig, TCredentials)"/>; its reader then sends plain
/// requests and never sees a token.
/// </summary>
/// <remarks>
/// Every part begins with the address of the API: credentials go to that scheme, host and port, to those named by
/// <see cref="AlsoFor"/>, and nowhere else, wherever redirects and next-links lead. Nothing in here shows a secret when it
/// is printed.
/// </remarks>
public abstract class Authentication
{
    private protected Authentication(ImmutableArray<Uri> origins) => Origins = origins;

    /// <summary>Requests go out as they are.</summary>
    public static Authentication None { get; } = new CombinedAuthentication([]);

    /// <summary>The addresses whose scheme, host and port get the credentials.</summary>
    internal ImmutableArray<Uri> Origins { get; private protected init; }

    /// <summary><c>Authorization: Bearer …</c> with a token that does not change.</summary>
    /// <param name="api">The API's address, e.g. <c>https://api.example.com/v1</c>.</param>
    /// <param name="token">The token.</param>
    /// <exception cref="SourceException">The address is none, or the token cannot be sent.</exception>
    public static Authentication Bearer(string api, string token) =>
        Header(api, "Authorization", $"Bearer {token.Trim()}");

    /// <summary><c>Authorization: Basic …</c>.</summary>
    /// <param name="api">The API's address.</param>
    /// <param name="user">The name of the user; what else a vendor puts here, e.g. <c>jane@example.com/token</c>.</param>
    /// <param name="password">The password or API token.</param>
    public static Authentication Basic(string api, string user, string password) =>
        Header(
            api,
            "Authorization",
            $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user.Trim()}:{password}"))}"
        );

    /// <summary>A header of the vendor's own, e.g. <c>PRIVATE-TOKEN</c>.</summary>
    public static Authentication Header(string api, string name, string value) => Headers(api, (name, value));

    /// <summary>Several headers of the vendor's own, e.g. <c>Api-Key</c> and <c>Api-Username</c>.</summary>
    public static Authentication Headers(string api, params (string Name, string Value)[] headers) =>
        new HeaderAuthentication(Origin.Of(api), [.. headers.Select(header => (header.Name, Sendable(header.Value)))]);

    /// <summary>A parameter of the query string, for APIs that take their key nowhere else.</summary>
    public static Authentication Query(string api, string name, string value) =>
        new QueryAuthentication(Origin.Of(api), name, Sendable(value));

    /// <summary><c>Authorization: Bearer …</c> with tokens that are fetched, kept and renewed. See <see cref="TokenGrant"/>.</summary>
    public static Authentication Token(string api, TokenGrant grant) => new TokenAuthentication(Origin.Of(api), grant);

    /// <summary>AWS Signature Version 4; with HMAC keys also for Google Cloud Storage, R2 and Oracle's object storage.</summary>
    /// <param name="api">The address that requests go to, e.g. <c>https://my-bucket.s3.eu-west-1.amazonaws.com</c>.</param>
    /// <param name="keys">Fixed keys, those of the server, or those of a role.</param>
    /// <param name="region">The region to sign for, e.g. <c>eu-west-1</c>; <c>auto</c> for R2 and Google.</param>
    /// <param name="service">The service to sign for.</param>
    public static Authentication AwsSignature(string api, AwsKeys keys, string region, string service = "s3") =>
        new AwsAuthentication(Origin.Of(api), keys, region, service);

    /// <summary>Different parts for different hosts: of those that name a request's host, the first is taken.</summary>
    public static Authentication Each(params Authentication[] parts) => new CombinedAuthentication([.. parts]);

    /// <summary>The same for further hosts, e.g. <c>https://files.slack.com</c>. Scheme and port count too.</summary>
    public abstract Authentication AlsoFor(params string[] addresses);

    /// <summary>The part that a request to this address is sent with; null when it gets no credentials.</summary>
    internal virtual Authentication? For(Uri address) =>
        Origins.Any(origin => Origin.IsSame(origin, address)) ? this : null;

    private static string Sendable(string value) =>
        value.Trim() is { Length: > 0 } text && text.All(character => character is >= ' ' and <= '~')
            ? text
            : throw new SourceException(
                FailureKind.Credentials,
                "A key, token or user name of the credentials is empty, or holds a line break or another character that cannot be sent. Copy it again, whole and without what stands around it."
            );
}
