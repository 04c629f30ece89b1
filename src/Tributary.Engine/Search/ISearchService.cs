using Tributary.Engine.Workspaces;
using Tributary.Sdk.Documents;

namespace Tributary.Engine.Search;

/// <summary>Full-text search over a workspace's passages.</summary>
public interface ISearchService
{
    /// <summary>Searches. Words are ANDed, and ORed when that finds too little; "phrases", -without and prefix* are understood.</summary>
    Task<SearchPage> SearchAsync(Caller caller, SearchRequest request, CancellationToken cancellationToken);
}

/// <summary>What to search for.</summary>
public sealed record SearchRequest
{
    /// <summary>The words.</summary>
    public required string Query { get; init; }

    /// <summary>Only these source types; empty for all.</summary>
    public IReadOnlyList<string> SourceTypes { get; init; } = [];

    /// <summary>Only documents of these connectors; empty for all.</summary>
    public IReadOnlyList<long> ConnectorIds { get; init; } = [];

    /// <summary>Only documents of these collections' connectors; empty for all.</summary>
    public IReadOnlyList<long> CollectionIds { get; init; } = [];

    /// <summary>Only documents of one of these owners (name or e-mail, without regard to case); empty for all.</summary>
    public IReadOnlyList<string> Owners { get; init; } = [];

    /// <summary>Only documents that carry all of these tags.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Only documents updated at or after this.</summary>
    public DateTimeOffset? UpdatedAfter { get; init; }

    /// <summary>Only documents updated before this.</summary>
    public DateTimeOffset? UpdatedBefore { get; init; }

    /// <summary>How much newer documents are preferred; 0 not at all, 1 normally.</summary>
    public double RecencyBias { get; init; } = 1;

    /// <summary>Hits to return, 1 to 100.</summary>
    public int Limit { get; init; } = 10;

    /// <summary>From <see cref="SearchPage.NextCursor"/>; null for the first page.</summary>
    public string? Cursor { get; init; }
}

/// <summary>Hits in rank order, at most one a document.</summary>
/// <param name="Hits">The hits.</param>
/// <param name="NextCursor">For the next page; null when there is none.</param>
public sealed record SearchPage(IReadOnlyList<SearchHit> Hits, string? NextCursor);

/// <summary>The best passage of a document.</summary>
public sealed record SearchHit
{
    /// <summary>The document's id.</summary>
    public required string DocumentId { get; init; }

    /// <summary>Which of its passages, from 0.</summary>
    public required int ChunkIndex { get; init; }

    /// <summary>The document's title.</summary>
    public required string Title { get; init; }

    /// <summary>The passage's text.</summary>
    public required string Text { get; init; }

    /// <summary>The first words of the passage.</summary>
    public required string Blurb { get; init; }

    /// <summary>Where the words are, marked with <c>&lt;hi&gt;</c>; everything else HTML-escaped or not as stored: plain text.</summary>
    public required IReadOnlyList<string> Highlights { get; init; }

    /// <summary>Where a person opens the passage, else the document.</summary>
    public string? Link { get; init; }

    /// <summary>The source type.</summary>
    public required string SourceType { get; init; }

    /// <summary>Relevance from 0 to 1; comparable within one answer.</summary>
    public required double Score { get; init; }

    /// <summary>Tags.</summary>
    public required IReadOnlyDictionary<string, MetadataValue> Metadata { get; init; }

    /// <summary>Owners.</summary>
    public required IReadOnlyList<Owner> PrimaryOwners { get; init; }

    /// <summary>Other contributors.</summary>
    public required IReadOnlyList<Owner> SecondaryOwners { get; init; }

    /// <summary>When it changed.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>Raised or lowered by hand; 0 normally.</summary>
    public int Boost { get; init; }
}
