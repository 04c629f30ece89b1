using System.Text;
using Tributary.Extraction.Formats;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Rtf;

/// <summary>Rich Text Format, read here without a converter.</summary>
internal sealed class RtfFormat(ExtractionLimits limits) : IFormat
{
    public string Name => "a Rich Text document";

    public bool Recognises(FileProbe probe) => probe.StartsWith("{\\rtf"u8);

    public async Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream((int)file.Content.Length);
        await file.Content.CopyToAsync(bytes, cancellationToken);
        var result = RtfReader.Read(bytes.ToArray(), limits.MaxCharacters);
        var facts = new DocumentFacts { Title = result.Title };
        facts.AddAuthor(result.Author);
        var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
        collector.Append(Tidy(result.Text));
        return collector.Finish(facts);
    }

    // Empty paragraphs that only make room, and the bar after the last cell of a row.
    private static string Tidy(string text)
    {
        var tidy = new StringBuilder(text.Length);
        var empty = 0;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            var line = raw.TrimEnd();
            line = line.EndsWith(" |") ? line[..^2].TrimEnd() : line;
            empty = line.IsEmpty ? empty + 1 : 0;
            if (empty < 2)
            {
                tidy.Append(line).Append('\n');
            }
        }

        return tidy.ToString();
    }
}
