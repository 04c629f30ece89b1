using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Paging;

namespace Tributary.Integrations.Notion;

/// <summary>Notion's calls with what their refusals mean: forgotten continuations, things that were not shared, ids of two kinds.</summary>
internal sealed class NotionSource(NotionApi api)
{
    /// <summary>What stands on a page that is listed; null when it has vanished since.</summary>
    public async Task<NotionBody?> BodyAsync(NotionObject page, CancellationToken cancellationToken)
    {
        try
        {
            return await NotionBody.ReadAsync(api, page.Id, page.Link, cancellationToken);
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>A search. A continuation that Notion has forgotten (400) begins again: what was visited is passed over.</summary>
    public async IAsyncEnumerable<Page<ObjectsAnswer>> SearchAsync(
        string kind,
        string? from,
        bool isListing,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var pages = DeltaFeed.ReadAsync(
            from,
            token => api.SearchAsync(kind, token, cancellationToken),
            () => api.SearchAsync(kind, null, cancellationToken),
            exception => exception.Status == HttpStatusCode.BadRequest,
            cancellationToken
        );
        await foreach (var (page, _) in pages)
        {
            if (page.Body.IsCutOff && isListing)
            {
                throw new SourceException(
                    FailureKind.Source,
                    "Notion's search ends at 10,000 results, so that what is deleted cannot be told from what it leaves out. "
                        + "Read parts of the workspace with a root_page_id each."
                );
            }

            yield return page;
        }
    }

    /// <summary>The rows of a data source; none where it was not shared (linked views) or has vanished.</summary>
    public async IAsyncEnumerable<IReadOnlyList<NotionObject>> RowsAsync(
        string id,
        DateTimeOffset? since,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var pages = api.RowsAsync(id, since, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            var isMore = false;
            try
            {
                isMore = await pages.MoveNextAsync();
            }
            catch (SourceException exception) when (exception.Status is HttpStatusCode.NotFound)
            {
                // Nothing of it is there for this connection.
            }

            if (!isMore)
            {
                yield break;
            }

            yield return pages.Current;
        }
    }

    /// <summary>A page, else a database: wikis have ids of both.</summary>
    public async Task<NotionFound> OpenAsync(string id, CancellationToken cancellationToken, bool mayBePage = true)
    {
        NotionObject? page = null;
        if (mayBePage && await IsThereAsync(async () => page = await api.PageAsync(id, cancellationToken)))
        {
            return new NotionFound(page!.IsGone ? null : page, null);
        }

        NotionObject? database = null;
        await IsThereAsync(async () => database = await api.DatabaseAsync(id, cancellationToken));
        return new NotionFound(null, database?.IsGone == true ? null : database);
    }

    // A linked view of a database is refused with 400 or 404.
    private static async Task<bool> IsThereAsync(Func<Task> ask)
    {
        try
        {
            await ask();
            return true;
        }
        catch (SourceException exception)
            when (exception.Status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest)
        {
            return false;
        }
    }
}

/// <summary>What an id has led to; neither when there is nothing for this connection.</summary>
internal sealed record NotionFound(NotionObject? Page, NotionObject? Database)
{
    public bool Exists => Page is not null || Database is not null;
}
