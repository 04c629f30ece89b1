using System.Runtime.CompilerServices;

namespace Tributary.Integrations.CodeHosts;

/// <summary>Several requests at once, whose answers come in the order in which they were asked for.</summary>
internal static class InOrder
{
    /// <summary>Starts work on items, at most so many at once.</summary>
    /// <param name="items">What is to be done.</param>
    /// <param name="concurrency">How many at once.</param>
    /// <param name="start">Does one.</param>
    /// <param name="cancellationToken">Ends all; leaving the enumeration does so, too.</param>
    /// <returns>Each item with its work, which may still go on and may fail.</returns>
    public static async IAsyncEnumerable<(T Item, Task<TResult> Work)> StartAsync<T, TResult>(
        IEnumerable<T> items,
        int concurrency,
        Func<T, CancellationToken, Task<TResult>> start,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new Queue<(T Item, Task<TResult> Work)>();
        try
        {
            foreach (var item in items)
            {
                if (running.Count == concurrency)
                {
                    await Task.WhenAny(running.Peek().Work);
                    yield return running.Dequeue();
                }

                running.Enqueue((item, start(item, stop.Token)));
            }

            while (running.Count > 0)
            {
                yield return running.Dequeue();
            }
        }
        finally
        {
            await stop.CancelAsync();
            while (running.TryDequeue(out var left))
            {
                await Task.WhenAny(left.Work);
                _ = left.Work.Exception;
            }
        }
    }
}
