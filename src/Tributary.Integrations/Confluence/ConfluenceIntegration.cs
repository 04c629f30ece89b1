using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Tributary.Integrations.Atlassian;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Confluence;

/// <summary>Pages and blog posts of Confluence, in the cloud and on servers of one's own (Data Center).</summary>
public sealed class ConfluenceIntegration : Integration<ConfluenceConfig, ConfluenceCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "confluence",
            Name = "Confluence",
            Description =
                "Pages and blog posts with their comments and attachments: of a site, a space, a page and what is below it, or those that a CQL query finds.",
            Category = IntegrationCategory.Knowledge,
            AuthKinds = ["basic", "api_key", "oauth2"],
            OAuth = AtlassianCloud.OAuth(
                "confluence_access_token",
                "confluence_refresh_token",
                "search:confluence",
                "read:confluence-content.all",
                "read:confluence-content.permission",
                "read:confluence-space.summary",
                "read:confluence-user",
                "read:confluence-groups",
                "readonly:content.attachment:confluence",
                "read:space:confluence"
            ),
            VendorLimits = [new RateLimit(RateUnit.Second, 50)],
            Capabilities = new IntegrationCapabilities
            {
                Incremental = true,
                Permissions = true,
                DeepLinks = true,
            },
            Documentation = """
                **Cloud**: make an API token at https://id.atlassian.com/manage-profile/security/api-tokens and give it with the
                e-mail address of its owner. A token *with scopes* needs `search:confluence`, `read:confluence-content.all`,
                `read:confluence-content.permission`, `read:confluence-space.summary`, `read:confluence-user`,
                `readonly:content.attachment:confluence` and `read:space:confluence`; set `scoped_token` for it.
                **Data Center**: turn `is_cloud` off, make a personal access token in your profile, and give the address with
                its context path.

                What the token's owner can see is read, without drafts, the trash, archived spaces, whiteboards and databases.
                A page is read again when it, one of its comments or one of its attachments changes. Changes of labels,
                restrictions and a page's place do not count as changes in Confluence: what is no longer to be read goes with
                the next prune, the rest is seen when everything is read again.

                A page is shown to those who may read its space, or to those whom the page or one of the pages above it is
                restricted to. On Data Center, where the permissions of spaces cannot be asked for, unrestricted pages are
                shown to whomever the connector is shown to.
                """,
        };

    /// <inheritdoc />
    public override IReadOnlyList<IntegrationAction> Actions =>
        [
            SearchAction("pages", "Searches the text of pages and blog posts by Confluence's own search."),
            GetAction("page", "Reads one page or blog post with its comments, by its number."),
        ];

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(ConfluenceConfig config, ConfluenceCredentials credentials) =>
        credentials.IsOAuth
            ? Authentication.Token(
                config.ApiBaseUrl,
                TokenGrant.OAuth(
                    Manifest.OAuth!.At(config.ApiBaseUrl),
                    credentials.ConfluenceAccessToken,
                    credentials.ConfluenceRefreshToken
                )
            )
        : !config.IsCloud ? Authentication.Bearer(config.Wiki.AbsoluteUri, credentials.ConfluenceAccessToken)
        : Authentication.Basic(
            config.ScopedToken ? config.ApiBaseUrl : config.Wiki.AbsoluteUri,
            credentials.ConfluenceUsername ?? "",
            credentials.ConfluenceAccessToken.Trim()
        );

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        ConfluenceConfig config,
        ConfluenceCredentials credentials
    ) => new ConfluenceReader(context, config, credentials);
}

/// <summary>Which site, and what of it.</summary>
public sealed partial record ConfluenceConfig : IValidatable
{
    /// <summary>The site.</summary>
    [Description("Address of the wiki: in the cloud with /wiki, on a Data Center with its context path.")]
    [Example("https://example.atlassian.net/wiki")]
    public required string WikiBase { get; init; }

    /// <summary>Cloud or Data Center.</summary>
    [Description("Confluence Cloud; off for Server and Data Center.")]
    public bool IsCloud { get; init; } = true;

    /// <summary>The token has scopes.</summary>
    [Description("The API token was made with scopes: Atlassian takes those at its gateway only.")]
    public bool ScopedToken { get; init; }

    /// <summary>One space.</summary>
    [Description("Key of the one space to read. Empty reads all.")]
    [Example("HR")]
    public string Space { get; init; } = "";

    /// <summary>One page.</summary>
    [Description("Id of the one page to read.")]
    [Example("65601")]
    public string PageId { get; init; } = "";

    /// <summary>Pages below.</summary>
    [Description("With page_id: also read all pages below it.")]
    public bool IndexRecursively { get; init; }

    /// <summary>A query.</summary>
    [Description("CQL that finds the pages to read, restricted to type=page, without a lastmodified filter.")]
    [Example("type=page and label=\"handbook\"")]
    public string? CqlQuery { get; init; }

    /// <summary>Attachments.</summary>
    [Description("Read attachments as documents of their own.")]
    public bool IncludeAttachments { get; init; } = true;

    /// <summary>Labels.</summary>
    [Description("Pages and attachments with one of these labels are left out.")]
    [Example("confidential")]
    public IReadOnlyList<string> LabelsToSkip { get; init; } = [];

    /// <summary>The zone.</summary>
    [Description(
        "Hours that the zone in which the site reads dates is ahead of UTC. 0 takes the account's own zone, where the site tells it."
    )]
    [Range(-14, 14)]
    [Advanced]
    public double TimezoneOffset { get; init; }

    /// <summary>The gateway.</summary>
    [Description("Address of Atlassian's gateway, which takes scoped tokens and OAuth.")]
    [Advanced]
    public string ApiBaseUrl { get; init; } = AtlassianCloud.Gateway;

    internal Uri Wiki
    {
        get
        {
            var typed = ApiAddress.Parse(WikiBase);
            return typed.Host.EndsWith(".atlassian.net", StringComparison.OrdinalIgnoreCase)
                ? new Uri(typed, "/wiki")
                : typed;
        }
    }

    internal bool IsSkipped(Content content) =>
        content.LabelNames.Intersect(LabelsToSkip, StringComparer.OrdinalIgnoreCase).Any();

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (ApiAddress.Problem(WikiBase) is { } problem)
        {
            yield return SettingsProblem.Of("wiki_base", problem);
        }

        if (ApiAddress.Problem(ApiBaseUrl) is { } other)
        {
            yield return SettingsProblem.Of("api_base_url", other);
        }

        if (new[] { Space, PageId, CqlQuery }.Count(scope => !string.IsNullOrWhiteSpace(scope)) > 1)
        {
            yield return SettingsProblem.Of("cql_query", "Only one of space, page_id and cql_query can be given");
        }

        if (PageId.Trim().Any(character => !char.IsAsciiDigit(character)))
        {
            yield return SettingsProblem.Of("page_id", "Should be the number in the page's address, e.g. 65601");
        }

        if (CqlQuery is not null && Forbidden().IsMatch(CqlQuery))
        {
            yield return SettingsProblem.Of(
                "cql_query",
                "Should have neither ORDER BY nor a lastmodified filter: they are added so that nothing is missed"
            );
        }
    }

    [GeneratedRegex(
        """^(?:[^"']|"[^"]*"|'[^']*')*?\b(?:order\s+by|lastmodified)\b""",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking
    )]
    private static partial Regex Forbidden();
}

/// <summary>Whose eyes read the wiki.</summary>
public sealed record ConfluenceCredentials
{
    /// <summary>The owner of the token.</summary>
    [Description("Cloud: e-mail address of the API token's owner. Not needed for Data Center and OAuth.")]
    [Example("jane@example.com")]
    public string? ConfluenceUsername { get; init; }

    /// <summary>The token.</summary>
    [Description("API token (cloud), personal access token (Data Center), or OAuth access token.")]
    [Secret]
    public required string ConfluenceAccessToken { get; init; }

    /// <summary>The refresh token.</summary>
    [Description("OAuth refresh token; empty for the other kinds of token.")]
    [Secret]
    public string? ConfluenceRefreshToken { get; init; }

    /// <summary>The site's id.</summary>
    [Description("Id of the cloud site that an OAuth token is for. Empty finds it by wiki_base.")]
    [Advanced]
    public string? CloudId { get; init; }

    internal bool IsOAuth => !string.IsNullOrWhiteSpace(ConfluenceRefreshToken) || !string.IsNullOrWhiteSpace(CloudId);
}
