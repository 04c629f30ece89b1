using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.MediaWiki;

/// <summary>Pages of a wiki that runs MediaWiki.</summary>
public sealed class MediaWikiIntegration : Integration<MediaWikiConfig, MediaWikiCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "mediawiki",
            Name = "MediaWiki",
            Description =
                "Pages of a wiki that runs MediaWiki: the whole wiki, categories with their sub-categories, or named pages.",
            Category = IntegrationCategory.Knowledge,
            AuthKinds = ["none", "basic", "oauth2"],
            Capabilities = new IntegrationCapabilities { Incremental = true, DeepLinks = true },
            Documentation = """
                Give the wiki's host; its API is found from the main page. Without `categories` and `pages` every page
                of the main namespace is read. Redirects, talk, user and file pages are left out, unless they are
                named in `pages`.

                A refresh lists the pages with their revisions and fetches only those that have changed. A page that was
                deleted or moved goes at once, one that has left the chosen categories with the next prune. Where the API
                has `action=parse` switched off, pages are read by their source, without what templates add.

                **Private wikis** need a bot password (`Special:BotPasswords`: username `You@tributary` and the password
                shown there, with the grants *Basic rights* and *High-volume access* at most) or the access token of an
                owner-only OAuth 2 consumer (`Special:OAuthConsumerRegistration`).
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
        MediaWikiConfig config,
        MediaWikiCredentials credentials
    ) =>
        new MediaWikiReader(
            context,
            Api(context, config, credentials),
            new MediaWikiSelection(config.Categories, config.Pages, config.RecurseDepth)
        );

    private static MediaWikiApi Api(ReaderContext context, MediaWikiConfig config, MediaWikiCredentials credentials) =>
        new(context, MediaWikiAddress.OfHost(config.Hostname, config.LanguageCode), credentials);
}

/// <summary>Which wiki, and what of it.</summary>
public sealed record MediaWikiConfig : IValidatable
{
    /// <summary>The wiki.</summary>
    [Description("Host or address of the wiki; without a scheme, https is used. The address of its api.php works too.")]
    [Example("wiki.example.com")]
    [MinLength(1)]
    public required string Hostname { get; init; }

    /// <summary>The language.</summary>
    [Description("Language edition, for wiki families with one host a language (wikipedia.org, wiktionary.org, …).")]
    [RegularExpression("[a-z][a-z0-9-]{1,30}")]
    public string LanguageCode { get; init; } = "en";

    /// <summary>Categories.</summary>
    [Description("Names of categories whose pages are read, with or without the prefix 'Category:'.")]
    [Example("Handbook")]
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Pages.</summary>
    [Description("Titles of pages to read. With no categories and no pages, the whole main namespace is read.")]
    public IReadOnlyList<string> Pages { get; init; } = [];

    /// <summary>Levels.</summary>
    [Description("Levels of sub-categories to read too: 0 for none, -1 for all.")]
    [Range(-1, int.MaxValue)]
    public int RecurseDepth { get; init; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate() =>
        MediaWikiAddress.Problem(Hostname) is { } problem
            ? [SettingsProblem.Of("hostname", problem), .. MediaWikiSelection.Problems(Categories, Pages)]
            : MediaWikiSelection.Problems(Categories, Pages);
}

/// <summary>A login for private wikis, or for higher limits.</summary>
public sealed record MediaWikiCredentials : IValidatable
{
    /// <summary>The name of a bot password.</summary>
    [Description("User name of a bot password, from Special:BotPasswords.")]
    [Example("Anna@tributary")]
    public string? Username { get; init; }

    /// <summary>The bot password.</summary>
    [Description("The bot password itself.")]
    [Secret]
    public string? Password { get; init; }

    /// <summary>The access token.</summary>
    [Description("Access token of an owner-only OAuth 2 consumer; instead of user name and password.")]
    [Secret]
    public string? AccessToken { get; init; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (Username is null != Password is null)
        {
            yield return SettingsProblem.Of(
                Username is null ? "username" : "password",
                "username and password are given together"
            );
        }
    }
}
