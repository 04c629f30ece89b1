using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;
using Tributary.Sdk;

namespace Tributary.Engine.Store;

/// <summary>Runs: the queue of what is to be done, and the record of what was. The rows are the queue; there is no other.</summary>
public interface IRunStore
{
    /// <summary>Queues a run, unless one of its kind is queued already, which is returned then.</summary>
    /// <exception cref="EngineException">NotFound when the connector has been deleted; Conflict when it has no model to fill.</exception>
    Task<Run> EnqueueAsync(NewRun run, AuditDraft? audit, CancellationToken cancellationToken);

    /// <summary>
    /// Begins what the connector is to do next: a queued run (a deletion first, else the oldest), or what its schedule
    /// says is due. Marks it running under a new epoch. Null when there is nothing to do, or the connector is paused or
    /// invalid, or another run of it goes on.
    /// </summary>
    Task<StartedRun?> TryBeginAsync(long connectorId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Notes that a run is alive and what it does. Returns whether it is asked to stop.</summary>
    /// <exception cref="FencedException">A newer run has begun.</exception>
    Task<bool> BeatAsync(
        RunFence fence,
        long connectorId,
        RunProgress progress,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>Ends a run and moves its connector accordingly, in one transaction.</summary>
    /// <exception cref="FencedException">A newer run has begun.</exception>
    Task<Run> FinishAsync(RunEnd end, CancellationToken cancellationToken);

    /// <summary>
    /// After a start: every run that was going on is interrupted, and queued anew where its connector may run; one that was
    /// asked to stop is cancelled.
    /// </summary>
    /// <returns>How many there were.</returns>
    Task<int> RecoverAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Connectors that have something to do now or later, with the instant; those with a queued run are due at once.</summary>
    Task<IReadOnlyList<DueConnector>> ListDueAsync(CancellationToken cancellationToken);

    /// <summary>When a connector has something to do next; null when never.</summary>
    ValueTask<DateTimeOffset?> FindNextDueAsync(long connectorId, CancellationToken cancellationToken);

    /// <summary>One; null when it is not in the workspace.</summary>
    ValueTask<Run?> FindAsync(long workspaceId, long runId, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<Run>> ListAsync(
        long workspaceId,
        long connectorId,
        long beforeId,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Whether the connector has a documents model, without which it is not read.</summary>
    ValueTask<bool> HasDocumentsModelAsync(long connectorId, CancellationToken cancellationToken);

    /// <summary>The last run that read a model before another; null when there is none.</summary>
    ValueTask<Run?> FindLastOfModelAsync(long modelId, long beforeId, CancellationToken cancellationToken);

    /// <summary>How many a connector has had.</summary>
    Task<long> CountAsync(long workspaceId, long connectorId, CancellationToken cancellationToken);

    /// <summary>Cancels a queued or unconfirmed run at once, and asks a running one to stop. False when it has ended.</summary>
    Task<bool> RequestCancelAsync(
        long workspaceId,
        long runId,
        DateTimeOffset now,
        AuditDraft audit,
        CancellationToken cancellationToken
    );

    /// <summary>Queues the prune that waits for confirmation, with the agreement to lose what it found missing. Null when none waits.</summary>
    Task<Run?> ConfirmAsync(long workspaceId, long connectorId, AuditDraft audit, CancellationToken cancellationToken);

    /// <summary>A reindex begins anew: there is no checkpoint and no work left to go on from, whatever becomes of it.</summary>
    /// <exception cref="FencedException">A newer run has begun.</exception>
    Task ForgetCheckpointAsync(RunFence fence, long connectorId, CancellationToken cancellationToken);

    /// <summary>The reads of a new pass begin: what the last one skipped is forgotten.</summary>
    Task ClearSkipsAsync(long connectorId, CancellationToken cancellationToken);

    /// <summary>Failures that this run has not met again are resolved, for sources that are read whole.</summary>
    Task ResolveFailuresBeforeAsync(
        long connectorId,
        long runId,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>Open failures of the connector are tried again without waiting.</summary>
    Task ReleaseFailuresAsync(long connectorId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>See <see cref="IRunService.ListFailuresAsync"/>.</summary>
    Task<IReadOnlyList<DocumentFailure>> ListFailuresAsync(
        long workspaceId,
        long? connectorId,
        bool includeResolved,
        long beforeId,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>See <see cref="IRunService.ListSkippedAsync"/>.</summary>
    Task<IReadOnlyList<SkippedItem>> ListSkippedAsync(
        long connectorId,
        long afterId,
        int limit,
        CancellationToken cancellationToken
    );
}

/// <summary>A run to queue.</summary>
public sealed record NewRun(
    Guid Uuid,
    long WorkspaceId,
    long ConnectorId,
    RunKind Kind,
    string RequestedBy,
    DateTimeOffset Now,
    bool RetryFailures = false
)
{
    /// <summary>The model that it fills or clears. Null takes, for a refresh and a reindex, the connector's documents model.</summary>
    public long? ModelId { get; init; }
}

/// <summary>A run that has begun, with what it needs.</summary>
/// <param name="Run">The run.</param>
/// <param name="Fence">Its proof.</param>
/// <param name="Connector">Its connector as it is now.</param>
/// <param name="Checkpoint">The connector's checkpoint as JSON; null at the first read.</param>
/// <param name="ConfirmedCount">How many documents a person has agreed to lose; null when nobody was asked.</param>
/// <param name="RetryFailures">Open failures are tried without regard to their back-off.</param>
public sealed record StartedRun(
    Run Run,
    RunFence Fence,
    Connector Connector,
    string? Checkpoint,
    long? ConfirmedCount,
    bool RetryFailures
);

/// <summary>How a run ended, and what that means for its connector.</summary>
public sealed record RunEnd
{
    public required RunFence Fence { get; init; }
    public required long ConnectorId { get; init; }
    public required RunKind Kind { get; init; }

    /// <summary>The model, when its rows are records: then the model's schedule moves, not the connector's.</summary>
    public long? RecordsModelId { get; init; }
    public required RunState State { get; init; }
    public required DateTimeOffset Now { get; init; }
    public FailureKind? ErrorKind { get; init; }
    public string? Error { get; init; }

    /// <summary>The check at the start failed: five in a row make the connector invalid.</summary>
    public bool CheckFailed { get; init; }

    /// <summary>For a prune that needs confirmation: how many documents are missing.</summary>
    public long? MissingCount { get; init; }

    /// <summary>Given the failures in a row so far (this one included), when the next refresh is due; null when never.</summary>
    public required Func<int, DateTimeOffset?> NextRefreshAt { get; init; }

    /// <summary>When the next prune is due; null leaves it.</summary>
    public Change<DateTimeOffset?>? NextPruneAt { get; init; }
}

/// <summary>A connector with something to do.</summary>
public sealed record DueConnector(long ConnectorId, DateTimeOffset At);
