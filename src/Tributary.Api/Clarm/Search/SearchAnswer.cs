using Tributary.Sdk.Documents;

namespace Tributary.Api.Clarm.Search;

/// <summary>What was found.</summary>
internal sealed record SearchAnswer
{
    public required string Query { get; init; }
    public required Guid ChatSessionId { get; init; }

    /// <summary>The best sentences; <c>[1]</c> means the first citation.</summary>
    public required string Answer { get; init; }

    /// <summary>In rank order.</summary>
    public required IReadOnlyList<CitationAnswer> Citations { get; init; }
    public required string? NextCursor { get; init; }
}

/// <summary>A found passage.</summary>
internal sealed record CitationAnswer
{
    public required string DocumentId { get; init; }
    public required int ChunkInd { get; init; }
    public required string SemanticIdentifier { get; init; }
    public required string Blurb { get; init; }
    public required string SourceType { get; init; }
    public required int Boost { get; init; }
    public bool Hidden { get; init; }
    public required IReadOnlyDictionary<string, MetadataValue> Metadata { get; init; }

    /// <summary>With the matches between <c>&lt;hi&gt;</c> and <c>&lt;/hi&gt;</c>.</summary>
    public required IReadOnlyList<string> MatchHighlights { get; init; }
    public required string? Link { get; init; }
    public required double? Score { get; init; }
    public bool? IsRelevant { get; init; }
    public string? RelevanceExplanation { get; init; }
    public required DateTimeOffset? UpdatedAt { get; init; }
    public required IReadOnlyList<string>? PrimaryOwners { get; init; }
    public required IReadOnlyList<string>? SecondaryOwners { get; init; }
    public bool IsInternet { get; init; }
}
