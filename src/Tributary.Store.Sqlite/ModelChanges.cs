using Tributary.Engine.Connectors;
using Tributary.Engine.Models;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <summary>Changes and removes models, inside a write.</summary>
internal static class ModelChanges
{
    public static Model? Update(SqliteSession session, ModelUpdate update)
    {
        var model = update.Model;
        if (!ModelsDue.IsThere(session, model.Id))
        {
            return null;
        }

        if (update.Name is { } name)
        {
            session.Prepare("UPDATE models SET name = ? WHERE id = ?").Add(name).Add(model.Id).Run();
        }

        if (update.Description is { } description)
        {
            session
                .Prepare("UPDATE models SET description = ? WHERE id = ?")
                .Add(description.Value)
                .Add(model.Id)
                .Run();
        }

        if (update.Position is { } position)
        {
            session
                .Prepare("UPDATE models SET position_x = ?, position_y = ? WHERE id = ?")
                .Add(position.X)
                .Add(position.Y)
                .Add(model.Id)
                .Run();
        }

        if (update.Unification is { } unification)
        {
            session
                .Prepare("UPDATE models SET unification = ? WHERE id = ?")
                .Add(unification.Value?.GetRawText())
                .Add(model.Id)
                .Run();
        }

        if (update.Config is { } config)
        {
            // Another config may see other content: a position in the old one is no base to go on from.
            session
                .Prepare("UPDATE models SET config = ?, meta = NULL, pass = NULL, is_read = 0 WHERE id = ?")
                .Add(config.GetRawText())
                .Add(model.Id)
                .Run();
            EndRuns(session, model, update.Now, "The model's config was changed in the middle of this run.");
        }

        if (update.Schedule is { } schedule)
        {
            SetSchedule(session, model, schedule.Value, update.NextRunAt);
        }

        session.Prepare("UPDATE models SET updated_at = ? WHERE id = ?").Add(update.Now).Add(model.Id).Run();
        session.Audit(update.Audit);
        return SqliteModelStore.Find(session, model.WorkspaceId, model.Uuid);
    }

    public static bool Remove(SqliteSession session, Model model, NewRun? clear, DateTimeOffset now, AuditDraft audit)
    {
        if (!ModelsDue.IsThere(session, model.Id))
        {
            return false;
        }

        session
            .Prepare(
                """
                UPDATE models SET deleted_at = ?, next_run_at = NULL, failures_in_a_row = 0, meta = NULL, pass = NULL, is_read = 0
                WHERE id = ?
                """
            )
            .Add(now)
            .Add(model.Id)
            .Run();
        session
            .Prepare("DELETE FROM relationships WHERE workspace_id = ? AND (from_model = ? OR to_model = ?)")
            .Add(model.WorkspaceId)
            .Add(model.Uuid.ToString())
            .Add(model.Uuid.ToString())
            .Run();
        EndRuns(session, model, now, "The model was removed.");
        if (model is { Kind: ModelKind.Documents, ConnectorId: { } connectorId })
        {
            StopReading(session, connectorId);
        }

        if (clear is null)
        {
            // Nothing of it is searched and no connector's job is there to clear it: the rows go at once.
            session.Prepare("DELETE FROM records WHERE model_id = ?").Add(model.Id).Run();
        }
        else
        {
            RunQueue.Enqueue(session, clear);
        }

        session.Audit(audit);
        return true;
    }

    private static void SetSchedule(SqliteSession session, Model model, string? schedule, DateTimeOffset? next)
    {
        session.Prepare("UPDATE models SET schedule = ? WHERE id = ?").Add(schedule).Add(model.Id).Run();
        if (model is { Kind: ModelKind.Documents, ConnectorId: { } connectorId })
        {
            DocumentsModels.SetConnector(session, connectorId, ModelSchedule.SecondsOf(schedule), next);
        }
        else
        {
            session.Prepare("UPDATE models SET next_run_at = ? WHERE id = ?").Add(next).Add(model.Id).Run();
        }
    }

    /// <summary>The connector is as it was before its first read.</summary>
    private static void StopReading(SqliteSession session, long connectorId)
    {
        session
            .Prepare(
                $"""
                UPDATE connectors SET refresh_freq = NULL, next_refresh_at = NULL, checkpoint = NULL, has_read_all = 0,
                    failures_in_a_row = 0, repeated_error = 0, last_success_at = NULL, last_error = NULL,
                    status = iif(status IN ({(int)ConnectorStatus.InitialIndexing}, {(int)ConnectorStatus.Active}), {(int)
                        ConnectorStatus.Scheduled}, status)
                WHERE id = ?
                """
            )
            .Add(connectorId)
            .Run();
        foreach (var table in (ReadOnlySpan<string>)["work_items", "skips", "live_ids", "failures"])
        {
            session.Prepare($"DELETE FROM {table} WHERE connector_id = ?").Add(connectorId).Run();
        }
    }

    /// <summary>Ends what waits and what goes on, at once: not even what it has in hand may be written.</summary>
    private static void EndRuns(SqliteSession session, Model model, DateTimeOffset now, string why) =>
        session
            .Prepare(
                $"""
                UPDATE runs SET state = {(int)RunState.Canceled}, finished_at = ?, phase = NULL, current_item = NULL,
                    waiting_until = NULL, error = ?
                WHERE connector_id = ? AND {Rows.OpenRuns} AND (model_id = ? OR (? AND kind = {(int)RunKind.Prune}))
                """
            )
            .Add(now)
            .Add(why)
            .Add(model.ConnectorId)
            .Add(model.Id)
            .Add(model.Kind == ModelKind.Documents)
            .Run();
}
