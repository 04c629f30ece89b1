using System.Text.Json.Serialization;
using Tributary.Integrations.MicrosoftGraph;

namespace Tributary.Integrations.Outlook;

internal sealed record OutlookUser(
    string Id,
    string? Mail,
    string? UserPrincipalName,
    string? DisplayName,
    bool? AccountEnabled,
    [property: JsonPropertyName("@odata.type")] string? Type
)
{
    /// <summary>Groups have groups and devices among their members.</summary>
    public bool IsUser => Type is null or "#microsoft.graph.user";
}

internal sealed record OutlookGroup(string Id, string? DisplayName);

internal sealed record MailFolder(
    string Id,
    string? DisplayName,
    int? ChildFolderCount,
    bool? IsHidden,
    [property: JsonPropertyName("@odata.type")] string? Type
)
{
    public bool IsSearch => Type is "#microsoft.graph.mailSearchFolder";
}

internal sealed record MailAddress(string? Name, string? Address);

internal sealed record MailRecipient(MailAddress? EmailAddress);

internal sealed record MailBody(string? ContentType, string? Content)
{
    public bool IsHtml => string.Equals(ContentType, "html", StringComparison.OrdinalIgnoreCase);
}

internal sealed record Removal(string? Reason);

internal sealed record MailMessage(
    string Id,
    string? ConversationId,
    string? ConversationIndex,
    string? ParentFolderId,
    string? Subject,
    MailRecipient? Sender,
    MailRecipient? From,
    IReadOnlyList<MailRecipient>? ToRecipients,
    IReadOnlyList<MailRecipient>? CcRecipients,
    IReadOnlyList<MailRecipient>? BccRecipients,
    DateTimeOffset? ReceivedDateTime,
    DateTimeOffset? SentDateTime,
    bool? IsDraft,
    bool? HasAttachments,
    string? WebLink,
    MailBody? Body,
    MailBody? UniqueBody,
    [property: JsonPropertyName("@removed")] Removal? Removed
)
{
    private const int RootBytes = 22;

    public bool IsThreadless => IsDraft == true || ConversationId is null;

    /// <summary>The same in every mailbox: the first 22 bytes of the index, which replies only lengthen.</summary>
    public string? ThreadKey =>
        IndexBytes is { Length: >= RootBytes } bytes ? GraphMarks.Text(bytes.AsSpan(0, RootBytes)) : null;

    /// <summary>It began its thread.</summary>
    public bool IsRoot => IndexBytes is { Length: RootBytes };

    public string? SenderAddress => GraphMarks.Normal((From ?? Sender)?.EmailAddress?.Address);

    /// <summary>Those whom it names, but for blind copies.</summary>
    public IEnumerable<string> Named =>
        new[] { From, Sender }.Concat(ToRecipients ?? []).Concat(CcRecipients ?? []).Select(AddressOf).OfType<string>();

    /// <summary>Blind copies too, which only the sender's own copy tells.</summary>
    public IEnumerable<string> NamedAndBlind => Named.Concat((BccRecipients ?? []).Select(AddressOf).OfType<string>());

    public bool Names(OutlookMailbox mailbox) => NamedAndBlind.Any(mailbox.Has);

    private byte[]? IndexBytes
    {
        get
        {
            var bytes = new byte[(ConversationIndex?.Length ?? 0) + 3];
            return
                ConversationIndex is not null && Convert.TryFromBase64String(ConversationIndex, bytes, out var length)
                ? bytes[..length]
                : null;
        }
    }

    private static string? AddressOf(MailRecipient? recipient) => GraphMarks.Normal(recipient?.EmailAddress?.Address);
}

internal sealed record MailAttachment(
    string Id,
    string? Name,
    long? Size,
    bool? IsInline,
    string? ContentType,
    [property: JsonPropertyName("@odata.type")] string? Type
)
{
    /// <summary>Links into a cloud have no bytes; pictures in the text are furniture.</summary>
    public bool IsFile => IsInline != true && Type is not "#microsoft.graph.referenceAttachment";
}

internal sealed record EventTime(string? DateTime, string? TimeZone);

internal sealed record EventPlace(string? DisplayName);

internal sealed record RecurrencePattern(string? Type, int? Interval, IReadOnlyList<string>? DaysOfWeek);

internal sealed record RecurrenceRange(string? Type, string? EndDate, int? NumberOfOccurrences);

internal sealed record EventRecurrence(RecurrencePattern? Pattern, RecurrenceRange? Range);

internal sealed record CalendarEvent(
    string Id,
    string? Type,
    string? SeriesMasterId,
    string? Subject,
    MailBody? Body,
    EventTime? Start,
    EventTime? End,
    bool? IsAllDay,
    bool? IsCancelled,
    EventPlace? Location,
    MailRecipient? Organizer,
    IReadOnlyList<MailRecipient>? Attendees,
    EventRecurrence? Recurrence,
    string? Sensitivity,
    DateTimeOffset? CreatedDateTime,
    DateTimeOffset? LastModifiedDateTime,
    string? WebLink,
    [property: JsonPropertyName("@removed")] Removal? Removed
)
{
    /// <summary>Occurrences repeat their series, which is read once.</summary>
    public string MasterId => Type is "occurrence" or "exception" && SeriesMasterId is { } master ? master : Id;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(OutlookUser))]
[JsonSerializable(typeof(OutlookGroup))]
[JsonSerializable(typeof(MailFolder))]
[JsonSerializable(typeof(MailMessage))]
[JsonSerializable(typeof(CalendarEvent))]
[JsonSerializable(typeof(GraphCollection<OutlookUser>))]
[JsonSerializable(typeof(GraphCollection<OutlookGroup>))]
[JsonSerializable(typeof(GraphCollection<MailFolder>))]
[JsonSerializable(typeof(GraphCollection<MailMessage>))]
[JsonSerializable(typeof(GraphCollection<MailAttachment>))]
[JsonSerializable(typeof(GraphCollection<CalendarEvent>))]
internal sealed partial class OutlookJson : JsonSerializerContext;
