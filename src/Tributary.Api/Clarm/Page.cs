using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Tributary.Api.Http;

namespace Tributary.Api.Clarm;

/// <summary>Which part of a list to answer with.</summary>
internal record PageQuery
{
    /// <summary>Items at most.</summary>
    [Description("At most this many items."), Range(1, 100)]
    public int Limit { get; init; } = 50;

    /// <summary>From the answer before.</summary>
    [Description("next_cursor of the page before; left out for the first page.")]
    public string? After { get; init; }

    /// <summary>The cursor of lists that go by number.</summary>
    /// <param name="first">Where the first page starts.</param>
    public long AfterId(long first) =>
        After is null ? first
        : long.TryParse(After, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id
        : throw RequestException.Of(["query", "after"], "value_error", "Input should be the next_cursor of a page");
}

/// <summary>A part of a list.</summary>
internal sealed record Page<T>
{
    /// <summary>The items.</summary>
    public required IReadOnlyList<T> Items { get; init; }

    /// <summary>For the next part; null when this is the last.</summary>
    public required string? NextCursor { get; init; }
}

internal static class Page
{
    /// <summary>Makes a page of rows that were read one further than the page is long, which tells whether there are more.</summary>
    public static Page<TItem> Of<TRow, TItem>(
        IReadOnlyList<TRow> rows,
        int limit,
        Func<TRow, TItem> item,
        Func<TRow, string> cursor
    ) =>
        new()
        {
            Items = [.. rows.Take(limit).Select(item)],
            NextCursor = rows.Count > limit ? cursor(rows[limit - 1]) : null,
        };

    /// <summary>A list that is short enough to be answered whole.</summary>
    public static Page<TItem> Whole<TItem>(IEnumerable<TItem> items) => new() { Items = [.. items], NextCursor = null };

    /// <summary>A number as a cursor.</summary>
    public static string Cursor(long id) => id.ToString(CultureInfo.InvariantCulture);
}
