using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Integrations.Atlassian;

namespace Tributary.Integrations.Confluence;

internal sealed record ContentPage([property: JsonRequired] IReadOnlyList<Content> Results)
{
    public int? Start { get; init; }

    public int? Size { get; init; }

    [JsonPropertyName("_links")]
    public Links? Links { get; init; }
}

/// <summary>A page, a blog post, a comment or an attachment.</summary>
internal sealed record Content([property: JsonRequired] string Id, string? Type, string? Status, string? Title)
{
    public Space? Space { get; init; }
    public Version? Version { get; init; }
    public Container? Container { get; init; }
    public IReadOnlyList<Content>? Ancestors { get; init; }
    public ContentBody? Body { get; init; }
    public Metadata? Metadata { get; init; }
    public Extensions? Extensions { get; init; }
    public History? History { get; init; }
    public Restrictions? Restrictions { get; init; }

    [JsonPropertyName("_links")]
    public Links? Links { get; init; }

    public bool IsPage => Type is "page" or "blogpost";

    public DateTimeOffset? ChangedAt => Version?.When ?? History?.LastUpdated?.When;

    public IEnumerable<string> LabelNames =>
        (Metadata?.Labels?.Results ?? []).Select(label => label.Name).OfType<string>();
}

internal sealed record Links(string? Next, string? Webui, string? Download);

internal sealed record Space(long? Id, string? Key, string? Name);

internal sealed record Version(int? Number, User? By)
{
    [JsonConverter(typeof(AtlassianTimeConverter))]
    public DateTimeOffset? When { get; init; }
}

internal sealed record Container
{
    /// <summary>Content has text here, spaces have numbers.</summary>
    public JsonElement Id { get; init; }

    public string? ContentId => Id.ValueKind == JsonValueKind.String ? Id.GetString() : null;
}

internal sealed record ContentBody(Storage? Storage);

internal sealed record Storage(string? Value);

internal sealed record Metadata(LabelList? Labels, string? MediaType);

internal sealed record LabelList(IReadOnlyList<Label>? Results);

internal sealed record Label(string? Name);

internal sealed record Extensions(string? MediaType, long? FileSize);

internal sealed record History(Version? LastUpdated, User? CreatedBy)
{
    [JsonConverter(typeof(AtlassianTimeConverter))]
    public DateTimeOffset? CreatedDate { get; init; }
}

internal sealed record Restrictions(Restriction? Read);

internal sealed record Restriction([property: JsonPropertyName("restrictions")] Restricted? To);

internal sealed record Restricted(UserList? User, GroupList? Group)
{
    public bool IsAny => User?.Results is { Count: > 0 } || Group?.Results is { Count: > 0 };
}

internal sealed record UserList(IReadOnlyList<User>? Results);

internal sealed record GroupList(IReadOnlyList<Group>? Results);

internal sealed record Group(string? Id, string? Name);

internal sealed record User(
    string? AccountId,
    string? Username,
    string? DisplayName,
    string? Email,
    string? TimeZone,
    string? Type
);

internal sealed record SpacePage([property: JsonRequired] IReadOnlyList<FoundSpace> Results);

internal sealed record FoundSpace([property: JsonRequired] string Id, string? Key);

internal sealed record PermissionPage([property: JsonRequired] IReadOnlyList<Permission> Results)
{
    [JsonPropertyName("_links")]
    public Links? Links { get; init; }
}

internal sealed record Permission(Principal? Principal, Operation? Operation);

internal sealed record Principal(string? Type, string? Id);

internal sealed record Operation(string? Key, string? TargetType);

internal sealed record UserLookup(IReadOnlyList<string> AccountIds);

internal sealed record Problem(string? Message);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(ContentPage))]
[JsonSerializable(typeof(Restriction))]
[JsonSerializable(typeof(User))]
[JsonSerializable(typeof(SpacePage))]
[JsonSerializable(typeof(PermissionPage))]
[JsonSerializable(typeof(UserLookup))]
[JsonSerializable(typeof(UserList))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ConfluenceJson : JsonSerializerContext;
