using System.Runtime.CompilerServices;
using Tributary.Sdk.Incremental;
using Tributary.Sdk.Paging;

namespace Tributary.Integrations.Atlassian;

/// <summary>
/// Walks a search that is sorted oldest change first and filtered by "changed since this minute". Where a page ends in
/// another minute than it began, the search is made anew from there instead of going to the next page: what vanishes or
/// moves to the end meanwhile then shifts nothing past the reader.
/// </summary>
internal static class AscendingWalk
{
    /// <summary>The items, a page at a time; what the page before had already is left out.</summary>
    /// <param name="from">Changed since; null for everything.</param>
    /// <param name="search">The pages of the search from a minute on.</param>
    /// <param name="itemsOf">The items of a page.</param>
    /// <param name="changedAt">When an item changed.</param>
    /// <param name="mark">Its id and state.</param>
    /// <param name="isZoneKnown">Whether minutes mean the same to the source. If not, pages are followed to their end.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async IAsyncEnumerable<IReadOnlyList<TItem>> WalkAsync<TBody, TItem>(
        DateTimeOffset? from,
        Func<DateTimeOffset?, IAsyncEnumerable<Page<TBody>>> search,
        Func<TBody, IReadOnlyList<TItem>> itemsOf,
        Func<TItem, DateTimeOffset?> changedAt,
        Func<TItem, string> mark,
        bool isZoneKnown,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var boundary = new PageBoundary();
        for (var again = true; again; )
        {
            again = false;
            await foreach (var page in search(from).WithCancellation(cancellationToken))
            {
                var items = itemsOf(page.Body);
                yield return boundary.Fresh(items, mark);
                if (!isZoneKnown || page.Next is null || items.Count == 0)
                {
                    continue;
                }

                var minute = AtlassianTime.MinuteOf(changedAt(items[^1]));
                if (minute > (from ?? AtlassianTime.MinuteOf(changedAt(items[0]))))
                {
                    from = minute;
                    again = true;
                    break;
                }
            }
        }
    }
}
