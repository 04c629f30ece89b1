using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Integrations.Notion;

/// <summary>A page, database or data source; parts of it where that is all that the connection may see.</summary>
internal sealed record NotionObject(
    string? Object,
    string Id,
    DateTimeOffset? CreatedTime,
    DateTimeOffset? LastEditedTime,
    NotionRef? CreatedBy,
    NotionRef? LastEditedBy,
    bool? InTrash,
    bool? Archived,
    string? Url,
    string? PublicUrl,
    NotionParent? Parent,
    JsonElement? Properties,
    JsonElement? Title,
    IReadOnlyList<NotionRef>? DataSources
)
{
    [JsonIgnore]
    public bool IsGone => InTrash == true || Archived == true;

    [JsonIgnore]
    public string? Link => PublicUrl ?? Url;
}

internal sealed record NotionRef(string Id);

internal sealed record NotionParent(string? Type, string? DataSourceId, string? DatabaseId);

internal abstract record NotionPage
{
    public string? NextCursor { get; init; }

    public bool? HasMore { get; init; }

    public RequestStatus? RequestStatus { get; init; }

    /// <summary>The listing was ended by Notion's limit of 10,000 results.</summary>
    [JsonIgnore]
    public bool IsCutOff => RequestStatus?.Type == "incomplete";
}

internal sealed record RequestStatus(string? Type);

internal sealed record ObjectsAnswer : NotionPage
{
    public IReadOnlyList<NotionObject>? Results
    {
        get;
        init => field = value?.Where(one => one?.Id is { Length: > 0 }).ToList();
    }
}

/// <summary>Blocks, comments, values of a property: what is read of them depends on their types.</summary>
internal sealed record ElementsAnswer : NotionPage
{
    public IReadOnlyList<JsonElement>? Results { get; init; }
}

internal sealed record UsersAnswer : NotionPage
{
    public IReadOnlyList<NotionUser>? Results { get; init; }
}

internal sealed record NotionUser(string Id, string? Name, NotionPerson? Person);

internal sealed record NotionPerson(string? Email);

internal sealed record SearchBody(
    SearchFilter Filter,
    SearchSort Sort,
    int PageSize,
    string? StartCursor,
    string? Query = null
);

internal sealed record SearchFilter(string Property, string Value);

internal sealed record SearchSort(string Timestamp, string Direction);

internal sealed record QueryBody(
    QueryFilter? Filter,
    IReadOnlyList<SearchSort> Sorts,
    int PageSize,
    string? StartCursor
);

internal sealed record QueryFilter(IReadOnlyList<TimeFilter> And);

internal sealed record TimeFilter(string Timestamp, TimeBound? LastEditedTime, TimeBound? CreatedTime);

internal sealed record TimeBound(DateTimeOffset OnOrAfter);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(NotionObject))]
[JsonSerializable(typeof(ObjectsAnswer))]
[JsonSerializable(typeof(ElementsAnswer))]
[JsonSerializable(typeof(UsersAnswer))]
[JsonSerializable(typeof(NotionUser))]
[JsonSerializable(typeof(SearchBody))]
[JsonSerializable(typeof(QueryBody))]
[JsonSerializable(typeof(Dictionary<string, List<JsonElement>>))]
internal sealed partial class NotionJson : JsonSerializerContext;
