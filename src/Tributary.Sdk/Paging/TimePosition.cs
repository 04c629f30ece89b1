using System.Globalization;

namespace Tributary.Sdk.Paging;

/// <summary>Where a listing stands that is continued by time: written as <c>2025-01-15T08:00:00.0000000+00:00/3</c>.</summary>
internal readonly record struct TimePosition(DateTimeOffset? Before, int Page)
{
    public static TimePosition Parse(string? text) =>
        text?.Split('/') is [var time, var page] && int.TryParse(page, CultureInfo.InvariantCulture, out var number)
            ? new TimePosition(
                DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, out var before) ? before : null,
                number
            )
            : default;

    /// <summary>The next page: from the oldest item on, or the same instant's next page when there is no step.</summary>
    public string After(DateTimeOffset? oldest, TimeSpan granularity)
    {
        var before = oldest + granularity;
        var next =
            before is null || before >= Before ? new TimePosition(Before, Page + 1) : new TimePosition(before, 0);
        return string.Create(CultureInfo.InvariantCulture, $"{next.Before:O}/{next.Page}");
    }
}
