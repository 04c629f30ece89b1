using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.GoogleDrive;

/// <summary>
/// Reads one user or shared drive: everything once, and from then on by the log of changes, whose token is taken before the
/// listing begins.
/// </summary>
internal sealed class DriveLog(ReaderContext context, DriveApi api, DriveMapping mapping, DriveScope scope)
{
    /// <summary>Items that failed and are tried again; with more of them everything is listed again.</summary>
    public const int MostRetries = 100;

    /// <summary>Reads a target. A user who may not use Drive is passed over, since the others can be read.</summary>
    public async IAsyncEnumerable<ReadItem> ReadAsync(
        DriveTarget target,
        DriveLogPosition? position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var items = ReadTargetAsync(target, position, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            SourceException? refusal = null;
            try
            {
                if (!await items.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (SourceException exception) when (ConcernsTheUser(target, exception))
            {
                refusal = exception;
            }

            if (refusal is not null)
            {
                yield return new ReadItem.Skipped(target.Email ?? target.Key, refusal.Message);
                yield break;
            }

            yield return items.Current;
        }
    }

    private async IAsyncEnumerable<ReadItem> ReadTargetAsync(
        DriveTarget target,
        DriveLogPosition? from,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        target = await GoogleDriveReader.ActingAsync(scope, target, cancellationToken);
        var email = target.DriveId is null ? target.Email : target.User ?? target.Email;
        var items = new DriveItems(context, mapping);
        var position = from?.Token is null
            ? new DriveLogPosition { Token = await api.ChangesStartAsync(target, cancellationToken) }
            : from;
        if (!position.IsListed)
        {
            var pages = DriveListing.FromAsync(
                next => api.FilesAsync(target, false, next, cancellationToken),
                position.Next,
                cancellationToken
            );
            await foreach (var page in pages)
            {
                var files = await ResolvedAsync(target, page.Body.Files, cancellationToken);
                await foreach (var item in items.ReadAsync(files, target.User, email, cancellationToken))
                {
                    position = position.With(item);
                    yield return item;
                }

                position = position with { Next = page.Next };
                yield return ReadItem.Checkpoint.From(position);
            }

            position = position with { IsListed = true, Next = null };
            yield return ReadItem.Checkpoint.From(position);
        }

        await foreach (var item in AgainAsync(target, from?.Retry ?? [], items, email, cancellationToken))
        {
            position = position.With(item);
            yield return item;
        }

        var isForgotten = false;
        await using var changes = api.ChangesAsync(target, position.Token!, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await changes.MoveNextAsync())
                {
                    break;
                }
            }
            catch (SourceException exception)
                when (from?.Token is not null
                    && exception.Status is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Gone
                )
            {
                isForgotten = true;
                break;
            }

            await foreach (var item in ChangedAsync(target, changes.Current.Body, items, email, cancellationToken))
            {
                position = position.With(item);
                yield return item;
            }

            position = position with
            {
                Token = changes.Current.Next ?? changes.Current.Body.NewStartPageToken ?? position.Token,
            };
            yield return ReadItem.Checkpoint.From(position);
        }

        if (isForgotten || position.Retry.Count > MostRetries)
        {
            position = new DriveLogPosition();
            yield return ReadItem.Checkpoint.From(position);
        }

        if (isForgotten)
        {
            await foreach (var item in ReadTargetAsync(target, null, cancellationToken))
            {
                yield return item;
            }
        }
    }

    private async IAsyncEnumerable<ReadItem> ChangedAsync(
        DriveTarget target,
        DriveChangeList page,
        DriveItems items,
        string? email,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var files = new List<DriveFile>();
        foreach (var change in page.Changes.Where(change => change is { ChangeType: null or "file", FileId: not null }))
        {
            if (change is { Removed: false, File: { Trashed: false } file })
            {
                files.Add(file);
            }
            else if (change.File is { Trashed: true } || await IsGoneAsync(target, change.FileId!, cancellationToken))
            {
                yield return new ReadItem.Deleted(change.FileId!);
            }
        }

        var known = await ResolvedAsync(target, files, cancellationToken);
        await foreach (var item in items.ReadAsync(known, target.User, email, cancellationToken))
        {
            yield return item;
        }
    }

    /// <summary>
    /// A removal in a log means that this reader lost sight of the file; with several readers the next prune knows better.
    /// </summary>
    private async Task<bool> IsGoneAsync(DriveTarget target, string id, CancellationToken cancellationToken) =>
        !scope.Delegates
        && await api.FindAsync(id, target.User, cancellationToken) switch
        {
            null or { Trashed: true } => true,
            var file => scope.Targets.Count == 1 && scope.Folders.Count == 0 && !target.Has(file),
        };

    /// <summary>What failed in the run before.</summary>
    private async IAsyncEnumerable<ReadItem> AgainAsync(
        DriveTarget target,
        IReadOnlyList<string> ids,
        DriveItems items,
        string? email,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (var id in ids)
        {
            if (await api.FindAsync(id, target.User, cancellationToken) is not { Trashed: false } file)
            {
                yield return new ReadItem.Deleted(id);
                continue;
            }

            await foreach (var item in items.ReadAsync([file], target.User, email, cancellationToken))
            {
                yield return item;
            }
        }
    }

    private async Task<List<DriveFile>> ResolvedAsync(
        DriveTarget target,
        IEnumerable<DriveFile> files,
        CancellationToken cancellationToken
    )
    {
        var resolved = new List<DriveFile>();
        foreach (var listed in files.Where(target.Has))
        {
            if (await api.ResolveAsync(listed, target.User, cancellationToken) is { } file)
            {
                resolved.Add(file);
            }
        }

        return resolved;
    }

    private bool ConcernsTheUser(DriveTarget target, SourceException exception) =>
        scope.Delegates
        && target.DriveId is null
        && exception is { Kind: FailureKind.Credentials, Status: null or HttpStatusCode.Forbidden };
}

/// <summary>Listings whose page tokens die after some hours.</summary>
internal static class DriveListing
{
    /// <summary>Goes on at a page; from the beginning where the source no longer knows it.</summary>
    public static async IAsyncEnumerable<Page<DriveFileList>> FromAsync(
        Func<string?, IAsyncEnumerable<Page<DriveFileList>>> pages,
        string? from,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var isFirst = from is not null;
        await using (var listing = pages(from).GetAsyncEnumerator(cancellationToken))
        {
            while (true)
            {
                try
                {
                    if (!await listing.MoveNextAsync())
                    {
                        yield break;
                    }
                }
                catch (SourceException exception) when (isFirst && exception.Status == HttpStatusCode.BadRequest)
                {
                    break;
                }

                isFirst = false;
                yield return listing.Current;
            }
        }

        await foreach (var page in pages(null).WithCancellation(cancellationToken))
        {
            yield return page;
        }
    }
}

/// <summary>Where one log stands.</summary>
internal sealed record DriveLogPosition
{
    /// <summary>The log's token; null before the first read.</summary>
    public string? Token { get; init; }

    /// <summary>The listing that comes first is complete.</summary>
    public bool IsListed { get; init; }

    /// <summary>Its next page.</summary>
    public string? Next { get; init; }

    /// <summary>Files that could not be read.</summary>
    public IReadOnlyList<string> Retry { get; init; } = [];

    /// <summary>The position after an item.</summary>
    public DriveLogPosition With(ReadItem item) =>
        item switch
        {
            ReadItem.Failed failed when Retry.Count <= DriveLog.MostRetries && !Retry.Contains(failed.ItemId) =>
                this with
                {
                    Retry = [.. Retry, failed.ItemId],
                },
            ReadItem.Found found when Retry.Contains(found.Document.Id) => Without(found.Document.Id),
            ReadItem.Unchanged unchanged when Retry.Contains(unchanged.DocumentId) => Without(unchanged.DocumentId),
            ReadItem.Deleted deleted when Retry.Contains(deleted.DocumentId) => Without(deleted.DocumentId),
            _ => this,
        };

    private DriveLogPosition Without(string id) => this with { Retry = [.. Retry.Where(kept => kept != id)] };
}
