namespace Tributary.Sdk.Reading;

/// <summary>
/// Reads one connector's content. A reader does no waiting, retrying, caching or throttling of its own (the HTTP client
/// that it is handed does), keeps nothing in memory that grows with the source (<see cref="IWorkList"/> does), and
/// touches clock, network and disk only through its <see cref="ReaderContext"/>.
/// </summary>
public interface IReader
{
    /// <summary>Does this config with these credentials reach the source, and may it read what it needs?</summary>
    /// <exception cref="SourceException">It does not; the message says what to do about it.</exception>
    Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The source's content from a position on. Order is a promise: a <see cref="ReadItem.Checkpoint"/> covers
    /// everything yielded before it. A long listing checkpoints at least every page or hundred items. A resumed read
    /// never misses an item that changed while the reader was away, and may yield some again.
    /// </summary>
    /// <param name="request">Where to begin, and whether to trust what is known.</param>
    /// <param name="cancellationToken">Ends the read promptly.</param>
    /// <exception cref="SourceException">The source as a whole cannot be read on.</exception>
    IAsyncEnumerable<ReadItem> ReadAsync(ReadRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// The ids of everything that is live, as cheaply as the source allows: exactly the documents that
    /// <see cref="ReadAsync"/> would yield. It either completes or throws; a partial listing never looks complete.
    /// </summary>
    /// <param name="cancellationToken">Ends the listing promptly, by throwing.</param>
    /// <exception cref="SourceException">The source cannot be listed to its end.</exception>
    IAsyncEnumerable<string> ListAsync(CancellationToken cancellationToken);
}
