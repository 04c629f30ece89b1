namespace Tributary.Integrations.CodeHosts;

/// <summary>How far a listing by the time of update was read, by the source's own times. Part of a position.</summary>
internal sealed record ReadMark
{
    /// <summary>What was updated before this was read.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The address to go on at, where more were updated at one instant than a page holds.</summary>
    public string? Next { get; init; }

    /// <summary>The oldest that failed in this pass, to which the next pass comes back.</summary>
    public DateTimeOffset? Held { get; init; }

    /// <summary>From when on to read.</summary>
    /// <param name="overlap">How long the source takes to show a change.</param>
    public DateTimeOffset? From(TimeSpan overlap) => Next is null ? Since - overlap : Since;

    /// <summary>A page was read.</summary>
    public ReadMark To<T>(UpdatedPage<T> page) =>
        this with
        {
            Since = page.Since > Since || Since is null ? page.Since : Since,
            Next = page.Next,
        };

    /// <summary>An item failed.</summary>
    public ReadMark Hold(DateTimeOffset time) => this with { Held = Held < time ? Held : time };

    /// <summary>The pass is over.</summary>
    public ReadMark Complete() => new() { Since = Held < Since ? Held : Since };
}
