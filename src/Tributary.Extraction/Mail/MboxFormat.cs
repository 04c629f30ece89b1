using System.Globalization;
using Tributary.Extraction.Formats;
using Tributary.Extraction.Html;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Mail;

/// <summary>Mail boxes (.mbox, RFC 4155): one section, or more for forwarded ones, for each message.</summary>
internal sealed class MboxFormat(HtmlConverter html, ExtractionLimits limits) : IFormat
{
    public string Name => "a mail box";

    public bool Recognises(FileProbe probe) => MailProbe.IsMbox(probe);

    public async Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        var facts = new DocumentFacts();
        var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
        var writer = new MailWriter(html, limits, file.Content, collector);
        var count = 0;
        foreach (var message in Messages(file.Content, limits, cancellationToken))
        {
            if (collector.IsFull)
            {
                break;
            }

            count++;
            var modified = MailDate.Parse(message.Headers.Raw("Date"));
            facts.ModifiedAt = modified > facts.ModifiedAt || facts.ModifiedAt is null ? modified : facts.ModifiedAt;
            collector.StartSection(MailWriter.HeadingOf(message.Headers), isText: true);
            await writer.WriteAsync(message, cancellationToken);
        }

        facts.Metadata["messages"] = count.ToString(CultureInfo.InvariantCulture);
        return collector.Finish(facts);
    }

    /// <summary>The messages in order, read one at a time.</summary>
    public static IEnumerable<MimePart> Messages(
        Stream box,
        ExtractionLimits limits,
        CancellationToken cancellationToken
    )
    {
        var start = -1L;
        foreach (var (line, next) in Separators(box))
        {
            if (start >= 0)
            {
                yield return MimeReader.Read(box, start, line, limits, cancellationToken);
            }

            start = next;
        }

        if (start >= 0)
        {
            yield return MimeReader.Read(box, start, box.Length, limits, cancellationToken);
        }
    }

    // Where each "From " line after an empty one begins, and where the message after it does.
    private static IEnumerable<(long Line, long Next)> Separators(Stream box)
    {
        var lines = new LineReader(new Spooling.StreamWindow(box, 0, box.Length), 0, 1 << 16);
        var isAfterEmpty = true;
        while (lines.Read(out var line))
        {
            var isSeparator = isAfterEmpty && line.StartsWith("From "u8);
            isAfterEmpty = line.IsEmpty;
            if (isSeparator)
            {
                yield return (lines.LineStart, lines.Position);
            }
        }
    }
}
