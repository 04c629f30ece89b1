using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Integrations.GitHub;

internal sealed record GitHubUser(string? Login, string? Type)
{
    /// <summary>Deleted accounts leave nothing, or the ghost.</summary>
    public static string NameOf(GitHubUser? user) => user?.Login is { Length: > 0 } login ? login : "ghost";
}

internal sealed record GitHubRates(JsonElement Resources);

internal sealed record GitHubRepository(
    [property: JsonRequired] long Id,
    [property: JsonRequired] string Name,
    [property: JsonRequired] string HtmlUrl,
    string? FullName,
    string? DefaultBranch,
    bool Private,
    string? Visibility,
    bool? HasIssues,
    GitHubUser? Owner
)
{
    public string OwnerName => FullName?.Split('/') is [var owner, _] ? owner : GitHubUser.NameOf(Owner);
}

internal sealed record InstallationRepositories(IReadOnlyList<GitHubRepository> Repositories);

/// <summary>An issue or a pull request, from a list or by itself.</summary>
internal sealed record GitHubIssue(
    [property: JsonRequired] int Number,
    [property: JsonRequired] string HtmlUrl,
    [property: JsonRequired] DateTimeOffset UpdatedAt,
    string? Title,
    string? Body,
    string? State,
    string? StateReason,
    GitHubUser? User,
    IReadOnlyList<GitHubUser>? Assignees,
    IReadOnlyList<JsonElement>? Labels,
    GitHubMilestone? Milestone,
    int? Comments,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? ClosedAt,
    GitHubUser? ClosedBy,
    JsonElement PullRequest
)
{
    /// <summary>The mark of a pull request, for lists that have nothing else and do not say it.</summary>
    public static readonly JsonElement Yes = JsonDocument.Parse("{}").RootElement;

    public bool IsPullRequest => PullRequest.ValueKind == JsonValueKind.Object;

    /// <summary>Strings, or objects with a name.</summary>
    public IEnumerable<string> LabelNames =>
        (Labels ?? [])
            .Select(label =>
                label.ValueKind == JsonValueKind.Object && label.TryGetProperty("name", out var name) ? name : label
            )
            .Where(label => label.ValueKind == JsonValueKind.String)
            .Select(label => label.GetString()!);
}

internal sealed record GitHubMilestone(string? Title);

/// <summary>What only a pull request by itself tells of it.</summary>
internal sealed record GitHubPull(
    bool? Merged,
    DateTimeOffset? MergedAt,
    GitHubUser? MergedBy,
    int? Commits,
    int? Comments,
    int? ReviewComments
);

/// <summary>A comment of the conversation, a comment in the code, or a review.</summary>
internal sealed record GitHubComment(
    string? HtmlUrl,
    string? Body,
    GitHubUser? User,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? UpdatedAt,
    DateTimeOffset? SubmittedAt,
    string? IssueUrl,
    string? Path,
    string? State
)
{
    public DateTimeOffset At => CreatedAt ?? SubmittedAt ?? DateTimeOffset.UnixEpoch;

    public DateTimeOffset ChangedAt => UpdatedAt ?? At;

    /// <summary>The id of the issue's or pull request's document: its address is that of the comment without the anchor.</summary>
    public string DocumentId => HtmlUrl?.Split('#')[0] ?? "";
}

internal sealed record GitHubTeam(string? Slug);

internal sealed record GitHubBranch([property: JsonRequired] GitHubBranchHead Commit);

internal sealed record GitHubBranchHead([property: JsonRequired] string Sha, GitHubCommit? Commit);

internal sealed record GitHubCommit(GitHubCommitter? Committer, GitHubObject? Tree);

internal sealed record GitHubObject(string? Sha);

internal sealed record GitHubCommitter(DateTimeOffset? Date);

internal sealed record GitHubTree([property: JsonRequired] IReadOnlyList<GitHubTreeEntry> Tree, bool Truncated);

internal sealed record GitHubTreeEntry(
    [property: JsonRequired] string Path,
    [property: JsonRequired] string Sha,
    string? Mode,
    string? Type,
    long? Size
);

internal sealed record GitHubBlob([property: JsonRequired] string Content, string? Encoding);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(GitHubRates))]
[JsonSerializable(typeof(GitHubUser))]
[JsonSerializable(typeof(GitHubRepository))]
[JsonSerializable(typeof(IReadOnlyList<GitHubRepository>))]
[JsonSerializable(typeof(InstallationRepositories))]
[JsonSerializable(typeof(GitHubIssue))]
[JsonSerializable(typeof(IReadOnlyList<GitHubIssue>))]
[JsonSerializable(typeof(GitHubPull))]
[JsonSerializable(typeof(IReadOnlyList<GitHubComment>))]
[JsonSerializable(typeof(IReadOnlyList<GitHubTeam>))]
[JsonSerializable(typeof(GitHubBranch))]
[JsonSerializable(typeof(GitHubTree))]
[JsonSerializable(typeof(GitHubBlob))]
internal sealed partial class GitHubJson : JsonSerializerContext;
