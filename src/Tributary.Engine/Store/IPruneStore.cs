using Tributary.Sdk;

namespace Tributary.Engine.Store;

/// <summary>What prune and deletion runs need: sets of ids in the store, never in memory.</summary>
public interface IPruneStore
{
    /// <summary>Forgets what a listing found: before a new one, and after its use.</summary>
    Task ForgetListingAsync(RunFence fence, long connectorId, CancellationToken cancellationToken);

    /// <summary>Adds ids that are live. Returns whether the run is asked to stop.</summary>
    /// <exception cref="FencedException">A newer run has begun.</exception>
    Task<bool> AddLiveAsync(
        RunFence fence,
        long connectorId,
        IReadOnlyList<string> ids,
        WorkListChanges? work,
        RunProgress progress,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>How many documents the connector held before the listing began, and how many of them were not listed.</summary>
    Task<(long Held, long Missing)> CountMissingAsync(
        long connectorId,
        DateTimeOffset listingBegan,
        CancellationToken cancellationToken
    );

    /// <summary>Deletes some of the missing ones, in one transaction.</summary>
    /// <returns>How many were let go, and whether the run is asked to stop; 0 when none is left.</returns>
    /// <exception cref="FencedException">A newer run has begun.</exception>
    Task<(int Deleted, bool StopRequested)> DeleteMissingAsync(
        RunFence fence,
        long workspaceId,
        long connectorId,
        DateTimeOffset listingBegan,
        int max,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>Failures of items that the listing did not meet, and that failed before it began, are resolved: there is nothing left to fail.</summary>
    Task ResolveMissingFailuresAsync(
        RunFence fence,
        long connectorId,
        DateTimeOffset listingBegan,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>Lets go of some of the documents of a connector that is being deleted, in one transaction.</summary>
    /// <returns>How many; 0 when none is left.</returns>
    /// <exception cref="FencedException">A newer run has begun.</exception>
    Task<int> ReleaseDocumentsAsync(
        RunFence fence,
        long workspaceId,
        long connectorId,
        int max,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>Removes what is left of a connector whose documents are gone, and ends the run as succeeded, in one transaction.</summary>
    /// <returns>False when it holds documents (again), which have to be released first.</returns>
    Task<bool> RemoveConnectorAsync(
        RunFence fence,
        long connectorId,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );
}
