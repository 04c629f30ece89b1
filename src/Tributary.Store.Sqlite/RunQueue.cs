using Tributary.Engine;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <summary>What is to run: queued by somebody, or due by a schedule; and its beginning.</summary>
internal static class RunQueue
{
    /// <summary>States in which a connector reads and prunes.</summary>
    public static readonly string Runnable =
        $"{(int)ConnectorStatus.Scheduled}, {(int)ConnectorStatus.InitialIndexing}, {(int)ConnectorStatus.Active}";

    /// <summary>States in which the next refresh and prune are due at some time; for a deletion that failed, its next try.</summary>
    private static readonly string Scheduled = $"{Runnable}, {(int)ConnectorStatus.Deleting}";

    /// <summary>When connectors' own schedules, and those of their models, next have something to do.</summary>
    public static string Due(string which) =>
        $"""
            SELECT c.id, min(ifnull(c.next_refresh_at, c.next_prune_at), ifnull(c.next_prune_at, c.next_refresh_at)) AS at
            FROM connectors c
            WHERE c.status IN ({Scheduled}) AND (c.next_refresh_at IS NOT NULL OR c.next_prune_at IS NOT NULL) {which}
            UNION ALL
            SELECT c.id, m.next_run_at FROM models m CROSS JOIN connectors c ON c.id = m.connector_id
            WHERE m.next_run_at IS NOT NULL
              AND (c.status IN ({Runnable}) OR (m.deleted_at IS NOT NULL AND c.status <> {(int)
                ConnectorStatus.Deleting})) {which}
            """;

    /// <summary>Queues a run, or returns the one of its kind that is queued already.</summary>
    public static Run Enqueue(SqliteSession session, NewRun run)
    {
        if (session.Prepare("SELECT 1 FROM connectors WHERE id = ?").Add(run.ConnectorId).Scalar() is null)
        {
            throw EngineException.NotFound($"Connector {run.ConnectorId} does not exist any more.");
        }

        var modelId = run.ModelId ?? DocumentsModels.ToFill(session, run);
        var queued = session
            .Prepare(
                $"SELECT id FROM runs WHERE connector_id = ? AND state = {(int)RunState.Queued} AND {Rows.OpenRuns} AND kind = ? AND model_id IS ?"
            )
            .Add(run.ConnectorId)
            .Add((long)run.Kind)
            .Add(modelId)
            .Scalar();
        if (queued is { } id)
        {
            if (run.RetryFailures)
            {
                session.Prepare("UPDATE runs SET retry_failures = 1 WHERE id = ?").Add(id).Run();
            }

            return Find(session, run.WorkspaceId, id)!;
        }

        session
            .Prepare(
                """
                INSERT INTO runs (uuid, workspace_id, connector_id, model_id, kind, state, requested_by, queued_at, phase, retry_failures)
                VALUES (?, ?, ?, ?, ?, 0, ?, ?, 'waiting for a free worker', ?)
                """
            )
            .Add(run.Uuid.ToString())
            .Add(run.WorkspaceId)
            .Add(run.ConnectorId)
            .Add(modelId)
            .Add((long)run.Kind)
            .Add(run.RequestedBy)
            .Add(run.Now)
            .Add(run.RetryFailures)
            .Run();
        return Find(session, run.WorkspaceId, session.LastId())!;
    }

    /// <summary>The run that deletes a connector, when it is queued or goes on.</summary>
    public static Run? FindOpenDeletion(SqliteSession session, Connector connector)
    {
        var id = session
            .Prepare($"SELECT id FROM runs WHERE connector_id = ? AND {Rows.OpenRuns} AND kind = {(int)RunKind.Delete}")
            .Add(connector.Id)
            .Scalar();
        return id is null ? null : Find(session, connector.WorkspaceId, id.Value);
    }

    /// <summary>Begins what is next for the connector, under a new fence; null when nothing is, or something runs already.</summary>
    public static StartedRun? TryBegin(SqliteSession session, long connectorId, DateTimeOffset now)
    {
        var connector = session
            .Prepare($"SELECT {Rows.ConnectorColumns} FROM {Rows.ConnectorTables} WHERE c.id = ?")
            .Add(connectorId)
            .First(Rows.Connector);
        if (
            connector is null
            || session
                .Prepare($"SELECT 1 FROM runs WHERE connector_id = ? AND state = 1 AND {Rows.OpenRuns}")
                .Add(connectorId)
                .Scalar()
                is not null
        )
        {
            return null;
        }

        var isDeleting = connector.Status == ConnectorStatus.Deleting;
        var isHalted = connector.Status is ConnectorStatus.Paused or ConnectorStatus.Invalid;
        var runId = session
            .Prepare(
                $"""
                SELECT id FROM runs WHERE connector_id = ? AND state = 0 AND {Rows.OpenRuns} {(
                    isDeleting ? $"AND kind = {(int)RunKind.Delete}" : isHalted ? $"AND kind = {(int)RunKind.Clear}" : ""
                )}
                ORDER BY kind = {(int)RunKind.Delete} DESC, id LIMIT 1
                """
            )
            .Add(connectorId)
            .Scalar();
        if (runId is null)
        {
            RunKind? due =
                isHalted ? null
                : connector.NextRefreshAt <= now ? (isDeleting ? RunKind.Delete : RunKind.Refresh)
                : isDeleting ? null
                : connector.NextPruneAt <= now ? RunKind.Prune
                : null;
            if (due is { } kind)
            {
                runId = Enqueue(
                    session,
                    new NewRun(Guid.NewGuid(), connector.WorkspaceId, connectorId, kind, "schedule", now)
                ).Id;
            }
            else if (!isDeleting)
            {
                runId = ModelsDue.Enqueue(session, connector, isHalted, now)?.Id;
            }
        }

        if (runId is not { } id)
        {
            return null;
        }

        var epoch = session
            .Prepare("UPDATE connectors SET epoch = epoch + 1 WHERE id = ? RETURNING epoch")
            .Add(connectorId)
            .Scalar()!
            .Value;
        session
            .Prepare(
                "UPDATE runs SET state = 1, epoch = ?, started_at = ?, heartbeat_at = ?, phase = 'starting' WHERE id = ?"
            )
            .Add(epoch)
            .Add(now)
            .Add(now)
            .Add(id)
            .Run();
        var run = Find(session, connector.WorkspaceId, id)!;
        if (run.Kind == RunKind.Prune)
        {
            // What an earlier one found missing, and waits to be confirmed, is looked at anew by this one.
            session
                .Prepare(
                    $"""
                    UPDATE runs SET state = {(int)RunState.Canceled}, error = 'A later prune has taken its place.'
                    WHERE connector_id = ? AND state = {(int)RunState.NeedsConfirmation} AND {Rows.OpenRuns}
                    """
                )
                .Add(connectorId)
                .Run();
        }

        if (connector.Status == ConnectorStatus.Scheduled && run.Kind is RunKind.Refresh or RunKind.Reindex)
        {
            session
                .Prepare("UPDATE connectors SET status = ? WHERE id = ?")
                .Add((long)ConnectorStatus.InitialIndexing)
                .Add(connectorId)
                .Run();
        }

        var details = session
            .Prepare(
                "SELECT r.confirmed_count, r.retry_failures, c.checkpoint FROM runs r JOIN connectors c ON c.id = r.connector_id WHERE r.id = ?"
            )
            .Add(id)
            .First(static row =>
                (
                    Confirmed: row.IsNull(0) ? (long?)null : row.Int64(0),
                    Retry: row.Int64(1) != 0,
                    Checkpoint: row.Text(2)
                )
            );
        return new StartedRun(
            run,
            new RunFence(id, epoch),
            connector,
            details.Checkpoint,
            details.Confirmed,
            details.Retry
        );
    }

    /// <summary>A run of the workspace.</summary>
    public static Run? Find(SqliteSession session, long workspaceId, long runId) =>
        session
            .Prepare($"SELECT {Rows.RunColumns} FROM runs WHERE id = ? AND workspace_id = ?")
            .Add(runId)
            .Add(workspaceId)
            .First(Rows.Run);
}
