using System.Text;
using System.Text.RegularExpressions;
using Tributary.Extraction.Formats;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Text;

/// <summary>
/// WebVTT (https://www.w3.org/TR/webvtt1/) and SubRip: what was said, without times; cues of one speaker after another
/// become one paragraph.
/// </summary>
internal sealed partial class SubtitleFormat(ExtractionLimits limits) : IFormat
{
    public string Name => "a subtitle file";

    public bool Recognises(FileProbe probe) =>
        probe.StartsWith("WEBVTT"u8)
        || (probe.Extension is "vtt" or "srt" || probe.MediaType is "text/vtt" or "application/x-subrip")
            && TextProbe.IsText(probe);

    public async Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        var text = await PlainTextFormat.ReadAsync(file, limits, cancellationToken);
        var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
        var paragraph = new StringBuilder();
        string? speaker = null;
        var isFirst = true;
        foreach (var block in Blocks(text))
        {
            var timing = block.FindIndex(line => line.Contains("-->", StringComparison.Ordinal) && !IsMarker(line));
            if (timing < 0)
            {
                // Headers, notes, styles; the very first line may carry facts for those who read the text after us.
                if (isFirst && IsMarker(block[0]))
                {
                    collector.AppendLine(block[0]);
                }

                isFirst = false;
                continue;
            }

            if (isFirst && timing > 0 && IsMarker(block[0]))
            {
                collector.AppendLine(block[0]);
            }

            isFirst = false;
            foreach (var line in block.Skip(timing + 1))
            {
                var (who, said) = Parse(line);
                if (said.Length == 0)
                {
                    continue;
                }

                if (who is not null && who != speaker)
                {
                    Flush(collector, paragraph);
                    paragraph.Append(who).Append(": ");
                    speaker = who;
                }
                else if (paragraph.Length > 0)
                {
                    paragraph.Append(' ');
                }

                paragraph.Append(said);
            }
        }

        Flush(collector, paragraph);
        return collector.Finish(new DocumentFacts());
    }

    private static bool IsMarker(string line) =>
        line.StartsWith('#') || line.StartsWith("<!--", StringComparison.Ordinal);

    private static void Flush(TextCollector collector, StringBuilder paragraph)
    {
        collector.AppendParagraph(paragraph.ToString());
        paragraph.Clear();
    }

    private static IEnumerable<List<string>> Blocks(string text)
    {
        var block = new List<string>();
        using var reader = new StringReader(text);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                block.Add(line);
            }
            else if (block.Count > 0)
            {
                yield return block;
                block = [];
            }
        }

        if (block.Count > 0)
        {
            yield return block;
        }
    }

    private static (string? Speaker, string Text) Parse(string line)
    {
        var voice = Voice().Match(line);
        var said = System.Net.WebUtility.HtmlDecode(Tag().Replace(line, "")).Trim();
        return (voice.Success ? voice.Groups[1].Value.Trim() : null, said);
    }

    [GeneratedRegex("<v(?:\\.[^ >]*)?[ \t]+([^>]{1,200})>", RegexOptions.NonBacktracking)]
    private static partial Regex Voice();

    [GeneratedRegex("<[^<>]{0,500}>|\\{\\\\[^}]{0,100}\\}", RegexOptions.NonBacktracking)]
    private static partial Regex Tag();
}
