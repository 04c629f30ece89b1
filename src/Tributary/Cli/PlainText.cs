using System.Globalization;
using System.Text;

namespace Tributary.Cli;

/// <summary>Makes texts of others (titles, links, names, messages) safe to show in a terminal.</summary>
internal static class PlainText
{
    /// <summary>One line without control characters or invisible direction marks: a crawled title must not steer the terminal.</summary>
    public static string OneLine(string text)
    {
        var builder = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (
                category
                is UnicodeCategory.Control
                    or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator
            )
            {
                builder.Append(' ');
            }
            else if (category != UnicodeCategory.Format || rune.Value is 0x200D or 0x200C)
            {
                builder.Append(rune.ToString());
            }
        }

        return builder.ToString().Trim();
    }

    /// <summary>At most so many characters, the end marked.</summary>
    public static string Shorten(string text, int length) =>
        text.Length <= length ? text : string.Concat(text.AsSpan(0, length - 1).TrimEnd(), "…");

    /// <summary>A moment for people.</summary>
    public static string Show(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";
}
