using System.Text.Json.Serialization;
using Tributary.Integrations.Google;

namespace Tributary.Integrations.Gmail;

internal sealed record GmailProfile
{
    public required string EmailAddress { get; init; }

    [JsonConverter(typeof(TextOrNumberConverter))]
    public required string HistoryId { get; init; }
}

internal sealed record GmailThreadList(IReadOnlyList<GmailListed>? Threads, string? NextPageToken);

internal sealed record GmailListed
{
    public required string Id { get; init; }

    [JsonConverter(typeof(TextOrNumberConverter))]
    public string? HistoryId { get; init; }
}

internal sealed record GmailHistoryList(
    IReadOnlyList<GmailHistory>? History,
    [property: JsonConverter(typeof(TextOrNumberConverter))] string? HistoryId,
    string? NextPageToken
);

internal sealed record GmailHistory(
    IReadOnlyList<GmailMessage>? Messages,
    IReadOnlyList<GmailHistoryEntry>? MessagesAdded,
    IReadOnlyList<GmailHistoryEntry>? MessagesDeleted,
    IReadOnlyList<GmailHistoryEntry>? LabelsAdded,
    IReadOnlyList<GmailHistoryEntry>? LabelsRemoved
)
{
    /// <summary>The threads that it is about.</summary>
    [JsonIgnore]
    public IEnumerable<string> ThreadIds =>
        new[] { MessagesAdded, MessagesDeleted, LabelsAdded, LabelsRemoved }
            .SelectMany(entries => entries ?? [])
            .Select(entry => entry.Message?.ThreadId)
            .Concat((Messages ?? []).Select(message => message.ThreadId))
            .OfType<string>();
}

internal sealed record GmailHistoryEntry(GmailMessage? Message);

internal sealed record GmailThread
{
    public required string Id { get; init; }

    [JsonConverter(typeof(TextOrNumberConverter))]
    public string? HistoryId { get; init; }

    public IReadOnlyList<GmailMessage>? Messages { get; init; }
}

internal sealed record GmailMessage(
    string Id,
    string? ThreadId,
    IReadOnlyList<string>? LabelIds,
    [property: JsonConverter(typeof(TextOrNumberConverter))] string? InternalDate,
    GmailPart? Payload
)
{
    private static readonly string[] LeftOut = ["DRAFT", "CHAT", "SPAM", "TRASH", "CATEGORY_PROMOTIONS"];

    [JsonIgnore]
    public bool IsRead => !(LabelIds ?? []).Intersect(LeftOut).Any();

    /// <summary>When Gmail took it in; the Date header may lie.</summary>
    [JsonIgnore]
    public DateTimeOffset? ReceivedAt =>
        long.TryParse(InternalDate, out var milliseconds) && Math.Abs(milliseconds) < 253_402_300_000_000
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : null;

    public string? Header(string name) => Payload?.Header(name);
}

internal sealed record GmailPart(
    string? PartId,
    string? MimeType,
    string? Filename,
    IReadOnlyList<GmailHeader>? Headers,
    GmailBody? Body,
    IReadOnlyList<GmailPart>? Parts
)
{
    public string? Header(string name) =>
        (Headers ?? [])
            .FirstOrDefault(header => string.Equals(header.Name, name, StringComparison.OrdinalIgnoreCase))
            ?.Value;
}

internal sealed record GmailHeader(string? Name, string? Value);

internal sealed record GmailBody(long? Size, string? Data, string? AttachmentId);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = false,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(GmailProfile))]
[JsonSerializable(typeof(GmailThreadList))]
[JsonSerializable(typeof(GmailHistoryList))]
[JsonSerializable(typeof(GmailThread))]
[JsonSerializable(typeof(GmailBody))]
internal sealed partial class GmailJson : JsonSerializerContext;
