using System.Buffers;
using System.Text;

namespace Tributary.Extraction.Formats;

/// <summary>What every text goes through: line ends become LF, and control characters that no reader shows are left out.</summary>
internal static class TextCleaner
{
    // All of C0 but tab and LF (CR is dealt with apart), and DEL.
    private static readonly SearchValues<char> Unwanted = SearchValues.Create(
        "\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u000b\u000c\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014"
            + "\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f\u007f\ufeff"
    );

    /// <summary>Line ends as LF, no control characters.</summary>
    public static string Clean(string text)
    {
        var next = text.AsSpan().IndexOfAny(Unwanted);
        if (next < 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        var rest = text.AsSpan();
        while (next >= 0)
        {
            result.Append(rest[..next]);
            if (rest[next] == '\r')
            {
                result.Append('\n');
                next += next + 1 < rest.Length && rest[next + 1] == '\n' ? 1 : 0;
            }
            else if (rest[next] is '\f' or '\v')
            {
                result.Append('\n');
            }

            rest = rest[(next + 1)..];
            next = rest.IndexOfAny(Unwanted);
        }

        return result.Append(rest).ToString();
    }

    /// <summary>Runs of white space become one blank.</summary>
    public static string OneLine(string text) =>
        string.Join(' ', Clean(text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The builder's text without blank lines at its start and white space at its end, cleaned.</summary>
    public static string Trim(StringBuilder text)
    {
        var cleaned = Clean(text.ToString()).TrimEnd();
        var start = 0;
        for (var i = 0; i < cleaned.Length && char.IsWhiteSpace(cleaned[i]); i++)
        {
            if (cleaned[i] == '\n')
            {
                start = i + 1;
            }
        }

        return cleaned[start..];
    }
}
