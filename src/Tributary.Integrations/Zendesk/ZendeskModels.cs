using System.Text.Json.Serialization;
using Tributary.Sdk;

namespace Tributary.Integrations.Zendesk;

internal sealed record UserAnswer(User User);

internal sealed record UsersAnswer(IReadOnlyList<User> Users);

/// <summary>A user; without an id, somebody who is not signed in.</summary>
internal sealed record User(long? Id = null, string? Name = null, string? Email = null, string? Role = null);

/// <summary>A section, category, group, organisation or brand.</summary>
internal sealed record Named(long Id, string? Name = null, long? CategoryId = null);

internal sealed record ArticlesAnswer(
    IReadOnlyList<Article> Articles,
    IReadOnlyList<User>? Users = null,
    IReadOnlyList<Named>? Sections = null,
    IReadOnlyList<Named>? Categories = null
) : ZendeskPage;

internal sealed record ArticleAnswer(
    Article Article,
    IReadOnlyList<User>? Users = null,
    IReadOnlyList<Named>? Sections = null,
    IReadOnlyList<Named>? Categories = null
);

internal sealed record SearchHits(IReadOnlyList<SearchHit> Results);

internal sealed record SearchHit(
    long Id,
    string? Subject = null,
    string? Title = null,
    string? HtmlUrl = null,
    DateTimeOffset? UpdatedAt = null
);

internal sealed record ListedArticles(IReadOnlyList<ListedArticle> Articles) : ZendeskPage;

internal sealed record ListedArticle(
    long Id,
    bool? Draft = null,
    DateTimeOffset? UpdatedAt = null,
    DateTimeOffset? EditedAt = null
)
{
    /// <inheritdoc cref="Article.Version"/>
    [JsonIgnore]
    public string Version => $"{UpdatedAt:O} {EditedAt:O}";
}

internal sealed record Article(
    long Id,
    DateTimeOffset UpdatedAt,
    string? Title = null,
    string? HtmlUrl = null,
    string? Body = null,
    long? AuthorId = null,
    bool? Draft = null,
    long? SectionId = null,
    string? Locale = null,
    DateTimeOffset? CreatedAt = null,
    DateTimeOffset? EditedAt = null,
    long? UserSegmentId = null,
    IReadOnlyList<long>? UserSegmentIds = null,
    IReadOnlyList<string>? LabelNames = null,
    IReadOnlyList<string>? ContentTagIds = null
)
{
    /// <summary>Labels and places move the first time, the text the second.</summary>
    [JsonIgnore]
    public string Version => $"{UpdatedAt:O} {EditedAt:O}";
}

internal sealed record ContentTagsAnswer(IReadOnlyList<ContentTag> Records) : ZendeskPage;

internal sealed record ContentTag(string Id, string? Name = null);

internal sealed record ExportAnswer(
    IReadOnlyList<Ticket> Tickets,
    string? AfterCursor = null,
    bool? EndOfStream = null,
    IReadOnlyList<User>? Users = null,
    IReadOnlyList<Named>? Groups = null,
    IReadOnlyList<Named>? Organizations = null
)
{
    /// <inheritdoc cref="ZendeskPage.Next"/>
    [JsonIgnore]
    public string? Next => EndOfStream == true ? null : AfterCursor ?? throw ZendeskReader.NoWayOn();
}

internal sealed record TicketAnswer(
    Ticket Ticket,
    IReadOnlyList<User>? Users = null,
    IReadOnlyList<Named>? Groups = null,
    IReadOnlyList<Named>? Organizations = null
);

internal sealed record ListedTickets(IReadOnlyList<Ticket> Tickets) : ZendeskPage;

internal sealed record Ticket(
    long Id,
    string? Subject = null,
    string? Description = null,
    string? Status = null,
    string? Priority = null,
    string? Type = null,
    IReadOnlyList<string>? Tags = null,
    long? RequesterId = null,
    long? SubmitterId = null,
    long? AssigneeId = null,
    long? GroupId = null,
    long? OrganizationId = null,
    long? BrandId = null,
    bool? IsPublic = null,
    DateTimeOffset? CreatedAt = null,
    DateTimeOffset? UpdatedAt = null,
    long? GeneratedTimestamp = null
)
{
    /// <summary>A tombstone; one whose content was erased has lost its status in some exports.</summary>
    [JsonIgnore]
    public bool IsDeleted => Status == "deleted" || Subject == "SCRUBBED";

    /// <summary>The system's own updates do not move the time of update, only the time of the export's order.</summary>
    [JsonIgnore]
    public string Version => $"{UpdatedAt:O} {GeneratedTimestamp}";
}

internal sealed record CommentsAnswer(IReadOnlyList<Comment> Comments, IReadOnlyList<User>? Users = null) : ZendeskPage;

internal sealed record Comment(
    long Id,
    long? AuthorId = null,
    string? Body = null,
    string? HtmlBody = null,
    bool? Public = null,
    DateTimeOffset? CreatedAt = null,
    Via? Via = null,
    IReadOnlyList<Attachment>? Attachments = null
)
{
    [JsonIgnore]
    public bool IsPublic => Public != false;
}

internal sealed record Via(string? Channel = null);

internal sealed record Attachment(
    long? Id = null,
    string? FileName = null,
    string? ContentUrl = null,
    string? ContentType = null,
    long? Size = null,
    bool? Inline = null,
    bool? Deleted = null,
    string? MalwareScanResult = null
);

internal sealed record AttachmentsAnswer(IReadOnlyList<Attachment> ArticleAttachments) : ZendeskPage;

internal sealed record BrandsAnswer(IReadOnlyList<Named> Brands) : ZendeskPage;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(UsersAnswer))]
[JsonSerializable(typeof(ArticlesAnswer))]
[JsonSerializable(typeof(ArticleAnswer))]
[JsonSerializable(typeof(SearchHits))]
[JsonSerializable(typeof(ListedArticles))]
[JsonSerializable(typeof(ContentTagsAnswer))]
[JsonSerializable(typeof(ExportAnswer))]
[JsonSerializable(typeof(TicketAnswer))]
[JsonSerializable(typeof(ListedTickets))]
[JsonSerializable(typeof(CommentsAnswer))]
[JsonSerializable(typeof(AttachmentsAnswer))]
[JsonSerializable(typeof(BrandsAnswer))]
internal sealed partial class ZendeskJson : JsonSerializerContext;
