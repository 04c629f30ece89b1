using System.Globalization;
using System.Text;
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
    private const int WindowFactor = 5;
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

        var cursor = SearchCursor.Parse(request.Cursor);
        var window = Math.Max(limit * WindowFactor, MinWindow);
        if (cursor?.MatchAny == true)
        {
            query = query.Loosened();
        }

        var found = await index
            .FindAsync(caller.WorkspaceId, query, request, cursor?.After, window, cancellationToken)
            .ConfigureAwait(false);
        if (found.Count < limit && cursor is null && query.Terms.Count > 1)
        {
            var loose = query.Loosened();
            var more = await index.FindAsync(caller.WorkspaceId, loose, request, null, window, cancellationToken).ConfigureAwait(false);
            (query, found) = (loose, more);
        }

        var ranked = Rank(found, request.RecencyBias, limit);
        var hits = await index.LoadAsync(query, ranked, cancellationToken).ConfigureAwait(false);
        var next = found.Count >= window ? new SearchCursor(found[^1].Position, query.MatchAny).ToString() : null;
        return new SearchPage(hits, next);
    }

    /// <summary>The best passage of each document, by text, age and boost; scores from 0 to 1.</summary>
    private List<(FoundPassage Passage, double Score)> Rank(IReadOnlyList<FoundPassage> found, double recencyBias, int limit)
    {
        if (found.Count == 0)
        {
            return [];
        }

        var now = time.GetUtcNow();
        var best = found.Min(passage => passage.Position.Rank);
        return
        [
            .. found
                .Select(passage => (passage, Score: Score(passage, best, recencyBias, now)))
                .OrderByDescending(pair => pair.Score)
                .DistinctBy(pair => pair.passage.DocumentKey)
                .Take(limit),
        ];
    }

    private static double Score(FoundPassage passage, double best, double recencyBias, DateTimeOffset now)
    {
        // bm25 is negative, and better the smaller it is.
        var text = best < 0 ? passage.Position.Rank / best : 1;
        var age = passage.UpdatedAt is { } updated && recencyBias > 0 ? (now - updated).TotalDays : 0;
        var freshness = age > 0 ? 1 - AgeShare * (1 - Math.Pow(0.5, age * recencyBias / HalfLife.TotalDays)) : 1;
        var boost = passage.Boost >= 0 ? 1 + Math.Min(passage.Boost, 10) * 0.1 : 1 / (1 - Math.Max(passage.Boost, -10) * 0.1);
        return Math.Clamp(text * freshness * boost, 0, 1);
    }

    private sealed record SearchCursor(RankPosition After, bool MatchAny)
    {
        public static SearchCursor? Parse(string? text)
        {
            if (text is null)
            {
                return null;
            }

            try
            {
                var parts = Encoding.ASCII.GetString(Convert.FromBase64String(text)).Split(' ');
                return new SearchCursor(
                    new RankPosition(
                        BitConverter.Int64BitsToDouble(long.Parse(parts[0], CultureInfo.InvariantCulture)),
                        long.Parse(parts[1], CultureInfo.InvariantCulture)
                    ),
                    parts[2] == "1"
                );
            }
            catch (Exception exception) when (exception is FormatException or OverflowException or IndexOutOfRangeException)
            {
                throw new EngineException(RefusalKind.Rejected, "The cursor is not one that a search has returned.");
            }
        }

        public override string ToString() =>
            Convert.ToBase64String(
                Encoding.ASCII.GetBytes(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{BitConverter.DoubleToInt64Bits(After.Rank)} {After.PassageId} {(MatchAny ? 1 : 0)}"
                    )
                )
            );
    }
}
