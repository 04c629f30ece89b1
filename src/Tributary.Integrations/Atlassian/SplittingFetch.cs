using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Sdk;

namespace Tributary.Integrations.Atlassian;

/// <summary>
/// Fetches items in batches. A batch that the source cannot answer (one item is broken, or all together are too large and
/// the JSON is cut off) is halved until it can, so that one item costs no other.
/// </summary>
internal static class SplittingFetch
{
    /// <summary>Each id with its item; without one and without a failure when the source no longer has it.</summary>
    /// <param name="ids">At most what the source takes at once.</param>
    /// <param name="fetch">Fetches some of them, by id.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async IAsyncEnumerable<(string Id, T? Item, SourceException? Failure)> FetchAsync<T>(
        IReadOnlyList<string> ids,
        Func<IReadOnlyList<string>, CancellationToken, Task<IReadOnlyDictionary<string, T>>> fetch,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
        where T : class
    {
        var waiting = new Stack<IReadOnlyList<string>>(ids.Count > 0 ? [ids] : []);
        while (waiting.TryPop(out var batch))
        {
            IReadOnlyDictionary<string, T>? items = null;
            SourceException? failure = null;
            try
            {
                items = await fetch(batch, cancellationToken);
            }
            catch (SourceException exception) when (IsOfContent(exception))
            {
                failure = exception;
            }

            if (failure is not null && batch.Count > 1)
            {
                waiting.Push([.. batch.Skip(batch.Count / 2)]);
                waiting.Push([.. batch.Take(batch.Count / 2)]);
                continue;
            }

            foreach (var id in batch)
            {
                yield return (id, items?.GetValueOrDefault(id), failure);
            }
        }
    }

    private static bool IsOfContent(SourceException exception) =>
        exception.Kind == FailureKind.Source || exception.Status >= HttpStatusCode.InternalServerError;
}
