using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;

namespace Tributary.Integrations.MicrosoftGraph;

/// <summary>One page of a collection of Graph.</summary>
internal sealed record GraphCollection<T>(
    IReadOnlyList<T> Value,
    [property: JsonPropertyName("@odata.nextLink")] string? NextLink,
    [property: JsonPropertyName("@odata.deltaLink")] string? DeltaLink
)
{
    /// <summary>Graph leaves a page's items out only where something stands in between that is not Graph.</summary>
    public IReadOnlyList<T> Items =>
        Value ?? throw new SourceException(FailureKind.Source, "Graph answered a page without its items.");
}

/// <summary>Collections of Graph, page by page.</summary>
internal static class GraphPages
{
    /// <summary>
    /// Follows <c>@odata.nextLink</c> verbatim, at the configured host only. Pages may be empty and still have a next
    /// one; the kit ends those that go in circles, and too many empty ones end here.
    /// </summary>
    public static async IAsyncEnumerable<Page<GraphCollection<T>>> GraphPagesAsync<T>(
        this HttpClient http,
        Uri first,
        JsonTypeInfo<GraphCollection<T>> type,
        string? from,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken,
        string? prefer = null
    )
    {
        const int MostEmptyPages = 1_000;
        var empty = 0;
        var pages = http.PagesByCursorAsync(
            cursor => RequestOf(cursor is null ? first : AtOurHost(first, cursor), prefer),
            (response, token) => http.ReadAsync(response, type, prefer, token),
            answer => answer.NextLink,
            from,
            cancellationToken
        );
        await foreach (var page in pages)
        {
            empty = page.Body.Items.Count == 0 ? empty + 1 : 0;
            yield return empty <= MostEmptyPages
                ? page
                : throw new SourceException(
                    FailureKind.Source,
                    $"{first.GetLeftPart(UriPartial.Path)} answered {MostEmptyPages} empty pages in a row. The next run tries again."
                );
        }
    }

    /// <summary>All items of a collection.</summary>
    public static async IAsyncEnumerable<T> GraphItemsAsync<T>(
        this HttpClient http,
        Uri first,
        JsonTypeInfo<GraphCollection<T>> type,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken,
        string? prefer = null
    )
    {
        await foreach (var page in http.GraphPagesAsync(first, type, null, cancellationToken, prefer))
        {
            foreach (var item in page.Body.Items)
            {
                yield return item;
            }
        }
    }

    /// <summary>The same; where the very first answer says that there is no such address, what another one has.</summary>
    public static async IAsyncEnumerable<T> OrElse<T>(
        this IAsyncEnumerable<T> first,
        Func<IAsyncEnumerable<T>> otherwise,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var items = first.GetAsyncEnumerator(cancellationToken);
        for (var (isFirst, isServed) = (true, true); isServed; isFirst = false)
        {
            try
            {
                if (!await items.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (SourceException exception) when (isFirst && GraphFailures.IsNotServed(exception))
            {
                isServed = false;
            }

            if (isServed)
            {
                yield return items.Current;
            }
        }

        await foreach (var item in otherwise().WithCancellation(cancellationToken))
        {
            yield return item;
        }
    }

    /// <summary>A request with the header <c>Prefer</c>.</summary>
    public static HttpRequestMessage RequestOf(Uri address, string? prefer)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (prefer is not null)
        {
            request.Headers.TryAddWithoutValidation("Prefer", prefer);
        }

        return request;
    }

    /// <summary>Gets one thing.</summary>
    public static async Task<T> GraphAsync<T>(
        this HttpClient http,
        Uri address,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken,
        string? prefer = null
    )
    {
        using var request = RequestOf(address, prefer);
        using var response = await http.SendCheckedAsync(request, cancellationToken);
        return await http.ReadAsync(response, type, prefer, cancellationToken);
    }

    /// <summary>Under load Graph answers 200 with nothing or half of it, and mostly the whole when it is asked once more.</summary>
    private static async Task<T> ReadAsync<T>(
        this HttpClient http,
        HttpResponseMessage response,
        JsonTypeInfo<T> type,
        string? prefer,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await response.ReadJsonAsync(type, cancellationToken);
        }
        catch (SourceException) when (response.RequestMessage?.RequestUri is not null)
        {
            using var request = RequestOf(response.RequestMessage.RequestUri, prefer);
            using var again = await http.SendCheckedAsync(request, cancellationToken);
            return await again.ReadJsonAsync(type, cancellationToken);
        }
    }

    /// <summary>
    /// Behind a gateway links name Graph's own host: then the same path is asked for at the configured one, and never
    /// anything at another, where credentials must not go.
    /// </summary>
    private static Uri AtOurHost(Uri first, string link)
    {
        const string Version = "/v1.0/";
        if (Uri.TryCreate(first, link, out var address))
        {
            if (address.GetLeftPart(UriPartial.Authority) == first.GetLeftPart(UriPartial.Authority))
            {
                return address;
            }

            var (ours, theirs) = (first.AbsoluteUri, address.PathAndQuery);
            var (here, there) = (
                ours.IndexOf(Version, StringComparison.Ordinal),
                theirs.IndexOf(Version, StringComparison.Ordinal)
            );
            if (here >= 0 && there >= 0)
            {
                return new Uri(ours[..here] + theirs[there..]);
            }
        }

        throw new SourceException(
            FailureKind.Source,
            $"{first.GetLeftPart(UriPartial.Path)} continues at an address that is none of Graph's, which is not followed."
        );
    }
}
