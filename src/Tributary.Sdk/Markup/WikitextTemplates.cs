using System.Text;
using System.Text.RegularExpressions;

namespace Tributary.Sdk.Markup;

/// <summary>The few templates that say something by themselves, without the wiki that expands them.</summary>
internal static partial class WikitextTemplates
{
    private const int LongestValue = 300;
    private static readonly string[] NoteLists = ["reflist", "references", "références", "einzelnachweise"];

    /// <summary>Whether the page lists its notes here.</summary>
    public static bool ListsNotes(ReadOnlySpan<char> template)
    {
        var name = NameOf(template);
        foreach (var list in NoteLists)
        {
            if (name.Equals(list, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>An infobox as a list of its parameters, in wikitext; empty for any other template.</summary>
    /// <param name="template">What stands between the braces; templates in it are gone already.</param>
    public static string ListOf(ReadOnlySpan<char> template)
    {
        var name = NameOf(template);
        if (
            !name.Contains("infobox", StringComparison.OrdinalIgnoreCase)
            && !name.Contains("taxobox", StringComparison.OrdinalIgnoreCase)
        )
        {
            return "";
        }

        var list = new StringBuilder("\n");
        foreach (var parameter in template.ToString().Split('|').Skip(1))
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? "" : parameter[..equals].Trim().Replace('_', ' ');
            var value = equals < 0 ? "" : parameter[(equals + 1)..].Trim();
            if (key.Length is > 0 and < 60 && value.Length is > 0 and < LongestValue && !IsForLayout(value))
            {
                list.Append("* ").Append(key).Append(": ").Append(value).Append('\n');
            }
        }

        return list.ToString();
    }

    private static bool IsForLayout(string value) =>
        value.Contains('\n', StringComparison.Ordinal) || Layout().IsMatch(value);

    private static ReadOnlySpan<char> NameOf(ReadOnlySpan<char> template)
    {
        var end = template[..Math.Min(template.Length, 100)].IndexOfAny("|\n");
        return (end < 0 ? template[..Math.Min(template.Length, 100)] : template[..end]).Trim();
    }

    // Names of pictures, sizes and colours.
    [GeneratedRegex(
        @"\.(?:jpe?g|png|svg|gif|webp|tiff?|ogg|webm)$|^[\dx]+ ?px$|^#[0-9a-f]{3,6}$",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking
    )]
    private static partial Regex Layout();
}
