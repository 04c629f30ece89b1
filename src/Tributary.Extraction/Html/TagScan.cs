using System.Collections.Frozen;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Html;

/// <summary>
/// A look over the tags of a page before it is parsed. The parser walks through all open elements for most tags, and
/// through all attributes of a tag for each of them: both must be bounded before it starts.
/// </summary>
internal static class TagScan
{
    // Far more than any honest page leaves open, and few enough for the parser.
    private const int MaxOpen = 5_000;
    private const int MaxAttributes = 1_000;

    // The parser opens these again in every paragraph after the one in which they were left open.
    private const int MaxFormatting = 500;

    // Elements that end by themselves: those without content, and those that the next of their kind closes.
    private static readonly FrozenSet<string> SelfEnding = Set(
        "area base br col embed hr img input link meta param source track wbr a button nobr p li dt dd tr td th tbody thead "
            + "tfoot caption colgroup option optgroup rp rt html head body frame"
    );

    private static readonly FrozenSet<string> Formatting = Set("b big code em font i s small strike strong tt u");

    private static readonly FrozenSet<string> RawText = Set("script style");

    /// <summary>Goes over the page once.</summary>
    /// <exception cref="ContentException">It is a bomb.</exception>
    public static void Refuse(string html)
    {
        var open = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var counts = open.GetAlternateLookup<ReadOnlySpan<char>>();
        var depth = 0;
        var formatting = 0;
        var rest = html.AsSpan();
        for (var at = rest.IndexOf('<'); at >= 0; at = rest.IndexOf('<'))
        {
            rest = rest[(at + 1)..];
            if (rest.StartsWith("!--"))
            {
                var close = rest.IndexOf("-->");
                rest = close < 0 ? rest[3..] : rest[(close + 3)..];
                continue;
            }

            var isEnd = rest.StartsWith("/");
            var name = NameAt(isEnd ? rest[1..] : rest);
            if (name.IsEmpty)
            {
                continue;
            }

            if (isEnd)
            {
                // An end of what is not open means nothing.
                if (counts.TryGetValue(name, out var count) && count > 0)
                {
                    counts[name] = count - 1;
                    depth--;
                    formatting -= formatting > 0 && Has(Formatting, name) ? 1 : 0;
                }

                continue;
            }

            RefuseAttributes(rest[name.Length..]);
            if (Has(RawText, name) && !IsOpen(open, "svg") && !IsOpen(open, "math"))
            {
                // What stands in scripts looks like tags and is none; in drawings it is.
                var end = rest.IndexOf(name.Length == 6 ? "</script" : "</style", StringComparison.OrdinalIgnoreCase);
                rest = end < 0 ? rest[name.Length..] : rest[end..];
                continue;
            }

            // What was left open in a cell ends with it.
            var isCell = name.Length == 2 && name[0] is 't' or 'T' && name[1] is 'd' or 'D' or 'h' or 'H';
            formatting = isCell && IsOpen(open, "table") ? 0 : formatting;
            if (!Has(SelfEnding, name))
            {
                formatting += Has(Formatting, name) ? 1 : 0;
                counts[name] = counts.TryGetValue(name, out var count) ? count + 1 : 1;
                if (++depth > MaxOpen || formatting > MaxFormatting)
                {
                    throw new ContentException(
                        ContentProblem.TooLarge,
                        $"The page opens thousands of elements without closing them."
                    );
                }
            }
        }
    }

    private static bool IsOpen(Dictionary<string, int> open, string name) => open.GetValueOrDefault(name) > 0;

    private static ReadOnlySpan<char> NameAt(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || !char.IsAsciiLetter(text[0]))
        {
            return [];
        }

        var end = text.IndexOfAny(" \t\n\r\f/>".AsSpan());
        return end < 0 ? text : text[..end];
    }

    private static void RefuseAttributes(ReadOnlySpan<char> tag)
    {
        var end = tag.IndexOfAny('<', '>');
        tag = end < 0 ? tag : tag[..end];
        if (tag.Length > MaxAttributes && CountAttributes(tag) > MaxAttributes)
        {
            throw new ContentException(
                ContentProblem.TooLarge,
                $"A tag of the page has more than {MaxAttributes:N0} attributes."
            );
        }
    }

    // Attributes are set apart by white space, a slash or the end of the one before; blanks in quoted values do not count.
    private static int CountAttributes(ReadOnlySpan<char> tag)
    {
        var count = 0;
        var quote = '\0';
        var wasBlank = false;
        foreach (var letter in tag)
        {
            if (quote != '\0')
            {
                count += letter == quote ? 1 : 0;
                quote = letter == quote ? '\0' : quote;
                continue;
            }

            quote = letter is '"' or '\'' ? letter : '\0';
            var isBlank = letter is ' ' or '\t' or '\n' or '\r' or '\f' or '/';
            count += isBlank && !wasBlank ? 1 : 0;
            wasBlank = isBlank;
        }

        return count;
    }

    private static bool Has(FrozenSet<string> names, ReadOnlySpan<char> name) =>
        names.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name);

    private static FrozenSet<string> Set(string words) =>
        words.Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
