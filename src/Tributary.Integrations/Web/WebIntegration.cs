using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using Tributary.Sdk;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Web;

/// <summary>Web sites: a whole site, one page, the pages of a sitemap, or a list of addresses.</summary>
public sealed class WebIntegration : Integration<WebConfig, WebCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "web",
            Name = "Web",
            Description = "Pages of a web site, and the files it links to: a whole site, one page, or a sitemap.",
            Category = IntegrationCategory.Knowledge,

            // Every pass looks at every page, if only to hear that it has not changed: nothing that failed is left over.
            Capabilities = new IntegrationCapabilities { DeepLinks = true },
            AuthKinds = ["none", "basic", "cookie", "header"],
            Politeness = new HostPoliteness(),
            Documentation = """
                ## What is read

                | `web_connector_type` | read are |
                |---|---|
                | `recursive` | the page at `base_url` and every page below its path that links lead to |
                | `single` | the one page at `base_url` |
                | `sitemap` | the pages that a sitemap names: `base_url` is the sitemap (XML, gzip, text, RSS or Atom), or a site whose robots.txt, `/sitemap.xml` or `/sitemap_index.xml` tells where it is |
                | `upload` | the addresses in an uploaded file, one a line; `base_url` is the file's id |

                Files that pages link to (PDF, Office, text) become documents too.

                ## What belongs to the site

                The host of `base_url`, with or without `www.`, on http or https. A path confines the crawl: with
                `https://example.com/docs`, `/docs` and everything below `/docs/` is read, `/docs-old` is not. When the path
                names a file (`/docs/index.html`), its folder counts. A subdomain is another site unless
                `follow_subdomains` is on. If the start page moves inside the site, the place it moved to is read as well.

                Links that were left out are listed among the run's skipped items with the reason: off the site, outside
                the path, excluded, deeper than `max_depth`, disallowed by robots.txt, marked noindex, a log-in page, a "not
                found" page that answers 200, and so on. At most 1,000 left-out links are listed per run.

                ## Guards against endless sites

                `max_pages`, `max_depth` and `max_query_variants` (addresses that differ only after the `?`) end what
                calendars and filters would make endless. Addresses over 1,990 characters, and paths in which a part occurs
                three times, are not followed. Tracking parameters (`utm_…`, `gclid`, …) and session ids are taken away.

                ## Refresh and removal

                Every run walks the site again and asks for each page only if it changed (ETag, Last-Modified); pages of
                servers that offer neither are compared by content. A page that answers 404 or 410, or is
                marked noindex now, is removed at once; pages that are no longer linked are removed by a prune run, which never deletes anything when the start page or
                robots.txt cannot be had. A run that was interrupted goes on where it was, and then asks again for the pages
                that it had read before.

                ## Log-in

                A header, a cookie or a name and password (basic) are sent to the host of `base_url` alone, never to another
                host, not even a subdomain. If `base_url` redirects to another host name, put that name into `base_url`. A
                browser (`render_javascript`) does not get them.

                ## Pages made by JavaScript

                Set `render_javascript` to `when_needed` (or `always`) and install Chromium on the server. Without it such
                pages are listed as skipped.
                """,
        };

    /// <inheritdoc />
    protected override IReader CreateReader(ReaderContext context, WebConfig config, WebCredentials credentials) =>
        new WebReader(context, config, credentials);
}

/// <summary>What to read of which site.</summary>
public sealed record WebConfig : IValidatable
{
    [Description(
        "The start page; for sitemaps the sitemap or its site; for uploads the id of a file with one address a line. https:// is added when no scheme is given."
    )]
    [Example("https://docs.example.com/guide")]
    [MinLength(1)]
    public required string BaseUrl { get; init; }

    [Description(
        "recursive: the start page and everything below its path. single: one page. sitemap: the pages of a sitemap. upload: the addresses in an uploaded file."
    )]
    public WebConnectorType WebConnectorType { get; init; } = WebConnectorType.Recursive;

    [Description("Leave out the furniture of documentation themes: tables of contents, copy buttons, feedback boxes.")]
    public bool MintlifyCleanup { get; init; } = true;

    [Description(
        "Draw every page in a browser and scroll to its end (at most 20 times) before reading, so that lazy content loads."
    )]
    public bool ScrollBeforeScraping { get; init; }

    [Description(
        "Replace the beginning of stored addresses, e.g. an internal host by the public one. The first that fits is applied."
    )]
    [Advanced]
    public IReadOnlyList<UrlRewrite> UrlRewrites { get; init; } = [];

    [Description(
        "Addresses to leave out; * stands for anything. /blog/* is compared with the path, https://… with the whole address, a word without * with any part of it."
    )]
    [Example("/blog/*")]
    public IReadOnlyList<string> ExcludePatterns { get; init; } = [];

    [Description(
        "Read only addresses that fit one of these patterns; the start page is read for its links in any case."
    )]
    [Example("*/docs/*")]
    public IReadOnlyList<string> IncludePatterns { get; init; } = [];

    [Description("Stop after this many pages; 0 means no limit.")]
    [Range(0, 100_000_000)]
    public int MaxPages { get; init; } = 100_000;

    [Description("Follow links at most this many steps from the start page.")]
    [Range(0, 10_000)]
    public int MaxDepth { get; init; } = 100;

    [Description("Follow at most this many addresses that differ only in the part after the question mark.")]
    [Range(1, 10_000_000)]
    [Advanced]
    public int MaxQueryVariants { get; init; } = 1_000;

    [Description("Obey robots.txt, noindex and nofollow. Switch it off only for sites of your own.")]
    public bool RespectRobots { get; init; } = true;

    [Description("The User-Agent to send; its first word is the name that robots.txt rules are looked up by.")]
    [Example("ExampleBot/1.0 (+https://example.com/bot)")]
    [RegularExpression("^[A-Za-z][\\x20-\\x7E]*$")]
    [MaxLength(300)]
    [Advanced]
    public string? UserAgent { get; init; }

    [Description(
        "Draw pages in a browser (Chromium must be installed): never, when a page says little without it, or always."
    )]
    public RenderJavascript RenderJavascript { get; init; } = RenderJavascript.Never;

    [Description("Subdomains of the host belong to the site.")]
    public bool FollowSubdomains { get; init; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (WebConnectorType != WebConnectorType.Upload && UrlNormalizer.ParseBase(BaseUrl) is null)
        {
            yield return SettingsProblem.Of(
                "base_url",
                "Should be an address like https://docs.example.com/guide, without a user name in it"
            );
        }

        if (UrlRewrites.Any(rewrite => rewrite.Source.Length == 0 || rewrite.Target.Length == 0))
        {
            yield return SettingsProblem.Of("url_rewrites", "Source and target should not be empty");
        }

        if (ExcludePatterns.Any(string.IsNullOrWhiteSpace))
        {
            yield return SettingsProblem.Of("exclude_patterns", "A pattern should not be empty: it would fit nothing");
        }

        if (IncludePatterns.Any(string.IsNullOrWhiteSpace))
        {
            yield return SettingsProblem.Of("include_patterns", "A pattern should not be empty: it would fit nothing");
        }
    }
}

/// <summary>How the pages to read are found.</summary>
public enum WebConnectorType
{
    /// <summary>By links, below the start page's path.</summary>
    Recursive,

    /// <summary>There is only one.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "The API's own word.")]
    Single,

    /// <summary>By a sitemap.</summary>
    Sitemap,

    /// <summary>By an uploaded list.</summary>
    Upload,
}

/// <summary>When pages are drawn by a browser.</summary>
public enum RenderJavascript
{
    /// <summary>Not at all.</summary>
    Never,

    /// <summary>When the server's page says little.</summary>
    WhenNeeded,

    /// <summary>Every page.</summary>
    Always,
}

/// <summary>A replacement of the beginning of addresses.</summary>
public sealed record UrlRewrite
{
    [Description("The beginning to replace.")]
    public required string Source { get; init; }

    [Description("What to put in its place.")]
    public required string Target { get; init; }
}

/// <summary>Optional log-in, sent to the host of the start page only.</summary>
public sealed record WebCredentials : IValidatable
{
    [Description("The name of a header to send, e.g. Authorization or X-Api-Key.")]
    [RegularExpression("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
    public string? HeaderName { get; init; }

    [Description("The header's value.")]
    [RegularExpression("^[^\\r\\n\\0]+$")]
    [Secret]
    public string? HeaderValue { get; init; }

    [Description("A Cookie header, e.g. session=abc123.")]
    [RegularExpression("^[^\\r\\n\\0]+$")]
    [Secret]
    public string? Cookie { get; init; }

    [Description("A user name for basic authentication.")]
    public string? Username { get; init; }

    [Description("The password for basic authentication.")]
    [Secret]
    public string? Password { get; init; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (HeaderName is null != HeaderValue is null)
        {
            yield return SettingsProblem.Of(
                HeaderName is null ? "header_name" : "header_value",
                "header_name and header_value belong together"
            );
        }

        if (Username is null != Password is null)
        {
            yield return SettingsProblem.Of(
                Username is null ? "username" : "password",
                "username and password belong together"
            );
        }

        if (Username is not null && "Authorization".Equals(HeaderName, StringComparison.OrdinalIgnoreCase))
        {
            yield return SettingsProblem.Of(
                "header_name",
                "Authorization cannot be sent next to username and password"
            );
        }
    }
}
