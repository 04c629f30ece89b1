using AngleSharp.Dom;

namespace Tributary.Extraction.Html;

/// <summary>How pages make headings reachable.</summary>
internal static class Anchors
{
    /// <summary>The id that leads to a heading: its own, that of something in it, or that of the part that it opens.</summary>
    public static string? Of(IElement heading)
    {
        if (NullIfEmpty(heading.Id) is { } own)
        {
            return own;
        }

        foreach (var child in heading.Children)
        {
            // <h2><a name="x"></a>, and MediaWiki's <h2><span class="mw-headline" id="x">.
            var inner = NullIfEmpty(child.Id);
            inner ??= child.LocalName == "a" ? NullIfEmpty(child.GetAttribute("name")) : null;
            if (inner is not null)
            {
                return inner;
            }
        }

        // <section id="x"><h2> (Sphinx, DocBook), at most through one wrapper that holds nothing else before.
        var opened = heading;
        for (var i = 0; i < 3 && opened.ParentElement is { } parent && parent.FirstElementChild == opened; i++)
        {
            if (parent.LocalName is "section" or "div" or "article" or "header" && NullIfEmpty(parent.Id) is { } id)
            {
                return id;
            }

            if (parent.LocalName is "body" or "main")
            {
                break;
            }

            opened = parent;
        }

        return null;
    }

    /// <summary>A link in a heading that only shows its own address: "¶", "#", an icon.</summary>
    public static bool IsPermalink(IElement link)
    {
        var href = link.GetAttribute("href");
        if (href is null || !href.Contains('#'))
        {
            return false;
        }

        var text = link.TextContent.AsSpan().Trim();
        return text is "" or "¶" or "#" or "§" or "🔗" or "\u200B" or "Link to this heading" or "Anchor";
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
