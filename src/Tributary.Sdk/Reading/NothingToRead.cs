namespace Tributary.Sdk.Reading;

/// <summary>
/// The reader of integrations without content of their own (push, inert): a check always passes, a read has no documents,
/// and a listing is refused, since an empty one would mean that everything is gone.
/// </summary>
/// <param name="slug">The integration's slug, for the message.</param>
public sealed class NothingToRead(string slug) : IReader
{
    /// <inheritdoc />
    public Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public IAsyncEnumerable<ReadItem> ReadAsync(ReadRequest request, CancellationToken cancellationToken) =>
        AsyncEnumerable.Empty<ReadItem>();

    /// <inheritdoc />
    public IAsyncEnumerable<string> ListAsync(CancellationToken cancellationToken) =>
        throw new SourceException(
            FailureKind.Configuration,
            $"Listing is not supported by '{slug}': nothing is read there, so nothing can be missing. Turn pruning off."
        );
}
