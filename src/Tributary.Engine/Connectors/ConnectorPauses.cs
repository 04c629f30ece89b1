using Tributary.Engine.Models;
using Tributary.Engine.Runs;
using Tributary.Engine.Scheduling;
using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Connectors;

/// <summary>Connectors that rest, and go on where they were.</summary>
internal sealed class ConnectorPauses(
    IConnectorStore store,
    ConnectorReads reads,
    ConnectorSettings connectorSettings,
    RunRegistry registry,
    IRunScheduler scheduler,
    ModelHooks hooks,
    TimeProvider time
)
{
    /// <inheritdoc cref="IConnectorService.PauseAsync"/>
    public async Task<Connector> PauseAsync(Caller caller, long id, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        var connector = await MoveAsync(
                caller,
                id,
                [
                    ConnectorStatus.Scheduled,
                    ConnectorStatus.InitialIndexing,
                    ConnectorStatus.Active,
                    ConnectorStatus.Invalid,
                    ConnectorStatus.Paused,
                ],
                ConnectorStatus.Paused,
                "connector.pause",
                cancellationToken
            )
            .ConfigureAwait(false);
        registry.Stop(id);
        await hooks.TellAsync(connector, isPaused: true, cancellationToken).ConfigureAwait(false);
        return connector;
    }

    /// <inheritdoc cref="IConnectorService.ResumeAsync"/>
    public async Task<Connector> ResumeAsync(Caller caller, long id, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        var overview =
            await store.FindOverviewAsync(caller.WorkspaceId, id, cancellationToken).ConfigureAwait(false)
            ?? throw ConnectorService.Missing(id);
        if (overview.Connector.Status is not (ConnectorStatus.Paused or ConnectorStatus.Invalid))
        {
            return overview.Connector.Status == ConnectorStatus.Deleting
                ? throw new EngineException(RefusalKind.Conflict, $"Connector {id} is being deleted.")
                : overview.Connector;
        }

        var hasRead = overview.Connector.LastSuccessAt is not null;
        var connector = await MoveAsync(
                caller,
                id,
                [ConnectorStatus.Paused, ConnectorStatus.Invalid],
                hasRead ? ConnectorStatus.Active : ConnectorStatus.Scheduled,
                "connector.resume",
                cancellationToken
            )
            .ConfigureAwait(false);
        var hasRuns = await connectorSettings.HasRunsAsync(connector, cancellationToken).ConfigureAwait(false);

        // What the pause has stopped may still be on its way to its end.
        var last = overview.CurrentRun is { State: RunState.Running } stopping ? stopping : overview.LastRun;
        var wasCutShort =
            last is
            {
                State: RunState.Interrupted or RunState.Canceled or RunState.Running,
                Kind: RunKind.Refresh or RunKind.Reindex
            };
        if (hasRuns && (last is not null && !hasRead || wasCutShort))
        {
            await reads
                .EnqueueAsync(
                    caller,
                    connector,
                    last?.Kind == RunKind.Reindex ? RunKind.Reindex : RunKind.Refresh,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }

        await scheduler.WakeAsync(id, cancellationToken).ConfigureAwait(false);
        await hooks.TellAsync(connector, isPaused: false, cancellationToken).ConfigureAwait(false);
        return connector;
    }

    private async Task<Connector> MoveAsync(
        Caller caller,
        long id,
        IReadOnlyCollection<ConnectorStatus> from,
        ConnectorStatus to,
        string action,
        CancellationToken cancellationToken
    )
    {
        var connector =
            await store.FindAsync(caller.WorkspaceId, id, cancellationToken).ConfigureAwait(false)
            ?? throw ConnectorService.Missing(id);
        var now = time.GetUtcNow();
        var audit = new AuditDraft(
            caller.WorkspaceId,
            now,
            caller.Name,
            action,
            $"connector {id} \"{connector.Name}\""
        );
        return await store
                .TryMoveAsync(caller.WorkspaceId, id, from, to, now, audit, cancellationToken)
                .ConfigureAwait(false)
            ?? throw new EngineException(
                RefusalKind.Conflict,
                $"Connector {id} is {connector.Status.ToString().ToLowerInvariant()}."
            );
    }
}
