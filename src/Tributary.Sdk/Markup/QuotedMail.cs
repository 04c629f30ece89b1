using System.Text.RegularExpressions;

namespace Tributary.Sdk.Markup;

/// <summary>The part of a plain-text mail that its sender wrote: without the mails that it quotes at its end, and without signature.</summary>
public static partial class QuotedMail
{
    /// <summary>Trims. Quotations with an answer below them stay, since the answer means little without them.</summary>
    /// <returns>Never throws; a mail that is nothing but a quotation (a forward) stays whole.</returns>
    public static string Trim(string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var end = lines.Length;
        for (var index = 0; index < lines.Length; index++)
        {
            if (lines[index] is "-- " or "--" || Forwarded().IsMatch(lines[index]) || IsHeader(lines, index))
            {
                end = index;
                break;
            }
        }

        // Quoted lines at the end, with the line that introduces them, which programs break in two.
        var last = end;
        while (last > 0 && (lines[last - 1].StartsWith('>') || string.IsNullOrWhiteSpace(lines[last - 1])))
        {
            last--;
        }

        if (last < end && lines[last..end].Any(line => line.StartsWith('>')))
        {
            end = last;
            for (var length = 1; length <= 2 && length <= end; length++)
            {
                if (Introduction().IsMatch(string.Join(' ', lines[(end - length)..end])))
                {
                    end -= length;
                    break;
                }
            }
        }

        var kept = string.Join('\n', lines[..end]).Trim();
        return kept.Length > 0 ? kept : text.Trim();
    }

    // Outlook's block: From, Sent or Date, To, Subject on lines of their own, in any of a few languages.
    private static bool IsHeader(string[] lines, int index) =>
        index > 0
        && From().IsMatch(lines[index])
        && lines.Skip(index + 1).Take(4).Count(line => OtherHeader().IsMatch(line)) >= 2;

    [GeneratedRegex(
        "^-{2,} ?(Original Message|Ursprüngliche Nachricht|Message d'origine|Mensaje original) ?-{2,}$",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Forwarded();

    [GeneratedRegex("^[ *]*(From|Von|De|Da|Van):", RegexOptions.IgnoreCase)]
    private static partial Regex From();

    [GeneratedRegex(
        @"^[ *]*(Sent|Date|To|Cc|Subject|Gesendet|Datum|An|Betreff|Envoyé|À|Objet|Enviado|Para|Asunto)\s?:",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex OtherHeader();

    [GeneratedRegex(
        "^(On|Am|Le|El|Il|Op)\\b.{3,300}(wrote|schrieb.*|a écrit|escribió|ha scritto|schreef.*)\\s?:\\s*$",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking
    )]
    private static partial Regex Introduction();
}
