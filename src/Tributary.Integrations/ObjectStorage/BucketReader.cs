using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.ObjectStorage;

/// <summary>
/// Reads every object below a prefix, in order of keys. A store tells no changes: each pass lists everything, and only
/// what has another ETag than before is fetched.
/// </summary>
internal sealed class BucketReader(ReaderContext context, ObjectStore store) : IReader
{
    private const int Chunk = 100;

    private readonly BucketApi _api = new(context.Http, store);
    private readonly ItemReads _reads = new();

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var listing = await _api.FindAsync(Chunk, cancellationToken);
        if (listing.Objects.FirstOrDefault(item => item is { IsFolder: false, ReasonToSkip: null }) is { } readable)
        {
            await CheckReadableAsync(readable, cancellationToken);
        }
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var selection = $"{store.EndpointOf(store.Region)} {store.Config.Bucket} {store.Config.KeyPrefix}";
        var position = request.CheckpointAs<BucketPosition>();
        if (position?.Selection != selection)
        {
            position = new BucketPosition { Selection = selection };
        }

        await _api.FindAsync(1, cancellationToken);
        var start = position.After;
        await foreach (var item in ReadPartAsync(position, cancellationToken))
        {
            yield return item;
        }

        if (start is not null)
        {
            // What changed while a pass was interrupted may stand before the key where it went on.
            var before = new BucketPosition { Selection = selection, Until = start };
            await foreach (var item in ReadPartAsync(before, cancellationToken))
            {
                yield return item;
            }
        }

        yield return ReadItem.Checkpoint.From(new BucketPosition { Selection = selection });
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _api.FindAsync(1, cancellationToken);
        await foreach (var page in _api.PagesAsync(null, cancellationToken))
        {
            foreach (var item in page.Body.Objects.Where(item => item is { IsFolder: false, ReasonToSkip: null }))
            {
                yield return IdOf(item);
            }
        }
    }

    private async IAsyncEnumerable<ReadItem> ReadPartAsync(
        BucketPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var mapping = new BucketMapping(_api, store);
        var from = position.After is { } after ? BucketListing.CursorAfter(after) : null;
        await foreach (var page in _api.PagesAsync(from, cancellationToken))
        {
            foreach (var chunk in page.Body.Objects.Chunk(Chunk))
            {
                var files = chunk.Where(item => !item.IsFolder && !position.IsBeyond(item.Key)).ToList();
                var known = await context.Known.GetAsync([.. files.Select(IdOf)], cancellationToken);
                foreach (var listed in files)
                {
                    var id = IdOf(listed);
                    var link = store.LinkTo(listed.Key, _api.Region);
                    yield return listed.ReasonToSkip is { } reason ? new ReadItem.Skipped(id, reason)
                    : known.GetValueOrDefault(id)?.Version == listed.Version ? new ReadItem.Unchanged(id)
                    : await _reads.ReadAsync(id, link, () => mapping.ReadAsync(id, link, listed, cancellationToken));
                }

                if (position.IsBeyond(chunk[^1].Key))
                {
                    yield break;
                }

                position = position with { After = chunk[^1].Key };
                yield return ReadItem.Checkpoint.From(position);
            }
        }
    }

    /// <summary>Listing and reading are two rights. What else is wrong with one object is no obstacle.</summary>
    private async Task CheckReadableAsync(BucketObject item, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _api.GetAsync(item, onlyHead: true, null, cancellationToken);
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.Forbidden)
        {
            throw new SourceException(
                exception.Kind,
                $"The bucket can be listed, but '{item.Key}' cannot be read. {exception.Message}",
                exception
            )
            {
                Status = exception.Status,
            };
        }
        catch (Exception exception) when (exception is SourceException or ContentException)
        {
            // Archived, encrypted by a key of the owner's, gone meanwhile: the run tells of it.
        }
    }

    private string IdOf(BucketObject item) => $"{store.Slug}:{store.Config.Bucket}:{item.Key}";
}

/// <summary>Where a pass over a bucket stands.</summary>
internal sealed record BucketPosition
{
    /// <summary>What is being read: another selection begins afresh.</summary>
    public required string Selection { get; init; }

    /// <summary>The last key that is finished; null between passes.</summary>
    public string? After { get; init; }

    /// <summary>The last key that is still to be looked at; null for all.</summary>
    public string? Until { get; init; }

    /// <summary>Stores sort keys by their bytes.</summary>
    public bool IsBeyond(string key) =>
        Until is not null && Encoding.UTF8.GetBytes(key).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(Until)) > 0;
}
