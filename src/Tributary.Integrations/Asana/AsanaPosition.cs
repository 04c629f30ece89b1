using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Asana;

/// <summary>Where a pass over the projects stands. Times are Asana's own.</summary>
internal sealed record AsanaPosition
{
    /// <summary>What is read: another selection begins afresh.</summary>
    public required string Selection { get; init; }

    /// <summary>What was modified before this is stored.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The last change that the last pass saw: it was there when this one began.</summary>
    public DateTimeOffset? Last { get; init; }

    /// <summary>A change that the first answer of this pass had.</summary>
    public DateTimeOffset? First { get; init; }

    /// <summary>The last change that this pass has seen.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>The oldest task that failed in this pass.</summary>
    public DateTimeOffset? Held { get; init; }

    /// <summary>The project that is being read; null between passes.</summary>
    public string? Project { get; init; }

    /// <summary>Its tasks are done, and their sub-tasks are being looked through.</summary>
    public bool IsWalk { get; init; }

    /// <summary>Where in the listing.</summary>
    public string? Offset { get; init; }

    public AsanaPosition See(IReadOnlyList<AsanaTask> tasks)
    {
        var newest = tasks.Max(task => task.ModifiedAt);
        return this with { First = First ?? newest, Newest = Later(Newest, newest) };
    }

    /// <summary>A task that failed holds the next pass back, wherever on the page it stands.</summary>
    public AsanaPosition After(ReadItem item, IReadOnlyList<AsanaTask> tasks) =>
        item is ReadItem.Failed failed
            ? this with
            {
                Held = Earlier(
                    Held,
                    tasks.FirstOrDefault(task => task.Gid == failed.ItemId)?.ModifiedAt ?? DateTimeOffset.UnixEpoch
                ),
            }
            : this;

    /// <summary>The next pass reads what changed since this one began, as far as that is certain.</summary>
    public AsanaPosition Complete() =>
        new()
        {
            Selection = Selection,
            Since = Held is null ? Later(Since, Later(Last, First)) : Earlier(Held, Later(Since, Later(Last, First))),
            Last = Later(Last, Newest),
        };

    private static DateTimeOffset? Later(DateTimeOffset? left, DateTimeOffset? right) =>
        left is null || right > left ? right ?? left : left;

    private static DateTimeOffset? Earlier(DateTimeOffset? left, DateTimeOffset? right) =>
        left is null || right < left ? right ?? left : left;
}
