using Tributary.Extraction.Formats;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Text;

/// <summary>CSV (RFC 4180 and its relatives) and TSV as a Markdown table, so that rows stay together with their header.</summary>
internal sealed class DelimitedFormat(ExtractionLimits limits) : IFormat
{
    private static readonly char[] Separators = [',', ';', '\t', '|'];

    public string Name => "a table of separated values";

    public bool Recognises(FileProbe probe) =>
        (probe.Extension is "csv" or "tsv" or "tab" || probe.MediaType is "text/csv" or "text/tab-separated-values")
        && TextProbe.IsText(probe);

    public async Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        var text = await PlainTextFormat.ReadAsync(file, limits, cancellationToken);
        var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
        var start = SkipComments(text);
        collector.Append(text.AsSpan(0, start));
        var separator = SeparatorOf(text.AsSpan(start), file.Probe);
        var table = new MarkdownTable(collector);
        foreach (var row in DelimitedReader.Rows(text[start..], separator))
        {
            table.AddRow(row);
            if (collector.IsFull)
            {
                break;
            }
        }

        return collector.Finish(new DocumentFacts());
    }

    // Lines before the table that begin with # or <!-- carry facts about the file for those who read it after us.
    private static int SkipComments(string text)
    {
        var start = 0;
        while (text.AsSpan(start).StartsWith("#") || text.AsSpan(start).StartsWith("<!--"))
        {
            var end = text.IndexOf('\n', start);
            if (end < 0)
            {
                return start;
            }

            start = end + 1;
        }

        return start;
    }

    // The separator that the first lines have most often outside quotes; a tie goes to the commoner one.
    private static char SeparatorOf(ReadOnlySpan<char> text, FileProbe probe)
    {
        if (probe.Extension is "tsv" or "tab" || probe.MediaType == "text/tab-separated-values")
        {
            return '\t';
        }

        Span<int> counts = stackalloc int[Separators.Length];
        var isQuoted = false;
        var lines = 0;
        foreach (var letter in text[..Math.Min(text.Length, 16_384)])
        {
            isQuoted ^= letter == '"';
            lines += letter == '\n' && !isQuoted ? 1 : 0;
            if (lines == 5)
            {
                break;
            }

            var index = isQuoted ? -1 : Separators.AsSpan().IndexOf(letter);
            if (index >= 0)
            {
                counts[index]++;
            }
        }

        var best = 0;
        for (var i = 1; i < counts.Length; i++)
        {
            best = counts[i] > counts[best] ? i : best;
        }

        return Separators[best];
    }
}
