using System.Text.RegularExpressions;
using Tributary.Sdk.Documents;

namespace Tributary.Integrations.MediaWiki;

/// <summary>Extracts: plain texts with headings between equals signs.</summary>
internal static partial class MediaWikiPlainText
{
    /// <summary>The lead, and a section for each heading that has text below it.</summary>
    public static IReadOnlyList<Section> SectionsOf(string text, string link)
    {
        var sections = new List<Section>();
        string? heading = null;
        var start = 0;
        foreach (Match match in Heading().Matches(text))
        {
            Add(text[start..match.Index]);
            (heading, start) = (match.Groups["name"].Value, match.Index + match.Length);
        }

        Add(text[start..]);
        return sections;

        void Add(string part)
        {
            if (part.Trim() is { Length: > 0 } words)
            {
                sections.Add(new Section(words, heading is null ? link : $"{link}#{AnchorOf(heading)}", heading));
            }
        }
    }

    /// <summary>The anchor that MediaWiki gives to a heading.</summary>
    public static string AnchorOf(string heading) => heading.Trim().Replace(' ', '_');

    [GeneratedRegex(
        @"^(?<level>={2,6})[ \t]*(?<name>[^=\r\n][^\r\n]*?)[ \t]*\k<level>[ \t]*\r?$",
        RegexOptions.Multiline
    )]
    private static partial Regex Heading();
}
