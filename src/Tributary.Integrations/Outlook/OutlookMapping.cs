using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Markup;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Outlook;

/// <summary>Makes documents of threads and of the files attached to them.</summary>
internal sealed class OutlookMapping(ReaderContext context, OutlookConfig config, OutlookMail mail)
{
    private const int MostMessages = 100;

    public Document DocumentOf(OutlookMailbox mailbox, ThreadDocument thread)
    {
        var shown = Shown(thread);
        var senders = shown
            .Select(message => OwnerOf(message.From ?? message.Sender))
            .OfType<Owner>()
            .Distinct()
            .ToList();
        var recipients = shown
            .SelectMany(message => (message.ToRecipients ?? []).Concat(message.CcRecipients ?? []))
            .Select(OwnerOf)
            .OfType<Owner>()
            .Distinct()
            .Where(owner => senders.All(sender => sender.Email != owner.Email || sender.Email is null));
        return new Document
        {
            Id = thread.Id,
            Title = TitleOf(thread),
            Link = shown[^1].WebLink,
            Sections = [.. shown.Select(SectionOf)],
            CreatedAt = thread.Messages[0].ReceivedDateTime,
            UpdatedAt = shown.Max(message => message.ReceivedDateTime),
            PrimaryOwners = senders,
            SecondaryOwners = [.. recipients],
            Metadata = new Dictionary<string, MetadataValue>
            {
                ["mailbox"] = mailbox.Address,
                ["mailbox_count"] = $"{thread.Readers.Count}",
                ["message_count"] = $"{thread.Messages.Count}",
            },
            Access = new DocumentAccess(false, thread.Readers, []),
        };
    }

    /// <summary>The files of the threads' messages, each once.</summary>
    public async IAsyncEnumerable<Document> FilesAsync(
        OutlookMailbox mailbox,
        IReadOnlyList<ThreadDocument> threads,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var messages = threads
            .SelectMany(thread => Shown(thread).Select(message => (thread, message)))
            .Where(pair => pair.message.HasAttachments == true)
            .DistinctBy(pair => pair.message.Id);
        foreach (var (thread, message) in config.IncludeAttachments ? messages : [])
        {
            await foreach (var attachment in mail.AttachmentsAsync(mailbox, message.Id, cancellationToken))
            {
                yield return FileOf(mailbox, thread, message, attachment);
            }
        }
    }

    private Document FileOf(
        OutlookMailbox mailbox,
        ThreadDocument thread,
        MailMessage message,
        MailAttachment attachment
    )
    {
        var isMail = attachment.Type is "#microsoft.graph.itemAttachment";
        var name = string.IsNullOrWhiteSpace(attachment.Name) ? "attachment" : attachment.Name;
        var readers = thread.Readers is [_] ? thread.Readers : [.. message.Named.Append(mailbox.Address).Distinct()];
        return new Document
        {
            Id = OutlookIds.Attachment(mailbox, message.Id, attachment.Id),
            Title = name,
            Link = message.WebLink,
            File = context.Http.FileAt(
                config.Root.At($"users/{mailbox.Id}/messages/{message.Id}/attachments/{attachment.Id}/$value"),
                isMail && !name.EndsWith(".eml", StringComparison.OrdinalIgnoreCase) ? name + ".eml" : name,
                attachment.ContentType,
                attachment.Size
            ),
            Version = $"{attachment.Size} {attachment.Name}",
            UpdatedAt = message.ReceivedDateTime,
            PrimaryOwners = OwnerOf(message.From ?? message.Sender) is { } owner ? [owner] : [],
            Metadata = new Dictionary<string, MetadataValue>
            {
                ["mailbox"] = mailbox.Address,
                ["thread"] = TitleOf(thread),
            },
            Access = new DocumentAccess(false, readers, []),
        };
    }

    private Section SectionOf(MailMessage message)
    {
        var body =
            message.UniqueBody is { Content: { } part } && !string.IsNullOrWhiteSpace(part)
                ? TextOf(message.UniqueBody)
                : "";
        if (body.Length == 0)
        {
            // A mail without a part of its own, e.g. one that only forwards another.
            body = QuotedMail.Trim(TextOf(message.Body));
        }

        var lines = new[]
        {
            Line("From", [message.From ?? message.Sender]),
            Line("To", message.ToRecipients),
            Line("Cc", message.CcRecipients),
            message.ReceivedDateTime is { } time ? $"Date: {time.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : null,
        };
        return new Section($"{string.Join("\n", lines.OfType<string>())}\n\n{body}".Trim(), message.WebLink);
    }

    private string TextOf(MailBody? body) =>
        body is null ? ""
        : body.IsHtml ? GraphText.Of(context.Html, body.Content)
        : body.Content?.Trim() ?? "";

    private static IReadOnlyList<MailMessage> Shown(ThreadDocument thread) =>
        [.. thread.Messages.TakeLast(MostMessages)];

    private static string TitleOf(ThreadDocument thread) =>
        thread.Messages.Select(message => message.Subject?.Trim()).FirstOrDefault(text => text is { Length: > 0 })
        ?? "(no subject)";

    private static string? Line(string name, IReadOnlyList<MailRecipient?>? people)
    {
        var texts = (people ?? []).Select(TextOf).OfType<string>().ToList();
        return texts.Count == 0 ? null : $"{name}: {string.Join(", ", texts)}";
    }

    /// <summary>"Name (address)".</summary>
    public static string? TextOf(MailRecipient? person) =>
        person?.EmailAddress is not { } address ? null
        : string.IsNullOrWhiteSpace(address.Name) || address.Name == address.Address ? address.Address
        : $"{address.Name} ({address.Address})";

    public static Owner? OwnerOf(MailRecipient? person) =>
        person?.EmailAddress is { } address && (address.Name ?? address.Address) is { Length: > 0 }
            ? new Owner(
                string.IsNullOrWhiteSpace(address.Name) ? null : address.Name,
                GraphMarks.Normal(address.Address)
            )
            : null;
}
