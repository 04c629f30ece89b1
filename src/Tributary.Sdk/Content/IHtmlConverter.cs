using Tributary.Sdk.Documents;

namespace Tributary.Sdk.Content;

/// <summary>Turns HTML into what a reader needs of it: where it leads, and what it says.</summary>
public interface IHtmlConverter
{
    /// <summary>Parses a page.</summary>
    /// <param name="html">The bytes, already unpacked; at most the caller's own cap of them.</param>
    /// <param name="options">Where it came from, and how to read it.</param>
    HtmlPage Convert(ReadOnlyMemory<byte> html, HtmlOptions options);
}

/// <summary>How to read a page.</summary>
public sealed record HtmlOptions
{
    /// <summary>The address that relative links start from; null leaves them as they are.</summary>
    public Uri? BaseUri { get; init; }

    /// <summary>The charset of the Content-Type header; null lets BOM, meta elements and content decide.</summary>
    public string? Charset { get; init; }

    /// <summary>Leave navigation, banners, side bars and footers out (main content only).</summary>
    public bool MainContentOnly { get; init; } = true;

    /// <summary>Also leave out the furniture of documentation themes: "was this page helpful", "edit this page", tables of contents, copy buttons.</summary>
    public bool DocumentationCleanup { get; init; } = true;

    /// <summary>One section for each heading that has an anchor, linking to it; otherwise one section for the page.</summary>
    public bool SectionPerHeading { get; init; } = true;

    /// <summary>At most this many characters of text; the rest is left out and <see cref="HtmlPage.IsTruncated"/> says so.</summary>
    public int MaxCharacters { get; init; } = 2_000_000;
}

/// <summary>What a page is and says.</summary>
public sealed record HtmlPage
{
    /// <summary>The title element, else the first heading; null when neither has text.</summary>
    public string? Title { get; init; }

    /// <summary>The readable text in Markdown.</summary>
    public IReadOnlyList<Section> Sections { get; init; } = [];

    /// <summary>Absolute http and https addresses of links, in order, without repetition; fragments kept.</summary>
    public IReadOnlyList<HtmlLink> Links { get; init; } = [];

    /// <summary>link rel=canonical, absolute.</summary>
    public Uri? Canonical { get; init; }

    /// <summary>The target of a meta refresh, absolute.</summary>
    public Uri? RefreshTarget { get; init; }

    /// <summary>link rel=EditURI (MediaWiki's pointer to its API), absolute.</summary>
    public Uri? EditUri { get; init; }

    /// <summary>A robots meta element forbids indexing.</summary>
    public bool NoIndex { get; init; }

    /// <summary>A robots meta element forbids following links.</summary>
    public bool NoFollow { get; init; }

    /// <summary>The lang attribute of the page.</summary>
    public string? Language { get; init; }

    /// <summary>The description meta element.</summary>
    public string? Description { get; init; }

    /// <summary>og:site_name.</summary>
    public string? SiteName { get; init; }

    /// <summary>article:modified_time, og:updated_time or JSON-LD dateModified.</summary>
    public DateTimeOffset? ModifiedAt { get; init; }

    /// <summary>The page says little without JavaScript (an empty application root).</summary>
    public bool NeedsJavaScript { get; init; }

    /// <summary>The text was longer than asked for.</summary>
    public bool IsTruncated { get; init; }
}

/// <summary>A link.</summary>
/// <param name="Target">Absolute.</param>
/// <param name="NoFollow">rel=nofollow.</param>
public sealed record HtmlLink(Uri Target, bool NoFollow);
