using System.Net;
using System.Text.RegularExpressions;

namespace Tributary.Sdk.Markup;

/// <summary>Confluence's storage format (XHTML with macros) as plain HTML, for <see cref="Content.IHtmlConverter"/>.</summary>
public static partial class ConfluenceStorage
{
    /// <summary>The account ids of the people whom a body mentions.</summary>
    public static IEnumerable<string> PeopleIn(string storage) =>
        Person().Matches(storage).Select(match => match.Groups[1].Value).Distinct();

    /// <summary>Converts a page's body. Code, panels and task lists keep their text; images and parameters go.</summary>
    /// <param name="storage">The body.</param>
    /// <param name="names">What people are called, by account id; those who are not in it go, too.</param>
    /// <returns>HTML. Never throws: what is no macro stays as it is.</returns>
    public static string ToHtml(string storage, IReadOnlyDictionary<string, string>? names = null)
    {
        var html = PlainBody()
            .Replace(storage, match => $"<pre><code>{WebUtility.HtmlEncode(match.Groups[1].Value)}</code></pre>");
        html = Person()
            .Replace(
                html,
                match =>
                    names?.GetValueOrDefault(match.Groups[1].Value) is { } name ? WebUtility.HtmlEncode($"@{name}") : ""
            );
        html = Emoji().Replace(html, "$1");
        html = LinkText().Replace(html, match => WebUtility.HtmlEncode(match.Groups[1].Value));
        html = TaskStatus().Replace(html, match => match.Groups[1].Value == "complete" ? "[x] " : "[ ] ");
        html = EmptyPageLink().Replace(html, "$1");
        html = Dropped().Replace(html, "");
        html = TaskStart().Replace(html, "<li>");
        html = TaskEnd().Replace(html, "</li>");
        return OtherTags().Replace(html, "");
    }

    [GeneratedRegex(
        @"<ac:plain-text-body>\s*<!\[CDATA\[(.*?)\]\]>\s*</ac:plain-text-body>",
        RegexOptions.Singleline | RegexOptions.NonBacktracking
    )]
    private static partial Regex PlainBody();

    [GeneratedRegex(
        @"<ac:plain-text-link-body>\s*<!\[CDATA\[(.*?)\]\]>\s*</ac:plain-text-link-body>",
        RegexOptions.Singleline | RegexOptions.NonBacktracking
    )]
    private static partial Regex LinkText();

    [GeneratedRegex("<ac:task-status>\\s*(\\w*)\\s*</ac:task-status>", RegexOptions.NonBacktracking)]
    private static partial Regex TaskStatus();

    // A link without a text of its own shows the title of its page.
    [GeneratedRegex(
        "<ac:link[^>]*>\\s*<ri:page [^>]*ri:content-title=\"([^\"]*)\"[^>]*/>\\s*</ac:link>",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex EmptyPageLink();

    [GeneratedRegex(
        "<ac:(?:parameter|task-id|task-uuid|placeholder)(?:\\s[^>]*)?>[^<]*</ac:[^>]*>|<ac:image(?:\\s[^>]*)?>.*?</ac:image>|<ac:emoticon[^>]*/>",
        RegexOptions.Singleline | RegexOptions.NonBacktracking
    )]
    private static partial Regex Dropped();

    [GeneratedRegex("<ri:user [^>]*ri:account-id=\"([^\"]*)\"[^>]*/>", RegexOptions.NonBacktracking)]
    private static partial Regex Person();

    [GeneratedRegex("<ac:emoticon [^>]*ac:emoji-fallback=\"([^\":]+)\"[^>]*/>", RegexOptions.NonBacktracking)]
    private static partial Regex Emoji();

    [GeneratedRegex("<ac:task>", RegexOptions.NonBacktracking)]
    private static partial Regex TaskStart();

    [GeneratedRegex("</ac:task>", RegexOptions.NonBacktracking)]
    private static partial Regex TaskEnd();

    [GeneratedRegex("</?(?:ac|ri|at):[^>]*>", RegexOptions.NonBacktracking)]
    private static partial Regex OtherTags();
}
