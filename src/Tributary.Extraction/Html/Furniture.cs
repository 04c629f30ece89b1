using System.Buffers;
using System.Collections.Frozen;
using System.Runtime.InteropServices;
using AngleSharp.Dom;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Html;

/// <summary>Tells the parts of a page that are not its content.</summary>
internal sealed class Furniture(HtmlOptions options)
{
    private static readonly FrozenSet<string> NeverText = Set(
        "script style template noscript iframe object embed applet canvas audio video map head title meta link base "
            + "svg select datalist textarea button input progress meter dialog frameset"
    );

    private static readonly FrozenSet<string> Landmarks = Set(
        "navigation banner contentinfo complementary search menu menubar toolbar dialog alertdialog"
    );

    // Whole class names or ids of side matter; words that also name content ("content-menu") do not match.
    private static readonly FrozenSet<string> SideMatter = Set(
        "sidebar side-bar sidenav side-nav sphinxsidebar sphinxsidebarwrapper navbar nav-bar navigation site-header "
            + "site-footer page-footer global-header global-footer global-nav main-nav main-menu topbar top-bar footer "
            + "pagination pager social-share share-buttons sharing related-posts newsletter newsletter-signup "
            + "advertisement ads wy-nav-side md-sidebar md-header md-footer md-tabs mw-navigation p-navbar"
    );

    private static readonly FrozenSet<string> DocumentationThemes = Set(
        "toc table-of-contents toctree-wrapper-nav contents-nav on-this-page page-toc right-toc localtoc "
            + "theme-doc-toc-desktop theme-doc-toc-mobile breadcrumb breadcrumbs theme-doc-breadcrumbs wy-breadcrumbs "
            + "edit-this-page theme-edit-this-page edit-page-link edit-link mw-editsection mw-jump-link mw-indicators "
            + "catlinks printfooter noprint navbox vertical-navbox headerlink hash-link header-anchor heading-anchor "
            + "anchor-link anchorjs-link direct-link viewcode-link copy-button copybtn copy-code-button clipboard-copy "
            + "btn-clipboard zeroclipboard-container md-clipboard page-feedback feedback was-this-helpful helpful-widget "
            + "pagination-nav prev-next prev-next-area prev-next-footer page-nav next-prev related sphinx-tabs-nav "
            + "theme-last-updated last-updated md-source-file linenos linenodiv gutter lineno line-numbers-rows "
            + "theme-doc-version-badge page-actions page-tools rst-footer-buttons rst-versions"
    );

    private static readonly SearchValues<string> Banners = SearchValues.Create(
        [
            "cookie-banner",
            "cookie-bar",
            "cookie-consent",
            "cookie-law",
            "cookie-modal",
            "cookie-notice",
            "cookie-popup",
            "cookiebanner",
            "cookieconsent",
            "cookienotice",
            "cookie_banner",
            "cookie_consent",
            "cookie_notice",
            "cybotcookiebot",
            "onetrust",
            "cc-window",
            "cc-banner",
            "gdpr-",
            "consent-banner",
            "consent-modal",
            "consent-popup",
            "didomi-",
            "usercentrics",
            "sr-only",
            "visually-hidden",
            "visuallyhidden",
            "screen-reader-text",
            "skip-link",
            "skip-to-content",
            "skiplink",
        ],
        StringComparison.OrdinalIgnoreCase
    );

    private static readonly SearchValues<string> Admonitions = SearchValues.Create(
        ["admonition", "callout", "note", "warning", "tip", "caution", "danger", "info", "important", "hint", "aside"],
        StringComparison.OrdinalIgnoreCase
    );

    private static readonly string[] EditPhrases =
    [
        "edit this page",
        "edit on github",
        "edit on gitlab",
        "view page source",
        "view source",
        "suggest edits",
        "suggest changes",
        "improve this page",
        "improve this doc",
        "report an issue",
        "raise an issue",
        "back to top",
        "skip to content",
        "skip to main content",
        "copy page",
        "was this page helpful?",
        "was this helpful?",
    ];

    private readonly Dictionary<IElement, bool> _known = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether the element and everything in it is left out.</summary>
    /// <param name="element">Any element below the body.</param>
    /// <param name="isInContent">It stands in a main or article element: headers and asides there are content.</param>
    public bool LeavesOut(IElement element, bool isInContent)
    {
        // Asked twice for each element: when the main content is looked for, and when it is written.
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_known, element, out var exists);
        if (!exists)
        {
            known = Judge(element, isInContent);
        }

        return known;
    }

    private bool Judge(IElement element, bool isInContent)
    {
        var name = element.LocalName;
        if (NeverText.Contains(name))
        {
            return true;
        }

        var marks = element.Attributes.Length == 0 ? default : Marks.Of(element);
        if (IsHidden(name, marks) || options.MainContentOnly && IsLandmark(name, marks, isInContent))
        {
            return true;
        }

        if (name is not ("body" or "main" or "article") && IsNamedSo(marks, isInContent))
        {
            return true;
        }

        return options.DocumentationCleanup && IsEditLink(element, name);
    }

    private bool IsNamedSo(Marks marks, bool isInContent)
    {
        var classes = marks.Class.AsSpan();
        var id = marks.Id.AsSpan();
        if (classes.IsEmpty && id.IsEmpty)
        {
            return false;
        }

        return classes.ContainsAny(Banners)
            || id.ContainsAny(Banners)
            || options.MainContentOnly && !isInContent && (HasAny(classes, SideMatter) || HasAny(id, SideMatter))
            || options.DocumentationCleanup
                && (HasAny(classes, DocumentationThemes) || HasAny(id, DocumentationThemes));
    }

    private static bool IsLandmark(string name, Marks marks, bool isInContent) =>
        name switch
        {
            "nav" or "footer" => true,
            "header" => !isInContent,
            "aside" => !isInContent || !marks.Class.AsSpan().ContainsAny(Admonitions),
            _ => marks.Role is not null && Landmarks.Contains(marks.Role),
        };

    // Tabs that are not chosen are hidden, and are content all the same.
    private static bool IsHidden(string name, Marks marks) =>
        marks.Hidden is not null && marks.Hidden != "until-found" && marks.Role != "tabpanel"
        || marks.AriaHidden == "true" && name != "pre"
        || marks.Style is not null
            && (HasStyle(marks.Style, "display", "none") || HasStyle(marks.Style, "visibility", "hidden"));

    private static bool HasStyle(string style, string property, string value)
    {
        foreach (var range in style.AsSpan().Split(';'))
        {
            var rule = style.AsSpan()[range];
            var colon = rule.IndexOf(':');
            if (
                colon > 0
                && rule[..colon].Trim().Equals(property, StringComparison.OrdinalIgnoreCase)
                && rule[(colon + 1)..].Trim().StartsWith(value, StringComparison.OrdinalIgnoreCase)
            )
            {
                return true;
            }
        }

        return false;
    }

    // Short texts only: a paragraph that speaks of editing is content.
    private static bool IsEditLink(IElement element, string name)
    {
        if (
            name is not ("a" or "p" or "span" or "div" or "h2" or "h3" or "h4")
            || element.ChildNodes.Length is 0 or > 5
        )
        {
            return false;
        }

        if (name != "a" && element.ChildNodes.Length > 1)
        {
            return false;
        }

        var only =
            element.FirstChild is IText first && element.ChildNodes.Length == 1 ? first.Data
            : name == "a" ? element.TextContent
            : "";
        var text = only.AsSpan().Trim();
        if (text.Length is < 9 or > 24)
        {
            return false;
        }

        foreach (var phrase in EditPhrases)
        {
            if (text.Equals(phrase, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasAny(ReadOnlySpan<char> tokens, FrozenSet<string> names)
    {
        if (tokens.IsEmpty)
        {
            return false;
        }

        var lookup = names.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var range in tokens.SplitAny(' ', '\t', '\n'))
        {
            if (lookup.Contains(tokens[range]))
            {
                return true;
            }
        }

        return false;
    }

    private static FrozenSet<string> Set(string words) =>
        words.Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The attributes that matter here, taken in one pass.</summary>
    private readonly record struct Marks(
        string? Class,
        string? Id,
        string? Role,
        string? Style,
        string? Hidden,
        string? AriaHidden
    )
    {
        public static Marks Of(IElement element)
        {
            var marks = default(Marks);
            var attributes = element.Attributes;
            for (var i = 0; i < attributes.Length; i++)
            {
                var attribute = attributes[i]!;
                marks = attribute.Name switch
                {
                    "class" => marks with { Class = attribute.Value },
                    "id" => marks with { Id = attribute.Value },
                    "role" => marks with { Role = attribute.Value },
                    "style" => marks with { Style = attribute.Value },
                    "hidden" => marks with { Hidden = attribute.Value },
                    "aria-hidden" => marks with { AriaHidden = attribute.Value },
                    _ => marks,
                };
            }

            return marks;
        }
    }
}
