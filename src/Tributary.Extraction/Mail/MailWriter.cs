using System.Globalization;
using Tributary.Extraction.Formats;
using Tributary.Extraction.Html;
using Tributary.Extraction.Text;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;

namespace Tributary.Extraction.Mail;

/// <summary>Turns a message's parts into text: the plain text where there is one, else the HTML cleaned; forwarded messages as sections of their own.</summary>
internal sealed class MailWriter(HtmlConverter html, ExtractionLimits limits, Stream source, TextCollector collector)
{
    private static readonly HtmlOptions BodyOptions = new()
    {
        MainContentOnly = false,
        DocumentationCleanup = false,
        SectionPerHeading = false,
    };

    /// <summary>Facts of the header: subject, sender, recipients, date.</summary>
    public static void ReadHeaders(MimeHeaders headers, DocumentFacts facts)
    {
        facts.Title = headers.Text("Subject");
        facts.ModifiedAt = MailDate.Parse(headers.Raw("Date"));
        var senders = MailAddresses.Parse(headers.Raw("From") ?? headers.Raw("Sender"));
        foreach (var sender in senders)
        {
            facts.AddAuthor(sender);
        }

        if (senders.Count > 0)
        {
            facts.Metadata["sender"] = MailAddresses.Show(senders[0]);
        }

        AddList(facts, "recipients", headers.Raw("To"));
        AddList(facts, "cc", headers.Raw("Cc"));
        if (headers.Raw("Message-ID") is { } id)
        {
            facts.Metadata["message_id"] = id.Trim().Trim('<', '>');
        }
    }

    /// <summary>Writes a message's own text, then that of the messages in it.</summary>
    public async Task WriteAsync(MimePart part, CancellationToken cancellationToken)
    {
        var attachments = new List<string>();
        await WritePartAsync(part, attachments, cancellationToken);
        if (attachments.Count > 0)
        {
            collector.Append("\n");
            collector.AppendParagraph($"Attachments: {string.Join(", ", attachments)}");
        }
    }

    /// <summary>The heading of a message among others: what it is about, who wrote it, when.</summary>
    public static string HeadingOf(MimeHeaders headers)
    {
        var sender = MailAddresses.Parse(headers.Raw("From")) is [var first, ..] ? first : null;
        var date = MailDate.Parse(headers.Raw("Date"));
        var parts = new[]
        {
            headers.Text("Subject") ?? "(no subject)",
            sender is null ? null : MailAddresses.Show(sender),
            date?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
        };
        return string.Join(" — ", parts.Where(text => text is not null));
    }

    private async Task WritePartAsync(MimePart part, List<string> attachments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (part.IsMessage && part.Parts.Count > 0)
        {
            collector.StartSection(HeadingOf(part.Parts[0].Headers));
            await WriteAsync(part.Parts[0], cancellationToken);
        }
        else if (part.MediaType == "multipart/alternative")
        {
            if (await ChooseAsync(part.Parts, cancellationToken) is { } best)
            {
                await WritePartAsync(best, attachments, cancellationToken);
            }
        }
        else if (part.Parts.Count > 0)
        {
            foreach (var child in part.Parts)
            {
                await WritePartAsync(child, attachments, cancellationToken);
            }
        }
        else if (part.IsAttachment)
        {
            if (part.FileName is { } name)
            {
                attachments.Add(TextCleaner.OneLine(name));
            }
        }
        else
        {
            collector.AppendParagraph(await TextOfAsync(part, cancellationToken));
        }
    }

    // RFC 2046, 5.1.4 has the best last; for reading, plain text is best unless it only says "use another program".
    private async Task<MimePart?> ChooseAsync(List<MimePart> parts, CancellationToken cancellationToken)
    {
        var plain = parts.Find(part => part.MediaType == "text/plain" && !part.IsAttachment);
        var rich = parts.FindLast(part => part != plain && !part.IsAttachment);
        if (plain is null || rich is null)
        {
            return plain ?? rich ?? parts.LastOrDefault();
        }

        return
            (await TextOfAsync(plain, cancellationToken)).Trim().Length >= 40
            || (await TextOfAsync(rich, cancellationToken)).Trim().Length <= 200
                && (await TextOfAsync(plain, cancellationToken)).Trim().Length > 0
            ? plain
            : rich;
    }

    private async Task<string> TextOfAsync(MimePart part, CancellationToken cancellationToken)
    {
        if (part.Parts.Count > 0)
        {
            var texts = new List<string>();
            foreach (var child in part.Parts.Where(child => !child.IsAttachment))
            {
                texts.Add(await TextOfAsync(child, cancellationToken));
            }

            return string.Join("\n\n", texts);
        }

        if (part.IsAttachment)
        {
            return "";
        }

        await using var body = MimeReader.Open(source, part);
        var charset = part.Headers.Parameter("Content-Type", "charset");
        var text = await TextDecoder.DecodeAsync(body, charset, limits.MaxCharacters, cancellationToken);
        switch (part.MediaType)
        {
            case "text/html":
                return ToText(text);
            case "text/calendar":
                var events = new TextCollector(limits.MaxCharacters, cancellationToken);
                CalendarFormat.Write(TextCleaner.Clean(text), events, new DocumentFacts());
                return string.Join("\n\n", events.Finish().Select(section => $"{section.Heading}\n{section.Text}"));
            default:
                return TextCleaner.Clean(text);
        }
    }

    private string ToText(string markup) =>
        string.Join("\n\n", html.Convert(markup, BodyOptions).Sections.Select(ToText));

    private static string ToText(Section section) =>
        section.Heading is null || section.Heading == section.Text
            ? section.Text
            : $"{section.Heading}\n\n{section.Text}";

    private static void AddList(DocumentFacts facts, string name, string? field)
    {
        var people = MailAddresses.Parse(field).Select(MailAddresses.Show).ToArray();
        if (people.Length > 0)
        {
            facts.Metadata[name] = MetadataValue.FromList(people);
        }
    }
}
