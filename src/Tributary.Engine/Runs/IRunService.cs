using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Runs;

/// <summary>Runs as users handle them; the same promises as <see cref="Connectors.IConnectorService"/>.</summary>
public interface IRunService
{
    /// <summary>Queues a run. A run of the same kind that is already queued is returned instead of a second one.</summary>
    /// <exception cref="EngineException">Conflict when a run of this kind is going on, or when the connector is paused, invalid or being deleted.</exception>
    Task<Run> RequestAsync(Caller caller, long connectorId, RunKind kind, CancellationToken cancellationToken);

    /// <summary>One run.</summary>
    Task<Run> GetAsync(Caller caller, long runId, CancellationToken cancellationToken);

    /// <summary>A connector's runs, newest first, from before <paramref name="beforeId"/> (<see cref="long.MaxValue"/> for the newest).</summary>
    Task<IReadOnlyList<Run>> ListAsync(
        Caller caller,
        long connectorId,
        long beforeId,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>How many runs a connector has had.</summary>
    Task<long> CountAsync(Caller caller, long connectorId, CancellationToken cancellationToken);

    /// <summary>Ends a run at its next commit. Conflict when it has already ended.</summary>
    Task<Run> CancelAsync(Caller caller, long runId, CancellationToken cancellationToken);

    /// <summary>Lets a prune that waits for confirmation delete what it found missing. Conflict when none waits.</summary>
    Task<Run> ConfirmPruneAsync(Caller caller, long connectorId, CancellationToken cancellationToken);

    /// <summary>Waits until the run has ended, needs confirmation, or the wait is cancelled.</summary>
    Task<Run> WaitAsync(Caller caller, long runId, CancellationToken cancellationToken);

    /// <summary>Failures of single documents, newest first, from before <paramref name="beforeId"/>.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="connectorId">Of one connector; null for all of the workspace.</param>
    /// <param name="includeResolved">Also those that have succeeded since.</param>
    /// <param name="beforeId">Keyset.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    Task<IReadOnlyList<DocumentFailure>> ListFailuresAsync(
        Caller caller,
        long? connectorId,
        bool includeResolved,
        long beforeId,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Queues a refresh that tries the open failures of a connector again, without waiting for their back-off.</summary>
    Task<Run> RetryFailuresAsync(Caller caller, long connectorId, CancellationToken cancellationToken);

    /// <summary>What the last refresh of a connector left out on purpose, with the reason, in the order it was met.</summary>
    Task<IReadOnlyList<SkippedItem>> ListSkippedAsync(
        Caller caller,
        long connectorId,
        long afterId,
        int limit,
        CancellationToken cancellationToken
    );
}

/// <summary>A document that could not be read.</summary>
public sealed record DocumentFailure(
    long Id,
    long ConnectorId,
    long RunId,
    string ItemId,
    string? Link,
    string Reason,
    int Attempts,
    DateTimeOffset FirstFailedAt,
    DateTimeOffset LastFailedAt,
    DateTimeOffset? ResolvedAt
);

/// <summary>An item that was left out on purpose.</summary>
public sealed record SkippedItem(long Id, string ItemId, string Reason);
