using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;

namespace Tributary.Integrations.Notion;

/// <summary>Notion's calls, in the version that has data sources. See https://developers.notion.com/reference.</summary>
internal sealed class NotionApi(HttpClient http, Uri root)
{
    public const string Version = "2026-03-11";
    private const int PageSize = 100;

    public Task<NotionObject> PageAsync(string id, CancellationToken cancellationToken) =>
        GetAsync(root.At($"v1/pages/{id}"), NotionJson.Default.NotionObject, cancellationToken);

    public Task<NotionObject> DatabaseAsync(string id, CancellationToken cancellationToken) =>
        GetAsync(root.At($"v1/databases/{id}"), NotionJson.Default.NotionObject, cancellationToken);

    public Task<NotionObject> DataSourceAsync(string id, CancellationToken cancellationToken) =>
        GetAsync(root.At($"v1/data_sources/{id}"), NotionJson.Default.NotionObject, cancellationToken);

    public Task<NotionUser> MeAsync(CancellationToken cancellationToken) =>
        GetAsync(root.At($"v1/users/me"), NotionJson.Default.NotionUser, cancellationToken);

    public Task<NotionUser> UserAsync(string id, CancellationToken cancellationToken) =>
        GetAsync(root.At($"v1/users/{id}"), NotionJson.Default.NotionUser, cancellationToken);

    public IAsyncEnumerable<Page<UsersAnswer>> UsersAsync(CancellationToken cancellationToken) =>
        PagesAsync(
            cursor => Get(root.At($"v1/users", ("page_size", PageSize), ("start_cursor", cursor))),
            NotionJson.Default.UsersAnswer,
            answer => answer.Results is not null,
            null,
            cancellationToken
        );

    /// <summary>What is below a page or block, one level of it.</summary>
    public IAsyncEnumerable<JsonElement> ChildrenAsync(string id, CancellationToken cancellationToken) =>
        ElementsAsync(
            cursor => root.At($"v1/blocks/{id}/children", ("page_size", PageSize), ("start_cursor", cursor)),
            cancellationToken
        );

    /// <summary>Open comments.</summary>
    public IAsyncEnumerable<JsonElement> CommentsAsync(string id, CancellationToken cancellationToken) =>
        ElementsAsync(
            cursor => root.At($"v1/comments", ("block_id", id), ("page_size", PageSize), ("start_cursor", cursor)),
            cancellationToken
        );

    /// <summary>All values of a property, of which a page shows 25.</summary>
    public IAsyncEnumerable<JsonElement> ValuesAsync(
        string page,
        string property,
        CancellationToken cancellationToken
    ) =>
        ElementsAsync(
            // Ids of properties come escaped.
            cursor =>
                root.At(
                    $"v1/pages/{page}/properties/{Uri.UnescapeDataString(property)}",
                    ("page_size", PageSize),
                    ("start_cursor", cursor)
                ),
            cancellationToken
        );

    /// <summary>Everything that was shared, newest edit first.</summary>
    /// <param name="kind"><c>page</c> or <c>data_source</c>.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="words">Only what has these in its title.</param>
    public IAsyncEnumerable<Page<ObjectsAnswer>> SearchAsync(
        string kind,
        string? from,
        CancellationToken cancellationToken,
        string? words = null
    ) =>
        PagesAsync(
            cursor =>
                Versioned(
                    SourceHttp.PostOf(
                        root.At($"v1/search"),
                        new SearchBody(
                            new SearchFilter("object", kind),
                            new SearchSort("last_edited_time", "descending"),
                            PageSize,
                            cursor,
                            words
                        ),
                        NotionJson.Default.SearchBody,
                        onlyReads: true
                    )
                ),
            NotionJson.Default.ObjectsAnswer,
            answer => answer.Results is not null,
            from,
            cancellationToken
        );

    /// <summary>The rows of a data source, oldest first, also where there are more than the 10,000 that a query gives.</summary>
    /// <param name="id">The data source.</param>
    /// <param name="editedSince">Only rows edited since; null for all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SourceException">More rows than a query gives were made in one minute.</exception>
    public async IAsyncEnumerable<IReadOnlyList<NotionObject>> RowsAsync(
        string id,
        DateTimeOffset? editedSince,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        for (DateTimeOffset? createdSince = null; ; )
        {
            DateTimeOffset? last = null;
            var isCutOff = false;
            await foreach (var page in QueryAsync(id, editedSince, createdSince, cancellationToken))
            {
                yield return page.Body.Results!;
                last = page.Body.Results!.Max(row => row.CreatedTime) ?? last;
                isCutOff = page.Body.IsCutOff;
            }

            if (!isCutOff)
            {
                yield break;
            }

            createdSince =
                last is not null && last > (createdSince ?? DateTimeOffset.MinValue)
                    ? last
                    : throw new SourceException(
                        FailureKind.Source,
                        $"Notion gives no more than 10,000 rows of the data source {id}, and more were made in one minute."
                    );
        }
    }

    private IAsyncEnumerable<Page<ObjectsAnswer>> QueryAsync(
        string id,
        DateTimeOffset? editedSince,
        DateTimeOffset? createdSince,
        CancellationToken cancellationToken
    )
    {
        var bounds = new List<TimeFilter>();
        if (editedSince is { } edited)
        {
            bounds.Add(new TimeFilter("last_edited_time", new TimeBound(edited), null));
        }

        if (createdSince is { } created)
        {
            bounds.Add(new TimeFilter("created_time", null, new TimeBound(created)));
        }

        return PagesAsync(
            cursor =>
                Versioned(
                    SourceHttp.PostOf(
                        root.At($"v1/data_sources/{id}/query"),
                        new QueryBody(
                            bounds.Count > 0 ? new QueryFilter(bounds) : null,
                            [new SearchSort("created_time", "ascending")],
                            PageSize,
                            cursor
                        ),
                        NotionJson.Default.QueryBody,
                        onlyReads: true
                    )
                ),
            NotionJson.Default.ObjectsAnswer,
            answer => answer.Results is not null,
            null,
            cancellationToken
        );
    }

    private async IAsyncEnumerable<JsonElement> ElementsAsync(
        Func<string?, Uri> address,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var pages = PagesAsync(
            cursor => Get(address(cursor)),
            NotionJson.Default.ElementsAnswer,
            answer => answer.Results is not null,
            null,
            cancellationToken
        );
        await foreach (var page in pages)
        {
            foreach (var element in page.Body.Results!)
            {
                yield return element;
            }
        }
    }

    private IAsyncEnumerable<Page<T>> PagesAsync<T>(
        Func<string?, HttpRequestMessage> request,
        JsonTypeInfo<T> type,
        Func<T, bool> isWhole,
        string? from,
        CancellationToken cancellationToken
    )
        where T : NotionPage =>
        http.PagesByCursorAsync(
            request,
            type,
            answer =>
                !isWhole(answer) || (answer.HasMore == true && string.IsNullOrEmpty(answer.NextCursor))
                    ? throw new SourceException(
                        FailureKind.Source,
                        "Notion answered a listing without its results, or without its continuation. The next run tries again."
                    )
                : answer.HasMore == true ? answer.NextCursor
                : null,
            from,
            cancellationToken
        );

    private async Task<T> GetAsync<T>(Uri address, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = Get(address);
        using var response = await http.SendCheckedAsync(request, cancellationToken);
        return await response.ReadJsonAsync(type, cancellationToken);
    }

    private static HttpRequestMessage Get(Uri address) => Versioned(new HttpRequestMessage(HttpMethod.Get, address));

    private static HttpRequestMessage Versioned(HttpRequestMessage request)
    {
        request.Headers.Add("Notion-Version", Version);
        return request;
    }
}
