using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Tributary.Integrations.GoogleSites;

/// <summary>What the HTML of an exported page tells: its place in the navigation, and its text without the frame.</summary>
internal static partial class SitePage
{
    private const int DeepestLevel = 20;

    /// <summary>
    /// The page's path, "handbook/first-day", from the entry of the menu that is selected and those above it; null where
    /// the page is not in the menu.
    /// </summary>
    public static string? PathOf(string html)
    {
        var menu = Menu().Match(html);
        if (!menu.Success)
        {
            return null;
        }

        var above = new string[DeepestLevel + 1];
        foreach (var entry in Entries().Split(menu.Value).Skip(1))
        {
            var level =
                Level().Match(entry) is { Success: true } number && int.TryParse(number.Groups[1].Value, out var given)
                    ? Math.Clamp(given, 1, DeepestLevel)
                    : 1;
            var link = Link().Match(entry);
            if (!link.Success)
            {
                continue;
            }

            above[level] = Slug(link.Groups[2].Value);
            Array.Clear(above, level + 1, DeepestLevel - level);
            // Some exports mark the entry, some its link.
            if (Selected().IsMatch(entry[..(link.Groups[1].Index + link.Groups[1].Length)]))
            {
                var path = string.Join('/', above[1..(level + 1)].Where(part => !string.IsNullOrEmpty(part)));
                return path.Length > 0 ? path : null;
            }
        }

        return null;
    }

    /// <summary>The page without header, menus and the links for skipping them.</summary>
    public static string WithoutFrame(string html)
    {
        var body = Without(html, "header", _ => true);
        body = Without(body, "nav", _ => true);
        return Without(body, "div", tag => Wrapper().IsMatch(tag));
    }

    /// <summary>Link text as Google makes addresses of it: letters, digits and hyphens.</summary>
    private static string Slug(string linkHtml)
    {
        var text = WebUtility.HtmlDecode(Tag().Replace(linkHtml, " ")).Trim().ToLowerInvariant();
        var kept = new StringBuilder();
        foreach (var character in text)
        {
            if (char.IsLetterOrDigit(character))
            {
                kept.Append(character);
            }
            else if (char.IsWhiteSpace(character) && kept.Length > 0 && kept[^1] != '-')
            {
                kept.Append('-');
            }
        }

        return kept.ToString().TrimEnd('-');
    }

    /// <summary>Leaves out elements with all that is in them, elements of the same name included.</summary>
    private static string Without(string html, string name, Func<string, bool> matches)
    {
        var kept = new StringBuilder(html.Length);
        var (depth, from) = (0, 0);
        foreach (var tag in Tag().EnumerateMatches(html))
        {
            var text = html.AsSpan(tag.Index, tag.Length);
            var isEnd = text.StartsWith("</");
            if (!IsNamed(text[(isEnd ? 2 : 1)..], name))
            {
                continue;
            }

            if (depth > 0)
            {
                depth += isEnd ? -1 : 1;
                if (depth == 0)
                {
                    from = tag.Index + tag.Length;
                }
            }
            else if (!isEnd && matches(text.ToString()))
            {
                kept.Append(html, from, tag.Index - from);
                depth = 1;
            }
        }

        // An element that never ends would swallow the page.
        return depth > 0 ? html : kept.Append(html, from, html.Length - from).ToString();
    }

    private static bool IsNamed(ReadOnlySpan<char> tag, string name) =>
        tag.StartsWith(name, StringComparison.OrdinalIgnoreCase)
        && (tag.Length == name.Length || !char.IsLetterOrDigit(tag[name.Length]));

    [GeneratedRegex(
        "<nav\\b.*?</nav>",
        RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.NonBacktracking
    )]
    private static partial Regex Menu();

    [GeneratedRegex("(?=<li[\\s>])", RegexOptions.IgnoreCase)]
    private static partial Regex Entries();

    [GeneratedRegex("data-nav-level\\s*=\\s*[\"'](\\d{1,3})[\"']", RegexOptions.IgnoreCase)]
    private static partial Regex Level();

    [GeneratedRegex(
        "(<a\\b[^>]*>)(.*?)</a>",
        RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.NonBacktracking
    )]
    private static partial Regex Link();

    [GeneratedRegex("aria-selected\\s*=\\s*[\"']true[\"']", RegexOptions.IgnoreCase)]
    private static partial Regex Selected();

    [GeneratedRegex("data-is-touch-wrapper\\s*=\\s*[\"']true[\"']", RegexOptions.IgnoreCase)]
    private static partial Regex Wrapper();

    [GeneratedRegex("</?[a-zA-Z][^>]*>", RegexOptions.NonBacktracking)]
    private static partial Regex Tag();
}
