using System.ComponentModel;
using System.Text.RegularExpressions;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Notion;

/// <summary>Pages of a Notion workspace.</summary>
public sealed class NotionIntegration : Integration<NotionConfig, NotionCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "notion",
            Name = "Notion",
            Description =
                "Pages and rows of databases with their properties, comments and files: all that were shared, or one tree of them.",
            Category = IntegrationCategory.Knowledge,
            AuthKinds = ["api_key", "oauth2"],
            VendorLimits = [new RateLimit(RateUnit.Second, 3)],
            Capabilities = new IntegrationCapabilities { Incremental = true, DeepLinks = true },
            OAuth = new OAuthFacts
            {
                AuthorizeUrl = "https://api.notion.com/v1/oauth/authorize",
                TokenUrl = "https://api.notion.com/v1/oauth/token",
                AuthorizeParameters = new Dictionary<string, string> { ["owner"] = "user" },
                UsesPkce = false,
                SecretIn = ClientSecretIn.Basic,
                SendsJson = true,
                TokenHeaders = new Dictionary<string, string> { ["Notion-Version"] = NotionApi.Version },
                AccessTokenMember = "notion_integration_token",
                RefreshTokenMember = "notion_refresh_token",
            },
            Documentation = """
                Make an internal connection at https://www.notion.so/profile/integrations and copy its secret (`ntn_…`). It needs
                the capability *Read content*; *Read comments* and *Read user information including email addresses* add
                comments, names and addresses. Then share pages with it: page menu (•••), *Connections*. What is below a shared
                page is shared, too.

                Every page and every row of a database is a document, with a section for each heading. Files, images and PDFs
                that Notion keeps are documents of their own.

                Notion's search misses pages. With *recursive_index_enabled* the pages and databases that stand in pages are
                followed; each refresh then lists everything and reads what has changed. Without it a refresh ends at what the
                last one has seen. A new comment does not move a page in Notion: it is seen with the page's next edit.
                """,
        };

    /// <inheritdoc />
    public override IReadOnlyList<IntegrationAction> Actions =>
        [
            SearchAction("pages", "Searches the titles of pages by Notion's own search."),
            GetAction("page", "Reads one page with its comments, by its id or address."),
        ];

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(NotionConfig config, NotionCredentials credentials) =>
        string.IsNullOrWhiteSpace(credentials.NotionRefreshToken)
            ? Authentication.Bearer(config.Root.AbsoluteUri, credentials.NotionIntegrationToken)
            : Authentication.Token(
                config.Root.AbsoluteUri,
                TokenGrant.OAuth(
                    Manifest.OAuth! with
                    {
                        TokenUrl = config.Root.At($"v1/oauth/token").AbsoluteUri,
                    },
                    credentials.NotionIntegrationToken,
                    credentials.NotionRefreshToken
                )
            );

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        NotionConfig config,
        NotionCredentials credentials
    ) => new NotionReader(context, config);
}

/// <summary>Which pages.</summary>
public sealed partial record NotionConfig : IValidatable
{
    /// <summary>The tree's root.</summary>
    [Description("Address or id of a page or database: only this and everything below is read.")]
    [Example("https://www.notion.so/Handbook-0123456789abcdef0123456789abcdef")]
    public string? RootPageId { get; init; }

    /// <summary>Whether to walk.</summary>
    [Description(
        "Follow pages and databases within pages, too. Notion's search misses some. Always on with a root page."
    )]
    public bool RecursiveIndexEnabled { get; init; } = true;

    /// <summary>The API.</summary>
    [Description("Address of the API, for gateways.")]
    [Advanced]
    public string ApiBaseUrl { get; init; } = "https://api.notion.com";

    internal Uri Root => ApiAddress.Parse(ApiBaseUrl);

    /// <summary>The root's id as Notion writes it; null for everything.</summary>
    internal string? RootId => string.IsNullOrWhiteSpace(RootPageId) ? null : IdIn(RootPageId);

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (ApiAddress.Problem(ApiBaseUrl) is { } problem)
        {
            yield return SettingsProblem.Of("api_base_url", problem);
        }

        if (!string.IsNullOrWhiteSpace(RootPageId) && RootId is null)
        {
            yield return SettingsProblem.Of(
                "root_page_id",
                "Should be a page's address (Share, Copy link) or its id of 32 letters and digits"
            );
        }
    }

    // What follows the question mark is the id of a view.
    internal static string? IdIn(string typed) =>
        Id().Matches(typed.Split('?', '#')[0]) is [.., var match] && Guid.TryParse(match.Value, out var id)
            ? id.ToString()
            : null;

    [GeneratedRegex(
        "(?<![0-9a-f])([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})(?![0-9a-f])",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Id();
}

/// <summary>A connection's secret.</summary>
public sealed record NotionCredentials
{
    /// <summary>The secret.</summary>
    [Description("Secret of an internal connection (ntn_…), or the access token of a public one.")]
    [Example("ntn_…")]
    [Secret]
    public required string NotionIntegrationToken { get; init; }

    /// <summary>Renews it.</summary>
    [Description("Refresh token of a public connection.")]
    [Secret]
    [Advanced]
    public string? NotionRefreshToken { get; init; }
}
