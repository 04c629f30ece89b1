using System.Net;
using Tributary.Integrations.Google;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Gmail;

/// <summary>Whose threads are read.</summary>
/// <param name="Email">The mailbox's address.</param>
/// <param name="User">The user to act as; null for the credentials' own.</param>
internal sealed record Mailbox(string Email, string? User)
{
    /// <summary>How the API calls it.</summary>
    public string Id => User ?? "me";

    /// <summary>Ids of threads are unique in a mailbox only.</summary>
    public string DocumentId(string threadId) => User is null ? threadId : $"{User}:{threadId}";

    public static string LinkTo(string id) => $"https://mail.google.com/mail/u/0/#all/{id}";
}

/// <summary>Makes documents of threads: one of the thread, and one of each attached file.</summary>
internal sealed class GmailMapping(ReaderContext context, GoogleApi google, GmailConfig config)
{
    private const int MostFiles = 200;
    private static readonly string[] Shown = ["From", "To", "Cc", "Subject", "Date"];
    private readonly Uri _root = config.Services.Gmail;

    /// <summary>Reads a thread.</summary>
    /// <returns>Its documents; a deletion where nothing of it is to be read.</returns>
    public async Task<IReadOnlyList<ReadItem>> ReadAsync(
        Mailbox mailbox,
        string threadId,
        CancellationToken cancellationToken
    )
    {
        var thread = await google.GetAsync(
            _root.At($"users/{mailbox.Id}/threads/{threadId}", ("format", "full")),
            mailbox.User,
            GmailJson.Default.GmailThread,
            cancellationToken
        );
        var messages = (thread.Messages ?? []).Where(message => message.IsRead).ToList();
        if (messages.Count == 0)
        {
            return [new ReadItem.Deleted(mailbox.DocumentId(threadId))];
        }

        var files = config.IncludeAttachments ? FilesOf(mailbox, thread, messages).Take(MostFiles).ToList() : [];
        var sections = new List<Section>();
        foreach (var message in messages)
        {
            sections.Add(await SectionOfAsync(mailbox, message, cancellationToken));
        }

        var authors = PeopleOf(messages, "From").ToList();
        var document = new Document
        {
            Id = mailbox.DocumentId(threadId),
            Title = SubjectOf(messages[0]),
            Link = Mailbox.LinkTo(threadId),
            Sections = sections,
            Version = thread.HistoryId,
            Note = string.Join('\n', files.Select(file => file.Id)),
            CreatedAt = messages[0].ReceivedAt,
            UpdatedAt = messages.Max(message => message.ReceivedAt),
            PrimaryOwners = authors,
            SecondaryOwners =
            [
                .. PeopleOf(messages, "To", "Cc", "Bcc")
                    .Where(person => authors.All(author => author.Email != person.Email)),
            ],
            Metadata = new Dictionary<string, MetadataValue>
            {
                ["labels"] = MetadataValue.FromList(messages.SelectMany(message => message.LabelIds ?? []).Distinct()),
                ["mailbox"] = mailbox.Email,
            },
            Access = new DocumentAccess(false, [mailbox.Email], []),
        };
        // The files come first: a thread that is known in this state has all of them.
        return [.. files.Select(file => new ReadItem.Found(file)), new ReadItem.Found(document)];
    }

    private IEnumerable<Document> FilesOf(Mailbox mailbox, GmailThread thread, IEnumerable<GmailMessage> messages) =>
        from message in messages
        from part in GmailMessageText.FilesOf(message.Payload)
        select new Document
        {
            Id = $"{mailbox.DocumentId(thread.Id)}/{message.Id}/{part.PartId}",
            Title = part.Filename,
            Link = Mailbox.LinkTo(message.Id),
            File = new FileContent
            {
                Name = part.Filename!,
                ContentType = part.MimeType,
                Length = part.Body?.Size,
                OpenAsync = async cancellation => new MemoryStream(
                    await BytesAsync(mailbox, message, part, cancellation),
                    writable: false
                ),
            },
            // A message never changes.
            Version = message.Id,
            CreatedAt = message.ReceivedAt,
            UpdatedAt = message.ReceivedAt,
            PrimaryOwners = [.. GmailMessageText.People(message.Header("From"))],
            Metadata = new Dictionary<string, MetadataValue>
            {
                ["subject"] = SubjectOf(message),
                ["mailbox"] = mailbox.Email,
            },
            Access = new DocumentAccess(false, [mailbox.Email], []),
        };

    private async Task<Section> SectionOfAsync(
        Mailbox mailbox,
        GmailMessage message,
        CancellationToken cancellationToken
    )
    {
        var text = await GmailMessageText.OfAsync(
            message.Payload,
            context.Html,
            part => BytesAsync(mailbox, message, part, cancellationToken)
        );
        var lines = Shown
            .Select(name => (name, value: message.Header(name)))
            .Where(line => !string.IsNullOrWhiteSpace(line.value))
            .Select(line => $"{line.name}: {line.value}");
        return new Section($"{string.Join('\n', lines)}\n\n{text}".Trim(), Mailbox.LinkTo(message.Id));
    }

    /// <summary>A body: with the message, or fetched where it was too large for that.</summary>
    private async Task<byte[]> BytesAsync(
        Mailbox mailbox,
        GmailMessage message,
        GmailPart part,
        CancellationToken cancellationToken
    )
    {
        var body = part.Body;
        if (body is { Data: null, AttachmentId: { Length: > 0 } attachment })
        {
            body = await google.GetAsync(
                _root.At($"users/{mailbox.Id}/messages/{message.Id}/attachments/{attachment}"),
                mailbox.User,
                GmailJson.Default.GmailBody,
                cancellationToken
            );
        }

        return GmailMessageText.Bytes(body?.Data ?? "");
    }

    private static string SubjectOf(GmailMessage message) =>
        message.Header("Subject") is { } subject && !string.IsNullOrWhiteSpace(subject)
            ? subject.Trim()
            : "(no subject)";

    private static IEnumerable<Owner> PeopleOf(IEnumerable<GmailMessage> messages, params string[] headers) =>
        messages
            .SelectMany(message => headers.SelectMany(name => GmailMessageText.People(message.Header(name))))
            .DistinctBy(person => person.Email);
}
