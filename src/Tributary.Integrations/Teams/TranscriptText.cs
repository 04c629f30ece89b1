using System.Net;
using System.Text.RegularExpressions;

namespace Tributary.Integrations.Teams;

/// <summary>What was said, out of a WebVTT file.</summary>
internal static partial class TranscriptText
{
    /// <summary>A paragraph for each time that somebody else speaks, with the name before it; null for what is no WebVTT.</summary>
    public static string? Of(string vtt)
    {
        if (!vtt.TrimStart('\uFEFF').StartsWith("WEBVTT", StringComparison.Ordinal))
        {
            return null;
        }

        var paragraphs = new List<string>();
        var (last, isSpoken) = ("", false);
        foreach (var line in vtt.EnumerateLines())
        {
            // Numbers and notes stand before a cue's times, its text behind them.
            isSpoken = !line.IsWhiteSpace() && (isSpoken || line.Contains("-->", StringComparison.Ordinal));
            if (!isSpoken || line.Contains("-->", StringComparison.Ordinal))
            {
                continue;
            }

            var text = line.ToString();
            var speaker = Speaker().Match(text) is { Success: true } match ? match.Groups[1].Value.Trim() : last;
            var said = WebUtility.HtmlDecode(Tag().Replace(text, "")).Trim();
            if (said.Length == 0)
            {
                continue;
            }

            if (speaker == last && paragraphs.Count > 0)
            {
                paragraphs[^1] += " " + said;
            }
            else
            {
                paragraphs.Add(speaker.Length > 0 ? $"{WebUtility.HtmlDecode(speaker)}: {said}" : said);
            }

            last = speaker;
        }

        return string.Join("\n\n", paragraphs);
    }

    [GeneratedRegex(@"<v(?:\.[^\s>]*)?\s+([^>]*)>")]
    private static partial Regex Speaker();

    [GeneratedRegex("</?[a-z][^>]*>")]
    private static partial Regex Tag();
}
