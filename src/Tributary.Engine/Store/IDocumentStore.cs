using Tributary.Engine.Ingestion;
using Tributary.Sdk.Reading;

namespace Tributary.Engine.Store;

/// <summary>Documents, their passages and the log of their changes. The hot path.</summary>
public interface IDocumentStore
{
    /// <summary>What is stored of these documents, and whether this connector holds them; unknown ids are absent.</summary>
    ValueTask<IReadOnlyDictionary<string, StoredDocument>> LookUpAsync(
        long workspaceId,
        long connectorId,
        IReadOnlyCollection<string> externalIds,
        CancellationToken cancellationToken
    );

    /// <summary>Failures of these items that are still open; unknown ids are absent.</summary>
    ValueTask<IReadOnlyDictionary<string, OpenFailure>> LookUpFailuresAsync(
        long connectorId,
        IReadOnlyCollection<string> itemIds,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Writes a batch in one transaction: documents, passages, index, changes, failures, counters, work list and the
    /// checkpoint that covers them. Readers of the store see all of it or nothing.
    /// </summary>
    /// <exception cref="FencedException">A newer run of the connector has begun; nothing was written.</exception>
    Task<BatchOutcome> CommitAsync(DocumentBatch batch, CancellationToken cancellationToken);

    /// <summary>Documents of a connector (or, without one, everything pushed) in order of key.</summary>
    Task<IReadOnlyList<DocumentSummary>> ListAsync(
        long workspaceId,
        long? connectorId,
        long afterKey,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Whether a document was pushed; null when it is not stored.</summary>
    Task<bool?> IsPushedAsync(long workspaceId, string externalId, CancellationToken cancellationToken);

    /// <summary>Deletes documents of the workspace from whoever holds them. Ids that are not stored are passed over.</summary>
    /// <returns>How many were deleted.</returns>
    Task<int> DeleteAsync(
        long workspaceId,
        IReadOnlyCollection<string> externalIds,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );
}

/// <summary>What is stored of a document.</summary>
/// <param name="Hash">Of its content.</param>
/// <param name="IsHeld">Whether the connector asked for holds it.</param>
/// <param name="Version">The connector's mark of it.</param>
/// <param name="Note">The reader's note.</param>
public sealed record StoredDocument(byte[] Hash, bool IsHeld, string? Version, string? Note);

/// <summary>A failure that has not been resolved.</summary>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="RetryAt">Before this it is not tried again by itself.</param>
public sealed record OpenFailure(int Attempts, DateTimeOffset RetryAt);

/// <summary>A run that must not write any more, because a newer one of the same connector has begun.</summary>
public sealed class FencedException() : Exception("A newer run of this connector has begun; this one must not write.");

/// <summary>What is written together.</summary>
public sealed record DocumentBatch
{
    /// <summary>The workspace.</summary>
    public required long WorkspaceId { get; init; }

    /// <summary>The connector that holds the documents.</summary>
    public required long ConnectorId { get; init; }

    /// <summary>The time of the commit.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The run that writes; null for pushed documents.</summary>
    public RunFence? Fence { get; init; }

    /// <summary>Documents to insert, update, or (when their hash is stored) to mark as held. The last of an id wins.</summary>
    public IReadOnlyList<PreparedDocument> Documents { get; init; } = [];

    /// <summary>Ids of documents that this connector no longer holds.</summary>
    public IReadOnlyList<string> Deleted { get; init; } = [];

    /// <summary>Items that failed.</summary>
    public IReadOnlyList<ReadItem.Failed> Failures { get; init; } = [];

    /// <summary>Items whose open failure, if any, is resolved, besides <see cref="Documents"/> and <see cref="Deleted"/>.</summary>
    public IReadOnlyList<string> Settled { get; init; } = [];

    /// <summary>Items whose failure stays open, since their next try is not due yet.</summary>
    public IReadOnlyList<string> HeldBack { get; init; } = [];

    /// <summary>Items that were left out on purpose.</summary>
    public IReadOnlyList<ReadItem.Skipped> Skipped { get; init; } = [];

    /// <summary>What the reader did to its work list up to the checkpoint.</summary>
    public WorkListChanges? Work { get; init; }

    /// <summary>The checkpoint as JSON; null leaves the stored one.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>What else to add to the run's counters: documents read, unchanged, failed before they got here.</summary>
    public Runs.RunCounts Counts { get; init; } = new();

    /// <summary>What the run is doing.</summary>
    public RunProgress? Progress { get; init; }

    /// <summary>The documents came by the push API.</summary>
    public bool IsPush { get; init; }
}

/// <summary>Proof that a run is the connector's latest.</summary>
public sealed record RunFence(long RunId, long Epoch);

/// <summary>What a run shows of itself.</summary>
public sealed record RunProgress(string? Phase, string? CurrentItem, DateTimeOffset? WaitingUntil);

/// <summary>What a commit did.</summary>
/// <param name="Results">For each document of the batch, in order.</param>
/// <param name="Deleted">Documents that the connector held and no longer does.</param>
/// <param name="StopRequested">A person has asked to cancel the run, or paused or deleted its connector.</param>
public sealed record BatchOutcome(IReadOnlyList<DocumentResult> Results, int Deleted, bool StopRequested);

/// <summary>What became of a document.</summary>
public enum DocumentResult
{
    /// <summary>New in the workspace.</summary>
    Added,

    /// <summary>Its content changed.</summary>
    Updated,

    /// <summary>Its content was the same (it may be new to this connector).</summary>
    Unchanged,
}
