using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Zendesk;

/// <summary>
/// Published articles: the list, last changed first, down to where the last pass began. Not the incremental export, whose
/// pages begin at a second: it cannot pass a second that has more articles than a page.
/// </summary>
internal sealed class ZendeskArticles(ReaderContext context, Uri root, Uri site, ZendeskFiles attached)
{
    private const int PerPage = 100;
    private const int TagsPerPage = 30;
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    private readonly ItemReads _reads = new();
    private readonly ZendeskPeople _people = new(context, root);
    private readonly ZendeskNames<string, ContentTagsAnswer> _tags = new(
        context.Http,
        after => ZendeskPage.At(root, $"api/v2/guide/content_tags", TagsPerPage, after),
        ZendeskJson.Default.ContentTagsAnswer,
        answer => answer.Records.Select(tag => (tag.Id, tag.Name))
    );

    public Task<ListedArticles> CheckAsync(CancellationToken cancellationToken) =>
        context.Http.GetJsonAsync(
            root.At($"api/v2/help_center/articles", ("page[size]", 1)),
            ZendeskJson.Default.ListedArticles,
            cancellationToken
        );

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ZendeskPosition position,
        bool fromBeginning,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // What changed while a pass was cut off stands above where it goes on: a second pass looks there.
        for (var passes = position.Next is null ? 1 : 2; passes > 0; passes--)
        {
            await foreach (var item in ReadPassAsync(position, fromBeginning, cancellationToken))
            {
                yield return item;
                position = (item as ReadItem.Checkpoint)?.As<ZendeskPosition>() ?? position;
            }
        }
    }

    private async IAsyncEnumerable<ReadItem> ReadPassAsync(
        ZendeskPosition position,
        bool fromBeginning,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var pages = context.Http.PagesByCursorAsync(
            after =>
                ZendeskPage.At(
                    root,
                    $"api/v2/help_center/articles",
                    PerPage,
                    after,
                    ("sort_by", "updated_at"),
                    ("sort_order", "desc"),
                    ("include", "users,sections,categories")
                ),
            ZendeskJson.Default.ArticlesAnswer,
            answer => answer.Next,
            position.Next,
            cancellationToken
        );
        await foreach (var page in pages)
        {
            var articles = page.Body.Articles;
            position = position with
            {
                Watermark = position.Watermark.Begin(articles.Max(article => (DateTimeOffset?)article.UpdatedAt)),
            };
            var since = position.Watermark.From(Overlap);
            var known = await context.Known.GetAsync([.. articles.Select(IdOf)], cancellationToken);
            var fresh = articles.Where(article => article.Draft != true && !IsKnown(article)).ToList();
            var users = await _people.OfAsync(
                page.Body.Users,
                fresh.Select(article => article.AuthorId),
                cancellationToken
            );
            foreach (var article in articles.Where(article => !(article.UpdatedAt < since)))
            {
                var before = known.GetValueOrDefault(IdOf(article));
                var files = new List<Attachment>();
                var item =
                    article.Draft == true
                        ? fromBeginning || known.ContainsKey(IdOf(article))
                            ? new ReadItem.Deleted(IdOf(article))
                            : null
                        : IsKnown(article)
                            ? new ReadItem.Unchanged(IdOf(article))
                            : await _reads.ReadAsync(
                                IdOf(article),
                                article.HtmlUrl,
                                () => ReadAsync(article, page.Body, users, files, cancellationToken)
                            );
                if (item is ReadItem.Failed)
                {
                    position = position with { Watermark = position.Watermark.Hold(article.UpdatedAt) };
                }

                if (item is null)
                {
                    continue;
                }

                yield return item;
                foreach (var file in attached.After(item, files, before))
                {
                    yield return file;
                }
            }

            bool IsKnown(Article article) =>
                known.GetValueOrDefault(IdOf(article))?.Version == attached.VersionOf(article.Version);

            if (page.Next is null || articles.Any(article => article.UpdatedAt < since))
            {
                break;
            }

            position = position with { Next = page.Next };
            yield return ReadItem.Checkpoint.From(position);
        }

        yield return ReadItem.Checkpoint.From(position with { Next = null, Watermark = position.Watermark.Complete() });
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pages = context.Http.PagesByCursorAsync(
            after => ZendeskPage.At(root, $"api/v2/help_center/articles", PerPage, after),
            ZendeskJson.Default.ListedArticles,
            answer => answer.Next,
            null,
            cancellationToken
        );
        await foreach (var page in pages)
        {
            var live = page.Body.Articles.Where(article => article.Draft != true).ToList();
            var known = attached.IsOn
                ? await context.Known.GetAsync([.. live.Select(IdOf)], cancellationToken)
                : new Dictionary<string, KnownDocument>();
            foreach (var article in live)
            {
                yield return IdOf(article);
                var before = known.GetValueOrDefault(IdOf(article));
                var isSame = before?.Version == attached.VersionOf(article.Version);
                var files =
                    !attached.IsOn ? []
                    : isSame && ZendeskFiles.IdsIn(before) is { } named ? named
                    : [.. (await FilesOfAsync(article.Id, cancellationToken)).Select(ZendeskFiles.IdOf)];
                foreach (var id in files)
                {
                    yield return id;
                }
            }
        }
    }

    public async Task<ReadItem> ReadOneAsync(long id, CancellationToken cancellationToken)
    {
        var answer = await context.Http.GetJsonAsync(
            root.At($"api/v2/help_center/articles/{id}", ("include", "users,sections,categories")),
            ZendeskJson.Default.ArticleAnswer,
            cancellationToken
        );
        var article = answer.Article;
        if (article.Draft == true)
        {
            return new ReadItem.Deleted(IdOf(article));
        }

        var users = await _people.OfAsync(answer.Users, [article.AuthorId], cancellationToken);
        var page = new ArticlesAnswer([article], null, answer.Sections, answer.Categories);
        return await ReadAsync(article, page, users, [], cancellationToken);
    }

    private static string IdOf(Article article) => $"article:{article.Id}";

    private static string IdOf(ListedArticle article) => $"article:{article.Id}";

    private async Task<IReadOnlyList<Attachment>> FilesOfAsync(long article, CancellationToken cancellationToken)
    {
        if (!attached.IsOn)
        {
            return [];
        }

        var pages = context.Http.PagesByCursorAsync(
            after => ZendeskPage.At(root, $"api/v2/help_center/articles/{article}/attachments", PerPage, after),
            ZendeskJson.Default.AttachmentsAnswer,
            answer => answer.Next,
            null,
            cancellationToken
        );
        var files = new List<Attachment>();
        try
        {
            await foreach (var page in pages)
            {
                files.AddRange(attached.Chosen(page.Body.ArticleAttachments));
            }
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.NotFound)
        {
            // It vanished after it was listed.
        }

        return files;
    }

    private async Task<ReadItem> ReadAsync(
        Article article,
        ArticlesAnswer page,
        IReadOnlyDictionary<long, User> users,
        List<Attachment> files,
        CancellationToken cancellationToken
    )
    {
        files.AddRange(await FilesOfAsync(article.Id, cancellationToken));
        var link = Uri.TryCreate(article.HtmlUrl, UriKind.Absolute, out var address)
            ? address
            : site.At($"hc/articles/{article.Id}");
        var section = page.Sections?.FirstOrDefault(item => item.Id == article.SectionId);
        var metadata = new Dictionary<string, MetadataValue>
        {
            ["labels"] = MetadataValue.FromList(article.LabelNames ?? []),
            ["content_tags"] = MetadataValue.FromList(await TagsAsync(article, cancellationToken)),
        };
        metadata.AddText("section", section?.Name);
        metadata.AddText("category", page.Categories?.FirstOrDefault(item => item.Id == section?.CategoryId)?.Name);
        metadata.AddText("locale", article.Locale);
        var author = users.GetValueOrDefault(article.AuthorId ?? 0);
        metadata.AddText("author", author?.Name);
        return new ReadItem.Found(
            new Document
            {
                Id = IdOf(article),
                Title = article.Title,
                Link = link.AbsoluteUri,
                Sections =
                [
                    .. ZendeskReader
                        .Convert(context, article.Body ?? "", link, perHeading: true)
                        .Select(part => part with { Link = part.Link ?? link.AbsoluteUri }),
                ],
                Version = attached.VersionOf(article.Version),
                Note = attached.NoteOf(files),
                CreatedAt = article.CreatedAt,
                UpdatedAt = article.UpdatedAt,
                PrimaryOwners = ZendeskPeople.Owners(author),
                Metadata = metadata,
                Access = AccessOf(article),
            }
        );
    }

    private static DocumentAccess AccessOf(Article article)
    {
        var segments = (article.UserSegmentIds ?? [])
            .Append(article.UserSegmentId ?? 0)
            .Where(id => id != 0)
            .Distinct();
        string[] groups = [.. segments.Select(id => $"zendesk_segment_{id}")];
        return new DocumentAccess(groups.Length == 0, [], groups);
    }

    /// <summary>Names of an article's content tags; they are asked for once, when an article has any.</summary>
    private async Task<IEnumerable<string>> TagsAsync(Article article, CancellationToken cancellationToken)
    {
        if (article.ContentTagIds is not { Count: > 0 } ids)
        {
            return [];
        }

        var names = new List<string>();
        foreach (var id in ids)
        {
            if (await _tags.FindAsync(id, cancellationToken) is { } name)
            {
                names.Add(name);
            }
        }

        return names;
    }
}
