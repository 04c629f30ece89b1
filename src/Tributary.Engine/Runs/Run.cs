using Tributary.Sdk;

namespace Tributary.Engine.Runs;

/// <summary>One piece of background work on a connector.</summary>
public sealed record Run
{
    /// <summary>Its id; grows with time.</summary>
    public required long Id { get; init; }

    /// <summary>Its id in the Cargo dialect.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>Whose work it is.</summary>
    public required long ConnectorId { get; init; }

    /// <summary>The model that it fills or clears; null when it is about the connector as a whole.</summary>
    public long? ModelId { get; init; }

    /// <summary>What it does.</summary>
    public required RunKind Kind { get; init; }

    /// <summary>How it stands.</summary>
    public required RunState State { get; init; }

    /// <summary>Who asked for it: <c>schedule</c>, <c>start</c> (first run), <c>recovery</c>, or a person's or token's name.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset QueuedAt { get; init; }

    /// <summary>When it began; null while it is queued.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null until then.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>When it last showed that it is alive.</summary>
    public DateTimeOffset? HeartbeatAt { get; init; }

    /// <summary>What it is doing, or why it waits, in words: <c>reading</c>, <c>waiting for a free worker</c>.</summary>
    public string? Phase { get; init; }

    /// <summary>The item it is at.</summary>
    public string? CurrentItem { get; init; }

    /// <summary>Until when it waits for a rate limit; null when it does not.</summary>
    public DateTimeOffset? WaitingUntil { get; init; }

    /// <summary>Somebody has asked to stop it.</summary>
    public bool IsCancelRequested { get; init; }

    /// <summary>What came of it so far.</summary>
    public RunCounts Counts { get; init; } = new();

    /// <summary>Who can mend it, when it failed.</summary>
    public FailureKind? ErrorKind { get; init; }

    /// <summary>What went wrong, or what needs confirmation.</summary>
    public string? Error { get; init; }
}

/// <summary>What came of a run, in documents.</summary>
/// <param name="Read">Documents the reader spoke of.</param>
/// <param name="Added">New in the workspace.</param>
/// <param name="Updated">Changed.</param>
/// <param name="Unchanged">As they were.</param>
/// <param name="Deleted">Gone at the source, or with the connector.</param>
/// <param name="Failed">Could not be read.</param>
/// <param name="Skipped">Left out on purpose (also items that are no documents, e.g. links off the site).</param>
/// <param name="Chunks">Passages written.</param>
public sealed record RunCounts(
    long Read = 0,
    long Added = 0,
    long Updated = 0,
    long Unchanged = 0,
    long Deleted = 0,
    long Failed = 0,
    long Skipped = 0,
    long Chunks = 0
);

/// <summary>What a run does.</summary>
public enum RunKind
{
    /// <summary>Reads what changed.</summary>
    Refresh,

    /// <summary>Reads everything again.</summary>
    Reindex,

    /// <summary>Removes what is gone.</summary>
    Prune,

    /// <summary>Removes the connector and its documents.</summary>
    Delete,

    /// <summary>Removes what a model held, after the model itself was removed.</summary>
    Clear,
}

/// <summary>How a run stands.</summary>
public enum RunState
{
    /// <summary>It will begin; <see cref="Run.Phase"/> says what it waits for.</summary>
    Queued,

    /// <summary>It goes on.</summary>
    Running,

    /// <summary>A prune that would delete too much waits for a person.</summary>
    NeedsConfirmation,

    /// <summary>All is well.</summary>
    Succeeded,

    /// <summary>The source was read to its end; some documents failed.</summary>
    SucceededWithFailures,

    /// <summary>It ended before the source did; <see cref="Run.ErrorKind"/> says who can mend it.</summary>
    Failed,

    /// <summary>A person has ended it.</summary>
    Canceled,

    /// <summary>The process ended or the connector was paused; the next run goes on from its checkpoint.</summary>
    Interrupted,
}
