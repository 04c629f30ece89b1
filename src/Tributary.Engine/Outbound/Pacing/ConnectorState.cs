using Tributary.Engine.Outbound.Retry;

namespace Tributary.Engine.Outbound.Pacing;

/// <summary>What the process knows of one connector's traffic; all that would have to outlive a restart is in here.</summary>
internal sealed class ConnectorState(TimeProvider time)
{
    private int _clients;

    /// <summary>The limits of all its requests together.</summary>
    public ConnectorLimits Limits { get; } = new(time);

    /// <summary>What is known of single hosts.</summary>
    public HostTable Hosts { get; } = new(time);

    /// <summary>How many retries it may still do.</summary>
    public RetryBudget Budget { get; } = new();

    /// <summary>A client uses it.</summary>
    public void Enter() => Interlocked.Increment(ref _clients);

    /// <summary>A client is gone.</summary>
    public void Leave() => Interlocked.Decrement(ref _clients);

    /// <summary>Whether forgetting it would change nothing that matters.</summary>
    public bool IsIdle() => Volatile.Read(ref _clients) == 0 && Limits.IsIdle() && Hosts.IsIdle();
}
