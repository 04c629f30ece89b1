using Tributary.Sdk;

namespace Tributary.Engine.Outbound.Pacing;

/// <summary>Until when somebody on the other side asked to be left alone, and who.</summary>
/// <param name="Instant">A timestamp of the clock; 0 or one that has passed = not at all.</param>
/// <param name="Host">Who asked.</param>
internal readonly record struct HoldUntil(long Instant, string? Host)
{
    /// <summary>Longer waits are not sat out: requests fail instead, and say until when.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>A wait of years is a mistake of the other side, which must not be kept for long.</summary>
    public static readonly TimeSpan LongestRemembered = TimeSpan.FromDays(1);

    /// <summary>The later of this and <paramref name="delay"/> from now.</summary>
    public HoldUntil Extended(long now, TimeSpan delay, string host, TimeProvider time)
    {
        var bounded = delay < LongestRemembered ? delay : LongestRemembered;
        var until = now + (long)(bounded.TotalSeconds * time.TimestampFrequency);
        return until > Instant ? new HoldUntil(until, host) : this;
    }

    /// <summary>What to throw when waiting is pointless; null when it is not.</summary>
    public SourceException? Refusal(long now, TimeProvider time) =>
        Instant > now && time.GetElapsedTime(now, Instant) is var left && left > Longest
            ? new SourceException(
                FailureKind.Transient,
                $"{Host} asks not to be called before {time.GetUtcNow() + left:u}, because its limit is used up."
            )
            : null;
}
