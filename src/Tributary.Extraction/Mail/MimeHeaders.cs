using System.Text;
using Tributary.Extraction.Text;

namespace Tributary.Extraction.Mail;

/// <summary>The header of a message or part: unfolded (RFC 5322, 2.2.3), the first field of a name wins.</summary>
internal sealed class MimeHeaders
{
    private readonly Dictionary<string, string> _fields = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a header block.</summary>
    /// <param name="block">Its bytes, without the empty line that ends it.</param>
    public static MimeHeaders Parse(ReadOnlySpan<byte> block)
    {
        var headers = new MimeHeaders();
        // Raw letters beyond ASCII: UTF-8 (RFC 6532), or some legacy charset.
        var text = TextDecoder.Decode(block);
        var field = new StringBuilder();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(" ") || line.StartsWith("\t"))
            {
                field.Append(line);
            }
            else
            {
                headers.Add(field.ToString());
                field.Clear().Append(line);
            }
        }

        headers.Add(field.ToString());
        return headers;
    }

    /// <summary>A field as written; null when there is none.</summary>
    public string? Raw(string name) => _fields.GetValueOrDefault(name);

    /// <summary>A field with its encoded words decoded; null when there is none or it is empty.</summary>
    public string? Text(string name) =>
        Raw(name) is { } raw && EncodedWords.Decode(raw).Trim() is { Length: > 0 } text ? text : null;

    /// <summary>The value before the parameters, lower case: "text/plain"; null when there is none.</summary>
    public string? Value(string name) => Raw(name)?.Split(';', 2)[0].Trim().ToLowerInvariant();

    /// <summary>A parameter of a field, in any of the forms of RFC 2045, 2231 and (against the letter) 2047.</summary>
    public string? Parameter(string field, string name) =>
        Raw(field) is { } raw ? MimeParameters.Find(raw, name) : null;

    private void Add(string field)
    {
        var colon = field.IndexOf(':');
        if (colon > 0)
        {
            _fields.TryAdd(field[..colon].Trim(), field[(colon + 1)..].Trim());
        }
    }
}
