using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Paging;

namespace Tributary.Integrations.CodeHosts;

/// <summary>A page of what was updated since a time.</summary>
/// <param name="Items">Those that the page before did not have.</param>
/// <param name="Since">From when on to go on; null when nothing was there.</param>
/// <param name="Next">The address to go on at, where one instant has more than a page.</param>
/// <param name="IsLast">Nothing follows.</param>
internal sealed record UpdatedPage<T>(IReadOnlyList<T> Items, DateTimeOffset? Since, string? Next, bool IsLast);

/// <summary>
/// Listings sorted by the time of update, oldest first, with a lower bound. Each page asks for what was updated since the
/// last item of the one before, so that items which move to the end meanwhile do not shift others past the reader. Only
/// where one instant fills a page are links followed; and from the first page on that is not sorted, since a server that
/// does not sort would hide the older items behind the newest one's time.
/// </summary>
internal static class UpdatedPages
{
    /// <summary>Reads them.</summary>
    /// <param name="http">The source.</param>
    /// <param name="first">The first page of what was updated at a time or later; null for all.</param>
    /// <param name="type">What is answered.</param>
    /// <param name="updatedAt">When an item was updated.</param>
    /// <param name="id">An item's id.</param>
    /// <param name="since">Where to begin.</param>
    /// <param name="next">The address to begin at, as a page before gave it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async IAsyncEnumerable<UpdatedPage<T>> ReadAsync<T>(
        HttpClient http,
        Func<DateTimeOffset?, Uri> first,
        JsonTypeInfo<IReadOnlyList<T>> type,
        Func<T, DateTimeOffset> updatedAt,
        Func<T, string> id,
        DateTimeOffset? since,
        string? next,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var boundary = new PageBoundary();
        var isSorted = true;
        var newestOfAll = since;
        for (var hasMoved = true; hasMoved; )
        {
            hasMoved = false;
            await foreach (
                var page in http.PagesByLinkHeaderAsync(first(since), type, next, cancellationToken)
                    .WithCancellation(cancellationToken)
            )
            {
                next = page.Next;
                var newest = page.Body.Select(item => (DateTimeOffset?)updatedAt(item)).Max();
                newestOfAll = newest > newestOfAll || newestOfAll is null ? newest : newestOfAll;
                isSorted = isSorted && IsSorted(page.Body, updatedAt);
                if (isSorted && newest > (since ?? DateTimeOffset.MinValue))
                {
                    since = newest;
                    hasMoved = next is not null;
                    next = null;
                }
                else if (!isSorted && next is null)
                {
                    since = newestOfAll;
                }

                yield return new UpdatedPage<T>(
                    boundary.Fresh(page.Body, item => $"{id(item)} {updatedAt(item):O}"),
                    since,
                    next,
                    page.Next is null
                );
                if (hasMoved)
                {
                    break;
                }
            }
        }
    }

    private static bool IsSorted<T>(IReadOnlyList<T> items, Func<T, DateTimeOffset> updatedAt) =>
        items.Zip(items.Skip(1)).All(pair => updatedAt(pair.First) <= updatedAt(pair.Second));
}
