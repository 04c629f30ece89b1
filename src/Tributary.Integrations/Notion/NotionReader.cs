using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Notion;

/// <summary>
/// Walks what was shared: the search's pages, the rows of its data sources, and what stands in all of them. A page that has
/// not changed costs no request of its own, since the note of its document says what stands in it.
/// </summary>
internal sealed class NotionReader(ReaderContext context, NotionConfig config) : ISearchingReader, ISingleReader
{
    private const string DataSourcePrefix = "d:";
    private const string DonePrefix = "p:";
    private const int Batch = 20;

    /// <summary>The search shows a change some minutes late.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(15);

    private readonly NotionApi _api = new(context.Http, config.Root);
    private readonly NotionSource _source = new(new NotionApi(context.Http, config.Root));
    private readonly string? _rootId = config.RootId;
    private readonly ItemReads _reads = new();

    private bool IsRecursive => config.RecursiveIndexEnabled || _rootId is not null;

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await _api.MeAsync(cancellationToken);
        try
        {
            if (_rootId is null)
            {
                await _api.SearchAsync("page", null, cancellationToken).FirstAsync(cancellationToken);
            }
            else if (!(await _source.OpenAsync(_rootId, cancellationToken)).Exists)
            {
                throw RootIsGone();
            }
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.Forbidden)
        {
            throw new SourceException(
                FailureKind.Credentials,
                "The connection lacks the capability 'Read content'. Turn it on at https://www.notion.so/profile/integrations.",
                exception
            )
            {
                Member = "credentials.notion_integration_token",
                Status = exception.Status,
            };
        }
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var selection = $"{_rootId}|{IsRecursive}";
        var position = request.CheckpointAs<NotionPosition>();
        if (position?.Selection != selection)
        {
            position = new NotionPosition { Selection = selection };
        }

        // What changed while a pass was interrupted may be in what it has done: a second pass looks there.
        for (var passes = position.IsMidway ? 2 : 1; passes > 0; passes--)
        {
            await foreach (var item in WalkAsync(position, isListing: false, cancellationToken))
            {
                yield return item;
                position = (item as ReadItem.Checkpoint)?.As<NotionPosition>() ?? position;
            }
        }
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var start = new NotionPosition { Selection = "" };
        await foreach (var item in WalkAsync(start, isListing: true, cancellationToken))
        {
            if (item is ReadItem.Unchanged { DocumentId: var id })
            {
                yield return id;
            }
        }
    }

    public async IAsyncEnumerable<FoundItem> SearchAsync(
        string query,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var page in _api.SearchAsync("page", null, cancellationToken, query).Take(1))
        {
            foreach (var found in page.Body.Results!.Where(found => !found.IsGone))
            {
                yield return new FoundItem(found.Id, NotionDirectory.TitleOf(found), found.Link, found.LastEditedTime);
            }
        }
    }

    public async Task<ReadItem> ReadOneAsync(string id, CancellationToken cancellationToken)
    {
        if (NotionConfig.IdIn(id) is not { } known)
        {
            return new ReadItem.Deleted(id);
        }

        var page = await _api.PageAsync(known, cancellationToken);
        return page.IsGone
            ? new ReadItem.Deleted(id)
            : new ReadItem.Found(
                (await new NotionMapping(context, _api).ReadAsync(page, isSettled: true, cancellationToken)).Page
            );
    }

    /// <summary>One pass. A listing tells every live id as <see cref="ReadItem.Unchanged"/>, and throws where it cannot.</summary>
    private async IAsyncEnumerable<ReadItem> WalkAsync(
        NotionPosition position,
        bool isListing,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var walk = new Walk(new NotionMapping(context, _api), isListing);
        var since = isListing ? null : position.Watermark.From(Overlap);
        if (position.Phase == NotionPhase.Begin)
        {
            await context.Work.ClearAsync(cancellationToken);
            position = position with { Phase = _rootId is null ? NotionPhase.Pages : NotionPhase.Found, Next = null };
            if (_rootId is not null)
            {
                await AddAsync([NotionBody.PagePrefix + _rootId], cancellationToken);
                var newest = await _api.SearchAsync("page", null, cancellationToken).FirstAsync(cancellationToken);
                position = Begin(position, newest.Body.Results!);
                yield return ReadItem.Checkpoint.From(position);
            }
        }

        if (position.Phase == NotionPhase.Pages)
        {
            await foreach (var page in _source.SearchAsync("page", position.Next, isListing, cancellationToken))
            {
                var pages = page.Body.Results!;
                position = Begin(position, pages);
                await foreach (var item in VisitAsync(walk, pages, position, cancellationToken))
                {
                    position = item is ReadItem.Failed ? Hold(position, pages) : position;
                    yield return item;
                }

                if (page.Next is null || (!IsRecursive && pages.Any(one => one.LastEditedTime < since)))
                {
                    break;
                }

                position = position with { Next = page.Next };
                yield return ReadItem.Checkpoint.From(position);
            }

            position = position with { Phase = NotionPhase.DataSources, Next = null };
            yield return ReadItem.Checkpoint.From(position);
        }

        if (position.Phase == NotionPhase.DataSources)
        {
            await foreach (var page in _source.SearchAsync("data_source", position.Next, isListing, cancellationToken))
            {
                await AddAsync(
                    page.Body.Results!.Where(source => !source.IsGone).Select(source => DataSourcePrefix + source.Id),
                    cancellationToken
                );
                position = position with { Next = page.Next };
                yield return ReadItem.Checkpoint.From(position);
            }

            position = position with { Phase = NotionPhase.Found, Next = null };
        }

        while (await context.Work.TakeAsync(Batch, cancellationToken) is { Count: > 0 } found)
        {
            foreach (var item in found)
            {
                // The rows of a database that was found below the root lead to what stands in them, changed or not.
                await foreach (
                    var read in FollowAsync(walk, item.Key, _rootId is null ? since : null, position, cancellationToken)
                )
                {
                    position = read is ReadItem.Failed ? Hold(position, []) : position;
                    yield return read is ReadItem.Checkpoint ? ReadItem.Checkpoint.From(position) : read;
                }

                context.Work.Complete(item.Key);
            }

            yield return ReadItem.Checkpoint.From(position);
        }

        yield return ReadItem.Checkpoint.From(
            new NotionPosition { Selection = position.Selection, Watermark = position.Watermark.Complete() }
        );
    }

    /// <summary>Something that was found: a data source, a page in a page, a database in a page.</summary>
    private async IAsyncEnumerable<ReadItem> FollowAsync(
        Walk walk,
        string key,
        DateTimeOffset? since,
        NotionPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var id = key[2..];
        if (key.StartsWith(DataSourcePrefix, StringComparison.Ordinal))
        {
            await foreach (var rows in _source.RowsAsync(id, since, cancellationToken))
            {
                await AddAsync(
                    rows.Where(row => row.Object == "data_source").Select(row => DataSourcePrefix + row.Id),
                    cancellationToken
                );
                await foreach (var item in VisitAsync(walk, rows, position, cancellationToken))
                {
                    yield return item;
                }

                yield return ReadItem.Checkpoint.From(position);
            }

            yield break;
        }

        if (await context.Work.ContainsAsync(DonePrefix + id, cancellationToken))
        {
            yield break;
        }

        NotionFound? found = null;
        var isPage = key.StartsWith(NotionBody.PagePrefix, StringComparison.Ordinal);
        if (walk.IsListing)
        {
            found = await _source.OpenAsync(id, cancellationToken, isPage);
        }
        else
        {
            var outcome = await _reads.ReadAsync(
                id,
                null,
                async () =>
                {
                    found = await _source.OpenAsync(id, cancellationToken, isPage);
                    return new ReadItem.Deleted(id);
                }
            );
            if (outcome is ReadItem.Failed)
            {
                yield return outcome;
                yield break;
            }
        }

        if (found is not { Exists: true })
        {
            if (id == _rootId)
            {
                throw RootIsGone();
            }

            if (isPage)
            {
                yield return new ReadItem.Deleted(id);
            }

            yield break;
        }

        await AddAsync(
            (found.Database?.DataSources ?? [])
                .Where(source => source?.Id is { Length: > 0 })
                .Select(source => DataSourcePrefix + source.Id),
            cancellationToken
        );
        if (found.Page is { } page)
        {
            await foreach (var item in VisitAsync(walk, [page], position, cancellationToken))
            {
                yield return item;
            }
        }
    }

    /// <summary>Pages as a listing gives them: each is visited once in a pass.</summary>
    private async IAsyncEnumerable<ReadItem> VisitAsync(
        Walk walk,
        IReadOnlyList<NotionObject> listed,
        NotionPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // Where only a page's id is shown, it is asked for later.
        var isShown = listed
            .Where(page => page?.Id is { Length: > 0 } && page.Object != "data_source")
            .ToLookup(page => page.LastEditedTime is not null);
        await AddAsync(isShown[false].Select(page => NotionBody.PagePrefix + page.Id), cancellationToken);
        var pages = isShown[true].DistinctBy(page => page.Id).ToDictionary(page => DonePrefix + page.Id);
        var fresh = await context.Work.AddAsync([.. pages.Keys.Select(key => new WorkItem(key))], cancellationToken);
        var known = await context.Known.GetAsync([.. fresh.Select(item => pages[item.Key].Id)], cancellationToken);
        foreach (var key in fresh.Select(item => item.Key))
        {
            var page = pages[key];
            if (page.IsGone)
            {
                yield return new ReadItem.Deleted(page.Id);
            }
            else
            {
                await foreach (
                    var item in VisitAsync(walk, page, known.GetValueOrDefault(page.Id), position, cancellationToken)
                )
                {
                    yield return item;
                }
            }

            context.Work.Complete(key);
        }
    }

    private async IAsyncEnumerable<ReadItem> VisitAsync(
        Walk walk,
        NotionObject page,
        KnownDocument? known,
        NotionPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var isSettled = page.LastEditedTime < position.Watermark.Newest;
        if (await UnchangedAsync(walk, page, known, cancellationToken) is { } children)
        {
            foreach (var id in FilesIn(children).Prepend(page.Id))
            {
                yield return new ReadItem.Unchanged(id);
            }

            await FollowLaterAsync(children, cancellationToken);
            yield break;
        }

        if (walk.IsListing)
        {
            if (await _source.BodyAsync(page, cancellationToken) is { } body)
            {
                yield return new ReadItem.Unchanged(page.Id);
                foreach (var file in body.Files)
                {
                    yield return new ReadItem.Unchanged(file.Id);
                }

                await FollowLaterAsync(body.Children, cancellationToken);
            }

            yield break;
        }

        PageDocuments? read = null;
        yield return await _reads.ReadAsync(
            page.Id,
            page.Link,
            async () =>
            {
                read = await walk.Mapping.ReadAsync(page, isSettled, cancellationToken);
                return new ReadItem.Found(read.Page);
            }
        );
        foreach (var file in read?.Files ?? [])
        {
            yield return new ReadItem.Found(file);
        }

        await FollowLaterAsync(read?.Children ?? [], cancellationToken);
    }

    /// <summary>What stands on a page that is stored as it is, by its document's note; null where it has to be read.</summary>
    private async Task<IReadOnlyList<string>?> UnchangedAsync(
        Walk walk,
        NotionObject page,
        KnownDocument? known,
        CancellationToken cancellationToken
    )
    {
        if (
            known?.Version?.StartsWith(NotionMapping.StateOf(page, true), StringComparison.Ordinal) != true
            || NotionMapping.ChildrenIn(known) is not { } children
        )
        {
            return null;
        }

        // A file that could not be read is tried again with its page.
        var files = FilesIn(children).ToList();
        return
            walk.IsListing
            || files.Count == 0
            || (await context.Known.GetAsync(files, cancellationToken)).Count == files.Count
            ? children
            : null;
    }

    private static IEnumerable<string> FilesIn(IEnumerable<string> children) =>
        children
            .Where(child => child.StartsWith(NotionMapping.FilePrefix, StringComparison.Ordinal))
            .Select(child => child[NotionMapping.FilePrefix.Length..]);

    private async Task FollowLaterAsync(IEnumerable<string> children, CancellationToken cancellationToken)
    {
        if (IsRecursive)
        {
            await AddAsync(
                children.Where(child => !child.StartsWith(NotionMapping.FilePrefix, StringComparison.Ordinal)),
                cancellationToken
            );
        }
    }

    private async Task AddAsync(IEnumerable<string> keys, CancellationToken cancellationToken)
    {
        List<WorkItem> items = [.. keys.Distinct().Select(key => new WorkItem(key))];
        if (items.Count > 0)
        {
            await context.Work.AddAsync(items, cancellationToken);
        }
    }

    private static NotionPosition Begin(NotionPosition position, IReadOnlyList<NotionObject> pages) =>
        position with
        {
            Watermark = position.Watermark.Begin(pages.Max(page => page.LastEditedTime)),
        };

    private static NotionPosition Hold(NotionPosition position, IReadOnlyList<NotionObject> pages) =>
        position with
        {
            Watermark = position.Watermark.Hold(pages.Min(page => page.LastEditedTime)),
        };

    private static SourceException RootIsGone() =>
        new(
            FailureKind.Configuration,
            "There is no page or database with this id that the connection can see. Share it: page menu (•••), Connections; and check "
                + "root_page_id."
        )
        {
            Member = "config.root_page_id",
        };

    private sealed record Walk(NotionMapping Mapping, bool IsListing);
}
