using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Integrations.Discourse;

internal sealed record BasicInfo(string? Title, bool? LoginRequired);

/// <summary>Forums with very many categories leave them out here.</summary>
internal sealed record Site(IReadOnlyList<Category>? Categories);

internal sealed record CategoriesAnswer([property: JsonRequired] CategoryList CategoryList);

internal sealed record CategoryList([property: JsonRequired] IReadOnlyList<Category> Categories);

internal sealed record Category(
    [property: JsonRequired] int Id,
    string? Name,
    int? ParentCategoryId,
    bool? ReadRestricted,
    int? NotificationLevel,
    IReadOnlyList<Category>? SubcategoryList
)
{
    /// <summary>Muted by the user who reads: left out of the forum's list of latest topics.</summary>
    public bool IsMuted => NotificationLevel == 0;
}

internal sealed record CategoryAnswer([property: JsonRequired] CategoryPermissions Category);

internal sealed record CategoryPermissions(IReadOnlyList<GroupPermission>? GroupPermissions);

internal sealed record GroupPermission(string? GroupName);

internal sealed record SearchHits(IReadOnlyList<FoundTopic>? Topics, IReadOnlyList<FoundPost>? Posts);

internal sealed record FoundTopic(int Id, string? Title, DateTimeOffset? BumpedAt);

internal sealed record FoundPost(int TopicId, string? Blurb);

internal sealed record TopicsAnswer([property: JsonRequired] TopicList TopicList);

internal sealed record TopicList([property: JsonRequired] IReadOnlyList<ListedTopic> Topics, string? MoreTopicsUrl);

internal sealed record ListedTopic(
    [property: JsonRequired] int Id,
    int? PostsCount,
    DateTimeOffset? BumpedAt,
    int? CategoryId,
    string? Archetype,
    bool? Pinned
)
{
    public bool IsMessage => Archetype == "private_message";

    public string DocumentId => $"discourse_{Id}";

    public string Version => $"{BumpedAt:O} {PostsCount}";
}

internal sealed record Topic(
    [property: JsonRequired] int Id,
    string? Title,
    string? Slug,
    int? CategoryId,
    IReadOnlyList<JsonElement>? Tags,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? DeletedAt,
    int? ReplyCount,
    int? Views,
    int? LikeCount,
    bool? Closed,
    int? ChunkSize,
    [property: JsonRequired] PostStream PostStream
)
{
    /// <summary>Strings, or in the newest versions objects with a name.</summary>
    public IEnumerable<string> TagNames =>
        (Tags ?? [])
            .Select(tag =>
                tag.ValueKind == JsonValueKind.Object && tag.TryGetProperty("name", out var name) ? name : tag
            )
            .Where(tag => tag.ValueKind == JsonValueKind.String)
            .Select(tag => tag.GetString()!);
}

internal sealed record PostsAnswer([property: JsonRequired] PostStream PostStream);

internal sealed record PostStream([property: JsonRequired] IReadOnlyList<Post> Posts, IReadOnlyList<int>? Stream);

internal sealed record Post(
    [property: JsonRequired] int Id,
    [property: JsonRequired] int PostNumber,
    int? PostType,
    string? Name,
    string? Username,
    DateTimeOffset? UpdatedAt,
    string? Cooked,
    bool? Hidden,
    DateTimeOffset? DeletedAt,
    bool? AcceptedAnswer
)
{
    private const int Regular = 1;
    private const int ModeratorNote = 2;

    /// <summary>Not one of a small action or a whisper, which only the staff may read.</summary>
    public bool IsPublic => PostType is null or Regular or ModeratorNote && Hidden != true && DeletedAt is null;

    /// <summary>Many people give no name, and a deleted one has no user name either.</summary>
    public string Author => !string.IsNullOrWhiteSpace(Name) ? Name : Username ?? "somebody";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    RespectRequiredConstructorParameters = false,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(BasicInfo))]
[JsonSerializable(typeof(Site))]
[JsonSerializable(typeof(CategoriesAnswer))]
[JsonSerializable(typeof(CategoryAnswer))]
[JsonSerializable(typeof(SearchHits))]
[JsonSerializable(typeof(TopicsAnswer))]
[JsonSerializable(typeof(Topic))]
[JsonSerializable(typeof(PostsAnswer))]
internal sealed partial class DiscourseJson : JsonSerializerContext;
