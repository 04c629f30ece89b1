using Tributary.Engine;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="IRunStore"/>
internal sealed class SqliteRunStore(SqliteDatabase database) : IRunStore
{
    private const int FailuresUntilRepeated = 5;
    private const int FailedChecksUntilInvalid = 5;

    public Task<Run> EnqueueAsync(NewRun run, AuditDraft? audit, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                session.Audit(audit);
                return Enqueue(session, run);
            },
            cancellationToken
        );

    public Task<StartedRun?> TryBeginAsync(long connectorId, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(session => TryBegin(session, connectorId, now), cancellationToken);

    public Task<bool> BeatAsync(
        RunFence fence,
        long connectorId,
        RunProgress progress,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                var stopRequested = SqliteDocumentStore.CheckFence(session, fence, connectorId);
                SqliteDocumentStore.AddProgress(session, fence, progress, new RunCounts(), now);
                return stopRequested;
            },
            cancellationToken
        );

    public Task<Run> FinishAsync(RunEnd end, CancellationToken cancellationToken) =>
        database.WriteAsync(session => Finish(session, end), cancellationToken);

    public Task<int> RecoverAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(session => Recover(session, now), cancellationToken);

    public async Task<IReadOnlyList<DueConnector>> ListDueAsync(CancellationToken cancellationToken) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare(
                            $"""
                            SELECT connector_id, 0 FROM runs WHERE state = {(int)RunState.Queued} AND {Rows.OpenRuns}
                            UNION ALL
                            SELECT id, min(at) FROM ({Due("")}) GROUP BY id
                            """
                        )
                        .ToList(static row => new DueConnector(row.Int64(0), row.Time(1)!.Value)),
                cancellationToken
            )
            .ConfigureAwait(false);

    public ValueTask<DateTimeOffset?> FindNextDueAsync(long connectorId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare($"SELECT min(at) FROM ({Due("AND c.id = ?1")})")
                    .Add(connectorId)
                    .First(static row => row.Time(0)),
            cancellationToken
        );

    public ValueTask<Run?> FindAsync(long workspaceId, long runId, CancellationToken cancellationToken) =>
        database.ReadAsync(session => Find(session, workspaceId, runId), cancellationToken);

    public async Task<IReadOnlyList<Run>> ListAsync(
        long workspaceId,
        long connectorId,
        long beforeId,
        int limit,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare(
                            $"""
                            SELECT {Rows.RunColumns} FROM runs WHERE connector_id = ? AND id < ? AND workspace_id = ?
                            ORDER BY id DESC LIMIT ?
                            """
                        )
                        .Add(connectorId)
                        .Add(beforeId)
                        .Add(workspaceId)
                        .Add((long)limit)
                        .ToList(Rows.Run),
                cancellationToken
            )
            .ConfigureAwait(false);

    public async ValueTask<bool> HasDocumentsModelAsync(long connectorId, CancellationToken cancellationToken) =>
        await database
            .ReadAsync(session => DocumentsModels.Find(session, connectorId) is not null, cancellationToken)
            .ConfigureAwait(false);

    public ValueTask<Run?> FindLastOfModelAsync(long modelId, long beforeId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare(
                        $"""
                        SELECT {Rows.RunColumns} FROM runs WHERE model_id = ? AND id < ? AND kind IN ({(int)
                            RunKind.Refresh}, {(int)RunKind.Reindex}) ORDER BY id DESC LIMIT 1
                        """
                    )
                    .Add(modelId)
                    .Add(beforeId)
                    .First(Rows.Run),
            cancellationToken
        );

    public async Task<long> CountAsync(long workspaceId, long connectorId, CancellationToken cancellationToken) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare("SELECT count(*) FROM runs WHERE connector_id = ? AND workspace_id = ?")
                        .Add(connectorId)
                        .Add(workspaceId)
                        .Scalar()
                    ?? 0,
                cancellationToken
            )
            .ConfigureAwait(false);

    public Task<bool> RequestCancelAsync(
        long workspaceId,
        long runId,
        DateTimeOffset now,
        AuditDraft audit,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                if (Find(session, workspaceId, runId) is not { State: <= RunState.NeedsConfirmation } run)
                {
                    return false;
                }

                if (run.State == RunState.Running)
                {
                    session.Prepare("UPDATE runs SET cancel_requested = 1 WHERE id = ?").Add(runId).Run();
                }
                else
                {
                    session
                        .Prepare(
                            $"UPDATE runs SET state = {(int)RunState.Canceled}, finished_at = ?, phase = NULL WHERE id = ?"
                        )
                        .Add(now)
                        .Add(runId)
                        .Run();
                }

                session.Audit(audit);
                return true;
            },
            cancellationToken
        );

    public Task<Run?> ConfirmAsync(
        long workspaceId,
        long connectorId,
        AuditDraft audit,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                var id = session
                    .Prepare(
                        $"""
                        UPDATE runs SET state = {(int)
                            RunState.Queued}, confirmed_count = missing_count, error = NULL, finished_at = NULL,
                            phase = 'confirmed; waiting for a free worker'
                        WHERE connector_id = ? AND workspace_id = ? AND state = {(int)
                            RunState.NeedsConfirmation} AND {Rows.OpenRuns} RETURNING id
                        """
                    )
                    .Add(connectorId)
                    .Add(workspaceId)
                    .Scalar();
                if (id is null)
                {
                    return null;
                }

                session.Audit(audit);
                return Find(session, workspaceId, id.Value);
            },
            cancellationToken
        );

    public Task ForgetCheckpointAsync(RunFence fence, long connectorId, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                SqliteDocumentStore.CheckFence(session, fence, connectorId);
                session.Prepare("UPDATE connectors SET checkpoint = NULL WHERE id = ?").Add(connectorId).Run();
                session.Prepare("DELETE FROM work_items WHERE connector_id = ? AND pass = 0").Add(connectorId).Run();
            },
            cancellationToken
        );

    public Task ClearSkipsAsync(long connectorId, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Prepare("DELETE FROM skips WHERE connector_id = ?").Add(connectorId).Run(),
            cancellationToken
        );

    public Task ResolveFailuresBeforeAsync(
        long connectorId,
        long runId,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
                session
                    .Prepare(
                        "UPDATE failures SET resolved_at = ? WHERE connector_id = ? AND run_id < ? AND resolved_at IS NULL"
                    )
                    .Add(now)
                    .Add(connectorId)
                    .Add(runId)
                    .Run(),
            cancellationToken
        );

    public Task ReleaseFailuresAsync(long connectorId, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
                session
                    .Prepare("UPDATE failures SET retry_at = ? WHERE connector_id = ? AND resolved_at IS NULL")
                    .Add(now)
                    .Add(connectorId)
                    .Run(),
            cancellationToken
        );

    public async Task<IReadOnlyList<DocumentFailure>> ListFailuresAsync(
        long workspaceId,
        long? connectorId,
        bool includeResolved,
        long beforeId,
        int limit,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare(
                            $"""
                            SELECT id, connector_id, run_id, item_id, link, reason, attempts, first_failed_at, last_failed_at, resolved_at
                            FROM failures WHERE {(connectorId is null ? "workspace_id" : "connector_id")} = ? AND id < ?
                              {(
                                includeResolved ? "" : "AND resolved_at IS NULL"
                            )} AND workspace_id = ? ORDER BY id DESC LIMIT ?
                            """
                        )
                        .Add(connectorId ?? workspaceId)
                        .Add(beforeId)
                        .Add(workspaceId)
                        .Add((long)limit)
                        .ToList(static row => new DocumentFailure(
                            row.Int64(0),
                            row.Int64(1),
                            row.Int64(2),
                            row.Text(3)!,
                            row.Text(4),
                            row.Text(5)!,
                            row.Int32(6),
                            row.Time(7)!.Value,
                            row.Time(8)!.Value,
                            row.Time(9)
                        )),
                cancellationToken
            )
            .ConfigureAwait(false);

    public async Task<IReadOnlyList<SkippedItem>> ListSkippedAsync(
        long connectorId,
        long afterId,
        int limit,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare(
                            "SELECT id, item_id, reason FROM skips WHERE connector_id = ? AND id > ? ORDER BY id LIMIT ?"
                        )
                        .Add(connectorId)
                        .Add(afterId)
                        .Add((long)limit)
                        .ToList(static row => new SkippedItem(row.Int64(0), row.Text(1)!, row.Text(2)!)),
                cancellationToken
            )
            .ConfigureAwait(false);

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

    /// <summary>States in which a connector reads and prunes.</summary>
    private static readonly string Runnable =
        $"{(int)ConnectorStatus.Scheduled}, {(int)ConnectorStatus.InitialIndexing}, {(int)ConnectorStatus.Active}";

    /// <summary>States in which the next refresh and prune are due at some time; for a deletion that failed, its next try.</summary>
    private static readonly string Scheduled = $"{Runnable}, {(int)ConnectorStatus.Deleting}";

    /// <summary>When connectors' own schedules, and those of their models, next have something to do.</summary>
    private static string Due(string which) =>
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

    private static StartedRun? TryBegin(SqliteSession session, long connectorId, DateTimeOffset now)
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

    private static Run Finish(SqliteSession session, RunEnd end)
    {
        SqliteDocumentStore.CheckFence(session, end.Fence, end.ConnectorId);
        session
            .Prepare(
                """
                UPDATE runs SET state = ?, finished_at = ?, heartbeat_at = ?, phase = NULL, current_item = NULL, waiting_until = NULL,
                    error_kind = ?, error = ?, missing_count = ? WHERE id = ?
                """
            )
            .Add((long)end.State)
            .Add(end.Now)
            .Add(end.Now)
            .Add((long?)end.ErrorKind)
            .Add(end.Error)
            .Add(end.MissingCount)
            .Add(end.Fence.RunId)
            .Run();
        if (end.Kind == RunKind.Clear || end.RecordsModelId is not null)
        {
            ModelsDue.Finish(session, end);
        }
        else if (end.Kind is RunKind.Refresh or RunKind.Reindex)
        {
            FinishRead(session, end);
        }
        else if (end.Kind == RunKind.Delete)
        {
            var failures = session
                .Prepare(
                    "UPDATE connectors SET failures_in_a_row = failures_in_a_row + 1 WHERE id = ? RETURNING failures_in_a_row"
                )
                .Add(end.ConnectorId)
                .Scalar();
            SetNextRefresh(session, end, failures);
        }
        else if (end.Kind == RunKind.Prune && end.State == RunState.Succeeded)
        {
            session
                .Prepare("UPDATE connectors SET last_pruned_at = ? WHERE id = ?")
                .Add(end.Now)
                .Add(end.ConnectorId)
                .Run();
        }

        if (end.State is RunState.Failed or RunState.NeedsConfirmation)
        {
            session
                .Prepare("UPDATE connectors SET last_error = ? WHERE id = ?")
                .Add(end.Error)
                .Add(end.ConnectorId)
                .Run();
        }
        else if (end.State is RunState.Succeeded or RunState.SucceededWithFailures)
        {
            session.Prepare("UPDATE connectors SET last_error = NULL WHERE id = ?").Add(end.ConnectorId).Run();
        }

        if (end.NextPruneAt is { } prune)
        {
            session
                .Prepare("UPDATE connectors SET next_prune_at = ? WHERE id = ?")
                .Add(prune.Value)
                .Add(end.ConnectorId)
                .Run();
        }

        var workspaceId = session
            .Prepare("SELECT workspace_id FROM runs WHERE id = ?")
            .Add(end.Fence.RunId)
            .Scalar()!
            .Value;
        return Find(session, workspaceId, end.Fence.RunId)!;
    }

    private static void FinishRead(SqliteSession session, RunEnd end)
    {
        var isSuccess = end.State is RunState.Succeeded or RunState.SucceededWithFailures;
        if (isSuccess)
        {
            session
                .Prepare(
                    $"""
                    UPDATE connectors SET last_success_at = ?, failures_in_a_row = 0, checks_failed = 0, repeated_error = 0, has_read_all = 1,
                        status = iif(status IN ({Runnable}), {(int)ConnectorStatus.Active}, status) WHERE id = ?
                    """
                )
                .Add(end.Now)
                .Add(end.ConnectorId)
                .Run();
        }
        else if (end.State == RunState.Failed)
        {
            session
                .Prepare(
                    $"""
                    UPDATE connectors SET failures_in_a_row = failures_in_a_row + 1, checks_failed = iif(?, checks_failed + 1, 0),
                        repeated_error = failures_in_a_row + 1 >= iif(refresh_freq IS NULL, 1, {FailuresUntilRepeated}),
                        status = iif(? AND checks_failed + 1 >= {FailedChecksUntilInvalid} AND status IN ({Runnable}),
                            {(int)ConnectorStatus.Invalid}, status) WHERE id = ?
                    """
                )
                .Add(end.CheckFailed)
                .Add(end.CheckFailed)
                .Add(end.ConnectorId)
                .Run();
        }

        SetNextRefresh(
            session,
            end,
            session.Prepare("SELECT failures_in_a_row FROM connectors WHERE id = ?").Add(end.ConnectorId).Scalar()
        );
    }

    private static void SetNextRefresh(SqliteSession session, RunEnd end, long? failures)
    {
        // The model may have been removed in the middle of the run: then nothing is read any more.
        var next = end.Kind == RunKind.Delete || DocumentsModels.Find(session, end.ConnectorId) is not null;
        session
            .Prepare("UPDATE connectors SET next_refresh_at = ? WHERE id = ?")
            .Add(next ? end.NextRefreshAt((int)(failures ?? 0)) : null)
            .Add(end.ConnectorId)
            .Run();
    }

    private static int Recover(SqliteSession session, DateTimeOffset now)
    {
        var lost = session
            .Prepare(
                $"""
                SELECT {Rows.RunColumns}, workspace_id, confirmed_count FROM runs
                WHERE state = {(int)RunState.Running} AND {Rows.OpenRuns}
                """
            )
            .ToList(static row =>
                (
                    Run: Rows.Run(row),
                    WorkspaceId: row.Int64(25),
                    Confirmed: row.IsNull(26) ? (long?)null : row.Int64(26)
                )
            );
        foreach (var (run, workspaceId, confirmed) in lost)
        {
            var status = (ConnectorStatus?)
                session.Prepare("SELECT status FROM connectors WHERE id = ?").Add(run.ConnectorId).Scalar();
            var isRemoval = run.Kind is RunKind.Delete or RunKind.Clear;
            var isHalted =
                status is null
                || (status is ConnectorStatus.Paused or ConnectorStatus.Invalid && run.Kind != RunKind.Clear)
                || (run.Kind is RunKind.Refresh or RunKind.Reindex && !ModelsDue.IsThere(session, run.ModelId));
            var isOver = run.IsCancelRequested && !isHalted && !isRemoval;
            session
                .Prepare(
                    "UPDATE runs SET state = ?, finished_at = ?, phase = NULL, waiting_until = NULL, error = ? WHERE id = ?"
                )
                .Add((long)(isOver ? RunState.Canceled : RunState.Interrupted))
                .Add(now)
                .Add(
                    isOver
                        ? null
                        : "The process ended in the middle of this run; the next one goes on from its checkpoint."
                )
                .Add(run.Id)
                .Run();
            if (isHalted || isOver)
            {
                continue;
            }

            var next = Enqueue(
                session,
                new NewRun(Guid.NewGuid(), workspaceId, run.ConnectorId, run.Kind, "recovery", now)
                {
                    ModelId = run.ModelId,
                }
            );
            session.Prepare("UPDATE runs SET confirmed_count = ? WHERE id = ?").Add(confirmed).Add(next.Id).Run();
        }

        return lost.Count;
    }

    private static Run? Find(SqliteSession session, long workspaceId, long runId) =>
        session
            .Prepare($"SELECT {Rows.RunColumns} FROM runs WHERE id = ? AND workspace_id = ?")
            .Add(runId)
            .Add(workspaceId)
            .First(Rows.Run);
}
