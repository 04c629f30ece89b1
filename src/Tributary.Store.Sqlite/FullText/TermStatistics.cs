using System.Collections.Concurrent;
using System.Diagnostics;

namespace Tributary.Store.Sqlite.FullText;

/// <summary>
/// In how many passages the words of recent queries stand. Counting goes through all of a word's passages, a third of a
/// query's cost, and says nearly the same each time: in a large index a count serves for a while.
/// </summary>
internal sealed class TermStatistics
{
    /// <summary>Below, counting is cheap, and every passage matters.</summary>
    private const long SmallIndex = 5_000;

    private const int MostTerms = 20_000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Count> _counts = new(StringComparer.Ordinal);

    /// <summary>The share of passages that hold a phrase, when it was counted lately in an index of nearly this size; null otherwise.</summary>
    public double? Find(string phrase, long passages) =>
        passages >= SmallIndex
        && _counts.TryGetValue(phrase, out var count)
        && Stopwatch.GetElapsedTime(count.At) < Lifetime
        && Math.Abs(count.Passages - passages) <= passages / 100
            ? count.Share
            : null;

    public void Note(string phrase, double share, long passages)
    {
        if (passages < SmallIndex)
        {
            return;
        }

        if (_counts.Count >= MostTerms)
        {
            _counts.Clear();
        }

        _counts[phrase] = new Count(share, passages, Stopwatch.GetTimestamp());
    }

    private readonly record struct Count(double Share, long Passages, long At);
}
