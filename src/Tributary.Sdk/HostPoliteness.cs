namespace Tributary.Sdk;

/// <summary>
/// How requests treat a host that is not an API with an account: a few at once, fewer as its answers slow down
/// (Scrapy's AutoThrottle: the delay follows latency ÷ target concurrency, and never shrinks after an error).
/// Applied per host (scheme, name and port); different hosts are served in parallel.
/// </summary>
public sealed record HostPoliteness
{
    /// <summary>Requests in flight at one host, at most.</summary>
    public int MaxConcurrency { get; init; } = 8;

    /// <summary>How many requests at once the host should feel on average, once its latency is known.</summary>
    public double TargetConcurrency { get; init; } = 8;

    /// <summary>The longest pause between two requests that latency alone may cause.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(60);
}
