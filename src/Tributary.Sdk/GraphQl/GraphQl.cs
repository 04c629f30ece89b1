using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;

namespace Tributary.Sdk.GraphQl;

/// <summary>Queries of GraphQL APIs, whose errors mostly come with status 200.</summary>
public static class GraphQl
{
    /// <summary>Asks one query.</summary>
    /// <param name="http">The source.</param>
    /// <param name="address">Its GraphQL address.</param>
    /// <param name="query">The document, with one operation. It is sent as one that only reads, so that it may be retried.</param>
    /// <param name="variables">Their values; nulls are sent as null.</param>
    /// <param name="type">The type of <c>data</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SourceException">Also for any error in the answer: partial data is not believed.</exception>
    public static async Task<T> QueryGraphQlAsync<T>(
        this HttpClient http,
        Uri address,
        string query,
        JsonObject variables,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
    {
        using var request = SourceHttp.PostOf(
            address,
            new GraphQlRequest(query, variables),
            GraphQlJson.Default.GraphQlRequest,
            onlyReads: true
        );

        // Servers answer 400 with errors in the body, which say more than the status.
        using var response = await http.SendAnyAsync(request, cancellationToken).ConfigureAwait(false);
        var isAnswer =
            response.IsSuccessStatusCode
            || (
                (int)response.StatusCode == 400
                && response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true
            );
        if (!isAnswer)
        {
            throw SourceHttp.FailureOf(request, response);
        }

        var answer = await response
            .ReadJsonAsync(GraphQlJson.Default.GraphQlAnswer, cancellationToken)
            .ConfigureAwait(false);
        if (answer.Errors is { Count: > 0 } errors)
        {
            throw GraphQlErrors.ExceptionOf(address, errors, response);
        }

        try
        {
            return answer.Data.ValueKind == JsonValueKind.Object && answer.Data.Deserialize(type) is { } data
                ? data
                : throw new JsonException("There is no data in it.");
        }
        catch (JsonException exception)
        {
            throw new SourceException(
                FailureKind.Source,
                $"{address.GetLeftPart(UriPartial.Path)} answered other data than its schema promises: {exception.Message}",
                exception
            );
        }
    }

    /// <summary>The pages of a connection, by its <c>pageInfo</c>; <c>$after</c> is set for each.</summary>
    /// <param name="http">The source.</param>
    /// <param name="address">Its GraphQL address.</param>
    /// <param name="query">A query with the variable <c>$after: String</c>.</param>
    /// <param name="variables">The other variables.</param>
    /// <param name="type">The type of <c>data</c>.</param>
    /// <param name="pageInfo">Where in the data the page's end is told.</param>
    /// <param name="from">As for pagers.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SourceException">As for one query; also when a page says that another follows, and not where.</exception>
    public static async IAsyncEnumerable<Page<T>> GraphQlPagesAsync<T>(
        this HttpClient http,
        Uri address,
        string query,
        JsonObject variables,
        JsonTypeInfo<T> type,
        Func<T, GraphQlPageInfo> pageInfo,
        string? from,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var progress = new PageProgress(from);
        for (var after = from; ; )
        {
            var asked = (JsonObject)variables.DeepClone();
            asked["after"] = after;
            var data = await http.QueryGraphQlAsync(address, query, asked, type, cancellationToken)
                .ConfigureAwait(false);
            var info = pageInfo(data);
            var next =
                !info.HasNextPage ? null
                : info.EndCursor is { Length: > 0 } end ? end
                // Half a listing must not look like a whole one.
                : throw new SourceException(
                    FailureKind.Source,
                    $"{address.GetLeftPart(UriPartial.Path)} says that a listing goes on, and not where. The next run tries "
                        + "again; when it stays so, tell the source's vendor."
                );
            if (next is not null)
            {
                progress.MoveTo(next, address);
            }

            yield return new Page<T>(data, next);
            if (next is null)
            {
                yield break;
            }

            after = next;
        }
    }
}

/// <summary>The end of a page, as the Relay convention spells it.</summary>
/// <param name="HasNextPage">Another page follows.</param>
/// <param name="EndCursor">What it is asked for with.</param>
public sealed record GraphQlPageInfo(bool HasNextPage, string? EndCursor);
