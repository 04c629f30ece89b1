using Tributary.Extraction.Compound;
using Tributary.Extraction.Formats;
using Tributary.Extraction.Html;
using Tributary.Extraction.Rtf;
using Tributary.Extraction.Text;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;

namespace Tributary.Extraction.Mail;

/// <summary>Outlook messages (.msg): headers, body, embedded messages as sections of their own.</summary>
internal sealed class OutlookFormat(HtmlConverter html, ExtractionLimits limits) : IFormat
{
    private const int MaxDepth = 10;

    public string Name => "an Outlook message";

    public bool Recognises(FileProbe probe) => IsMessage(probe);

    public static bool IsMessage(FileProbe probe) => probe.Compound?.Has("__properties_version1.0") == true;

    public Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        var message = new OutlookMessage(file.Probe.Compound!, "", limits);
        var facts = new DocumentFacts { Title = message.Subject, ModifiedAt = message.SentAt };
        AddPeople(message, facts);
        var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
        Write(message, collector, 0);
        var text = collector.Finish(facts);
        return Task.FromResult(
            text.Sections.Count == 0 && facts.Title is not null
                ? text with
                {
                    Sections = [new Section(facts.Title)],
                }
                : text
        );
    }

    private static void AddPeople(OutlookMessage message, DocumentFacts facts)
    {
        var address = message.SenderAddress?.Contains('@') == true ? message.SenderAddress : null;
        if (message.SenderName is not null || address is not null)
        {
            var sender = new Owner(message.SenderName == address ? null : message.SenderName, address);
            facts.AddAuthor(sender);
            facts.Metadata["sender"] = MailAddresses.Show(sender);
        }

        var recipients = message.Recipients.ToArray();
        if (recipients.Length > 0)
        {
            facts.Metadata["recipients"] = MetadataValue.FromList(recipients);
        }

        if (message.MessageId is { } id)
        {
            facts.Metadata["message_id"] = id.Trim().Trim('<', '>');
        }

        facts.ModifiedAt ??= message.TransportHeaders is { } headers
            ? MailDate.Parse(MimeHeaders.Parse(System.Text.Encoding.UTF8.GetBytes(headers)).Raw("Date"))
            : null;
    }

    private void Write(OutlookMessage message, TextCollector collector, int depth)
    {
        collector.AppendParagraph(BodyOf(message));
        var names = message
            .Attachments.Select(attachment => attachment.FileName)
            .Where(name => name is not null)
            .ToList();
        if (names.Count > 0)
        {
            collector.AppendParagraph($"Attachments: {string.Join(", ", names)}");
        }

        if (depth >= MaxDepth)
        {
            return;
        }

        foreach (var embedded in message.Attachments.Select(attachment => attachment.Embedded).OfType<OutlookMessage>())
        {
            collector.StartSection(embedded.Subject ?? "(no subject)", isText: true);
            Write(embedded, collector, depth + 1);
        }
    }

    private string BodyOf(OutlookMessage message)
    {
        if (message.Body is { } body)
        {
            return TextCleaner.Clean(body);
        }

        if (message.Html is { } page)
        {
            var options = new HtmlOptions
            {
                MainContentOnly = false,
                DocumentationCleanup = false,
                SectionPerHeading = false,
            };
            return string.Join("\n\n", html.Convert(page, options).Sections.Select(section => section.Text));
        }

        return message.Rtf is { } rtf ? RtfReader.Read(rtf, limits.MaxCharacters).Text : "";
    }
}
