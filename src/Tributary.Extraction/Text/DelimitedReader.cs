using System.Text;

namespace Tributary.Extraction.Text;

/// <summary>
/// Rows of separated values after RFC 4180, forgiving where files in the wild differ: a quote inside an unquoted field is
/// a quote, text after a closing quote belongs to the field, an unclosed quote ends with the text.
/// </summary>
internal static class DelimitedReader
{
    public static IEnumerable<IReadOnlyList<string>> Rows(string text, char separator)
    {
        var row = new List<string>();
        var field = new StringBuilder();
        var position = 0;
        while (position < text.Length)
        {
            position = ReadField(text, position, separator, field);
            row.Add(field.ToString());
            field.Clear();
            if (position < text.Length && text[position++] == separator)
            {
                continue;
            }

            yield return row;
            row = [];
        }

        if (row.Count > 0)
        {
            yield return row;
        }
    }

    // Ends on the separator, the line feed or the end of the text.
    private static int ReadField(string text, int position, char separator, StringBuilder field)
    {
        if (position < text.Length && text[position] == '"')
        {
            position++;
            while (position < text.Length)
            {
                var quote = text.IndexOf('"', position);
                var end = quote < 0 ? text.Length : quote;
                field.Append(text, position, end - position);
                position = Math.Min(end + 1, text.Length);
                if (position >= text.Length || text[position] != '"')
                {
                    break;
                }

                field.Append('"');
                position++;
            }
        }

        var rest = text.AsSpan(position).IndexOfAny(separator, '\n');
        var stop = rest < 0 ? text.Length : position + rest;
        field.Append(text, position, stop - position);
        return stop;
    }
}
