using Tributary.Engine.Connectors;
using Tributary.Engine.Store;
using Tributary.Sdk;

namespace Tributary.Engine.Runs;

/// <summary>
/// Lists what is live into the store, and deletes what is not there. What was stored after the listing began is never
/// deleted, and nothing is unless the listing came to its end.
/// </summary>
internal sealed class PruneRun(
    ReaderFactory readers,
    IPruneStore store,
    IWorkListStore workLists,
    IDocumentStore documents,
    EngineOptions options,
    TimeProvider time
)
{
    private const int BatchSize = 500;
    private const string Listing = "listing what is live";

    public async Task<RunOutcome> ExecuteAsync(StartedRun start, TypedSettings settings, CancellationToken stop)
    {
        var (fence, connector) = (start.Fence, start.Connector);
        if (settings.Integration.Manifest.Capabilities.Deletion == DeletionDetection.None)
        {
            return new RunOutcome(RunState.Succeeded);
        }

        var began = time.GetUtcNow();
        if (await ListAsync(start, settings, stop).ConfigureAwait(false))
        {
            return RunOutcome.Stopped;
        }

        var (held, missing) = await store.CountMissingAsync(connector.Id, began, stop).ConfigureAwait(false);
        if (NeedsConfirmation(held, missing, start.ConfirmedCount))
        {
            return new RunOutcome(RunState.NeedsConfirmation)
            {
                MissingCount = missing,
                Error =
                    $"{missing} of {held} documents are no longer listed by the source. If that is right, confirm the prune; nothing was deleted yet.",
            };
        }

        while (true)
        {
            var (deleted, stopRequested) = await store
                .DeleteMissingAsync(
                    fence,
                    connector.WorkspaceId,
                    connector.Id,
                    began,
                    BatchSize,
                    time.GetUtcNow(),
                    stop
                )
                .ConfigureAwait(false);
            if (deleted == 0)
            {
                break;
            }

            if (stopRequested)
            {
                return RunOutcome.Stopped;
            }
        }

        await store
            .ResolveMissingFailuresAsync(fence, connector.Id, began, time.GetUtcNow(), stop)
            .ConfigureAwait(false);
        await store.ForgetListingAsync(fence, connector.Id, stop).ConfigureAwait(false);
        return new RunOutcome(RunState.Succeeded);
    }

    /// <summary>
    /// A prune that would take more than the operator's share, and more than a handful, waits for a person; one that was
    /// confirmed goes on as long as the source lists no fewer than it did then (a tenth and a handful of leeway).
    /// </summary>
    private bool NeedsConfirmation(long held, long missing, long? confirmed)
    {
        if (missing <= options.PruneCountLimit || missing <= held * options.PruneShareLimit)
        {
            return false;
        }

        return confirmed is not { } agreed || missing > agreed * 1.1 + options.PruneCountLimit;
    }

    /// <returns>Whether it was asked to stop.</returns>
    private async Task<bool> ListAsync(StartedRun start, TypedSettings settings, CancellationToken stop)
    {
        var (fence, connector) = (start.Fence, start.Connector);
        await store.ForgetListingAsync(fence, connector.Id, stop).ConfigureAwait(false);
        var work = await DurableWorkList
            .OpenAsync(workLists, new WorkListId(connector.Id, IsListing: true), stop)
            .ConfigureAwait(false);
        await work.ClearAsync(stop).ConfigureAwait(false);
        var known = new StoredKnownDocuments(documents, connector.WorkspaceId, connector.Id);
        using var open = readers.Open(settings, connector.WorkspaceId, connector.Id, connector.RateLimit, known, work);
        var batch = new List<string>(BatchSize);
        await foreach (var id in open.Reader.ListAsync(stop).WithCancellation(stop).ConfigureAwait(false))
        {
            batch.Add(id);
            if (batch.Count >= BatchSize && await WriteAsync().ConfigureAwait(false))
            {
                return true;
            }
        }

        stop.ThrowIfCancellationRequested();
        await work.ClearAsync(stop).ConfigureAwait(false);
        return await WriteAsync().ConfigureAwait(false);

        async Task<bool> WriteAsync()
        {
            var changes = work.Drain();
            var progress = new RunProgress(Listing, batch.Count > 0 ? batch[^1] : null, open.Client.WaitingUntil);
            var stopRequested = await store
                .AddLiveAsync(fence, connector.Id, batch, changes, progress, time.GetUtcNow(), stop)
                .ConfigureAwait(false);
            if (changes is not null)
            {
                work.Acknowledge(changes);
            }

            batch.Clear();
            return stopRequested;
        }
    }
}
