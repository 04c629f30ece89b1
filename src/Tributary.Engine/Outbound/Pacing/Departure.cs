namespace Tributary.Engine.Outbound.Pacing;

/// <summary>A request that was written, and the instant of its answer as soon as that is known.</summary>
internal class Departure
{
    /// <summary>When its first byte was written, in timestamps.</summary>
    public long WrittenAt { get; protected set; }

    /// <summary>When its answer began, or it was clear that none will come; 0 before.</summary>
    public long AnsweredAt { get; protected set; }

    /// <summary>One that was written at <paramref name="writtenAt"/> and, if that is known, answered.</summary>
    public static Departure At(long writtenAt, long answeredAt = 0) =>
        new() { WrittenAt = writtenAt, AnsweredAt = answeredAt };
}
