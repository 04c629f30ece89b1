using Tributary.Engine.Connectors;
using Tributary.Engine.Scheduling;
using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Runs;

/// <inheritdoc cref="IRunService"/>
internal sealed class RunService(
    IRunStore store,
    IConnectorService connectors,
    RunRegistry registry,
    IRunScheduler scheduler,
    TimeProvider time
) : IRunService
{
    /// <summary>How often a waiting caller looks himself, in case the run is another process's.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public async Task<Run> RequestAsync(
        Caller caller,
        long connectorId,
        RunKind kind,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Editor);
        if (kind is RunKind.Delete)
        {
            return await connectors.DeleteAsync(caller, connectorId, cancellationToken).ConfigureAwait(false);
        }

        var overview = await connectors.GetOverviewAsync(caller, connectorId, cancellationToken).ConfigureAwait(false);
        DemandRunnable(overview.Connector);
        if (overview.CurrentRun is { State: RunState.Running } current && current.Kind == kind)
        {
            throw new EngineException(
                RefusalKind.Conflict,
                kind == RunKind.Prune
                    ? "Pruning task already in progress."
                    : $"A {kind.ToString().ToLowerInvariant()} of this source is already going on (run {current.Id})."
            );
        }

        return await EnqueueAsync(caller, overview.Connector, kind, retryFailures: false, cancellationToken)
            .ConfigureAwait(false);
    }

    public async Task<Run> GetAsync(Caller caller, long runId, CancellationToken cancellationToken) =>
        await store.FindAsync(caller.WorkspaceId, runId, cancellationToken).ConfigureAwait(false)
        ?? throw EngineException.NotFound($"Run {runId} does not exist");

    public async Task<IReadOnlyList<Run>> ListAsync(
        Caller caller,
        long connectorId,
        long beforeId,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await connectors.GetAsync(caller, connectorId, cancellationToken).ConfigureAwait(false);
        return await store
            .ListAsync(caller.WorkspaceId, connectorId, beforeId, limit, cancellationToken)
            .ConfigureAwait(false);
    }

    public Task<long> CountAsync(Caller caller, long connectorId, CancellationToken cancellationToken) =>
        store.CountAsync(caller.WorkspaceId, connectorId, cancellationToken);

    public async Task<Run> CancelAsync(Caller caller, long runId, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        var run = await GetAsync(caller, runId, cancellationToken).ConfigureAwait(false);
        if (run.Kind is RunKind.Delete or RunKind.Clear)
        {
            throw new EngineException(RefusalKind.Conflict, "A deletion cannot be taken back.");
        }

        var audit = Audit(caller, "run.cancel", $"run {runId}");
        if (
            !await store
                .RequestCancelAsync(caller.WorkspaceId, runId, time.GetUtcNow(), audit, cancellationToken)
                .ConfigureAwait(false)
        )
        {
            throw new EngineException(RefusalKind.Conflict, $"Run {runId} has already ended.");
        }

        if (run.State == RunState.Running)
        {
            registry.Stop(run.ConnectorId, runId);
        }
        else
        {
            registry.Signal(runId);
        }

        return await GetAsync(caller, runId, cancellationToken).ConfigureAwait(false);
    }

    public async Task<Run> ConfirmPruneAsync(Caller caller, long connectorId, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        var connector = await connectors.GetAsync(caller, connectorId, cancellationToken).ConfigureAwait(false);
        DemandRunnable(connector);
        var audit = Audit(caller, "prune.confirm", $"connector {connectorId} \"{connector.Name}\"");
        var run =
            await store.ConfirmAsync(caller.WorkspaceId, connectorId, audit, cancellationToken).ConfigureAwait(false)
            ?? throw new EngineException(RefusalKind.Conflict, "No prune of this source waits for confirmation.");
        await scheduler.WakeAsync(connectorId, cancellationToken).ConfigureAwait(false);
        return run;
    }

    public async Task<Run> WaitAsync(Caller caller, long runId, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var ended = registry.WaitAsync(runId);
                var run = await GetAsync(caller, runId, cancellationToken).ConfigureAwait(false);
                if (run.State is not (RunState.Queued or RunState.Running))
                {
                    return run;
                }

                await Task.WhenAny(ended, Task.Delay(Look, time, cancellationToken)).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            // Nothing stays behind of a wait; others who wait for the same run look once more and go on waiting.
            registry.Signal(runId);
        }
    }

    public async Task<IReadOnlyList<DocumentFailure>> ListFailuresAsync(
        Caller caller,
        long? connectorId,
        bool includeResolved,
        long beforeId,
        int limit,
        CancellationToken cancellationToken
    )
    {
        if (connectorId is { } id)
        {
            await connectors.GetAsync(caller, id, cancellationToken).ConfigureAwait(false);
        }

        return await store
            .ListFailuresAsync(caller.WorkspaceId, connectorId, includeResolved, beforeId, limit, cancellationToken)
            .ConfigureAwait(false);
    }

    public async Task<Run> RetryFailuresAsync(Caller caller, long connectorId, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        var connector = await connectors.GetAsync(caller, connectorId, cancellationToken).ConfigureAwait(false);
        DemandRunnable(connector);
        await store.ReleaseFailuresAsync(connectorId, time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        return await EnqueueAsync(caller, connector, RunKind.Refresh, retryFailures: true, cancellationToken)
            .ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<SkippedItem>> ListSkippedAsync(
        Caller caller,
        long connectorId,
        long afterId,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await connectors.GetAsync(caller, connectorId, cancellationToken).ConfigureAwait(false);
        return await store.ListSkippedAsync(connectorId, afterId, limit, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Run> EnqueueAsync(
        Caller caller,
        Connector connector,
        RunKind kind,
        bool retryFailures,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        var run = new NewRun(Guid.NewGuid(), caller.WorkspaceId, connector.Id, kind, caller.Name, now, retryFailures);
        var audit = Audit(
            caller,
            $"run.{kind.ToString().ToLowerInvariant()}",
            $"connector {connector.Id} \"{connector.Name}\""
        );
        var queued = await store.EnqueueAsync(run, audit, cancellationToken).ConfigureAwait(false);
        await scheduler.WakeAsync(connector.Id, cancellationToken).ConfigureAwait(false);
        return queued;
    }

    private static void DemandRunnable(Connector connector)
    {
        var why = connector.Status switch
        {
            ConnectorStatus.Paused => "is paused: resume it first",
            ConnectorStatus.Deleting => "is being deleted",
            ConnectorStatus.Invalid =>
                "is invalid since its checks failed five times in a row: correct its settings, or resume it to try again",
            _ => null,
        };
        if (why is not null)
        {
            throw new EngineException(RefusalKind.Conflict, $"Source {connector.Id} {why}.");
        }
    }

    private AuditDraft Audit(Caller caller, string action, string target) =>
        new(caller.WorkspaceId, time.GetUtcNow(), caller.Name, action, target);
}
