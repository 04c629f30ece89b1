using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Integrations.Discourse;

internal sealed record BasicInfo(string? Title, bool LoginRequired);

internal sealed record Site(IReadOnlyList<Category> Categories);

internal sealed record Category(
    int Id,
    string? Name,
    string Slug,
    int? ParentCategoryId,
    bool ReadRestricted,
    int? NotificationLevel
)
{
    /// <summary>Muted by the user who reads: left out of the forum's list of latest topics.</summary>
    public bool IsMuted => NotificationLevel == 0;
}

internal sealed record CategoryAnswer(CategoryPermissions Category);

internal sealed record CategoryPermissions(IReadOnlyList<GroupPermission>? GroupPermissions);

internal sealed record GroupPermission(string? GroupName);

internal sealed record SearchHits(IReadOnlyList<FoundTopic>? Topics, IReadOnlyList<FoundPost>? Posts);

internal sealed record FoundTopic(int Id, string? Title, DateTimeOffset? BumpedAt);

internal sealed record FoundPost(int TopicId, string? Blurb);

internal sealed record TopicsAnswer(TopicList TopicList);

internal sealed record TopicList(IReadOnlyList<ListedTopic> Topics, string? MoreTopicsUrl);

internal sealed record ListedTopic(
    int Id,
    int PostsCount,
    DateTimeOffset? BumpedAt,
    int? CategoryId,
    string? Archetype,
    bool Pinned
)
{
    public bool IsMessage => Archetype == "private_message";

    public string Version => $"{BumpedAt:O} {PostsCount}";
}

internal sealed record Topic(
    int Id,
    string Title,
    string Slug,
    int? CategoryId,
    IReadOnlyList<JsonElement>? Tags,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? DeletedAt,
    int ReplyCount,
    int Views,
    int LikeCount,
    bool Closed,
    int? ChunkSize,
    PostStream PostStream
)
{
    /// <summary>Strings, or in the newest versions objects with a name.</summary>
    public IEnumerable<string> TagNames =>
        (Tags ?? [])
            .Select(tag => tag.ValueKind == JsonValueKind.Object ? tag.GetProperty("name") : tag)
            .Where(tag => tag.ValueKind == JsonValueKind.String)
            .Select(tag => tag.GetString()!);
}

internal sealed record PostsAnswer(PostStream PostStream);

internal sealed record PostStream(IReadOnlyList<Post> Posts, IReadOnlyList<int>? Stream);

internal sealed record Post(
    int Id,
    int PostNumber,
    int PostType,
    string? Name,
    string Username,
    DateTimeOffset UpdatedAt,
    string Cooked,
    bool Hidden,
    DateTimeOffset? DeletedAt,
    bool AcceptedAnswer
)
{
    private const int Regular = 1;
    private const int ModeratorNote = 2;

    /// <summary>Not one of a small action or a whisper, which only the staff may read.</summary>
    public bool IsPublic => PostType is Regular or ModeratorNote && !Hidden && DeletedAt is null;

    public string Author => string.IsNullOrWhiteSpace(Name) ? Username : Name;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectRequiredConstructorParameters = false,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(BasicInfo))]
[JsonSerializable(typeof(Site))]
[JsonSerializable(typeof(CategoryAnswer))]
[JsonSerializable(typeof(SearchHits))]
[JsonSerializable(typeof(TopicsAnswer))]
[JsonSerializable(typeof(Topic))]
[JsonSerializable(typeof(PostsAnswer))]
internal sealed partial class DiscourseJson : JsonSerializerContext;
