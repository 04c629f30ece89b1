using System.Runtime.CompilerServices;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.SharePoint;

/// <summary>Reads libraries by their deltas and pages by their times. See https://learn.microsoft.com/graph/api/resources/sharepoint.</summary>
internal sealed class SharePointReader(ReaderContext context, SharePointConfig config) : IReader
{
    private readonly ItemReads _reads = new();
    private readonly GraphParts _parts = new();
    private readonly SharePointSites _sites = new(context, config);
    private readonly SharePointLibrary _library = new(context, config);
    private readonly SharePointPages _pages = new(context, config);

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        SharePointTask? first = null;
        await foreach (var page in _sites.PagesAsync(cancellationToken))
        {
            first ??= page.Count > 0 ? page[0] : null;
            if (first is not null && config.Sites is not { Count: > 0 })
            {
                break;
            }
        }

        if (first is not { Kind: SharePointTask.Site })
        {
            return;
        }

        await GraphFailures.AllowedAsync(
            () => _sites.PartsAsync(first, cancellationToken),
            "Sites.Read.All (or, with Sites.Selected, the role read on the site)"
        );
        if (config.IncludeSitePages)
        {
            await GraphFailures.AllowedAsync(
                async () => await PagesOfAsync(first, cancellationToken).AnyAsync(cancellationToken),
                "Sites.Read.All"
            );
        }
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var position = request.CheckpointAs<SharePointPosition>();
        if (position?.Selection != config.Selection)
        {
            position = new SharePointPosition { Selection = config.Selection };
        }

        // What changed while a pass was interrupted may be in libraries that it has read: a second pass looks there.
        for (var passes = position.IsStarted ? 2 : 1; passes > 0; passes--)
        {
            await foreach (var item in PassAsync(position, cancellationToken))
            {
                yield return item;
            }
        }
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await context.Work.ClearAsync(cancellationToken);
        await foreach (var page in _sites.PagesAsync(cancellationToken))
        {
            await context.Work.AddAsync([.. page.Select(task => task.Item)], cancellationToken);
        }

        while (await context.Work.TakeAsync(config.Batch, cancellationToken) is { Count: > 0 } batch)
        {
            foreach (var item in batch)
            {
                var task = SharePointTask.Parse(item);
                if (task.Kind == SharePointTask.Site)
                {
                    var parts = await _sites.PartsAsync(task, cancellationToken);
                    await context.Work.AddAsync([.. parts.Select(part => part.Item)], cancellationToken);
                }
                else if (task.Kind == SharePointTask.Drive)
                {
                    await foreach (var rows in _library.PagesAsync(task, null, cancellationToken))
                    {
                        foreach (var row in rows.Body.Items.Where(row => _library.IsWanted(task, row)))
                        {
                            yield return row.DocumentId;
                        }
                    }
                }
                else
                {
                    await foreach (var pages in PagesOfAsync(task, cancellationToken))
                    {
                        foreach (var listed in pages.Body.Items.Where(listed => listed.IsPublished))
                        {
                            yield return listed.DocumentId;
                        }
                    }
                }

                context.Work.Complete(item.Key);
            }
        }
    }

    private async IAsyncEnumerable<ReadItem> PassAsync(
        SharePointPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (!position.IsStarted)
        {
            await context.Work.ClearAsync(cancellationToken);
            var missing = new List<(string Typed, SourceException Reason)>();
            await foreach (var page in _sites.PagesAsync(cancellationToken, missing))
            {
                await context.Work.AddAsync([.. page.Select(task => task.Item)], cancellationToken);
            }

            foreach (var (typed, reason) in missing)
            {
                yield return missing.Count < config.Sites?.Count
                    ? new ReadItem.Failed(typed, typed, reason.Message)
                    : throw reason;
            }

            await context.Work.AddAsync(
                [.. position.Links.Retry.Select(pair => new WorkItem(pair.Key, pair.Value))],
                cancellationToken
            );
            position.Links.Retry.Clear();
            position.IsStarted = true;
            yield return ReadItem.Checkpoint.From(position);
        }

        while (await context.Work.TakeAsync(config.Batch, cancellationToken) is { Count: > 0 } batch)
        {
            foreach (var item in batch)
            {
                var task = SharePointTask.Parse(item);
                var items = _parts.OrFailed(
                    ReadAsync(task, position, cancellationToken),
                    task.DriveUrl ?? task.SiteUrl ?? task.SiteId,
                    task.DriveUrl ?? task.SiteUrl,
                    $"{task.SiteTitle} {task.DriveName}".Trim(),
                    cancellationToken
                );
                await foreach (var found in items)
                {
                    if (found is ReadItem.Failed && task.Kind == SharePointTask.File)
                    {
                        position.IsHeld |= !position.Links.Hold(item.Key, item.Data!);
                    }

                    yield return found;
                }

                context.Work.Complete(item.Key);
            }

            yield return ReadItem.Checkpoint.From(position);
        }

        (position.IsStarted, position.IsHeld) = (false, false);
        yield return ReadItem.Checkpoint.From(position);
    }

    private IAsyncEnumerable<ReadItem> ReadAsync(
        SharePointTask task,
        SharePointPosition position,
        CancellationToken cancellationToken
    ) =>
        task.Kind switch
        {
            SharePointTask.Site => SiteAsync(task, cancellationToken),
            SharePointTask.Drive => DriveAsync(task, position, cancellationToken),
            SharePointTask.File => FileAsync(task, position, cancellationToken),
            _ => SitePagesAsync(task, cancellationToken),
        };

    private async IAsyncEnumerable<ReadItem> SiteAsync(
        SharePointTask task,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var parts = await _sites.PartsAsync(task, cancellationToken);
        await context.Work.AddAsync([.. parts.Select(part => part.Item)], cancellationToken);
        yield break;
    }

    private async IAsyncEnumerable<ReadItem> DriveAsync(
        SharePointTask task,
        SharePointPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var mark = task.Item.Key;
        if (position.Drive != mark)
        {
            (position.Drive, position.Next) = (mark, null);
        }

        string? delta = null;
        var pages = DeltaFeed.ReadAsync(
            position.Next ?? position.Links.Of(mark),
            from => _library.PagesAsync(task, from, cancellationToken),
            () => _library.PagesAsync(task, null, cancellationToken),
            null,
            cancellationToken
        );
        await foreach (var (page, isFull) in pages)
        {
            var rows = page.Body.Items;
            var known = await context.Known.GetAsync([.. rows.Select(row => row.DocumentId)], cancellationToken);
            foreach (var row in rows)
            {
                var stored = known.GetValueOrDefault(row.DocumentId);
                if (_library.IsWanted(task, row))
                {
                    // What a delta names has changed, if only in who may read it; in a full listing most has not.
                    var isSame =
                        (isFull || position.Links.Of(mark) is null)
                        && stored?.Version?.StartsWith(row.State, StringComparison.Ordinal) == true;
                    yield return isSame
                        ? new ReadItem.Unchanged(row.DocumentId)
                        : await FileAsync(task, row, position, cancellationToken);
                }
                else if (row.IsDeleted || stored is not null)
                {
                    yield return new ReadItem.Deleted(row.DocumentId);
                }
            }

            delta = page.Body.DeltaLink;
            position.Next = page.Next;
            if (page.Next is not null)
            {
                yield return ReadItem.Checkpoint.From(position);
            }
        }

        (position.Drive, position.Next) = (null, null);
        if (!position.IsHeld)
        {
            position.Links.Keep(mark, delta);
        }
    }

    private async IAsyncEnumerable<ReadItem> FileAsync(
        SharePointTask task,
        SharePointPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var item = await _library.ItemAsync(task, cancellationToken);
        yield return _library.IsWanted(task, item)
            ? await FileAsync(task, item, position, cancellationToken)
            : new ReadItem.Deleted(item.DocumentId);
    }

    private async Task<ReadItem> FileAsync(
        SharePointTask task,
        DriveItem item,
        SharePointPosition position,
        CancellationToken cancellationToken
    )
    {
        var outcome = await _reads.ReadAsync(
            item.DocumentId,
            item.WebUrl,
            () => _library.ReadAsync(task, item, cancellationToken)
        );
        if (outcome is ReadItem.Failed)
        {
            var again = (task with { Kind = SharePointTask.File, Folder = "", ItemId = item.Id }).Item;
            position.IsHeld |= !position.Links.Hold(again.Key, again.Data!);
        }

        return outcome;
    }

    /// <summary>The pages of a site; none where it has no library for them.</summary>
    private async IAsyncEnumerable<Page<GraphCollection<SitePage>>> PagesOfAsync(
        SharePointTask site,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var pages = _pages.PagesAsync(site.SiteId, cancellationToken).GetAsyncEnumerator(cancellationToken);
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                if (!await pages.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (SourceException exception) when (isFirst && GraphFailures.IsNotServed(exception))
            {
                // A site that is gone for the moment has not lost its pages: it has to answer itself.
                await _sites.AnswersAsync(site.SiteId, cancellationToken);
                yield break;
            }

            yield return pages.Current;
        }
    }

    private async IAsyncEnumerable<ReadItem> SitePagesAsync(
        SharePointTask task,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var page in PagesOfAsync(task, cancellationToken))
        {
            var listed = page.Body.Items;
            var known = await context.Known.GetAsync([.. listed.Select(item => item.DocumentId)], cancellationToken);
            foreach (var item in listed)
            {
                if (!item.IsPublished)
                {
                    if (known.ContainsKey(item.DocumentId))
                    {
                        yield return new ReadItem.Deleted(item.DocumentId);
                    }

                    continue;
                }

                var version = known.GetValueOrDefault(item.DocumentId)?.Version;
                yield return version is not null && version == SharePointPages.VersionOf(item)
                    ? new ReadItem.Unchanged(item.DocumentId)
                    : await _reads.ReadAsync(
                        item.DocumentId,
                        item.WebUrl,
                        () => _pages.ReadAsync(task, item, cancellationToken)
                    );
            }
        }
    }
}

/// <summary>Where a pass over the sites stands; what is still to be done is in the work list.</summary>
internal sealed class SharePointPosition
{
    /// <summary>What is being read: another selection begins afresh.</summary>
    public required string Selection { get; init; }

    /// <summary>The sites are in the work list: a pass is going on.</summary>
    public bool IsStarted { get; set; }

    /// <summary>The library that is being read.</summary>
    public string? Drive { get; set; }

    /// <summary>Where in it.</summary>
    public string? Next { get; set; }

    /// <summary>Too many files failed to remember them: the next pass reads all libraries again.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Delta links of libraries, and files that failed.</summary>
    public GraphLinks Links { get; init; } = new();
}
