using System.Net;
using System.Text;

namespace Tributary.Sdk.Markup;

/// <summary>What stands within one line: emphasis, links to elsewhere, entities.</summary>
internal sealed class WikitextInline(WikitextKept kept)
{
    private static readonly string[] Schemes = ["http://", "https://", "//", "mailto:", "ftp://"];

    /// <summary>Converts a line, or the text of one.</summary>
    /// <param name="line">Without line breaks.</param>
    /// <param name="lineBreak">What a break in it becomes.</param>
    public string Convert(string line, string lineBreak)
    {
        var text = new StringBuilder(line.Length);
        var plain = new StringBuilder();
        var emphasis = new WikitextEmphasis(text);
        var linkEnd = -1;
        var linkAddress = "";
        var bracket = 0;
        for (var at = 0; at < line.Length; )
        {
            switch (line[at])
            {
                case WikitextKept.Open:
                    Flush(plain, text);
                    text.Append(kept.PieceAt(line, ref at));
                    break;
                case WikitextKept.Break:
                    Flush(plain, text);
                    text.Append(lineBreak);
                    at++;
                    break;
                case '\'' when at + 1 < line.Length && line[at + 1] == '\'':
                    Flush(plain, text);
                    at = emphasis.Take(line, at);
                    break;
                case '[' when linkEnd < 0 && bracket >= 0 && SchemeAt(line, at + 1):
                    bracket = bracket > at ? bracket : line.IndexOf(']', at);
                    Flush(plain, text);
                    (at, linkEnd, linkAddress) = bracket < 0 ? (at, -1, "") : OpenLink(line, at, bracket, text);
                    if (bracket < 0)
                    {
                        plain.Append(line[at++]);
                    }

                    break;
                case ']' when at == linkEnd:
                    Flush(plain, text);
                    text.Append(linkAddress);
                    linkEnd = -1;
                    at++;
                    break;
                default:
                    plain.Append(line[at++]);
                    break;
            }
        }

        Flush(plain, text);
        emphasis.Close();
        return text.ToString().Trim();
    }

    /// <summary>A link with a text leaves it to the loop; one without is its address.</summary>
    private static (int At, int End, string Address) OpenLink(string line, int start, int end, StringBuilder text)
    {
        var space = line.AsSpan(start, end - start).IndexOfAny(' ', '\t');
        var address = line[(start + 1)..(space < 0 ? end : start + space)];
        if (address.AsSpan().IndexOfAny(WikitextKept.Open, WikitextKept.Break) >= 0)
        {
            text.Append('[');
            return (start + 1, -1, "");
        }

        address = WebUtility.HtmlDecode(
            address.StartsWith("//", StringComparison.Ordinal) ? "https:" + address : address
        );
        if (space < 0 || line.AsSpan(start + space, end - start - space).IsWhiteSpace())
        {
            text.Append(address);
            return (end + 1, -1, "");
        }

        text.Append('[');
        return (start + space + 1, end, $"]({WikitextLinks.InMarkdown(address)})");
    }

    private static bool SchemeAt(string line, int at) =>
        Schemes.Any(scheme => line.AsSpan(at).StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    // An entity may be anything: a line break, or one of our marks, which are not looked for any more.
    private static void Flush(StringBuilder plain, StringBuilder text)
    {
        if (plain.Length > 0)
        {
            text.Append(WebUtility.HtmlDecode(plain.ToString()).Replace('\n', ' ').Replace('\u00A0', ' '));
            plain.Clear();
        }
    }
}
