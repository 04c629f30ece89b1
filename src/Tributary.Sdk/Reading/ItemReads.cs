using System.Net;
using Tributary.Sdk.Content;

namespace Tributary.Sdk.Reading;

/// <summary>
/// Reads single items so that one that cannot be read does not end the run: it is told as failed, or as deleted when it
/// vanished after it was listed. Many failures in a row are the source's trouble, not the items', and end the run.
/// </summary>
/// <param name="mostInARow">How many items may fail one after the other.</param>
public sealed class ItemReads(int mostInARow = 5)
{
    private int _inARow;

    /// <summary>Reads one item.</summary>
    /// <param name="documentId">Its document's id.</param>
    /// <param name="link">Where a person can look at it.</param>
    /// <param name="read">The read.</param>
    /// <returns>What <paramref name="read"/> returns, or <see cref="ReadItem.Deleted"/>, or <see cref="ReadItem.Failed"/>.</returns>
    /// <exception cref="SourceException">The whole source is in trouble: credentials, a limit, too many failures.</exception>
    public async Task<ReadItem> ReadAsync(string documentId, string? link, Func<Task<ReadItem>> read)
    {
        try
        {
            var item = await read().ConfigureAwait(false);
            _inARow = 0;
            return item;
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            _inARow = 0;
            return new ReadItem.Deleted(documentId);
        }
        catch (SourceException exception) when (ConcernsTheItem(exception) && ++_inARow <= mostInARow)
        {
            return new ReadItem.Failed(documentId, link, exception.Message);
        }
        catch (ContentException exception)
        {
            return new ReadItem.Failed(documentId, link, exception.Message);
        }
    }

    private static bool ConcernsTheItem(SourceException exception) =>
        exception.Status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests => false,
            HttpStatusCode.Forbidden => true,
            _ => exception.Kind is FailureKind.Transient or FailureKind.Source,
        };
}
