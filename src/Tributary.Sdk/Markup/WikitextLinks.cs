using System.Buffers;
using System.Net;
using System.Text.RegularExpressions;

namespace Tributary.Sdk.Markup;

/// <summary>Where the links between a wiki's pages lead, and which of them are none.</summary>
internal sealed partial class WikitextLinks(WikitextOptions options)
{
    private const int LongestTitle = 500;
    private const int LongestNamespace = 60;

    private static readonly SearchValues<char> NotInTitles = SearchValues.Create(
        "\n<>[]{}" + $"{WikitextKept.Open}{WikitextKept.Break}"
    );

    private readonly HashSet<string> _dropped = new(
        ["File", "Image", "Category", .. options.FilesAndCategories],
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>Whether a link that begins so shows a file or files the page.</summary>
    public bool IsDropped(ReadOnlySpan<char> link)
    {
        var colon = link[..Math.Min(link.Length, LongestNamespace)].IndexOf(':');
        return colon > 0 && _dropped.Contains(link[..colon].ToString().Replace('_', ' ').Trim());
    }

    /// <summary>Whether this may be a page's title, with a section or without.</summary>
    public static bool IsTitle(ReadOnlySpan<char> target) =>
        target.Length is > 0 and <= LongestTitle && !target.ContainsAny(NotInTitles) && !target.IsWhiteSpace();

    /// <summary>Whether a link without a text of its own, alone on its line, names the same page of another language.</summary>
    public static bool IsOfAnotherLanguage(string target) => Language().IsMatch(target);

    /// <summary>What a link without a text of its own shows.</summary>
    public static string TextOf(string target) =>
        WebUtility.HtmlDecode(target.Trim().TrimStart(':', '#').Replace('_', ' '));

    /// <summary>The address of a title, ready to stand in Markdown; null when it is not known.</summary>
    public string? To(string target)
    {
        var parts = WebUtility.HtmlDecode(target.Trim().TrimStart(':')).Replace('_', ' ').Split('#', 2);
        var page = parts[0].Trim();
        if (page.Length == 0 || options.AddressOf(page) is not { Length: > 0 } address)
        {
            return null;
        }

        var section = parts is [_, { Length: > 0 } name] ? "#" + name.Trim().Replace(' ', '_') : "";
        return InMarkdown(address + section);
    }

    /// <summary>An address that ends no link of Markdown early.</summary>
    public static string InMarkdown(string address) =>
        address.Replace(" ", "%20").Replace("(", "%28").Replace(")", "%29").Replace("\n", "");

    [GeneratedRegex("^[a-z]{2,3}(?:-[a-z]{2,10}){0,2}:.", RegexOptions.NonBacktracking)]
    private static partial Regex Language();
}
