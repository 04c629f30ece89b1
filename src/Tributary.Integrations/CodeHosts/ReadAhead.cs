using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Tributary.Integrations.CodeHosts;

/// <summary>Lists whose next pages are on their way while one is worked on: where a source answers late, most of the time.</summary>
internal static class ReadAhead
{
    /// <summary>The same pages, in the same order; one that cannot be had throws when its turn comes.</summary>
    /// <param name="pages">The list.</param>
    /// <param name="count">How many pages may wait.</param>
    /// <param name="cancellationToken">Ends it; leaving the enumeration does so, too.</param>
    public static async IAsyncEnumerable<T> AheadAsync<T>(
        this IAsyncEnumerable<T> pages,
        int count,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waiting = Channel.CreateBounded<T>(count);
        var reading = FetchAsync(pages, waiting.Writer, stop.Token);
        try
        {
            await foreach (var page in waiting.Reader.ReadAllAsync(cancellationToken))
            {
                yield return page;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }
    }

    /// <summary>Never throws: whoever reads the channel is told.</summary>
    private static async Task FetchAsync<T>(
        IAsyncEnumerable<T> pages,
        ChannelWriter<T> waiting,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await foreach (var page in pages.WithCancellation(cancellationToken))
            {
                await waiting.WriteAsync(page, cancellationToken);
            }

            waiting.Complete();
        }
        catch (Exception exception)
        {
            waiting.Complete(exception);
        }
    }
}
