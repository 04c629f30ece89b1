using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Integrations.MediaWiki;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Wikipedia;

/// <summary>Articles of one language edition of Wikipedia: a MediaWiki whose address is known.</summary>
public sealed class WikipediaIntegration : Integration<WikipediaConfig, WikipediaCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "wikipedia",
            Name = "Wikipedia",
            Description = "Chosen articles and categories of one language edition of Wikipedia.",
            Category = IntegrationCategory.Knowledge,
            AuthKinds = ["none", "oauth2"],
            Capabilities = new IntegrationCapabilities { Incremental = true, DeepLinks = true },
            Documentation = """
                Name categories, articles, or both. A refresh lists them with their revisions and fetches only the
                articles that have changed. An article that was deleted or moved goes at once, one that has left the
                categories with the next prune. Sub-categories reach most of an edition within a few levels, so raise `recurse_depth` with care.

                No login is needed. The access token of an owner-only OAuth 2 consumer raises Wikimedia's limits.
                Texts are under CC BY-SA 4.0, which asks to keep the link to the article.
                """,
        };

    /// <inheritdoc />
    public override IReadOnlyList<IntegrationAction> Actions { get; } =
    [
        Action<WikiSearchInput>(
            "search",
            "Search pages",
            "Asks the wiki's own search.",
            (context, config, credentials, input, cancellationToken) =>
                MediaWikiActions.SearchAsync(Api(context, config, credentials), input, cancellationToken)
        ),
        Action<WikiPageInput>(
            "get_page",
            "Get page",
            "Reads one page as Markdown.",
            (context, config, credentials, input, cancellationToken) =>
                MediaWikiActions.GetPageAsync(context, Api(context, config, credentials), input, cancellationToken)
        ),
    ];

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        WikipediaConfig config,
        WikipediaCredentials credentials
    ) =>
        new MediaWikiReader(
            context,
            Api(context, config, credentials),
            new MediaWikiSelection(config.Categories, config.Pages, config.RecurseDepth)
        );

    private static MediaWikiApi Api(ReaderContext context, WikipediaConfig config, WikipediaCredentials credentials) =>
        new(
            context,
            MediaWikiAddress.OfApi(config.ApiBaseUrl ?? $"https://{config.LanguageCode}.wikipedia.org"),
            new MediaWikiCredentials { AccessToken = credentials.AccessToken }
        );
}

/// <summary>Which edition, and what of it.</summary>
public sealed record WikipediaConfig : IValidatable
{
    /// <summary>The edition.</summary>
    [Description("Language edition: the first part of its host, e.g. de for de.wikipedia.org.")]
    [Example("simple")]
    [RegularExpression("[a-z][a-z0-9-]{1,30}")]
    public string LanguageCode { get; init; } = "en";

    /// <summary>Categories.</summary>
    [Description("Names of categories whose articles are read, in the edition's language.")]
    [Example("Large language models")]
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Pages.</summary>
    [Description("Titles of articles to read.")]
    public IReadOnlyList<string> Pages { get; init; } = [];

    /// <summary>Levels.</summary>
    [Description("Levels of sub-categories to read too: 0 for none, -1 for all (which reaches most of an edition).")]
    [Range(-1, int.MaxValue)]
    public int RecurseDepth { get; init; }

    /// <summary>Another address of the API.</summary>
    [Description("Another address of the API, for mirrors and gateways: of api.php, or what stands before /w/api.php.")]
    [Advanced]
    public string? ApiBaseUrl { get; init; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (Categories.Count + Pages.Count == 0)
        {
            yield return SettingsProblem.Of("categories", "Name at least one category or one page");
        }

        if (ApiBaseUrl is not null && MediaWikiAddress.Problem(ApiBaseUrl) is { } problem)
        {
            yield return SettingsProblem.Of("api_base_url", problem);
        }

        foreach (var mistake in MediaWikiSelection.Problems(Categories, Pages))
        {
            yield return mistake;
        }
    }
}

/// <summary>Optional: articles are public.</summary>
public sealed record WikipediaCredentials
{
    /// <summary>The access token.</summary>
    [Description("Access token of an owner-only OAuth 2 consumer; raises Wikimedia's limits.")]
    [Secret]
    public string? AccessToken { get; init; }
}
