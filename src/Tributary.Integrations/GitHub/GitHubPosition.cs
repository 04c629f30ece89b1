using System.Text.Json.Serialization;
using Tributary.Integrations.CodeHosts;
using Tributary.Sdk.Partitions;

namespace Tributary.Integrations.GitHub;

/// <summary>Where a connector stands.</summary>
internal sealed record GitHubPosition
{
    /// <summary>What is being read: another selection begins afresh.</summary>
    public required string Selection { get; init; }

    /// <summary>Where in each repository, by its id.</summary>
    public PartitionedPosition Repositories { get; init; } = new();

    /// <summary>A pass was cut off here.</summary>
    [JsonIgnore]
    public bool IsMidway => Repositories.DoneUpTo is not null || Repositories.Open.Count > 0;
}

/// <summary>Where a repository stands. All times are GitHub's own.</summary>
internal sealed record RepositoryPosition
{
    /// <summary>How far issues and pull requests were read.</summary>
    public ReadMark Issues { get; init; } = new();

    /// <summary>Comments that were edited before this are in their documents.</summary>
    public DateTimeOffset? Comments { get; init; }

    /// <summary>The same for comments in the code.</summary>
    public DateTimeOffset? CodeComments { get; init; }

    /// <summary>The commit whose files were read.</summary>
    public string? Head { get; init; }

    /// <summary>The commit whose files are being read.</summary>
    public string? Reading { get; init; }

    /// <summary>How many entries of its tree are done.</summary>
    public int Done { get; init; }

    /// <summary>Some of them failed, so that the next pass looks again.</summary>
    public bool? HasFailed { get; init; }
}
