using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Http;

/// <summary>Any HTTP API: nothing is read from it, requests go through it.</summary>
public sealed class HttpIntegration : Integration<HttpConfig, HttpCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "http",
            Name = "HTTP API",
            Description =
                "Requests to any HTTP API, with its credentials, within limits, and with answers that can be kept.",
            Category = IntegrationCategory.Custom,
            Kind = IntegrationKind.Api,
            AuthKinds = ["none", "api_key", "basic", "header", "client_credentials"],
            Capabilities = new IntegrationCapabilities { Deletion = DeletionDetection.None },
            Documentation = """
                A connector of this integration has no documents. Programs send their requests to it instead of to the
                API (`/v1/connection/connectors/{uuid}/proxy/…`, or `tributary connectors call`): the credentials are added
                here and never leave the server, the connector's rate limit holds for all programs together, and answers
                are kept for as long as the connector says.

                `auth` says which of the credentials' members count: `none`; `bearer` (`token`); `header` and `query`
                (`name` and `token`); `basic` (`username` and `password`); `headers` (`header_values`, several at once);
                `client_credentials` (`token_url`, `client_id`, `client_secret` and, where needed, `scope`).

                When the connector is made, `base_url` is asked for once. Any answer is good, since many APIs have nothing
                there, but 401, which says that the credentials are refused.
                """,
        };

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(HttpConfig config, HttpCredentials credentials) =>
        credentials.Auth switch
        {
            HttpAuth.Bearer => Authentication.Bearer(config.BaseUrl, credentials.Token!),
            HttpAuth.Header => Authentication.Header(config.BaseUrl, credentials.Name!, credentials.Token!),
            HttpAuth.Query => Authentication.Query(config.BaseUrl, credentials.Name!, credentials.Token!),
            HttpAuth.Basic => Authentication.Basic(config.BaseUrl, credentials.Username!, credentials.Password ?? ""),
            HttpAuth.Headers => Authentication.Headers(
                config.BaseUrl,
                [.. credentials.HeaderValues.Select(header => (header.Key, header.Value))]
            ),
            HttpAuth.ClientCredentials => Authentication.Token(
                config.BaseUrl,
                TokenGrant.ClientCredentials(
                    credentials.TokenUrl!,
                    credentials.ClientId!,
                    credentials.ClientSecret!,
                    credentials.Scope,
                    credentials.SecretIn
                )
            ),
            _ => Authentication.None,
        };

    /// <inheritdoc />
    protected override Uri? ApiBase(HttpConfig config, HttpCredentials credentials) => new(config.BaseUrl);

    /// <inheritdoc />
    protected override IReader CreateReader(ReaderContext context, HttpConfig config, HttpCredentials credentials) =>
        new HttpReader(context, config, credentials);
}

/// <summary>Which API.</summary>
public sealed record HttpConfig : IValidatable
{
    /// <summary>The address.</summary>
    [Description("Address of the API. The paths of requests are added to it; they cannot leave it.")]
    [Example("https://api.example.com/v1")]
    [MinLength(1)]
    public required string BaseUrl { get; init; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (
            !Uri.TryCreate(BaseUrl, UriKind.Absolute, out var address)
            || address is not { Scheme: "http" or "https", UserInfo: "", Fragment: "" }
        )
        {
            yield return SettingsProblem.Of(
                "base_url",
                "Should be an http or https address without user name, password and fragment; credentials have members of their own"
            );
        }
    }
}

/// <summary>How requests prove who sends them.</summary>
public enum HttpAuth
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary><c>Authorization: Bearer …</c></summary>
    Bearer,

    /// <summary>A header of the API's own.</summary>
    Header,

    /// <summary>A parameter of the query.</summary>
    Query,

    /// <summary>User name and password.</summary>
    Basic,

    /// <summary>Several headers.</summary>
    Headers,

    /// <summary>OAuth 2 client credentials.</summary>
    ClientCredentials,
}

/// <summary>The credentials; which members count is for <see cref="Auth"/> to say.</summary>
public sealed record HttpCredentials : IValidatable
{
    /// <summary>The kind.</summary>
    [Description("How requests prove who sends them.")]
    public HttpAuth Auth { get; init; }

    /// <summary>The token.</summary>
    [Description("Token or API key, for bearer, header and query.")]
    [Secret]
    public string? Token { get; init; }

    /// <summary>Its name.</summary>
    [Description("Name of the header or query parameter that takes the token.")]
    [Example("X-Api-Key")]
    public string? Name { get; init; }

    /// <summary>The user.</summary>
    [Description("User name, for basic.")]
    public string? Username { get; init; }

    /// <summary>The password.</summary>
    [Description("Password, for basic.")]
    [Secret]
    public string? Password { get; init; }

    /// <summary>Headers.</summary>
    [Description("Headers with their values, for headers.")]
    [Secret]
    public IReadOnlyDictionary<string, string> HeaderValues { get; init; } = new Dictionary<string, string>();

    /// <summary>The token endpoint.</summary>
    [Description("Address of the token endpoint, for client_credentials.")]
    [Example("https://login.example.com/oauth/token")]
    public string? TokenUrl { get; init; }

    /// <summary>The client.</summary>
    [Description("Client id, for client_credentials.")]
    public string? ClientId { get; init; }

    /// <summary>Its secret.</summary>
    [Description("Client secret, for client_credentials.")]
    [Secret]
    public string? ClientSecret { get; init; }

    /// <summary>What to ask for.</summary>
    [Description("Scopes to ask for, separated by spaces, for client_credentials.")]
    public string? Scope { get; init; }

    /// <summary>Where the secret goes.</summary>
    [Description("Where the client secret goes: into the form, or into a Basic header.")]
    [Advanced]
    public ClientSecretIn SecretIn { get; init; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        (string Name, bool IsThere)[] needed = Auth switch
        {
            HttpAuth.Bearer => [("token", Token is { Length: > 0 })],
            HttpAuth.Header or HttpAuth.Query =>
            [
                ("token", Token is { Length: > 0 }),
                ("name", Name is { Length: > 0 }),
            ],
            HttpAuth.Basic => [("username", Username is { Length: > 0 })],
            HttpAuth.Headers => [("header_values", HeaderValues.Count > 0)],
            HttpAuth.ClientCredentials =>
            [
                ("token_url", TokenUrl is { Length: > 0 }),
                ("client_id", ClientId is { Length: > 0 }),
                ("client_secret", ClientSecret is { Length: > 0 }),
            ],
            _ => [],
        };
        foreach (var member in needed.Where(member => !member.IsThere))
        {
            yield return SettingsProblem.Of(
                member.Name,
                $"Is needed when auth is {SettingsReader.EnumValues(typeof(HttpAuth)).First(pair => pair.Value.Equals(Auth)).Key}"
            );
        }

        var names =
            Auth == HttpAuth.Headers ? HeaderValues.Keys
            : Auth == HttpAuth.Header && Name is not null ? [Name]
            : [];
        foreach (var name in names.Where(name => !IsHeaderName(name)))
        {
            yield return SettingsProblem.Of(
                Auth == HttpAuth.Headers ? "header_values" : "name",
                $"'{name}' is not the name of a header that can be set"
            );
        }
    }

    // Those that say where a request goes or how long it is are not for credentials to set.
    private static bool IsHeaderName(string name) =>
        name.Length > 0
        && name.All(letter => char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter))
        && name.ToLowerInvariant()
            is not (
                "host"
                or "content-length"
                or "transfer-encoding"
                or "connection"
                or "upgrade"
                or "te"
                or "trailer"
            );
}
