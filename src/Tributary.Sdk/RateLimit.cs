namespace Tributary.Sdk;

/// <summary>At most <paramref name="Max"/> requests in any window of one <paramref name="Unit"/>.</summary>
/// <param name="Unit">The length of the rolling window.</param>
/// <param name="Max">Requests in a window; at least 1.</param>
/// <param name="Strategy">Evenly spaced, or at once until the window is full.</param>
public sealed record RateLimit(RateUnit Unit, int Max, RateStrategy Strategy = RateStrategy.Burst);

/// <summary>The length of a rate limit's window.</summary>
public enum RateUnit
{
    /// <summary>One second.</summary>
    Second,

    /// <summary>60 seconds.</summary>
    Minute,

    /// <summary>3,600 seconds.</summary>
    Hour,

    /// <summary>86,400 seconds.</summary>
    Day,
}

/// <summary>How the permits of a window are handed out.</summary>
public enum RateStrategy
{
    /// <summary>One every window ÷ max.</summary>
    Spread,

    /// <summary>All at once until the window is full.</summary>
    Burst,
}
