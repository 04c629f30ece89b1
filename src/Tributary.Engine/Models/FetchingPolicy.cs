using Tributary.Engine.Catalog;

namespace Tributary.Engine.Models;

/// <summary>How often, and after what waits, an extractor is asked for a page that it still prepares.</summary>
internal sealed record FetchingPolicy(int MaximumAttempts, TimeSpan InitialInterval, double Coefficient)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>Where an extractor names no policy: some two hours in all.</summary>
    private static readonly FetchingPolicy Default = new(60, TimeSpan.FromSeconds(5), 1.2);

    private static readonly TimeSpan LongestUnnamedWait = TimeSpan.FromMinutes(3);

    /// <summary>The policy of an extractor.</summary>
    public static FetchingPolicy Of(RetryDescription? described) =>
        new(
            Math.Max(described?.MaximumAttempts ?? Default.MaximumAttempts, 1),
            described?.InitialInterval is { } milliseconds
                ? TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 0, (long)LongestWait.TotalMilliseconds))
                : Default.InitialInterval,
            Math.Clamp(described?.BackoffCoefficient ?? Default.Coefficient, 1, 100)
        );

    /// <summary>The wait before an attempt; the second is the first that waits.</summary>
    public TimeSpan WaitBefore(int attempt)
    {
        var longest = this == Default ? LongestUnnamedWait : LongestWait;
        var seconds = InitialInterval.TotalSeconds * Math.Pow(Coefficient, Math.Min(attempt - 2, 1_000));
        return seconds < longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : longest;
    }
}
