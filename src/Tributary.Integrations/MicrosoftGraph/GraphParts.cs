using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.MicrosoftGraph;

/// <summary>
/// Reads the parts of a tenant (mailboxes, libraries, channels) so that one that cannot be read stops no other. Faults of
/// Graph's own in several parts in a row are the tenant's trouble, and end the run.
/// </summary>
internal sealed class GraphParts
{
    private const int MostInARow = 3;
    private int _inARow;

    /// <summary>The items of one part; where it cannot be read on, a failure with its name in their place.</summary>
    public async IAsyncEnumerable<ReadItem> OrFailed(
        IAsyncEnumerable<ReadItem> items,
        string id,
        string? link,
        string name,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var each = items.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            ReadItem.Failed? failure = null;
            try
            {
                if (!await each.MoveNextAsync())
                {
                    Interlocked.Exchange(ref _inARow, 0);
                    yield break;
                }
            }
            catch (SourceException exception) when (ConcernsThePart(exception))
            {
                failure = new ReadItem.Failed(id, link, $"{name} cannot be read: {exception.Message}");
            }

            yield return failure ?? each.Current;
            if (failure is not null)
            {
                yield break;
            }
        }
    }

    private bool ConcernsThePart(SourceException exception) =>
        GraphFailures.ConcernsOne(exception)
        || (exception.Status >= HttpStatusCode.InternalServerError && Interlocked.Increment(ref _inARow) <= MostInARow);
}
