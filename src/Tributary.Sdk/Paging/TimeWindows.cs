using System.Runtime.CompilerServices;

namespace Tributary.Sdk.Paging;

/// <summary>A span of time: from, inclusive, to, exclusive.</summary>
/// <param name="From">Its beginning.</param>
/// <param name="To">Its end.</param>
public readonly record struct TimeWindow(DateTimeOffset From, DateTimeOffset To);

/// <summary>
/// Searches that answer no more than so many results however many there are: the time is split until each part has
/// fewer.
/// </summary>
public static class TimeWindows
{
    /// <summary>Windows in order, oldest first, that together are the whole and have at most <paramref name="cap"/> results each.</summary>
    /// <param name="whole">All of the time. A resumed read begins at the end of the last window that was read.</param>
    /// <param name="cap">The most results that the source gives for one search.</param>
    /// <param name="count">How many results a window has: the total of a search, or as many as come up to the cap plus one.</param>
    /// <param name="smallest">The finest step that the source's filter knows, e.g. one second.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SourceException">A single smallest step has more results than the cap: some cannot be had.</exception>
    public static async IAsyncEnumerable<TimeWindow> SplitAsync(
        TimeWindow whole,
        long cap,
        Func<TimeWindow, CancellationToken, Task<long>> count,
        TimeSpan smallest,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var waiting = new Stack<TimeWindow>([whole]);
        while (waiting.TryPop(out var window))
        {
            if (window.To <= window.From)
            {
                continue;
            }

            var results = await count(window, cancellationToken).ConfigureAwait(false);
            if (results <= cap)
            {
                yield return window;
                continue;
            }

            var steps = (window.To - window.From).Ticks / smallest.Ticks;
            if (steps < 2)
            {
                throw new SourceException(
                    FailureKind.Source,
                    $"The source has {results} results for {window.From:O} alone and gives no more than {cap} of them. "
                        + "Narrow what is read in the connector's settings."
                );
            }

            var middle = window.From + smallest * (steps / 2);
            waiting.Push(new TimeWindow(middle, window.To));
            waiting.Push(new TimeWindow(window.From, middle));
        }
    }
}
