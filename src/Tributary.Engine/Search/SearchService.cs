using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Search;

/// <inheritdoc cref="ISearchService"/>
/// <remarks>
/// The index gives a window of the best passages by text alone; within it, age and boost decide too. A page of results
/// takes from windows in order, so that paging never skips or repeats a passage.
/// </remarks>
internal sealed class SearchService(ISearchIndex index, TimeProvider time) : ISearchService
{
    /// <summary>Passages of a window for each hit that is asked for: several of them may be of one document.</summary>
    private const int WindowFactor = 3;
    private const int MinWindow = 30;

    /// <summary>A document this old counts half as much as a new one, at a recency bias of 1.</summary>
    private static readonly TimeSpan HalfLife = TimeSpan.FromDays(120);

    /// <summary>Age alone takes away at most this share of a passage's score.</summary>
    private const double AgeShare = 0.5;

    public async Task<SearchPage> SearchAsync(Caller caller, SearchRequest request, CancellationToken cancellationToken)
    {
        var limit = Math.Clamp(request.Limit, 1, 100);
        var query = TextQuery.Parse(request.Query);
        if (query.Terms.Count == 0)
        {
            return new SearchPage([], null);
        }

        var isFirstPage = request.Cursor is null;
        var place =
            SearchCursor.Parse(request.Cursor)
            ?? new SearchCursor(null, Math.Max(limit * WindowFactor, MinWindow), 0, false, time.GetUtcNow());
        query = place.MatchAny ? query.Loosened() : query;
        var found = await FindAsync(query, place).ConfigureAwait(false);
        if (isFirstPage && found.Count < limit && query.Terms.Count > 1)
        {
            (query, place) = (query.Loosened(), place with { MatchAny = true });
            found = await FindAsync(query, place).ConfigureAwait(false);
        }

        var ranked = Rank(found, request.RecencyBias, place.Now);
        var page = ranked.Skip(place.Skip).Take(limit).ToList();
        var hits = await index.LoadAsync(query, page, cancellationToken).ConfigureAwait(false);
        return new SearchPage(hits, Next(place, found, ranked.Count, page.Count)?.ToString());

        ValueTask<IReadOnlyList<FoundPassage>> FindAsync(TextQuery words, SearchCursor from) =>
            index.FindAsync(caller.WorkspaceId, words, request, from.After, from.Window, cancellationToken);
    }

    /// <summary>The rest of this window, else the beginning of the next; null when there is neither.</summary>
    private static SearchCursor? Next(SearchCursor place, IReadOnlyList<FoundPassage> found, int documents, int shown)
    {
        if (place.Skip + shown < documents)
        {
            return place with { Skip = place.Skip + shown };
        }

        return found.Count < place.Window ? null : place with { After = found[^1].Position, Skip = 0 };
    }

    /// <summary>The best passage of each document, by text, age and boost; scores from 0 to 1.</summary>
    private static List<(FoundPassage Passage, double Score)> Rank(
        IReadOnlyList<FoundPassage> found,
        double recencyBias,
        DateTimeOffset now
    )
    {
        if (found.Count == 0)
        {
            return [];
        }

        var best = found.Min(passage => passage.Position.Rank);
        return
        [
            .. found
                .Select(passage => (passage, Score: Score(passage, best, recencyBias, now)))
                .OrderByDescending(pair => pair.Score)
                .DistinctBy(pair => pair.passage.DocumentKey),
        ];
    }

    private static double Score(FoundPassage passage, double best, double recencyBias, DateTimeOffset now)
    {
        // bm25 is negative, and better the smaller it is.
        var text = best < 0 ? passage.Position.Rank / best : 1;
        var age = passage.UpdatedAt is { } updated && recencyBias > 0 ? (now - updated).TotalDays : 0;
        var freshness = age > 0 ? 1 - AgeShare * (1 - Math.Pow(0.5, age * recencyBias / HalfLife.TotalDays)) : 1;
        var boost =
            passage.Boost >= 0 ? 1 + Math.Min(passage.Boost, 10) * 0.1 : 1 / (1 - Math.Max(passage.Boost, -10) * 0.1);
        return Math.Clamp(text * freshness * boost, 0, 1);
    }
}
