using Tributary.Extraction.Formats;
using Tributary.Extraction.Html;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Mail;

/// <summary>Messages (.eml, RFC 5322 and MIME).</summary>
internal sealed class MailFormat(HtmlConverter html, ExtractionLimits limits) : IFormat
{
    public string Name => "a mail";

    public bool Recognises(FileProbe probe) => MailProbe.IsMessage(probe);

    public async Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        var message = MimeReader.Read(file.Content, 0, file.Content.Length, limits, cancellationToken);
        var facts = new DocumentFacts();
        MailWriter.ReadHeaders(message.Headers, facts);
        var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
        await new MailWriter(html, limits, file.Content, collector).WriteAsync(message, cancellationToken);
        var text = collector.Finish(facts);

        // A mail may say all it has to say in its subject.
        return text.Sections.Count == 0 && facts.Title is not null
            ? text with
            {
                Sections = [new Sdk.Documents.Section(facts.Title)],
            }
            : text;
    }
}
