using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Content;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Dropbox;

/// <summary>Reads a folder once, and from then on what the feed of changes tells about it.</summary>
internal sealed class DropboxReader(ReaderContext context, DropboxConfig config) : ISearchingReader, ISingleReader
{
    private const int ReadLimit = 200;
    private const int ListLimit = 2_000;

    private readonly DropboxApi _api = new(context.Http, config);
    private readonly ItemReads _reads = new();

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var account = await OpenAsync(cancellationToken);
        var entries = (await _api.FirstAsync(ListLimit, cancellationToken)).Entries;

        // Each permission is tried once, on the first file that comes.
        if (entries.FirstOrDefault(entry => entry.IsReadable(config.IncludePaper)) is { } file)
        {
            await new DropboxSharing(_api, account).LinkAsync(file, cancellationToken);
            await TryContentAsync(file, cancellationToken);
        }
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var account = await OpenAsync(cancellationToken);
        var sharing = new DropboxSharing(_api, account);
        var selection =
            $"{account.AccountId} {account.RootInfo?.RootNamespaceId} {config.Folder} {config.IncludePaper}";
        var position = request.CheckpointAs<DropboxPosition>();
        position = position?.Selection == selection ? position.Begin() : new DropboxPosition { Selection = selection };

        // A listing that was cut off goes on as it was; what changed meanwhile is told after its end.
        for (var passes = position.IsMidway ? 2 : 1; passes > 0; passes--)
        {
            await foreach (var item in ReadPassAsync(position, sharing, cancellationToken))
            {
                yield return item;
                position = (item as ReadItem.Checkpoint)?.As<DropboxPosition>() ?? position;
            }
        }

        yield return ReadItem.Checkpoint.From(position.Complete());
    }

    private async IAsyncEnumerable<ReadItem> ReadPassAsync(
        DropboxPosition position,
        DropboxSharing sharing,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var mapping = new DropboxMapping(_api, sharing);
        var feed = DeltaFeed.ReadAsync(
            position.Cursor,
            since => _api.PagesAsync(since, ReadLimit, cancellationToken),
            () => _api.PagesAsync(null, ReadLimit, cancellationToken),
            // A cursor that was reset, or is none here; whatever else is wrong shows when everything is listed anew.
            exception => exception.Status is HttpStatusCode.Conflict or HttpStatusCode.BadRequest,
            cancellationToken
        );
        await foreach (var (page, isFull) in feed)
        {
            var start = isFull && position.IsComplete ? null : position.Cursor;
            var files = page.Body.Entries.Where(entry => entry.IsReadable(config.IncludePaper)).ToList();
            var known = await context.Known.GetAsync([.. files.Select(IdOf)], cancellationToken);
            await sharing.LearnAsync(files.Where(file => !IsKnown(file)), cancellationToken);
            foreach (var file in files)
            {
                var id = IdOf(file);
                var item = IsKnown(file)
                    ? new ReadItem.Unchanged(id)
                    : await _reads.ReadAsync(
                        id,
                        DropboxSharing.HomeOf(file),
                        () => mapping.ReadAsync(id, file, cancellationToken)
                    );
                if (item is ReadItem.Failed)
                {
                    position = position.Hold(start);
                }

                yield return item;
            }

            position = position with { Cursor = page.Body.Cursor, IsComplete = position.IsComplete && !isFull };
            yield return ReadItem.Checkpoint.From(position);

            bool IsKnown(Entry file) => known.GetValueOrDefault(IdOf(file))?.Version == file.Version;
        }
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        await foreach (var page in _api.PagesAsync(null, ListLimit, cancellationToken))
        {
            foreach (var file in page.Body.Entries.Where(entry => entry.IsReadable(config.IncludePaper)))
            {
                yield return IdOf(file);
            }
        }
    }

    public async IAsyncEnumerable<FoundItem> SearchAsync(
        string query,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await OpenAsync(cancellationToken);
        var answer = await _api.CallAsync(
            $"files/search_v2",
            new SearchArgument(query, new SearchOptions(config.Folder, limit)),
            DropboxJson.Default.SearchArgument,
            DropboxJson.Default.SearchAnswer,
            cancellationToken
        );
        foreach (var file in (answer.Matches ?? []).Select(match => match.Metadata?.Metadata).OfType<Entry>())
        {
            if (file.IsReadable(config.IncludePaper))
            {
                yield return new FoundItem(file.Id!, file.Name, null, file.ServerModified);
            }
        }
    }

    public async Task<ReadItem> ReadOneAsync(string id, CancellationToken cancellationToken)
    {
        // Dropbox refuses what is neither.
        if (!id.StartsWith("id:", StringComparison.Ordinal) && !id.StartsWith('/'))
        {
            return new ReadItem.Deleted(id);
        }

        var account = await OpenAsync(cancellationToken);
        var file = await _api.CallAsync(
            $"files/get_metadata",
            new PathArgument(id),
            DropboxJson.Default.PathArgument,
            DropboxJson.Default.Entry,
            cancellationToken
        );
        return file.IsReadable(config.IncludePaper)
            ? await new DropboxMapping(_api, new DropboxSharing(_api, account)).ReadAsync(
                IdOf(file),
                file,
                cancellationToken
            )
            : new ReadItem.Deleted(id);
    }

    private static string IdOf(Entry file) => $"doc:{file.Id}";

    private async Task<CurrentAccount> OpenAsync(CancellationToken cancellationToken)
    {
        var account = await _api.WhoAsync(cancellationToken);
        _api.BeginAt(account.RootInfo);
        if (config.Folder.Length == 0)
        {
            return account;
        }

        try
        {
            var folder = await _api.CallAsync(
                $"files/get_metadata",
                new PathArgument(config.Folder),
                DropboxJson.Default.PathArgument,
                DropboxJson.Default.Entry,
                cancellationToken
            );
            return folder.Tag == "folder" ? account : throw Missing(null);
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            throw Missing(exception);
        }
    }

    private SourceException Missing(Exception? inner) =>
        new(
            FailureKind.Configuration,
            $"There is no folder '{config.Folder}' that this account can see. Write its path from the top, e.g. '/Handbook'.",
            inner
        )
        {
            Member = "config.folder_path",
        };

    private async Task TryContentAsync(Entry file, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _api.ContentAsync(file, !file.IsExported, null, cancellationToken);
        }
        catch (Exception exception)
            when (exception is ContentException or SourceException { Kind: not FailureKind.Credentials })
        {
            // What is wrong with one file is no obstacle; the run tells of it.
        }
    }
}

/// <summary>Where the reading of an account stands.</summary>
internal sealed record DropboxPosition
{
    /// <summary>What is being read: another selection begins afresh.</summary>
    public required string Selection { get; init; }

    /// <summary>What the listing or the feed goes on with; null for the beginning.</summary>
    public string? Cursor { get; init; }

    /// <summary>Everything was listed to its end, so that what follows are changes.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Something failed in this pass.</summary>
    public bool IsHeld { get; init; }

    /// <summary>The cursor before the first failure: the next run begins there.</summary>
    public string? HeldAt { get; init; }

    /// <summary>A listing was cut off here.</summary>
    [JsonIgnore]
    public bool IsMidway => Cursor is not null && !IsComplete;

    /// <summary>Where a run begins: before the first failure of one that was cut off.</summary>
    public DropboxPosition Begin() => IsHeld ? Complete() : this;

    public DropboxPosition Hold(string? cursor) => IsHeld ? this : this with { IsHeld = true, HeldAt = cursor };

    public DropboxPosition Complete() =>
        new()
        {
            Selection = Selection,
            Cursor = IsHeld ? HeldAt : Cursor,
            IsComplete = !IsHeld,
        };
}
