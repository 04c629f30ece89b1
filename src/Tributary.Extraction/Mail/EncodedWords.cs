using System.Text;
using System.Text.RegularExpressions;
using Tributary.Extraction.Text;

namespace Tributary.Extraction.Mail;

/// <summary>Encoded words in header fields: =?charset?B?…?= and =?charset?Q?…?= (RFC 2047).</summary>
internal static partial class EncodedWords
{
    public static string Decode(string text)
    {
        if (!text.Contains("=?", StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder();
        var pending = new MemoryStream();
        string? charset = null;
        var position = 0;
        foreach (Match match in Word().Matches(text))
        {
            // White space between encoded words is not shown (6.2); a letter may be cut in two between them.
            var between = text.AsSpan(position, match.Index - position);
            if (
                charset is null
                || !between.IsWhiteSpace()
                || !charset.Equals(match.Groups[1].Value, StringComparison.OrdinalIgnoreCase)
            )
            {
                Flush(result, pending, charset);
                if (charset is null || !between.IsWhiteSpace())
                {
                    result.Append(between);
                }
            }

            charset = match.Groups[1].Value;
            pending.Write(DecodeBytes(match.Groups[2].Value, match.Groups[3].Value));
            position = match.Index + match.Length;
        }

        Flush(result, pending, charset);
        return result.Append(text, position, text.Length - position).ToString();
    }

    private static void Flush(StringBuilder result, MemoryStream pending, string? charset)
    {
        if (pending.Length > 0)
        {
            result.Append(TextDecoder.Decode(pending.ToArray(), charset));
            pending.SetLength(0);
        }
    }

    private static byte[] DecodeBytes(string encoding, string text)
    {
        if (encoding is "B" or "b")
        {
            return TransferDecoder.Base64(Encoding.ASCII.GetBytes(text));
        }

        // Q is quoted-printable in which "_" is a blank.
        return TransferDecoder.QuotedPrintable(Encoding.ASCII.GetBytes(text.Replace('_', ' ')));
    }

    [GeneratedRegex(@"=\?([^?*\s]+)(?:\*[^?\s]*)?\?([BbQq])\?([^?]*)\?=", RegexOptions.NonBacktracking)]
    private static partial Regex Word();
}
