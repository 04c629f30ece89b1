using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Integrations.Atlassian;

namespace Tributary.Integrations.RequestTracker;

internal sealed record RtVersion(string? Version);

internal sealed record RtUser(string? RealName, string? EmailAddress);

/// <summary>A page of a listing. How many there are is told of searches, and to superusers of everything.</summary>
internal abstract record RtPage
{
    [JsonPropertyName("total")]
    public long? Total { get; init; }

    [JsonPropertyName("pages")]
    public long? Pages { get; init; }

    [JsonPropertyName("page")]
    public int? Page { get; init; }

    [JsonPropertyName("next_page")]
    public string? NextPage { get; init; }

    /// <summary>Whether a page with so many items may be followed by another, as far as RT tells.</summary>
    protected bool MayGoOn(int items) =>
        !(Pages is > 0 and var pages && (Page ?? 1) >= pages) && !(Total is > 0 and var total && items >= total);
}

internal sealed record TicketPage([property: JsonPropertyName("items"), JsonRequired] IReadOnlyList<Hit> Items)
    : RtPage;

/// <summary>A ticket in a search.</summary>
internal sealed record Hit(
    [property: JsonPropertyName("id"), JsonRequired] long Id,
    DateTimeOffset? LastUpdated,
    string? Subject = null
)
{
    public string? Version => LastUpdated?.ToString("O", CultureInfo.InvariantCulture);
}

internal sealed record QueuePage([property: JsonPropertyName("items"), JsonRequired] IReadOnlyList<Queue> Items)
    : RtPage
{
    [JsonIgnore]
    public bool HasMore => MayGoOn(Items.Count);
}

internal sealed record Queue(string? Name);

internal sealed record HistoryPage([property: JsonPropertyName("items"), JsonRequired] IReadOnlyList<Transaction> Items)
    : RtPage
{
    [JsonIgnore]
    public bool HasMore => MayGoOn(Items.Count);
}

internal sealed record Transaction(
    [property: JsonPropertyName("id"), JsonRequired] long Id,
    string? Type,
    JsonElement Creator
)
{
    /// <summary>With text that people wrote; copies of mails that went out are none.</summary>
    public bool HasText => Type is "Create" or "Correspond" or "Comment";

    public bool IsInternal => Type == "Comment";
}

internal sealed record FilePage([property: JsonPropertyName("items"), JsonRequired] IReadOnlyList<Part> Items) : RtPage
{
    [JsonIgnore]
    public bool HasMore => MayGoOn(Items.Count);
}

/// <summary>A part of a mail: text, or a file when it has a name.</summary>
internal sealed record Part(
    [property: JsonPropertyName("id"), JsonRequired] long Id,
    JsonElement TransactionId,
    string? Filename,
    string? ContentType,
    DateTimeOffset? Created
)
{
    /// <summary>The listing does not say what it is part of, nor of what kind: it told ids alone.</summary>
    public bool IsBare => ContentType is null && !RtReference.IdsOf(TransactionId).Any();

    public bool IsFile => !string.IsNullOrEmpty(Filename) && !IsContainer;

    private bool IsContainer => ContentType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true;

    public bool IsText(string subtype) =>
        !IsFile
        && string.Equals(ContentType?.Split(';')[0].Trim(), "text/" + subtype, StringComparison.OrdinalIgnoreCase);
}

internal sealed record PartContent(string? Content);

internal sealed record Ticket([property: JsonPropertyName("id"), JsonRequired] long Id)
{
    public string? Subject { get; init; }
    public string? Status { get; init; }
    public string? Type { get; init; }
    public JsonElement Priority { get; init; }
    public JsonElement Queue { get; init; }
    public JsonElement Owner { get; init; }
    public JsonElement Requestor { get; init; }
    public JsonElement Cc { get; init; }
    public JsonElement AdminCc { get; init; }
    public JsonElement CustomFields { get; init; }
    public DateTimeOffset? Created { get; init; }
    public DateTimeOffset? LastUpdated { get; init; }
    public string? Resolved { get; init; }
    public string? Due { get; init; }
}

[JsonSourceGenerationOptions(
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    // A time that may not be seen is "".
    Converters = [typeof(AtlassianTimeConverter)],
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(RtVersion))]
[JsonSerializable(typeof(TicketPage))]
[JsonSerializable(typeof(QueuePage))]
[JsonSerializable(typeof(Queue))]
[JsonSerializable(typeof(RtUser))]
[JsonSerializable(typeof(HistoryPage))]
[JsonSerializable(typeof(FilePage))]
[JsonSerializable(typeof(Part))]
[JsonSerializable(typeof(PartContent))]
[JsonSerializable(typeof(Ticket))]
internal sealed partial class RequestTrackerJson : JsonSerializerContext;

/// <summary>Members that RT writes in several ways: an object, a list of them, a bare id, or "" where it may not be seen.</summary>
internal static class RtReference
{
    /// <summary>The ids that a member names: of users, their login names.</summary>
    public static IEnumerable<string> IdsOf(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Array => value.EnumerateArray().SelectMany(IdsOf),
            JsonValueKind.Object when value.TryGetProperty("id", out var id) => IdsOf(id),
            JsonValueKind.Number => [value.GetRawText()],
            JsonValueKind.String when value.GetString() is { Length: > 0 } text => [text],
            _ => [],
        };

    /// <summary>The name that was asked for beside the id, else the id.</summary>
    public static string NameOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
        && value.TryGetProperty("Name", out var name)
        && name.ValueKind == JsonValueKind.String
            ? name.GetString()!
            : IdsOf(value).FirstOrDefault() ?? "";

    /// <summary>Users, without those that stand for nobody.</summary>
    public static IEnumerable<string> PeopleOf(JsonElement value) =>
        IdsOf(value).Where(id => id is not ("Nobody" or "RT_System"));
}
