namespace Tributary.Sdk.Incremental;

/// <summary>
/// How far a source was read by the times of its items, for sources that are listed newest first or filtered by "changed
/// since". Only the source's own times count, so that no clock has to be right. Part of a reader's position.
/// </summary>
/// <remarks>
/// A pass begins with <see cref="Begin"/> at its first answer, calls <see cref="Hold"/> for each item that failed, and ends
/// with <see cref="Complete"/>. Everything that changes meanwhile is newer than the beginning, and the next pass sees it.
/// </remarks>
public sealed record Watermark
{
    /// <summary>All that was changed before this was read by passes that are complete; null before the first.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The newest item when this pass began; null between passes.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>The oldest item that failed in this pass.</summary>
    public DateTimeOffset? Held { get; init; }

    /// <summary>From where a pass reads.</summary>
    /// <param name="overlap">At least the granularity of the source's times and the time that it takes to show a change.</param>
    /// <returns>Null for everything.</returns>
    public DateTimeOffset? From(TimeSpan overlap) =>
        Since is { } since && since - DateTimeOffset.MinValue > overlap ? since - overlap : null;

    /// <summary>The pass begins; of several calls only the first counts, also after a resume.</summary>
    /// <param name="newest">The newest item's time in the first answer; null where there was none.</param>
    public Watermark Begin(DateTimeOffset? newest) => this with { Newest = Newest ?? newest };

    /// <summary>
    /// As <see cref="Begin"/>, for sources that are listed in no order: called for each page of the list that is read first.
    /// </summary>
    /// <param name="newest">The newest item's time on a page; null where there was none.</param>
    public Watermark Advance(DateTimeOffset? newest) =>
        newest > Newest || Newest is null ? this with { Newest = newest } : this;

    /// <summary>An item failed, so that the next pass has to come back to it.</summary>
    public Watermark Hold(DateTimeOffset? changedAt) =>
        this with
        {
            Held = Min(Held, changedAt ?? DateTimeOffset.UnixEpoch),
        };

    /// <summary>The pass is over; the next one reads from here.</summary>
    /// <remarks>
    /// A pass that was cut off and resumed, of a source listed newest first, is followed by another one at once: what changed
    /// in between stands above where it went on.
    /// </remarks>
    public Watermark Complete() => new() { Since = Min(Newest ?? Since, Held) };

    private static DateTimeOffset? Min(DateTimeOffset? left, DateTimeOffset? right) =>
        left is null ? right
        : right is null || left < right ? left
        : right;
}
