using Tributary.Engine.Connectors;
using Tributary.Engine.Models;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <summary>What the schedules of models have to do, inside a write. A documents model has its connector's.</summary>
internal static class ModelsDue
{
    /// <summary>Queues what is due for the models of a connector: a read, or another try at clearing a removed one.</summary>
    public static Run? Enqueue(SqliteSession session, Connector connector, bool onlyClears, DateTimeOffset now)
    {
        var due = session
            .Prepare(
                $"""
                SELECT id, deleted_at IS NOT NULL FROM models WHERE connector_id = ? AND next_run_at <= ?
                  {(onlyClears ? "AND deleted_at IS NOT NULL" : "")} ORDER BY next_run_at LIMIT 1
                """
            )
            .Add(connector.Id)
            .Add(now)
            .First(static row => (Id: row.Int64(0), IsRemoved: row.Int64(1) != 0));
        if (due.Id == 0)
        {
            return null;
        }

        session.Prepare("UPDATE models SET next_run_at = NULL WHERE id = ?").Add(due.Id).Run();
        var kind = due.IsRemoved ? RunKind.Clear : RunKind.Refresh;
        return RunQueue.Enqueue(
            session,
            new NewRun(Guid.NewGuid(), connector.WorkspaceId, connector.Id, kind, "schedule", now) { ModelId = due.Id }
        );
    }

    /// <summary>The queued reads of a connector's models are about to be cancelled by a pause: they are due once it is over.</summary>
    public static void KeepQueued(SqliteSession session, long connectorId, DateTimeOffset now) =>
        session
            .Prepare(
                $"""
                UPDATE models SET next_run_at = ? WHERE kind = {(int)ModelKind.Records} AND deleted_at IS NULL AND id IN (
                    SELECT model_id FROM runs WHERE connector_id = ? AND state = {(int)
                    RunState.Queued} AND {Rows.OpenRuns} AND kind IN ({(int)RunKind.Refresh}, {(int)RunKind.Reindex}))
                """
            )
            .Add(now)
            .Add(connectorId)
            .Run();

    /// <summary>Whether a model is still to be read.</summary>
    public static bool IsThere(SqliteSession session, long? modelId) =>
        session.Prepare("SELECT 1 FROM models WHERE id = ? AND deleted_at IS NULL").Add(modelId).Scalar() is not null;

    /// <summary>Moves a model, and what its connector shows of itself, after a run of it.</summary>
    public static void Finish(SqliteSession session, RunEnd end)
    {
        var isSuccess = end.State is RunState.Succeeded or RunState.SucceededWithFailures;
        var modelId = session.Prepare("SELECT model_id FROM runs WHERE id = ?").Add(end.Fence.RunId).Scalar();
        var failures = session
            .Prepare(
                "UPDATE models SET failures_in_a_row = iif(?, 0, failures_in_a_row + ?) WHERE id = ? RETURNING failures_in_a_row"
            )
            .Add(isSuccess)
            .Add(end.State == RunState.Failed)
            .Add(modelId)
            .Scalar();
        var isCleared = end.Kind == RunKind.Clear && isSuccess;
        var isReadAgain = end.Kind == RunKind.Clear || IsThere(session, modelId);
        session
            .Prepare("UPDATE models SET next_run_at = ? WHERE id = ?")
            .Add(
                isCleared || !isReadAgain ? null
                : end.State == RunState.Interrupted ? end.Now
                : end.NextRefreshAt((int)(failures ?? 0))
            )
            .Add(modelId)
            .Run();
        if (end.Kind != RunKind.Clear && isSuccess)
        {
            session
                .Prepare(
                    $"""
                    UPDATE connectors SET last_success_at = ?, status = iif(status IN ({(int)ConnectorStatus.Scheduled}, {(int)
                        ConnectorStatus.InitialIndexing}), {(int)ConnectorStatus.Active}, status) WHERE id = ?
                    """
                )
                .Add(end.Now)
                .Add(end.ConnectorId)
                .Run();
        }
    }
}
