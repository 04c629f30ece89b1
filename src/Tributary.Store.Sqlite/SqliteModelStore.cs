using System.Text.Json;
using Tributary.Engine;
using Tributary.Engine.Connectors;
using Tributary.Engine.Models;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="IModelStore"/>
internal sealed class SqliteModelStore(SqliteDatabase database) : IModelStore
{
    public async Task<IReadOnlyList<Model>> ListAsync(long workspaceId, CancellationToken cancellationToken) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare(
                            $"""
                            SELECT {ModelRows.Selected} FROM {ModelRows.Tables}
                            WHERE m.workspace_id = ? AND m.deleted_at IS NULL ORDER BY m.id
                            """
                        )
                        .Add(workspaceId)
                        .ToList(ModelRows.Model)
                        .Where(model => !model.IsConnectorGone)
                        .Select(model => ModelRows.WithLastRun(session, model))
                        .ToList(),
                cancellationToken
            )
            .ConfigureAwait(false);

    public ValueTask<Model?> FindAsync(long workspaceId, Guid uuid, CancellationToken cancellationToken) =>
        database.ReadAsync(session => Find(session, workspaceId, uuid), cancellationToken);

    public ValueTask<Model?> FindAsync(long id, CancellationToken cancellationToken) =>
        database.ReadAsync(session => Find(session, id), cancellationToken);

    public ValueTask<Model?> FindByTableAsync(
        long workspaceId,
        string dataset,
        string model,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare(
                        $"""
                        SELECT {ModelRows.Selected} FROM {ModelRows.Tables}
                        WHERE m.workspace_id = ?1 AND m.deleted_at IS NULL
                          AND lower(replace(ifnull(c.slug, 'default'), '-', '_')) = lower(?2)
                          AND lower(replace(m.slug, '-', '_')) = lower(?3)
                        ORDER BY m.id
                        """
                    )
                    .Add(workspaceId)
                    .Add(dataset)
                    .Add(model)
                    .ToList(ModelRows.Model)
                    .Where(found => !found.IsConnectorGone)
                    .Select(found => ModelRows.WithLastRun(session, found))
                    .FirstOrDefault(),
            cancellationToken
        );

    public ValueTask<bool> ExistsAsync(
        long workspaceId,
        Guid dataset,
        string slug,
        CancellationToken cancellationToken
    ) => database.ReadAsync(session => IsTaken(session, workspaceId, dataset, slug), cancellationToken);

    public ValueTask<Dataset> FindDefaultDatasetAsync(long workspaceId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare("SELECT dataset_uuid FROM workspaces WHERE id = ?")
                    .Add(workspaceId)
                    .First(static row => new Dataset(Guid.Parse(row.Text(0)!), "default", null))!,
            cancellationToken
        );

    public ValueTask<Dataset?> FindDatasetAsync(long workspaceId, Guid uuid, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare("SELECT 1 FROM workspaces WHERE id = ? AND dataset_uuid = ?")
                    .Add(workspaceId)
                    .Add(uuid.ToString())
                    .Scalar()
                    is not null
                    ? new Dataset(uuid, "default", null)
                : session
                    .Prepare(
                        $"""
                        SELECT {Rows.ConnectorColumns} FROM {Rows.ConnectorTables}
                        WHERE c.dataset_uuid = ? AND c.workspace_id = ? AND c.status <> {(int)ConnectorStatus.Deleting}
                        """
                    )
                    .Add(uuid.ToString())
                    .Add(workspaceId)
                    .First(Rows.Connector)
                    is { } connector
                    ? new Dataset(uuid, connector.Slug, connector)
                : null,
            cancellationToken
        );

    public Task<Model> InsertAsync(NewModel model, CancellationToken cancellationToken) =>
        database.WriteAsync(session => Insert(session, model), cancellationToken);

    public Task<Model?> UpdateAsync(ModelUpdate update, CancellationToken cancellationToken) =>
        database.WriteAsync(session => ModelChanges.Update(session, update), cancellationToken);

    public Task<bool> RemoveAsync(
        Model model,
        NewRun? clear,
        DateTimeOffset now,
        AuditDraft audit,
        CancellationToken cancellationToken
    ) => database.WriteAsync(session => ModelChanges.Remove(session, model, clear, now, audit), cancellationToken);

    public Task<Model?> ChangeColumnsAsync(
        long workspaceId,
        Guid uuid,
        Func<Model, JsonElement> change,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                if (Find(session, workspaceId, uuid) is not { } model)
                {
                    return null;
                }

                session
                    .Prepare("UPDATE models SET additional_columns = ?, updated_at = ? WHERE id = ?")
                    .Add(change(model).GetRawText())
                    .Add(now)
                    .Add(model.Id)
                    .Run();
                return Find(session, workspaceId, uuid);
            },
            cancellationToken
        );

    public async Task<IReadOnlyList<ModelRun>> ListRunsAsync(
        long workspaceId,
        Guid? model,
        IReadOnlyCollection<RunState> states,
        int limit,
        int offset,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                {
                    var modelId = model is { } uuid ? Find(session, workspaceId, uuid)?.Id ?? 0 : (long?)null;
                    var which = modelId is null ? "" : "AND r.model_id = ?2";
                    var inStates =
                        states.Count == 0
                            ? ""
                            : $"AND r.state IN ({string.Join(", ", states.Order().Select(state => (int)state))})";
                    return session
                        .Prepare(
                            $"""
                            SELECT {ModelRuns} WHERE r.workspace_id = ?1 AND r.model_id IS NOT NULL {which} AND {Reads} {inStates}
                            ORDER BY r.id DESC LIMIT ?3 OFFSET ?4
                            """
                        )
                        .Add(workspaceId)
                        .Add(modelId)
                        .Add((long)limit)
                        .Add((long)offset)
                        .ToList(ModelRun);
                },
                cancellationToken
            )
            .ConfigureAwait(false);

    public ValueTask<ModelRun?> FindRunAsync(long workspaceId, Guid uuid, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare($"SELECT {ModelRuns} WHERE r.uuid = ? AND r.workspace_id = ? AND {Reads}")
                    .Add(uuid.ToString())
                    .Add(workspaceId)
                    .First(ModelRun),
            cancellationToken
        );

    public async Task<IReadOnlyList<Relationship>> ListRelationshipsAsync(
        long workspaceId,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare(
                            """
                            SELECT uuid, dataset_uuid, from_model, to_model, definition, created_at, updated_at
                            FROM relationships WHERE workspace_id = ? ORDER BY id
                            """
                        )
                        .Add(workspaceId)
                        .ToList(static row => new Relationship
                        {
                            Uuid = Guid.Parse(row.Text(0)!),
                            DatasetUuid = Guid.Parse(row.Text(1)!),
                            FromModelUuid = Guid.Parse(row.Text(2)!),
                            ToModelUuid = Guid.Parse(row.Text(3)!),
                            Definition = Rows.Json(row.Text(4)!),
                            CreatedAt = row.Time(5)!.Value,
                            UpdatedAt = row.Time(6)!.Value,
                        }),
                cancellationToken
            )
            .ConfigureAwait(false);

    public Task ReplaceRelationshipsAsync(
        long workspaceId,
        Guid dataset,
        IReadOnlyList<Relationship> relationships,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                session
                    .Prepare("DELETE FROM relationships WHERE workspace_id = ? AND dataset_uuid = ?")
                    .Add(workspaceId)
                    .Add(dataset.ToString())
                    .Run();
                foreach (var relationship in relationships)
                {
                    session
                        .Prepare(
                            """
                            INSERT INTO relationships (uuid, workspace_id, dataset_uuid, from_model, to_model, definition, created_at, updated_at)
                            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                            """
                        )
                        .Add(relationship.Uuid.ToString())
                        .Add(workspaceId)
                        .Add(dataset.ToString())
                        .Add(relationship.FromModelUuid.ToString())
                        .Add(relationship.ToModelUuid.ToString())
                        .Add(relationship.Definition.GetRawText())
                        .Add(relationship.CreatedAt)
                        .Add(relationship.UpdatedAt)
                        .Run();
                }
            },
            cancellationToken
        );

    private static readonly string Reads = $"r.kind IN ({(int)RunKind.Refresh}, {(int)RunKind.Reindex})";

    private static readonly string ModelRuns =
        $"{string.Join(", ", Rows.RunColumns.Split(',').Select(column => $"r.{column.Trim()}"))}, m.uuid FROM runs r CROSS JOIN models m ON m.id = r.model_id";

    private static ModelRun ModelRun(Statement row) => new(Rows.Run(row), Guid.Parse(row.Text(25)!));

    public static Model? Find(SqliteSession session, long workspaceId, Guid uuid) =>
        session
            .Prepare(
                $"""
                SELECT {ModelRows.Selected} FROM {ModelRows.Tables}
                WHERE m.uuid = ? AND m.workspace_id = ? AND m.deleted_at IS NULL
                """
            )
            .Add(uuid.ToString())
            .Add(workspaceId)
            .First(ModelRows.Model)
            is { } model
            ? ModelRows.WithLastRun(session, model)
            : null;

    private static Model? Find(SqliteSession session, long id) =>
        session
            .Prepare($"SELECT {ModelRows.Selected} FROM {ModelRows.Tables} WHERE m.id = ?")
            .Add(id)
            .First(ModelRows.Model);

    private static bool IsTaken(SqliteSession session, long workspaceId, Guid dataset, string slug) =>
        session
            .Prepare(
                "SELECT 1 FROM models WHERE dataset_uuid = ? AND slug = ? AND workspace_id = ? AND deleted_at IS NULL"
            )
            .Add(dataset.ToString())
            .Add(slug)
            .Add(workspaceId)
            .Scalar()
            is not null;

    private static Model Insert(SqliteSession session, NewModel model)
    {
        if (IsTaken(session, model.WorkspaceId, model.DatasetUuid, model.Slug))
        {
            throw new EngineException(
                RefusalKind.Conflict,
                $"The dataset has a model '{model.Slug}' already: choose another slug.",
                "duplicateSlug"
            );
        }

        var isOfDocuments = model.Kind == ModelKind.Documents;
        if (isOfDocuments && DocumentsModels.Find(session, model.ConnectorId!.Value) is not null)
        {
            throw new EngineException(
                RefusalKind.Rejected,
                "This connector has a model of documents already; it takes one.",
                "modelNotCompatible"
            );
        }

        session
            .Prepare(
                """
                INSERT INTO models (uuid, workspace_id, dataset_uuid, connector_id, kind, slug, name, description, extractor, config,
                    schedule, next_run_at, created_at, updated_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13)
                """
            )
            .Add(model.Uuid.ToString())
            .Add(model.WorkspaceId)
            .Add(model.DatasetUuid.ToString())
            .Add(model.ConnectorId)
            .Add((long)model.Kind)
            .Add(model.Slug)
            .Add(model.Name)
            .Add(model.Description)
            .Add(model.ExtractorSlug)
            .Add(model.Config.GetRawText())
            .Add(model.Schedule)
            .Add(isOfDocuments ? null : model.NextRunAt)
            .Add(model.Now)
            .Run();
        var id = session.LastId();
        if (isOfDocuments)
        {
            var seconds = ModelSchedule.SecondsOf(model.Schedule);
            DocumentsModels.SetConnector(session, model.ConnectorId!.Value, seconds, model.NextRunAt);
        }

        if (model.FirstRun is { } run)
        {
            RunQueue.Enqueue(session, run with { ModelId = id });
        }

        session.Audit(model.Audit);
        return Find(session, model.WorkspaceId, model.Uuid)!;
    }
}
