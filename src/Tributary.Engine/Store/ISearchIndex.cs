using Tributary.Engine.Search;

namespace Tributary.Engine.Store;

/// <summary>The text index over passages.</summary>
public interface ISearchIndex
{
    /// <summary>The best passages in order of their text rank, without regard to age.</summary>
    /// <param name="workspaceId">The workspace.</param>
    /// <param name="query">The parsed words.</param>
    /// <param name="request">Filters.</param>
    /// <param name="after">The rank and passage after which to go on; null for the best.</param>
    /// <param name="limit">At most this many passages.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    ValueTask<IReadOnlyList<FoundPassage>> FindAsync(
        long workspaceId,
        TextQuery query,
        SearchRequest request,
        RankPosition? after,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>The documents of passages, and the passages' texts with the query's words marked.</summary>
    ValueTask<IReadOnlyList<SearchHit>> LoadAsync(
        TextQuery query,
        IReadOnlyList<(FoundPassage Passage, double Score)> passages,
        CancellationToken cancellationToken
    );
}

/// <summary>A place in a ranking.</summary>
public readonly record struct RankPosition(double Rank, long PassageId);

/// <summary>A passage that matches.</summary>
/// <param name="Position">Its place in the ranking; smaller ranks are better.</param>
/// <param name="DocumentKey">Its document's internal key.</param>
/// <param name="UpdatedAt">When the document changed.</param>
/// <param name="Boost">The document's boost.</param>
public readonly record struct FoundPassage(
    RankPosition Position,
    long DocumentKey,
    DateTimeOffset? UpdatedAt,
    int Boost
);
