namespace Tributary.Sdk.Incremental;

/// <summary>
/// How far a listing of changes was read that is sorted oldest change first: what changes meanwhile comes at its end. Only
/// the source's own times count. Part of a reader's position.
/// </summary>
public sealed record Ascent
{
    /// <summary>All that was changed before this was read by passes that are complete.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The newest change that this pass has read; null between passes.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>The oldest change that could not be read in this pass: the next one comes back to it.</summary>
    public DateTimeOffset? Held { get; init; }

    /// <summary>From where to read, also after a pass that was cut off; null for everything.</summary>
    /// <param name="overlap">What the index of the source may lag behind, and its times be off.</param>
    public DateTimeOffset? From(TimeSpan overlap) =>
        (At ?? Since) is { } time && time - DateTimeOffset.MinValue > overlap ? time - overlap : null;

    /// <summary>Everything up to a time was read.</summary>
    public Ascent Reach(DateTimeOffset? time) => time > At || At is null ? this with { At = time ?? At } : this;

    /// <summary>An item failed, so that the next pass has to come back to it.</summary>
    public Ascent Hold(DateTimeOffset? time) => this with { Held = Earlier(Held, time ?? DateTimeOffset.UnixEpoch) };

    /// <summary>The pass is over; the next one reads from here.</summary>
    public Ascent Complete() => new() { Since = Earlier(At ?? Since, Held) };

    private static DateTimeOffset? Earlier(DateTimeOffset? left, DateTimeOffset? right) =>
        left is null ? right
        : right is null || left < right ? left
        : right;
}
