using Tributary.Engine;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <summary>How runs end: what it means for their connector, and what becomes of those that a crash has cut off.</summary>
internal static class RunEndings
{
    private const int FailuresUntilRepeated = 5;
    private const int FailedChecksUntilInvalid = 5;

    /// <summary>Stores the end of a run, and what follows for its connector.</summary>
    /// <exception cref="FencedException">Another run has begun, or the connector is gone.</exception>
    public static Run Finish(SqliteSession session, RunEnd end)
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
        return RunQueue.Find(session, workspaceId, end.Fence.RunId)!;
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
                        status = iif(status IN ({RunQueue.Runnable}), {(int)
                        ConnectorStatus.Active}, status) WHERE id = ?
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
                        status = iif(? AND checks_failed + 1 >= {FailedChecksUntilInvalid} AND status IN ({RunQueue.Runnable}),
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

    /// <summary>Ends the runs of a process that is gone, and queues what goes on from their checkpoints.</summary>
    /// <returns>How many there were.</returns>
    public static int Recover(SqliteSession session, DateTimeOffset now)
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

            var next = RunQueue.Enqueue(
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
}
