using Tributary.Engine;
using Tributary.Engine.Catalog;
using Tributary.Engine.Models;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <summary>The documents model of a connector, inside a write: its schedule and the connector's are one.</summary>
internal static class DocumentsModels
{
    /// <summary>The key of a connector's documents model; null when it has none, and nothing is read.</summary>
    public static long? Find(SqliteSession session, long connectorId) =>
        session
            .Prepare(
                $"SELECT id FROM models WHERE connector_id = ? AND kind = {(int)ModelKind.Documents} AND deleted_at IS NULL"
            )
            .Add(connectorId)
            .Scalar();

    /// <summary>The model that a run fills which names none; null for runs that fill none.</summary>
    /// <exception cref="EngineException">Conflict: it would fill one, and there is none.</exception>
    public static long? ToFill(SqliteSession session, NewRun run) =>
        run.Kind is not (RunKind.Refresh or RunKind.Reindex)
            ? null
            : Find(session, run.ConnectorId)
                ?? throw new EngineException(
                    RefusalKind.Conflict,
                    $"Connector {run.ConnectorId} has no model of documents, so nothing of it is read: make one (POST /v1/storage/models)."
                );

    /// <summary>Makes the model of a connector that is read from its beginning.</summary>
    public static void Insert(SqliteSession session, NewConnector connector, long connectorId, Guid uuid) =>
        session
            .Prepare(
                $"""
                INSERT INTO models (uuid, workspace_id, dataset_uuid, connector_id, kind, slug, name, extractor, schedule, created_at, updated_at)
                SELECT ?1, workspace_id, dataset_uuid, id, {(int)
                    ModelKind.Documents}, ?2, name, ?2, ?3, created_at, created_at
                FROM connectors WHERE id = ?4
                """
            )
            .Add(uuid.ToString())
            .Add(ExtractorDescription.Documents)
            .Add(ModelSchedule.Of(connector.RefreshFreq))
            .Add(connectorId)
            .Run();

    /// <summary>The connector's frequency was changed: the model's schedule follows. Without a model nothing is due.</summary>
    public static void SetFrequency(SqliteSession session, long connectorId, long? seconds, DateTimeOffset? next)
    {
        var model = Find(session, connectorId);
        SetConnector(session, connectorId, seconds, model is null ? null : next);
        session.Prepare("UPDATE models SET schedule = ? WHERE id = ?").Add(ModelSchedule.Of(seconds)).Add(model).Run();
    }

    /// <summary>The model's schedule was set, or the model removed: the connector's frequency follows.</summary>
    public static void SetConnector(SqliteSession session, long connectorId, long? seconds, DateTimeOffset? next) =>
        session
            .Prepare("UPDATE connectors SET refresh_freq = ?, next_refresh_at = ? WHERE id = ?")
            .Add(seconds)
            .Add(next)
            .Add(connectorId)
            .Run();
}
