using System.Text.Json.Serialization;

namespace Tributary.Integrations.Asana;

internal sealed record AsanaOne<T>(T? Data);

internal sealed record AsanaList<T>
{
    public IReadOnlyList<T>? Data
    {
        get;
        init => field = value?.Where(one => one is not null).ToList();
    }

    public AsanaNext? NextPage { get; init; }
}

internal sealed record AsanaNext(string? Offset);

/// <summary>Anything that has an id and a name; people have an address, too.</summary>
internal sealed record AsanaNamed(string? Gid, string? Name, string? Email);

/// <summary>Whose token it is, and where he is a member.</summary>
internal sealed record AsanaMe(string? Gid, IReadOnlyList<AsanaNamed?>? Workspaces);

internal sealed record AsanaProject(
    string Gid,
    string? Name,
    bool? Archived,
    string? PrivacySetting,
    AsanaNamed? Team,
    IReadOnlyList<AsanaNamed>? Members
)
{
    [JsonIgnore]
    public bool IsPublic => PrivacySetting is null or "public_to_workspace";
}

internal sealed record AsanaTask(
    string Gid,
    string? Name,
    string? ResourceSubtype,
    string? Notes,
    string? HtmlNotes,
    bool? Completed,
    string? DueOn,
    DateTimeOffset? DueAt,
    AsanaNamed? Assignee,
    AsanaNamed? CreatedBy,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? ModifiedAt,
    IReadOnlyList<AsanaField>? CustomFields,
    IReadOnlyList<AsanaMembership>? Memberships,
    IReadOnlyList<AsanaNamed>? Tags,
    IReadOnlyList<AsanaNamed>? Followers,
    AsanaNamed? Parent,
    int? NumSubtasks,
    string? PermalinkUrl
)
{
    /// <summary>A heading between tasks in old lists.</summary>
    [JsonIgnore]
    public bool IsHeading => ResourceSubtype == "section";

    [JsonIgnore]
    public string? Version => ModifiedAt?.ToString("O");
}

internal sealed record AsanaField(string? Name, string? DisplayValue);

internal sealed record AsanaMembership(AsanaNamed? Project, AsanaNamed? Section);

internal sealed record AsanaStory(
    string? ResourceSubtype,
    string? Text,
    string? HtmlText,
    DateTimeOffset? CreatedAt,
    AsanaNamed? CreatedBy
);

internal sealed record AsanaAttachment(
    string Gid,
    string? Name,
    string? Host,
    string? ResourceSubtype,
    string? DownloadUrl,
    string? PermanentUrl,
    long? Size,
    DateTimeOffset? CreatedAt
)
{
    /// <summary>Uploaded to Asana, not a link to another service.</summary>
    [JsonIgnore]
    public bool IsUploaded => (Host ?? ResourceSubtype) is "asana";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AsanaOne<AsanaMe>))]
[JsonSerializable(typeof(AsanaOne<AsanaNamed>))]
[JsonSerializable(typeof(AsanaOne<AsanaProject>))]
[JsonSerializable(typeof(AsanaOne<AsanaTask>))]
[JsonSerializable(typeof(AsanaOne<AsanaAttachment>))]
[JsonSerializable(typeof(AsanaList<AsanaProject>))]
[JsonSerializable(typeof(AsanaList<AsanaTask>))]
[JsonSerializable(typeof(AsanaList<AsanaStory>))]
[JsonSerializable(typeof(AsanaList<AsanaAttachment>))]
internal sealed partial class AsanaJson : JsonSerializerContext;
