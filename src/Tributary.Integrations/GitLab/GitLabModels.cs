using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Integrations.CodeHosts;
using Tributary.Sdk.Partitions;

namespace Tributary.Integrations.GitLab;

internal sealed record GitLabToken(IReadOnlyList<string>? Scopes);

internal sealed record GitLabUser(string? Name, string? Username, string? PublicEmail, int? AccessLevel)
{
    public string Label => !string.IsNullOrWhiteSpace(Name) ? Name : Username ?? "ghost";

    /// <summary>Content of deleted accounts belongs to the user ghost, or to nobody.</summary>
    public static string NameOf(GitLabUser? user) => user?.Label ?? "ghost";
}

internal sealed record GitLabProject(
    [property: JsonRequired] long Id,
    [property: JsonRequired] string WebUrl,
    string? PathWithNamespace,
    string? DefaultBranch,
    string? Visibility,
    bool? IssuesEnabled,
    bool? MergeRequestsEnabled,
    bool? WikiEnabled
);

/// <summary>An issue or a merge request.</summary>
internal sealed record GitLabItem(
    [property: JsonRequired] long Iid,
    [property: JsonRequired] DateTimeOffset UpdatedAt,
    string? Title,
    string? Description,
    string? State,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? ClosedAt,
    DateTimeOffset? MergedAt,
    IReadOnlyList<JsonElement>? Labels,
    GitLabMilestone? Milestone,
    GitLabUser? Author,
    IReadOnlyList<GitLabUser>? Assignees,
    IReadOnlyList<GitLabUser>? Reviewers,
    int? UserNotesCount,
    bool? Confidential,
    string? IssueType,
    string? WebUrl,
    string? SourceBranch,
    string? TargetBranch
)
{
    public string Version => $"{UpdatedAt:O} {UserNotesCount}";

    /// <summary>Strings, or objects with a name.</summary>
    public IEnumerable<string> LabelNames =>
        (Labels ?? [])
            .Select(label =>
                label.ValueKind == JsonValueKind.Object && label.TryGetProperty("name", out var name) ? name : label
            )
            .Where(label => label.ValueKind == JsonValueKind.String)
            .Select(label => label.GetString()!);
}

internal sealed record GitLabMilestone(string? Title);

internal sealed record GitLabNote(
    [property: JsonRequired] long Id,
    string? Body,
    GitLabUser? Author,
    bool? System,
    bool? Internal,
    bool? Confidential
)
{
    /// <summary>Not one that the system wrote, and not one that only the team may read.</summary>
    public bool IsForReaders => System != true && Internal != true && Confidential != true;
}

internal sealed record GitLabWikiPage(
    [property: JsonRequired] string Slug,
    string? Title,
    string? Content,
    string? Format
);

internal sealed record GitLabBranch([property: JsonRequired] GitLabCommit Commit);

internal sealed record GitLabCommit([property: JsonRequired] string Id, DateTimeOffset? CommittedDate);

internal sealed record GitLabTreeEntry(
    [property: JsonRequired] string Id,
    [property: JsonRequired] string Path,
    string? Type,
    string? Mode
);

internal sealed record GitLabFile([property: JsonRequired] string Content, string? Encoding);

/// <summary>Where a connector stands.</summary>
internal sealed record GitLabPosition
{
    /// <summary>What is being read: another selection begins afresh.</summary>
    public required string Selection { get; init; }

    /// <summary>Where in each project, by its id.</summary>
    public PartitionedPosition Projects { get; init; } = new();

    /// <summary>A pass was cut off here.</summary>
    [JsonIgnore]
    public bool IsMidway => Projects.DoneUpTo is not null || Projects.Open.Count > 0;
}

/// <summary>Where a project stands. All times are the instance's own.</summary>
internal sealed record ProjectPosition
{
    /// <summary>How far issues were read.</summary>
    public ReadMark Issues { get; init; } = new();

    /// <summary>How far merge requests were read.</summary>
    public ReadMark MergeRequests { get; init; } = new();

    /// <summary>The commit whose files were read.</summary>
    public string? Head { get; init; }

    /// <summary>The commit whose files are being read.</summary>
    public string? Reading { get; init; }

    /// <summary>The next page of its tree.</summary>
    public string? Next { get; init; }

    /// <summary>Some of them failed, so that the next pass looks again.</summary>
    public bool? HasFailed { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(GitLabToken))]
[JsonSerializable(typeof(GitLabUser))]
[JsonSerializable(typeof(IReadOnlyList<GitLabUser>))]
[JsonSerializable(typeof(GitLabProject))]
[JsonSerializable(typeof(IReadOnlyList<GitLabProject>))]
[JsonSerializable(typeof(GitLabItem))]
[JsonSerializable(typeof(IReadOnlyList<GitLabItem>))]
[JsonSerializable(typeof(IReadOnlyList<GitLabNote>))]
[JsonSerializable(typeof(IReadOnlyList<GitLabWikiPage>))]
[JsonSerializable(typeof(GitLabWikiPage))]
[JsonSerializable(typeof(GitLabBranch))]
[JsonSerializable(typeof(IReadOnlyList<GitLabCommit>))]
[JsonSerializable(typeof(IReadOnlyList<GitLabTreeEntry>))]
[JsonSerializable(typeof(GitLabFile))]
internal sealed partial class GitLabJson : JsonSerializerContext;
