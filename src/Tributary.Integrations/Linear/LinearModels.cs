using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Tributary.Sdk.GraphQl;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Linear;

/// <summary>What every query asks for under the name <c>items</c>.</summary>
internal sealed record LinearItems<T>([property: JsonRequired] LinearPage<T> Items);

internal sealed record LinearPage<T>(
    [property: JsonRequired] IReadOnlyList<T> Nodes,
    [property: JsonRequired] GraphQlPageInfo PageInfo
);

/// <summary>What is asked for by its id, under the name <c>item</c>.</summary>
internal sealed record LinearItem<T>([property: JsonRequired] T Item);

/// <summary>A kind of what is read, and how it is asked for.</summary>
/// <param name="Stage">Its name in positions.</param>
/// <param name="Query">The list.</param>
/// <param name="Stubs">The same list with ids, times and addresses alone.</param>
/// <param name="One">One of them.</param>
/// <param name="Type">What the list answers.</param>
/// <param name="OneType">What one answers.</param>
/// <param name="Read">Makes a document of it.</param>
internal sealed record LinearKind<T>(
    string Stage,
    string Query,
    string Stubs,
    string One,
    JsonTypeInfo<LinearItems<T>> Type,
    JsonTypeInfo<LinearItem<T>> OneType,
    Func<T, CancellationToken, Task<ReadItem>> Read
)
    where T : ILinearNode;

/// <summary>What is read: an issue, a project or a document.</summary>
internal interface ILinearNode
{
    string Id { get; }

    string? Url { get; }

    DateTimeOffset UpdatedAt { get; }

    bool? Trashed { get; }

    /// <summary>Its state, with that of what hangs below it.</summary>
    string Version { get; }
}

internal sealed record LinearId([property: JsonRequired] string Id, bool? Trashed);

internal sealed record LinearViewer(LinearUser? Viewer, LinearNamed? Organization);

internal sealed record LinearUser(string? Name, string? Email);

internal sealed record LinearNamed(string? Name);

internal sealed record LinearTeam(
    [property: JsonRequired] string Id,
    string? Key,
    string? Name,
    string? Visibility,
    LinearPage<LinearMember>? Members
);

internal sealed record LinearMember(string? Email, bool? Active);

internal sealed record LinearIssue(
    [property: JsonRequired] string Id,
    [property: JsonRequired] DateTimeOffset UpdatedAt,
    string? Identifier,
    string? Title,
    string? Description,
    string? Url,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? ArchivedAt,
    DateTimeOffset? CompletedAt,
    bool? Trashed,
    string? PriorityLabel,
    double? Estimate,
    string? DueDate,
    IReadOnlyList<string>? PreviousIdentifiers,
    LinearNamed? State,
    LinearTeam? Team,
    LinearUser? Creator,
    LinearUser? Assignee,
    LinearNamed? BotActor,
    LinearUser? ExternalUserCreator,
    LinearPage<LinearNamed>? Labels,
    LinearNamed? Project,
    LinearCycle? Cycle,
    LinearParent? Parent,
    LinearPage<LinearEntry>? Comments
) : ILinearNode
{
    public string Version => LinearEntry.VersionOf(UpdatedAt, Comments);
}

internal sealed record LinearCycle(string? Name, double? Number);

internal sealed record LinearParent(string? Identifier);

internal sealed record LinearProject(
    [property: JsonRequired] string Id,
    [property: JsonRequired] DateTimeOffset UpdatedAt,
    string? Name,
    string? Description,
    string? Content,
    string? Url,
    DateTimeOffset? CreatedAt,
    bool? Trashed,
    string? Health,
    string? TargetDate,
    LinearNamed? Status,
    LinearUser? Lead,
    LinearUser? Creator,
    LinearPage<LinearTeam>? Teams,
    LinearPage<LinearEntry>? ProjectUpdates
) : ILinearNode
{
    public string Version => LinearEntry.VersionOf(UpdatedAt, ProjectUpdates);
}

internal sealed record LinearDocument(
    [property: JsonRequired] string Id,
    [property: JsonRequired] DateTimeOffset UpdatedAt,
    string? Title,
    string? Content,
    string? Url,
    DateTimeOffset? CreatedAt,
    bool? Trashed,
    LinearUser? Creator,
    LinearUser? UpdatedBy,
    LinearTeam? Team,
    LinearHome? Project,
    LinearHome? Issue,
    LinearNamed? Initiative
) : ILinearNode
{
    public string Version => LinearEntry.VersionOf(UpdatedAt, null);
}

/// <summary>What a document belongs to.</summary>
internal sealed record LinearHome(string? Name, string? Identifier, LinearTeam? Team, LinearPage<LinearTeam>? Teams);

/// <summary>A comment, or an update of a project.</summary>
internal sealed record LinearEntry(
    [property: JsonRequired] string Id,
    [property: JsonRequired] DateTimeOffset UpdatedAt,
    DateTimeOffset? CreatedAt,
    string? Body,
    string? Url,
    string? Health,
    LinearUser? User,
    LinearNamed? BotActor,
    LinearUser? ExternalUser,
    LinearId? Issue,
    LinearId? Project
)
{
    /// <summary>Integrations and people outside write, too.</summary>
    public string Author => User?.Name ?? ExternalUser?.Name ?? BotActor?.Name ?? "a bot";

    public string? ParentId => Issue?.Id ?? Project?.Id;

    public static string VersionOf(DateTimeOffset updatedAt, LinearPage<LinearEntry>? entries) =>
        $"{updatedAt:O} {(entries?.Nodes ?? []).Select(entry => entry.UpdatedAt).Append(DateTimeOffset.UnixEpoch).Max():O}";
}

/// <summary>Where a connector stands.</summary>
internal sealed record LinearPosition
{
    /// <summary>What is being read: another selection begins afresh.</summary>
    public required string Selection { get; init; }

    /// <summary>How many of the stages of this pass are done.</summary>
    public int Stage { get; init; }

    /// <summary>Where in the stage.</summary>
    public string? After { get; init; }

    /// <summary>How far each stage was read, by its name.</summary>
    public SortedDictionary<string, Watermark> Marks { get; init; } = new(StringComparer.Ordinal);

    /// <summary>A pass was cut off here.</summary>
    [JsonIgnore]
    public bool IsMidway => Stage > 0 || After is not null;

    public Watermark MarkOf(string stage) => Marks.GetValueOrDefault(stage) ?? new Watermark();

    public LinearPosition With(string stage, Watermark mark) =>
        this with
        {
            Marks = new SortedDictionary<string, Watermark>(Marks, StringComparer.Ordinal) { [stage] = mark },
        };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(LinearViewer))]
[JsonSerializable(typeof(LinearItems<LinearId>), TypeInfoPropertyName = "Ids")]
[JsonSerializable(typeof(LinearItems<LinearIssue>), TypeInfoPropertyName = "Issues")]
[JsonSerializable(typeof(LinearItems<LinearProject>), TypeInfoPropertyName = "Projects")]
[JsonSerializable(typeof(LinearItems<LinearDocument>), TypeInfoPropertyName = "Documents")]
[JsonSerializable(typeof(LinearItems<LinearEntry>), TypeInfoPropertyName = "Entries")]
[JsonSerializable(typeof(LinearItems<LinearTeam>), TypeInfoPropertyName = "Teams")]
[JsonSerializable(typeof(LinearItem<LinearIssue>), TypeInfoPropertyName = "Issue")]
[JsonSerializable(typeof(LinearItem<LinearProject>), TypeInfoPropertyName = "Project")]
[JsonSerializable(typeof(LinearItem<LinearDocument>), TypeInfoPropertyName = "Document")]
internal sealed partial class LinearJson : JsonSerializerContext;
