using Tributary.Engine;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="IRunStore"/>
internal sealed class SqliteRunStore(SqliteDatabase database) : IRunStore
{
    public Task<Run> EnqueueAsync(NewRun run, AuditDraft? audit, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                session.Audit(audit);
                return RunQueue.Enqueue(session, run);
            },
            cancellationToken
        );

    public Task<StartedRun?> TryBeginAsync(long connectorId, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(session => RunQueue.TryBegin(session, connectorId, now), cancellationToken);

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
        database.WriteAsync(session => RunEndings.Finish(session, end), cancellationToken);

    public Task<int> RecoverAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(session => RunEndings.Recover(session, now), cancellationToken);

    public async Task<IReadOnlyList<DueConnector>> ListDueAsync(CancellationToken cancellationToken) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare(
                            $"""
                            SELECT connector_id, 0 FROM runs WHERE state = {(int)RunState.Queued} AND {Rows.OpenRuns}
                            UNION ALL
                            SELECT id, min(at) FROM ({RunQueue.Due("")}) GROUP BY id
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
                    .Prepare($"SELECT min(at) FROM ({RunQueue.Due("AND c.id = ?1")})")
                    .Add(connectorId)
                    .First(static row => row.Time(0)),
            cancellationToken
        );

    public ValueTask<Run?> FindAsync(long workspaceId, long runId, CancellationToken cancellationToken) =>
        database.ReadAsync(session => RunQueue.Find(session, workspaceId, runId), cancellationToken);

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
                if (RunQueue.Find(session, workspaceId, runId) is not { State: <= RunState.NeedsConfirmation } run)
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
                return RunQueue.Find(session, workspaceId, id.Value);
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
}
