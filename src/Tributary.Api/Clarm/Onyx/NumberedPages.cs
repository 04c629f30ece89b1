using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Tributary.Api.Clarm.Onyx;

/// <summary>Onyx's way of paging: by number.</summary>
internal record NumberedQuery
{
    [Description("Which page, from 0."), Range(0, int.MaxValue)]
    public int PageNum { get; init; }

    [Description("Items a page."), Range(1, 1_000)]
    public int PageSize { get; init; } = 10;
}

/// <summary>A page by number.</summary>
internal sealed record NumberedPage<T>(IReadOnlyList<T> Items, long TotalItems);

/// <summary>Finds pages by number in lists that go by id, newest first.</summary>
internal static class NumberedPages
{
    private const int Step = 100;

    /// <summary>The items of one page, and how many items there are up to the page's end or, when asked, in all.</summary>
    /// <param name="readAsync">Reads items with ids below the given one.</param>
    /// <param name="idOf">An item's id.</param>
    /// <param name="query">The page.</param>
    /// <param name="keep">Which items count; the list ends at the first that is null.</param>
    /// <param name="total">How many there are when that is known; null to count them.</param>
    public static async Task<(List<T> Items, long Total)> FindAsync<T>(
        Func<long, int, Task<IReadOnlyList<T>>> readAsync,
        Func<T, long> idOf,
        NumberedQuery query,
        Func<T, bool?> keep,
        long? total = null
    )
    {
        var first = (long)query.PageNum * query.PageSize;
        var items = new List<T>();
        if (first >= total)
        {
            return (items, total.Value);
        }

        var seen = 0L;
        var before = long.MaxValue;
        while (true)
        {
            var batch = await readAsync(before, Step);
            foreach (var item in batch)
            {
                if (keep(item) is not { } kept)
                {
                    return (items, total ?? seen);
                }

                if (kept && seen++ >= first && items.Count < query.PageSize)
                {
                    items.Add(item);
                }
            }

            if (batch.Count == 0 || (total is not null && items.Count == query.PageSize))
            {
                return (items, total ?? seen);
            }

            before = idOf(batch[^1]);
        }
    }
}
