using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Markup;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.MediaWiki;

/// <summary>
/// Lists the chosen pages with their revisions and fetches those whose revision is not the stored one. Shared with
/// <see cref="Wikipedia.WikipediaIntegration"/>.
/// </summary>
internal sealed partial class MediaWikiReader(ReaderContext context, MediaWikiApi api, MediaWikiSelection selection)
    : IReader
{
    private const int PagesPerCheckpoint = 20;

    // A page that cannot be rendered is one failure; this many in a row are the wiki's.
    private const int FaultsInARow = 3;

    private readonly MediaWikiDepartures _departures = new(context, api);
    private int _faults;

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var site = await api.OpenAsync(cancellationToken);
        foreach (var item in selection.Seeds(site).Take(10))
        {
            await using var batches = api.BatchesAsync(selection.QueryOf(item), null, cancellationToken)
                .GetAsyncEnumerator(cancellationToken);
            if (!await batches.MoveNextAsync() || !batches.Current.Pages.Any(page => page.IsThere))
            {
                throw MediaWikiSelection.NothingIn(item);
            }
        }
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var site = await api.OpenAsync(cancellationToken);
        var last = request.CheckpointAs<MediaWikiPosition>();
        var position =
            last is { IsDone: false } && last.Selection == selection.ToMark()
                // What was passed already may have changed while the reader was away: a second look follows.
                ? last with
                {
                    LookAgain = true,
                }
                : await BeginAsync(
                    site,
                    new MediaWikiPosition(selection.ToMark(), site.Now(context.Time)),
                    cancellationToken
                );
        if (last is not null && !request.FromBeginning)
        {
            await foreach (var id in _departures.SinceAsync(last.Started, cancellationToken))
            {
                yield return new ReadItem.Deleted(id);
            }
        }

        while (true)
        {
            await foreach (var batch in BatchesAsync(site, position, cancellationToken))
            {
                await foreach (var item in ReadBatchAsync(site, request, position, batch, cancellationToken))
                {
                    yield return item;
                }

                Finish(batch);
                position = position with { Item = batch.Next is null ? null : batch.Item.Key, Next = batch.Next };
                yield return ReadItem.Checkpoint.From(position);
            }

            if (!position.LookAgain)
            {
                break;
            }

            position = await BeginAsync(
                site,
                position with
                {
                    LookAgain = false,
                    IsSecondLook = true,
                },
                cancellationToken
            );
        }

        yield return ReadItem.Checkpoint.From(position with { IsDone = true });
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var site = await api.OpenAsync(cancellationToken);
        var position = await BeginAsync(site, new MediaWikiPosition(selection.ToMark(), default), cancellationToken);
        await foreach (var batch in BatchesAsync(site, position, cancellationToken))
        {
            foreach (var page in Content(site, batch))
            {
                yield return page.DocumentId;
            }

            Finish(batch);
        }
    }

    private async Task<MediaWikiPosition> BeginAsync(
        MediaWikiSite site,
        MediaWikiPosition position,
        CancellationToken cancellationToken
    )
    {
        await context.Work.ClearAsync(cancellationToken);
        await context.Work.AddAsync(selection.Seeds(site), cancellationToken);
        return position;
    }

    /// <summary>Batches of every work item in turn; sub-categories become work as they are met.</summary>
    private async IAsyncEnumerable<ItemBatch> BatchesAsync(
        MediaWikiSite site,
        MediaWikiPosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        while (await context.Work.TakeAsync(1, cancellationToken) is [var item])
        {
            var next = item.Key == position.Item ? position.Next : null;
            await foreach (var batch in api.BatchesAsync(selection.QueryOf(item), next, cancellationToken))
            {
                var subCategories = selection.SubCategories(site, item, batch.Pages);
                if (subCategories.Count > 0)
                {
                    await context.Work.AddAsync(subCategories, cancellationToken);
                }

                yield return new ItemBatch(item, batch.Pages, batch.Next);
            }
        }
    }

    /// <summary>The last batch of a work item finishes it, once its pages are read: not earlier, as checkpoints lie between them.</summary>
    private void Finish(ItemBatch batch)
    {
        if (batch.Next is null)
        {
            context.Work.Complete(batch.Item.Key);
        }
    }

    private async IAsyncEnumerable<ReadItem> ReadBatchAsync(
        MediaWikiSite site,
        ReadRequest request,
        MediaWikiPosition position,
        ItemBatch batch,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (var missing in batch.Pages.Where(page => !page.IsThere && MediaWikiSelection.AreNamed(batch.Item)))
        {
            yield return new ReadItem.Failed(
                missing.Title ?? $"{missing.PageId}",
                null,
                "There is no such page: correct its title in the config's pages, or take it out."
            );
        }

        var pages = Content(site, batch).ToList();
        var known = await context.Known.GetAsync([.. pages.Select(page => page.DocumentId)], cancellationToken);
        var changed = new List<WikiPage>();
        foreach (var page in pages)
        {
            if (known.TryGetValue(page.DocumentId, out var stored) && stored.Version == page.Version)
            {
                yield return new ReadItem.Unchanged(page.DocumentId);
            }
            else if (
                !(position.IsSecondLook && request.FromBeginning)
                || page.LastRevision?.Timestamp is not { } changedAt
                || changedAt >= position.Started
            )
            {
                changed.Add(page);
            }
        }

        foreach (var some in changed.Chunk(PagesPerCheckpoint))
        {
            // A page of two categories is read once.
            var work = await context.Work.AddAsync([.. some.Select(page => page.WorkItem)], cancellationToken);
            var isNew = work.Select(item => item.Key).ToHashSet();
            foreach (var page in some.Where(page => isNew.Contains(page.WorkItem.Key)))
            {
                yield return await ReadPageAsync(site, page, cancellationToken);
                context.Work.Complete(page.WorkItem.Key);
            }

            yield return ReadItem.Checkpoint.From(position);
        }
    }

    private async Task<ReadItem> ReadPageAsync(MediaWikiSite site, WikiPage page, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await api.ParseAsync(page.PageId, cancellationToken);
            if (answer.Error is { Code: "nosuchpageid" or "missingtitle" })
            {
                return new ReadItem.Deleted(page.DocumentId);
            }

            if (answer.Parse is { } parse)
            {
                _faults = 0;
                return new ReadItem.Found(ToDocument(site, page, parse));
            }

            if (answer.Error is null || MediaWikiErrors.IsUnknownAction(answer.Error.Code))
            {
                return await ReadUnparsedAsync(site, page, cancellationToken);
            }

            return Failed(page, $"The wiki cannot show it: {answer.Error?.Code} {answer.Error?.Info}");
        }
        catch (SourceException exception)
            when (exception.Kind is FailureKind.Transient or FailureKind.Source && ++_faults < FaultsInARow)
        {
            return Failed(page, exception.Message);
        }
    }

    /// <summary>
    /// The page by its extract, else by its source: templates are missing then, which only the wiki itself can expand.
    /// </summary>
    private async Task<ReadItem> ReadUnparsedAsync(
        MediaWikiSite site,
        WikiPage page,
        CancellationToken cancellationToken
    )
    {
        if (await api.ExtractAsync(page.PageId, cancellationToken) is { } extract)
        {
            _faults = 0;
            return new ReadItem.Found(
                DocumentOf(site, page, 0, MediaWikiPlainText.SectionsOf(extract, page.FullUrl!), [])
            );
        }

        if (
            await api.SourceAsync(page.PageId, cancellationToken)
            is not { LastRevision: { Source: { } source } revision } found
        )
        {
            return Failed(
                page,
                "The wiki gives neither its HTML nor its source: its API has action=parse switched off."
            );
        }

        _faults = 0;
        var categories = (found.Categories ?? [])
            .Where(category => !category.Hidden)
            .Select(category => category.Title);
        return new ReadItem.Found(
            DocumentOf(
                site,
                page,
                revision.RevId,
                [new Section(Wikitext.ToMarkdown(source, site.Markup))],
                categories.OfType<string>().Select(site.WithoutCategoryPrefix)
            )
        );
    }

    private static ReadItem.Failed Failed(WikiPage page, string reason) => new(page.DocumentId, page.FullUrl, reason);

    private Document ToDocument(MediaWikiSite site, WikiPage page, WikiParse parse)
    {
        var text = Noise().Replace(parse.Text ?? "", "");

        // MediaWiki gives every heading an anchor; what stands in for one may not.
        text = BareHeading()
            .Replace(
                text,
                match =>
                    $"<{match.Groups["tag"]} id=\"{MediaWikiPlainText.AnchorOf(match.Groups["name"].Value).Replace("\"", "&quot;", StringComparison.Ordinal)}\">{match.Groups["name"]}</{match.Groups["tag"]}>"
            );
        var html = Encoding.UTF8.GetBytes($"<html><body><main>{text}</main></body></html>");
        var options = new HtmlOptions
        {
            BaseUri = Uri.TryCreate(page.FullUrl, UriKind.Absolute, out var address) ? address : null,
            Charset = "utf-8",
            MainContentOnly = false,
        };
        var categories = (parse.Categories ?? [])
            .Where(category => category is { Hidden: false, Category: not null })
            .Select(category => category.Category!.Replace('_', ' '));
        return DocumentOf(site, page, parse.RevId, context.Html.Convert(html, options).Sections, categories);
    }

    private Document DocumentOf(
        MediaWikiSite site,
        WikiPage page,
        long revisionId,
        IReadOnlyList<Section> sections,
        IEnumerable<string> categories
    )
    {
        var revision = page.LastRevision;
        var version = revisionId > 0 ? $"{revisionId}" : page.Version;
        return new Document
        {
            Id = page.DocumentId,
            Title = page.Title,
            Link = page.FullUrl,
            Sections = sections,
            Version = version,
            UpdatedAt = revision?.Timestamp,
            PrimaryOwners = revision is { User: { Length: > 0 } user, UserHidden: false } ? [new Owner(user)] : [],
            Metadata = new Dictionary<string, MetadataValue>
            {
                ["namespace"] = site.NameOf(page.Ns),
                ["language"] = page.PageLanguage ?? site.General.Lang ?? "",
                ["revid"] = version ?? "",
                ["length"] = page.Length?.ToString(CultureInfo.InvariantCulture) ?? "",
                ["categories"] = MetadataValue.FromList(categories),
            },
            Access = api.HasLogin ? null : new DocumentAccess(IsPublic: true, [], []),
        };
    }

    private static IEnumerable<WikiPage> Content(MediaWikiSite site, ItemBatch batch) =>
        batch.Pages.Where(page =>
            page is { IsThere: true, Redirect: false }
            && (MediaWikiSelection.AreNamed(batch.Item) || site.IsContent(page.Ns))
        );

    // "[1]" after a sentence is noise in a text that is searched (the notes themselves stay), and the spelling of anchors
    // before MediaWiki 1.30 stands in the way of today's.
    [GeneratedRegex(
        """<sup[^>]*\bclass="[^"]*\breference\b[^>]*>.*?</sup>|<span id="[^"]*"></span>(?=<span class="mw-headline")""",
        RegexOptions.Singleline
    )]
    private static partial Regex Noise();

    [GeneratedRegex("<(?<tag>h[2-6])>(?<name>[^<]+)</\\k<tag>>")]
    private static partial Regex BareHeading();

    private sealed record ItemBatch(
        WorkItem Item,
        IReadOnlyList<WikiPage> Pages,
        IReadOnlyDictionary<string, string>? Next
    );
}

/// <summary>Where a pass over the wiki stands.</summary>
/// <param name="Selection">What is being read, as a mark.</param>
/// <param name="Started">When the pass began, by the wiki's clock.</param>
/// <param name="Item">The work item whose listing goes on; null between two.</param>
/// <param name="Next">The parameters that continue it.</param>
/// <param name="LookAgain">The pass was interrupted, so that another one has to follow.</param>
/// <param name="IsSecondLook">It is that one: what has not changed since <paramref name="Started"/> was read already.</param>
/// <param name="IsDone">The wiki was read to its end.</param>
internal sealed record MediaWikiPosition(
    string Selection,
    DateTimeOffset Started,
    string? Item = null,
    IReadOnlyDictionary<string, string>? Next = null,
    bool LookAgain = false,
    bool IsSecondLook = false,
    bool IsDone = false
);
