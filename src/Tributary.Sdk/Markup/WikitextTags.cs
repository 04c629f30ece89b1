using System.Text.RegularExpressions;

namespace Tributary.Sdk.Markup;

/// <summary>A tag in wikitext.</summary>
/// <param name="Name">In lower case.</param>
/// <param name="Text">As it stands.</param>
/// <param name="End">Where the text goes on.</param>
/// <param name="IsClosing">It closes an element.</param>
/// <param name="IsEmpty">It closes itself.</param>
internal sealed partial record WikitextTag(string Name, string Text, int End, bool IsClosing, bool IsEmpty)
{
    /// <summary>An attribute's value, of letters, digits and few signs; null when there is none.</summary>
    public string? Attribute(string name) =>
        Attributes().Matches(Text).FirstOrDefault(match => match.Groups[1].Value == name)?.Groups[2].Value;

    [GeneratedRegex("""\s([a-z]+)\s*=\s*["']?([\w.#+-]+)""", RegexOptions.NonBacktracking)]
    private static partial Regex Attributes();
}

/// <summary>The tags of a text: those of MediaWiki's extensions, and the HTML that people write into wikis.</summary>
internal sealed class WikitextTags(string text)
{
    private const int Longest = 1_000;

    // Their content is no wikitext.
    private static readonly HashSet<string> Verbatim =
    [
        .. "nowiki pre syntaxhighlight source math chem ce gallery timeline templatedata score graph mapframe".Split(
            ' '
        ),
        .. "imagemap hiero includeonly style script inputbox categorytree dynamicpagelist".Split(' '),
    ];

    private static readonly HashSet<string> Silent =
    [
        .. "span small big sub sup u ins font abbr acronym bdi bdo q mark wbr ruby rt rp rb time data caption".Split(
            ' '
        ),
        .. "tbody thead tfoot noinclude onlyinclude section translate tvar languages templatestyles poem maplink".Split(
            ' '
        ),
        .. "indicator a img".Split(' '),
    ];

    // Where the next one ends that was looked for; -1 for none. So that many that are never closed cost one search.
    private readonly Dictionary<string, int> _ends = [];

    /// <summary>Whether what stands in an element is not wikitext, or nothing to read.</summary>
    public static bool IsVerbatim(string name) => Verbatim.Contains(name);

    /// <summary>The tag that begins here; null when none does.</summary>
    public WikitextTag? At(int start)
    {
        var name = start + 1;
        var isClosing = name < text.Length && text[name] == '/';
        name += isClosing ? 1 : 0;
        var nameEnd = name;
        while (nameEnd < text.Length && char.IsAsciiLetterOrDigit(text[nameEnd]))
        {
            nameEnd++;
        }

        var close = nameEnd > name && char.IsAsciiLetter(text[name]) ? NextOf(">", nameEnd) : -1;
        if (close < 0 || close - start > Longest || text.AsSpan(nameEnd, close - nameEnd).Contains('<'))
        {
            return null;
        }

        return new WikitextTag(
            text[name..nameEnd].ToLowerInvariant(),
            text[start..(close + 1)],
            close + 1,
            isClosing,
            text[close - 1] == '/'
        );
    }

    /// <summary>Where the next closing tag of a name begins and ends; null when there is none.</summary>
    public (int Start, int End)? EndOf(string name, int from)
    {
        var start = NextOf("</" + name, from);
        var close = start < 0 ? -1 : NextOf(">", start);
        return close < 0 ? null : (start, close + 1);
    }

    /// <summary>What a tag means in wikitext; null for one that is none of HTML's.</summary>
    public static string? InPlaceOf(WikitextTag tag, bool isAtLineStart) =>
        tag.Name switch
        {
            "b" or "strong" => "'''",
            "i" or "em" or "cite" or "var" or "dfn" => "''",
            "s" or "del" or "strike" => "~~",
            "code" or "tt" or "kbd" or "samp" => "`",
            "br" => $"{WikitextKept.Break}",
            "hr" => "\n----\n",
            "li" => tag.IsClosing ? "" : "\n* ",
            "dt" => tag.IsClosing ? "" : "\n; ",
            "dd" => tag.IsClosing ? "" : "\n: ",
            "td" or "th" => tag.IsClosing ? "" : " ",
            "p" or "blockquote" => isAtLineStart ? "" : "\n\n",
            "div" or "center" => isAtLineStart ? "" : " ",
            "tr" or "table" or "ul" or "ol" or "dl" => isAtLineStart ? "" : "\n",
            ['h', >= '1' and <= '6' and var level] => Heading(level - '0', tag.IsClosing, isAtLineStart),
            var name => Silent.Contains(name) || Verbatim.Contains(name) ? "" : null,
        };

    private static string Heading(int level, bool isClosing, bool isAtLineStart)
    {
        var signs = new string('=', level);
        return isClosing ? signs + "\n"
            : isAtLineStart ? signs
            : "\n" + signs;
    }

    private int NextOf(string sought, int from)
    {
        if (!_ends.TryGetValue(sought, out var at) || (at >= 0 && at < from))
        {
            _ends[sought] = at = text.IndexOf(sought, from, StringComparison.OrdinalIgnoreCase);
        }

        return at;
    }
}
