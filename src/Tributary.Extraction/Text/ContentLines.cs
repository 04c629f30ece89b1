using System.Text;

namespace Tributary.Extraction.Text;

/// <summary>The lines that calendars (RFC 5545, 3.1) and contact cards (RFC 6350, 3.3) are made of: NAME;PARAMETER=x:VALUE, folded.</summary>
internal static class ContentLines
{
    /// <summary>One line, with its escapes undone.</summary>
    public readonly record struct Line(string Name, string Parameters, string Value);

    public static IEnumerable<Line> Read(string text)
    {
        var unfolded = new StringBuilder();
        using var reader = new StringReader(text);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith(' ') || line.StartsWith('\t'))
            {
                unfolded.Append(line, 1, line.Length - 1);
                continue;
            }

            if (unfolded.Length > 0)
            {
                yield return Parse(unfolded.ToString());
            }

            unfolded.Clear().Append(line);
        }

        if (unfolded.Length > 0)
        {
            yield return Parse(unfolded.ToString());
        }
    }

    private static Line Parse(string line)
    {
        var colon = IndexOutsideQuotes(line, ':');
        var head = colon < 0 ? line : line[..colon];
        var value = colon < 0 ? "" : line[(colon + 1)..];
        var semicolon = head.IndexOf(';');
        var name = semicolon < 0 ? head : head[..semicolon];

        // Cards group lines as "item1.EMAIL".
        name = name[(name.LastIndexOf('.') + 1)..].Trim().ToUpperInvariant();
        return new Line(name, semicolon < 0 ? "" : head[(semicolon + 1)..], Unescape(value));
    }

    private static int IndexOutsideQuotes(string line, char wanted)
    {
        var isQuoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            isQuoted ^= line[i] == '"';
            if (line[i] == wanted && !isQuoted)
            {
                return i;
            }
        }

        return -1;
    }

    private static string Unescape(string value)
    {
        if (!value.Contains('\\'))
        {
            return value;
        }

        var result = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            var isEscape = value[i] == '\\' && i + 1 < value.Length;
            result.Append(isEscape ? (value[++i] is 'n' or 'N' ? '\n' : value[i]) : value[i]);
        }

        return result.ToString();
    }
}
