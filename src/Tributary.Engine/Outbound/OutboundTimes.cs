namespace Tributary.Engine.Outbound;

/// <summary>How long the other side may take.</summary>
internal sealed record OutboundTimes
{
    /// <summary>To accept a connection, TLS included. Measured by the system's clock, whatever the pipeline's is.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>From the moment in which a request may leave to the head of its answer.</summary>
    public TimeSpan Headers { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Between two pieces of a body.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(60);
}
