using System.Runtime.CompilerServices;
using Tributary.Integrations.Atlassian;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Confluence;

/// <summary>
/// Searches for the pages that changed, oldest change first, and for comments and attachments that changed, whose pages are
/// read again. Everything is asked for in batches, since asking page by page exhausts the limits of large sites.
/// See https://developer.atlassian.com/cloud/confluence/advanced-searching-using-cql/.
/// </summary>
internal sealed class ConfluenceReader(
    ReaderContext context,
    ConfluenceConfig config,
    ConfluenceCredentials credentials
) : ISearchingReader, ISingleReader
{
    private const int BatchSize = 50;

    /// <summary>The search index lags behind; its times are read by the minute.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(10);

    /// <summary>Where the site does not tell in which zone it reads dates, any may be meant.</summary>
    private static readonly TimeSpan AnyZone = TimeSpan.FromHours(27);

    private readonly ItemReads _reads = new();

    public Task CheckAsync(CancellationToken cancellationToken) =>
        ConfluenceApi.OpenAsync(context, config, credentials, cancellationToken);

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var wiki = await ConfluenceApi.OpenAsync(context, config, credentials, cancellationToken);
        var mapping = new ConfluenceMapping(context, wiki);
        var position = request.CheckpointAs<ConfluencePosition>();
        if (position?.Scope != wiki.Scope)
        {
            position = new ConfluencePosition { Scope = wiki.Scope };
        }

        // A first pass reads all comments with their pages: of changes only those count that come after its beginning.
        var isFirst = position.Changes is null;
        var pages = position.Pages;
        var changes = position.Changes ?? new Ascent { Since = await wiki.NewestChangeAsync(cancellationToken) };
        var overlap = wiki.IsZoneKnown ? Overlap : AnyZone;
        await foreach (var page in WalkAsync(wiki, pages.From(overlap), cancellationToken))
        {
            foreach (var batch in page.Chunk(BatchSize))
            {
                await foreach (var item in ReadBatchAsync(wiki, mapping, batch, cancellationToken))
                {
                    pages = item is ReadItem.Failed failed ? pages.Hold(TimeOf(batch, mapping, failed)) : pages;
                    yield return item;
                }

                pages = pages.Reach(batch.Max(content => content.ChangedAt));
                yield return At();
            }
        }

        await foreach (var page in isFirst ? Nothing() : ChangesAsync(wiki, changes.From(overlap), cancellationToken))
        {
            foreach (var batch in page.Chunk(BatchSize))
            {
                var containers = batch.Select(content => content.Container?.ContentId).OfType<string>().ToHashSet();
                var listed =
                    containers.Count > 0 ? await wiki.PagesOfAsync(containers, ListExpand, cancellationToken) : [];
                await foreach (var item in ReadBatchAsync(wiki, mapping, listed, cancellationToken))
                {
                    changes = item is ReadItem.Failed ? changes.Hold(batch.Min(content => content.ChangedAt)) : changes;
                    yield return item;
                }

                changes = changes.Reach(batch.Max(content => content.ChangedAt));
                yield return At();
            }
        }

        (pages, changes) = (pages.Complete(), changes.Complete());
        yield return At();

        ReadItem At() => ReadItem.Checkpoint.From(position with { Pages = pages, Changes = changes });
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wiki = await ConfluenceApi.OpenAsync(context, config, credentials, cancellationToken);
        var mapping = new ConfluenceMapping(context, wiki);
        await foreach (var page in WalkAsync(wiki, null, cancellationToken))
        {
            foreach (var batch in page.Where(content => !config.IsSkipped(content)).Chunk(BatchSize))
            {
                foreach (var content in batch)
                {
                    yield return mapping.IdOf(content);
                }

                foreach (var attachment in await AttachmentsAsync(wiki, batch, cancellationToken))
                {
                    yield return mapping.IdOf(attachment);
                }
            }
        }
    }

    public async IAsyncEnumerable<FoundItem> SearchAsync(
        string query,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var wiki = await ConfluenceApi.OpenAsync(context, config, credentials, cancellationToken);
        var mapping = new ConfluenceMapping(context, wiki);
        await foreach (var page in wiki.FindAsync(query, limit, cancellationToken).Take(1))
        {
            foreach (var content in page.Body.Results)
            {
                yield return new FoundItem(content.Id, content.Title, mapping.LinkTo(content), content.ChangedAt);
            }
        }
    }

    public async Task<ReadItem> ReadOneAsync(string id, CancellationToken cancellationToken)
    {
        var wiki = await ConfluenceApi.OpenAsync(context, config, credentials, cancellationToken);
        var mapping = new ConfluenceMapping(context, wiki);

        // It becomes a part of a query.
        var found = id.All(char.IsAsciiDigit)
            ? await wiki.PagesOfAsync([id], ConfluenceMapping.Expand, cancellationToken)
            : [];
        var comments =
            found.Count > 0
                ? await wiki.BelongingsOfAsync("comment", [id], "body.storage,version,container", cancellationToken)
                : [];
        return await ReadPageAsync(
            mapping,
            id,
            found is [var first, ..] ? first : null,
            null,
            comments,
            cancellationToken
        );
    }

    private async IAsyncEnumerable<ReadItem> ReadBatchAsync(
        ConfluenceApi wiki,
        ConfluenceMapping mapping,
        IReadOnlyList<Content> listed,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var live = listed.Where(content => !config.IsSkipped(content)).ToList();
        var comments =
            live.Count == 0
                ? []
                : await wiki.BelongingsOfAsync(
                    "comment",
                    Ids(live),
                    "body.storage,version,container",
                    cancellationToken
                );
        var attachments = await AttachmentsAsync(wiki, live, cancellationToken);
        var byPage = comments.ToLookup(comment => comment.Container?.ContentId);
        var known = await context.Known.GetAsync(
            [.. listed.Concat(attachments).Select(mapping.IdOf)],
            cancellationToken
        );
        foreach (var skipped in listed.Where(config.IsSkipped).Select(mapping.IdOf))
        {
            yield return known.ContainsKey(skipped)
                ? new ReadItem.Deleted(skipped)
                : new ReadItem.Skipped(skipped, "It has a label that is left out.");
        }

        var wanted = new List<string>();
        foreach (var content in live)
        {
            var id = mapping.IdOf(content);
            if (known.GetValueOrDefault(id)?.Version == ConfluenceMapping.VersionOf(content, byPage[content.Id]))
            {
                yield return new ReadItem.Unchanged(id);
            }
            else
            {
                wanted.Add(content.Id);
            }
        }

        var pages = new Dictionary<string, Content>(StringComparer.Ordinal);
        await foreach (var (id, content, failure) in FetchAsync(wiki, wanted, cancellationToken))
        {
            if (content is not null)
            {
                // The body is needed no more: attachments want to know where they belong.
                pages[id] = content with
                {
                    Body = null,
                };
            }

            yield return await _reads.ReadAsync(
                mapping.IdOf(id),
                mapping.LinkTo(content ?? live.First(page => page.Id == id)),
                () => ReadPageAsync(mapping, id, content, failure, byPage[id], cancellationToken)
            );
        }

        foreach (var attachment in attachments)
        {
            var id = mapping.IdOf(attachment);
            var pageId = attachment.Container!.ContentId!;
            var page = pages.GetValueOrDefault(pageId) ?? live.First(content => content.Id == pageId);
            yield return known.GetValueOrDefault(id)?.Version == ConfluenceMapping.VersionOf(attachment, [])
                ? new ReadItem.Unchanged(id)
            : await mapping.DocumentOfAsync(page, attachment, cancellationToken) is { } document
                ? new ReadItem.Found(document)
            : new ReadItem.Failed(
                id,
                mapping.LinkTo(attachment),
                "Confluence does not say where the attachment's content is."
            );
        }
    }

    private static async Task<ReadItem> ReadPageAsync(
        ConfluenceMapping mapping,
        string id,
        Content? content,
        SourceException? failure,
        IEnumerable<Content> comments,
        CancellationToken cancellationToken
    ) =>
        failure is not null ? throw failure
        : content is null ? new ReadItem.Deleted(mapping.IdOf(id))
        : content.Body?.Storage?.Value is null
            ? new ReadItem.Failed(
                mapping.IdOf(id),
                mapping.LinkTo(content),
                "Confluence gives the page without its body: open it there and see whether it can be read."
            )
        : new ReadItem.Found(await mapping.DocumentOfAsync(content, comments, cancellationToken));

    private static IAsyncEnumerable<(string Id, Content? Item, SourceException? Failure)> FetchAsync(
        ConfluenceApi wiki,
        IReadOnlyList<string> ids,
        CancellationToken cancellationToken
    ) =>
        SplittingFetch.FetchAsync<Content>(
            ids,
            async (some, token) =>
                (await wiki.PagesOfAsync(some, ConfluenceMapping.Expand, token)).ToDictionary(content => content.Id),
            cancellationToken
        );

    private async Task<IReadOnlyList<Content>> AttachmentsAsync(
        ConfluenceApi wiki,
        IReadOnlyList<Content> pages,
        CancellationToken cancellationToken
    )
    {
        if (!config.IncludeAttachments || pages.Count == 0)
        {
            return [];
        }

        var ids = Ids(pages).ToHashSet();
        var all = await wiki.BelongingsOfAsync(
            "attachment",
            ids,
            "version,container,metadata.labels",
            cancellationToken
        );
        return [.. all.Where(one => ids.Contains(one.Container?.ContentId ?? "") && !config.IsSkipped(one))];
    }

    private IAsyncEnumerable<IReadOnlyList<Content>> WalkAsync(
        ConfluenceApi wiki,
        DateTimeOffset? from,
        CancellationToken cancellationToken
    ) => Walk(wiki, from, since => wiki.PagesAsync(since, ListExpand, cancellationToken), cancellationToken);

    private static IAsyncEnumerable<IReadOnlyList<Content>> ChangesAsync(
        ConfluenceApi wiki,
        DateTimeOffset? from,
        CancellationToken cancellationToken
    ) => Walk(wiki, from, since => wiki.ChangesAsync(since, cancellationToken), cancellationToken);

    private static IAsyncEnumerable<IReadOnlyList<Content>> Walk(
        ConfluenceApi wiki,
        DateTimeOffset? from,
        Func<DateTimeOffset?, IAsyncEnumerable<Page<ContentPage>>> search,
        CancellationToken cancellationToken
    ) =>
        AscendingWalk.WalkAsync(
            from,
            search,
            page => page.Results,
            content => content.ChangedAt,
            content => $"{content.Id} {content.Version?.Number} {content.ChangedAt:O}",
            wiki.IsZoneKnown,
            cancellationToken
        );

    private string ListExpand => config.LabelsToSkip.Count > 0 ? "version,metadata.labels" : "version";

    private static IReadOnlyList<string> Ids(IEnumerable<Content> contents) =>
        [.. contents.Select(content => content.Id)];

    private static DateTimeOffset? TimeOf(
        IEnumerable<Content> batch,
        ConfluenceMapping mapping,
        ReadItem.Failed failed
    ) =>
        batch.FirstOrDefault(content => mapping.IdOf(content) == failed.ItemId)?.ChangedAt
        ?? batch.Min(content => content.ChangedAt);

    private static IAsyncEnumerable<IReadOnlyList<Content>> Nothing() =>
        AsyncEnumerable.Empty<IReadOnlyList<Content>>();
}

/// <summary>Where a pass stands.</summary>
internal sealed record ConfluencePosition
{
    /// <summary>What is being read: another scope begins afresh.</summary>
    public required string Scope { get; init; }

    /// <summary>How far the pages are read.</summary>
    public Ascent Pages { get; init; } = new();

    /// <summary>How far the changes of comments and attachments; null before a first pass has begun.</summary>
    public Ascent? Changes { get; init; }
}
