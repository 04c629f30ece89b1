using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Zendesk;

/// <summary>Help-centre articles, or tickets with their comments, of a Zendesk account.</summary>
public sealed class ZendeskIntegration : Integration<ZendeskConfig, ZendeskCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "zendesk",
            Name = "Zendesk",
            Description = "Published articles of a Zendesk help centre, or support tickets with their comments.",
            Category = IntegrationCategory.Support,
            AuthKinds = ["api_key", "oauth2"],
            OAuth = new OAuthFacts
            {
                // Every account has a host of its own below this one: the operator's client names it.
                AuthorizeUrl = "https://www.zendesk.com/oauth/authorizations/new",
                TokenUrl = "https://zendesk.com/oauth/tokens",
                Scopes = ["read"],
                SendsJson = true,
                AccessTokenMember = "access_token",
                RefreshTokenMember = "refresh_token",
            },
            VendorLimits = [new RateLimit(RateUnit.Minute, 400)],
            Capabilities = new IntegrationCapabilities
            {
                Incremental = true,
                Deletion = DeletionDetection.Feed,
                Permissions = true,
                DeepLinks = true,
            },
            Documentation = """
                Make an API token in the Admin Center under *Apps and integrations, APIs, API tokens*, and give it with the
                e-mail address of the user who owns it. Tickets need an **administrator**, articles an administrator or an
                agent. An OAuth access token with the scope `read` (or `tickets:read users:read organizations:read hc:read`)
                does as well; for signing in, the operator's client names `authorize_url`
                (`https://acme.zendesk.com/oauth/authorizations/new`) and `token_url` (`https://acme.zendesk.com/oauth/tokens`).

                **Articles**: everything published, with labels, content tags, section and author. Drafts are left out.
                **Tickets**: one document a ticket with a section for each public comment, archived tickets too. Internal
                notes are left out unless `include_internal_notes` is on. Deleted tickets go with the next refresh. Of
                attachments the names are read, and their text where `include_attachments` is on. Article comments and translations are not read, nor are suspended tickets.

                Zendesk allows 200 (Team), 400 (Growth, Professional), 700 (Enterprise) or 2,500 requests a minute for all
                programs of an account together. Without `calls_per_minute` this connector sends 400 at most; set it lower to
                leave room for others, or higher where the plan allows it. The export of tickets has a limit of 10 a minute.
                """,
        };

    /// <inheritdoc />
    protected override IReadOnlyList<RateLimit> LimitsFor(ZendeskConfig config) =>
        config.CallsPerMinute is { } calls ? [new RateLimit(RateUnit.Minute, calls)] : Manifest.VendorLimits;

    /// <inheritdoc />
    public override IReadOnlyList<IntegrationAction> Actions =>
        [
            SearchAction(
                "items",
                "Searches tickets or articles, whichever the connector reads, by Zendesk's own search."
            ),
            GetAction(
                "item",
                "Reads one ticket with its comments, or one article, whichever the connector reads, by its number."
            ),
        ];

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(ZendeskConfig config, ZendeskCredentials credentials)
    {
        var root = RootOf(config, credentials).AbsoluteUri;
        return credentials is { ZendeskEmail: { Length: > 0 } email, ZendeskToken: { Length: > 0 } token }
            ? Authentication.Basic(root, $"{email.Trim()}/token", token.Trim())
            : Authentication.Token(
                root,
                TokenGrant.OAuth(
                    Manifest.OAuth! with
                    {
                        TokenUrl = $"{root.TrimEnd('/')}/oauth/tokens",
                    },
                    credentials.AccessToken,
                    credentials.RefreshToken
                )
            );
    }

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        ZendeskConfig config,
        ZendeskCredentials credentials
    ) =>
        new ZendeskReader(
            context,
            config,
            RootOf(config, credentials),
            new Uri($"https://{credentials.Subdomain}.zendesk.com")
        );

    /// <summary>The account's host, or another address without the API's path where somebody wrote it.</summary>
    internal static Uri RootOf(ZendeskConfig config, ZendeskCredentials credentials)
    {
        const string Path = "/api/v2";
        var typed = string.IsNullOrWhiteSpace(config.ApiBaseUrl)
            ? $"https://{credentials.Subdomain}.zendesk.com"
            : config.ApiBaseUrl;
        var address = ApiAddress.Parse(typed);
        return address.AbsolutePath.EndsWith(Path, StringComparison.Ordinal)
            ? new Uri(address.AbsoluteUri[..^Path.Length])
            : address;
    }
}

/// <summary>What is read, and how fast.</summary>
public sealed record ZendeskConfig : IValidatable
{
    /// <summary>Articles or tickets.</summary>
    [Description("What becomes documents: the articles of the help centre, or the tickets.")]
    public ZendeskContentType ContentType { get; init; } = ZendeskContentType.Articles;

    /// <summary>A ceiling of requests.</summary>
    [Description("The most requests a minute that this connector sends. Empty takes 400.")]
    [Range(1, 100_000)]
    public int? CallsPerMinute { get; init; }

    /// <summary>Private comments.</summary>
    [Description("Read the internal notes of tickets, too, which customers never see.")]
    public bool IncludeInternalNotes { get; init; }

    /// <summary>Attached files.</summary>
    [Description(
        "Read files that are attached to tickets or articles, too, as documents of their own. For articles that takes a request each."
    )]
    public bool IncludeAttachments { get; init; }

    /// <summary>Another address of the API.</summary>
    [Description("Address of the API, for gateways and tests. Empty takes the account's own host.")]
    [Advanced]
    public string? ApiBaseUrl { get; init; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (!string.IsNullOrWhiteSpace(ApiBaseUrl) && ApiAddress.Problem(ApiBaseUrl) is { } problem)
        {
            yield return SettingsProblem.Of("api_base_url", problem);
        }
    }
}

/// <summary>What becomes documents.</summary>
public enum ZendeskContentType
{
    /// <summary>Articles of the help centre.</summary>
    Articles,

    /// <summary>Support tickets.</summary>
    Tickets,
}

/// <summary>Which account, and who reads it.</summary>
public sealed partial record ZendeskCredentials : IValidatable
{
    /// <summary>The account.</summary>
    [Description("The account: what stands before .zendesk.com in its address.")]
    [Example("acme")]
    public required string ZendeskSubdomain { get; init; }

    /// <summary>The token's owner.</summary>
    [Description("E-mail address of the API token's owner: an administrator for tickets.")]
    [Example("jane@example.com")]
    public string? ZendeskEmail { get; init; }

    /// <summary>The API token.</summary>
    [Description("API token from the Admin Center: Apps and integrations, APIs, API tokens.")]
    [Secret]
    public string? ZendeskToken { get; init; }

    /// <summary>An OAuth token in place of the API token.</summary>
    [Description("OAuth access token with the scope read, in place of e-mail address and API token.")]
    [Secret]
    public string? AccessToken { get; init; }

    /// <summary>What renews it.</summary>
    [Description("Refresh token of the OAuth access token, where there is one.")]
    [Secret]
    public string? RefreshToken { get; init; }

    internal string Subdomain => Account().Match(ZendeskSubdomain.Trim()).Groups[1].Value.ToLowerInvariant();

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (!Account().IsMatch(ZendeskSubdomain.Trim()))
        {
            yield return SettingsProblem.Of(
                "zendesk_subdomain",
                "Should be the part before .zendesk.com, like 'acme', or an address like 'https://acme.zendesk.com'"
            );
        }

        var hasOAuth = !string.IsNullOrWhiteSpace(AccessToken) || !string.IsNullOrWhiteSpace(RefreshToken);
        if (string.IsNullOrWhiteSpace(ZendeskToken) && !hasOAuth)
        {
            yield return SettingsProblem.Of("zendesk_token", "Should be given, or access_token in its place");
        }

        if (string.IsNullOrWhiteSpace(ZendeskEmail) && !string.IsNullOrWhiteSpace(ZendeskToken))
        {
            yield return SettingsProblem.Of("zendesk_email", "Should be given together with zendesk_token");
        }
    }

    [GeneratedRegex(
        @"^(?:https?://)?([a-z0-9][a-z0-9-]{0,62})(?:\.zendesk\.com(?:[/?#].*)?)?$",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Account();
}
