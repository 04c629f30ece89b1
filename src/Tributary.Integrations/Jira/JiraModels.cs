using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Integrations.Atlassian;

namespace Tributary.Integrations.Jira;

internal sealed record SearchBody(
    string Jql,
    IReadOnlyList<string> Fields,
    int MaxResults,
    string? NextPageToken = null,
    int? StartAt = null
);

internal sealed record SearchAnswer(
    [property: JsonRequired] IReadOnlyList<Issue> Issues,
    string? NextPageToken,
    bool? IsLast,
    int? StartAt,
    int? Total
);

internal sealed record BulkBody(IReadOnlyList<string> IssueIdsOrKeys, IReadOnlyList<string> Fields);

internal sealed record BulkAnswer(
    [property: JsonRequired] IReadOnlyList<Issue> Issues,
    IReadOnlyList<IssueError>? IssueErrors
);

internal sealed record IssueError(string? Id, string? ErrorMessage);

internal sealed record Problem(IReadOnlyList<string>? ErrorMessages, IReadOnlyDictionary<string, JsonElement>? Errors);

internal sealed record Issue([property: JsonRequired] string Id, string? Key, IssueFields? Fields)
{
    public string? Error { get; init; }
}

internal sealed record IssueFields
{
    public string? Summary { get; init; }
    public JsonElement Description { get; init; }
    public CommentPage? Comment { get; init; }
    public Named? Status { get; init; }
    public Named? Priority { get; init; }
    public Named? Issuetype { get; init; }
    public Named? Resolution { get; init; }
    public IReadOnlyList<string>? Labels { get; init; }
    public IReadOnlyList<Named>? Components { get; init; }
    public IReadOnlyList<Named>? FixVersions { get; init; }
    public Named? Project { get; init; }
    public Named? Parent { get; init; }
    public IReadOnlyList<Named>? Subtasks { get; init; }
    public IReadOnlyList<IssueLink>? Issuelinks { get; init; }
    public JiraUser? Reporter { get; init; }
    public JiraUser? Assignee { get; init; }
    public IReadOnlyList<JiraAttachment>? Attachment { get; init; }
    public Named? Security { get; init; }
    public string? Duedate { get; init; }

    [JsonConverter(typeof(AtlassianTimeConverter))]
    public DateTimeOffset? Created { get; init; }

    [JsonConverter(typeof(AtlassianTimeConverter))]
    public DateTimeOffset? Updated { get; init; }

    [JsonConverter(typeof(AtlassianTimeConverter))]
    public DateTimeOffset? Resolutiondate { get; init; }

    /// <summary>Custom fields, by id.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>Projects, statuses, versions, parents: whatever has an id, a key or a name.</summary>
internal sealed record Named(string? Id, string? Key, string? Name);

internal sealed record IssueLink(LinkType? Type, Named? InwardIssue, Named? OutwardIssue);

internal sealed record LinkType(string? Inward, string? Outward);

internal sealed record CommentPage(
    [property: JsonPropertyName("comments")] IReadOnlyList<JiraComment>? Items,
    int? Total
);

internal sealed record JiraComment(
    [property: JsonRequired] string Id,
    JiraUser? Author,
    JsonElement Body,
    bool? JsdPublic,
    JsonElement? Visibility
)
{
    /// <summary>For agents of a service desk, or for a role or group, alone.</summary>
    public bool IsInternal => JsdPublic == false || Visibility is { ValueKind: JsonValueKind.Object };
}

internal sealed record JiraUser(
    string? AccountId,
    string? Name,
    string? DisplayName,
    string? EmailAddress,
    string? TimeZone
);

internal sealed record JiraAttachment(
    [property: JsonRequired] string Id,
    string? Filename,
    string? MimeType,
    long? Size
)
{
    public JiraUser? Author { get; init; }

    [JsonConverter(typeof(AtlassianTimeConverter))]
    public DateTimeOffset? Created { get; init; }
}

internal sealed record FieldFacts([property: JsonRequired] string Id, string? Name);

internal sealed record PermissionScheme(IReadOnlyList<Grant>? Permissions);

internal sealed record Grant(string? Permission, Holder? Holder);

internal sealed record Holder(string? Type, string? Parameter, string? Value);

internal sealed record Role(IReadOnlyList<Actor>? Actors);

internal sealed record Actor(ActorGroup? ActorGroup, ActorUser? ActorUser);

internal sealed record ActorGroup(string? GroupId, string? Name);

internal sealed record ActorUser(string? AccountId);

internal sealed record ProjectFacts(JiraUser? Lead);

internal sealed record SecurityScheme(long? Id);

internal sealed record SecurityMembers(IReadOnlyList<SecurityMember>? Values, long? Total);

internal sealed record SecurityMember(Holder? Holder);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(SearchBody))]
[JsonSerializable(typeof(SearchAnswer))]
[JsonSerializable(typeof(BulkBody))]
[JsonSerializable(typeof(BulkAnswer))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(CommentPage))]
[JsonSerializable(typeof(JiraUser))]
[JsonSerializable(typeof(List<FieldFacts>))]
[JsonSerializable(typeof(PermissionScheme))]
[JsonSerializable(typeof(Role))]
[JsonSerializable(typeof(ProjectFacts))]
[JsonSerializable(typeof(SecurityScheme))]
[JsonSerializable(typeof(SecurityMembers))]
internal sealed partial class JiraJson : JsonSerializerContext;
