using System.Buffers;
using System.Text;

namespace Tributary.Extraction.Html;

/// <summary>
/// The charset that a page names in a meta element or an XML declaration, looked for in its first 2 KB
/// (https://html.spec.whatwg.org/#prescan-a-byte-stream-to-determine-its-encoding).
/// </summary>
internal static class HtmlCharset
{
    private const int PrescanBytes = 2048;
    private static readonly SearchValues<char> LabelEnds = SearchValues.Create(" \t\r\n\"';/?");

    /// <summary>The label as written; null when none is named.</summary>
    public static string? Find(ReadOnlySpan<byte> html)
    {
        var head = Encoding.Latin1.GetString(html[..Math.Min(html.Length, PrescanBytes)]);
        var name = head.StartsWith("<?xml", StringComparison.Ordinal) ? After(head, 0, "encoding") : null;
        var meta = head.IndexOf("<meta", StringComparison.OrdinalIgnoreCase);
        while (name is null && meta >= 0)
        {
            name = After(head, meta, "charset");
            meta = head.IndexOf("<meta", meta + 5, StringComparison.OrdinalIgnoreCase);
        }

        // A page whose meta element could be read as ASCII is not UTF-16, whatever it says.
        return name?.StartsWith("utf-16", StringComparison.OrdinalIgnoreCase) == true ? "utf-8" : name;
    }

    private static string? After(string head, int start, string attribute)
    {
        var end = head.IndexOf('>', start);
        var tag = head.AsSpan(start, (end < 0 ? head.Length : end) - start);
        var at = tag.IndexOf(attribute, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }

        var value = tag[(at + attribute.Length)..].TrimStart();
        if (!value.StartsWith("="))
        {
            return null;
        }

        value = value[1..].TrimStart(" \t\r\n\"'");
        var stop = value.IndexOfAny(LabelEnds);
        var label = (stop < 0 ? value : value[..stop]).ToString();
        return label.Length == 0 ? null : label;
    }
}
