using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json.Serialization.Metadata;
using Tributary.Sdk.Http;

namespace Tributary.Sdk.Paging;

/// <summary>
/// Listings, page by page, in every way that vendors have thought of. Each page carries what goes on after it, so that a
/// checkpoint is <c>page.Next</c> and a resumed listing is <c>from: position.Next</c>. A listing that goes in circles, or
/// leads to another host, ends with a <see cref="SourceException"/>; a page larger than 32 MB, too.
/// </summary>
/// <remarks>One page is held at a time. Items: <c>pages.SelectMany(page =&gt; page.Body.Items)</c>.</remarks>
public static class Pages
{
    private const long MaxPageBytes = 32 * 1024 * 1024;

    /// <summary>By a cursor or token that each answer gives for the next request.</summary>
    /// <param name="http">The source.</param>
    /// <param name="request">The request for a cursor; null is the first page.</param>
    /// <param name="type">What is answered.</param>
    /// <param name="next">The next cursor; null and empty end the listing.</param>
    /// <param name="from">Where to begin: <see cref="Page{T}.Next"/> of an earlier page, null for the beginning.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static IAsyncEnumerable<Page<T>> PagesByCursorAsync<T>(
        this HttpClient http,
        Func<string?, HttpRequestMessage> request,
        JsonTypeInfo<T> type,
        Func<T, string?> next,
        string? from,
        CancellationToken cancellationToken
    ) => FollowAsync(http, request, Json(type), (body, _, _) => next(body), from, cancellationToken);

    /// <summary>The same for answers that are no JSON.</summary>
    /// <param name="http">The source.</param>
    /// <param name="request">The request for a cursor; null is the first page.</param>
    /// <param name="read">Reads an answer; throws a <see cref="SourceException"/> for what is none.</param>
    /// <param name="next">The next cursor; null and empty end the listing.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static IAsyncEnumerable<Page<T>> PagesByCursorAsync<T>(
        this HttpClient http,
        Func<string?, HttpRequestMessage> request,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        Func<T, string?> next,
        string? from,
        CancellationToken cancellationToken
    ) => FollowAsync(http, request, read, (body, _, _) => next(body), from, cancellationToken);

    /// <inheritdoc cref="PagesByCursorAsync{T}(HttpClient, Func{string?, HttpRequestMessage}, JsonTypeInfo{T}, Func{T, string?}, string?, CancellationToken)"/>
    public static IAsyncEnumerable<Page<T>> PagesByCursorAsync<T>(
        this HttpClient http,
        Func<string?, Uri> request,
        JsonTypeInfo<T> type,
        Func<T, string?> next,
        string? from,
        CancellationToken cancellationToken
    ) => http.PagesByCursorAsync(cursor => Get(request(cursor)), type, next, from, cancellationToken);

    /// <summary>By page numbers. An empty page ends the listing, also where it is said to go on.</summary>
    /// <param name="http">The source.</param>
    /// <param name="request">The address of a page.</param>
    /// <param name="type">What is answered.</param>
    /// <param name="count">How many items a page has.</param>
    /// <param name="hasMore">Whether another page follows; null where only an empty page tells.</param>
    /// <param name="from">As for cursors.</param>
    /// <param name="first">The number of the first page, 0 or 1.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <remarks>Items that appear or vanish meanwhile shift the pages: sort by what does not change, or overlap.</remarks>
    public static IAsyncEnumerable<Page<T>> PagesByNumberAsync<T>(
        this HttpClient http,
        Func<int, Uri> request,
        JsonTypeInfo<T> type,
        Func<T, int> count,
        Func<T, bool>? hasMore,
        string? from,
        CancellationToken cancellationToken,
        int first = 1
    ) =>
        FollowAsync(
            http,
            position => Get(request(NumberOf(position, first))),
            Json(type),
            (body, position, _) =>
                count(body) > 0 && hasMore?.Invoke(body) != false ? TextOf(NumberOf(position, first) + 1L) : null,
            from,
            cancellationToken,
            isCounted: true
        );

    /// <summary>By offsets. A page without items ends the listing, and so does the total where the source tells it.</summary>
    /// <param name="http">The source.</param>
    /// <param name="request">The address of the page that begins at an offset.</param>
    /// <param name="type">What is answered.</param>
    /// <param name="count">How many items a page has, which may be fewer than were asked for in the middle.</param>
    /// <param name="total">How many there are in all; null where the source does not tell.</param>
    /// <param name="from">As for cursors.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static IAsyncEnumerable<Page<T>> PagesByOffsetAsync<T>(
        this HttpClient http,
        Func<int, Uri> request,
        JsonTypeInfo<T> type,
        Func<T, int> count,
        Func<T, long?>? total,
        string? from,
        CancellationToken cancellationToken
    ) =>
        FollowAsync(
            http,
            position => Get(request(NumberOf(position, 0))),
            Json(type),
            (body, position, _) =>
            {
                var end = NumberOf(position, 0) + (long)count(body);
                return count(body) > 0 && !(end >= total?.Invoke(body)) ? TextOf(end) : null;
            },
            from,
            cancellationToken,
            isCounted: true
        );

    /// <summary>By the address that the header <c>Link: …; rel="next"</c> gives (RFC 8288), on the same host only.</summary>
    /// <param name="http">The source.</param>
    /// <param name="first">The first page.</param>
    /// <param name="type">What is answered.</param>
    /// <param name="from">As for cursors.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static IAsyncEnumerable<Page<T>> PagesByLinkHeaderAsync<T>(
        this HttpClient http,
        Uri first,
        JsonTypeInfo<T> type,
        string? from,
        CancellationToken cancellationToken
    ) =>
        FollowAsync(
            http,
            position => Get(NextLink.Resolve(first, position)),
            Json(type),
            (_, _, response) => NextLink.Checked(first, NextLink.OfHeader(response)),
            from,
            cancellationToken
        );

    /// <summary>By the address that the answer's body gives, absolute or relative, on the same host only.</summary>
    /// <param name="http">The source.</param>
    /// <param name="first">The first page.</param>
    /// <param name="type">What is answered.</param>
    /// <param name="next">The address of the next page; null and empty end the listing.</param>
    /// <param name="from">As for cursors.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static IAsyncEnumerable<Page<T>> PagesByNextLinkAsync<T>(
        this HttpClient http,
        Uri first,
        JsonTypeInfo<T> type,
        Func<T, string?> next,
        string? from,
        CancellationToken cancellationToken
    ) =>
        FollowAsync(
            http,
            position => Get(NextLink.Resolve(first, position)),
            Json(type),
            (body, _, _) => NextLink.Checked(first, next(body)),
            from,
            cancellationToken
        );

    /// <summary>
    /// By the times of the items, for listings sorted newest first that take an upper bound. Each page begins where the
    /// one before ended, so that items that vanish meanwhile do not shift others past the reader; the boundary's items come
    /// twice. Where one instant fills a page, its pages are counted.
    /// </summary>
    /// <param name="http">The source.</param>
    /// <param name="request">The address of the items before an instant (exclusive; null for all), and of which page of them, from 0.</param>
    /// <param name="type">What is answered.</param>
    /// <param name="oldest">The time of a page's last item; null when it has none.</param>
    /// <param name="hasMore">Whether another page follows.</param>
    /// <param name="granularity">The finest step of the times.</param>
    /// <param name="from">As for cursors.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static IAsyncEnumerable<Page<T>> PagesByTimeAsync<T>(
        this HttpClient http,
        Func<DateTimeOffset?, int, Uri> request,
        JsonTypeInfo<T> type,
        Func<T, DateTimeOffset?> oldest,
        Func<T, bool> hasMore,
        TimeSpan granularity,
        string? from,
        CancellationToken cancellationToken
    ) =>
        FollowAsync(
            http,
            position => Get(request(TimePosition.Parse(position).Before, TimePosition.Parse(position).Page)),
            Json(type),
            (body, position, _) => hasMore(body) ? TimePosition.Parse(position).After(oldest(body), granularity) : null,
            from,
            cancellationToken
        );

    private static async IAsyncEnumerable<Page<T>> FollowAsync<T>(
        HttpClient http,
        Func<string?, HttpRequestMessage> request,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        Func<T, string?, HttpResponseMessage, string?> next,
        string? from,
        [EnumeratorCancellation] CancellationToken cancellationToken,
        bool isCounted = false
    )
    {
        var progress = new PageProgress(from);
        for (var position = from; ; )
        {
            cancellationToken.ThrowIfCancellationRequested();
            T body;
            string? following;
            using (var message = request(position))
            {
                if (!message.Options.TryGetValue(OutboundOptions.MaxBodyBytes, out _))
                {
                    message.Options.Set(OutboundOptions.MaxBodyBytes, MaxPageBytes);
                }

                using var response = await http.SendCheckedAsync(message, cancellationToken).ConfigureAwait(false);
                body = await read(response, cancellationToken).ConfigureAwait(false);
                following = next(body, position, response) is { Length: > 0 } some ? some : null;
                if (following is not null)
                {
                    progress.MoveTo(following, message.RequestUri);
                    if (isCounted)
                    {
                        // A number always grows, also where the source takes no notice of it.
                        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
                        stream.Position = 0;
                        progress.SeeBody(
                            await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false),
                            message.RequestUri
                        );
                    }
                }
            }

            yield return new Page<T>(body, following);
            if (following is null)
            {
                yield break;
            }

            position = following;
        }
    }

    private static Func<HttpResponseMessage, CancellationToken, Task<T>> Json<T>(JsonTypeInfo<T> type) =>
        (response, cancellationToken) => response.ReadJsonAsync(type, cancellationToken);

    private static HttpRequestMessage Get(Uri address) => new(HttpMethod.Get, address);

    private static int NumberOf(string? position, int first) =>
        int.TryParse(position, CultureInfo.InvariantCulture, out var number) ? number : first;

    private static string TextOf(long number) => number.ToString(CultureInfo.InvariantCulture);
}
