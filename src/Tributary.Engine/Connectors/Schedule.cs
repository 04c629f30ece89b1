namespace Tributary.Engine.Connectors;

/// <summary>When a connector's next refresh and prune are due.</summary>
internal static class Schedule
{
    /// <summary>The least frequency of refreshes, in seconds; smaller ones count as this.</summary>
    public const long MinRefresh = 60;

    /// <summary>The least frequency of prunes, in seconds; smaller ones count as this, and 0 means never.</summary>
    public const long MinPrune = 300;

    /// <summary>A hundred years: a frequency beyond it counts as this, so that no calendar ends.</summary>
    private const long Longest = 100L * 365 * 86_400;

    private const int MaxRetries = 5;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);

    /// <summary>After a refresh that ended now; measured from its end, failed ones included.</summary>
    public static DateTimeOffset? NextRefresh(long? frequency, DateTimeOffset now) =>
        frequency is { } seconds ? now.AddSeconds(Math.Clamp(seconds, MinRefresh, Longest)) : null;

    /// <summary>
    /// After a refresh that failed for a reason that time mends: sooner than the schedule says, with growing waits; a
    /// connector that reads once gives up after some.
    /// </summary>
    public static DateTimeOffset? Retry(long? frequency, int failuresInARow, DateTimeOffset now) =>
        Retry(NextRefresh(frequency, now), failuresInARow, now);

    /// <summary>As above, for a schedule that is next due at <paramref name="next"/>.</summary>
    public static DateTimeOffset? Retry(DateTimeOffset? next, int failuresInARow, DateTimeOffset now)
    {
        var wait = FirstRetry * Math.Pow(2, Math.Min(failuresInARow - 1, 10));
        var retry = now + (wait < LongestRetry ? wait : LongestRetry);
        return next is { } regular ? (regular < retry ? regular : retry)
            : failuresInARow < MaxRetries ? retry
            : null;
    }

    /// <summary>After a deletion that failed: it never gives up.</summary>
    public static DateTimeOffset RetryDeletion(int failuresInARow, DateTimeOffset now) =>
        Retry((long)LongestRetry.TotalSeconds, failuresInARow, now)!.Value;

    /// <summary>After a prune that ended now, or a connector that was made now.</summary>
    public static DateTimeOffset? NextPrune(long? frequency, DateTimeOffset now) =>
        frequency is { } seconds and > 0 ? now.AddSeconds(Math.Clamp(seconds, MinPrune, Longest)) : null;
}
