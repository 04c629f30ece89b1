namespace Tributary.Engine.Outbound.Pacing;

/// <summary>A request that was written, and the instant of its answer as soon as that is known.</summary>
internal class Departure
{
    /// <summary>When its first byte was written, in timestamps.</summary>
    public long WrittenAt { get; protected set; }

    /// <summary>Which of its connector's departures it is, in the order of writing.</summary>
    public long Number { get; protected set; }

    /// <summary>When its answer began, which proves that it had arrived; null before.</summary>
    public long? AnsweredAt { get; protected set; }

    /// <summary>One that was written at <paramref name="writtenAt"/> and, if that is known, answered.</summary>
    public static Departure At(long writtenAt, long? answeredAt = null, long number = 0) =>
        new()
        {
            WrittenAt = writtenAt,
            AnsweredAt = answeredAt,
            Number = number,
        };
}
