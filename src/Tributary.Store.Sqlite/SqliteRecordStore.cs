using System.Text.Json;
using Tributary.Engine;
using Tributary.Engine.Models;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="IRecordStore"/>
internal sealed class SqliteRecordStore(SqliteDatabase database) : IRecordStore
{
    /// <summary>Rows of removed connectors' models that go in one transaction.</summary>
    private const int Batch = 500;

    private const int MaxLearned = 500;

    public ValueTask<IReadOnlyDictionary<string, string>> LookUpAsync(
        long modelId,
        IReadOnlyCollection<string> ids,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync<IReadOnlyDictionary<string, string>>(
            session =>
            {
                var result = new Dictionary<string, string>(StringComparer.Ordinal);
                foreach (var id in ids)
                {
                    if (
                        session
                            .Prepare("SELECT data FROM records WHERE model_id = ? AND record_id = ?")
                            .Add(modelId)
                            .Add(id)
                            .First(static row => row.Text(0)) is
                        { } data
                    )
                    {
                        result[id] = data;
                    }
                }

                return result;
            },
            cancellationToken
        );

    public Task BeginPassAsync(RunFence fence, Model model, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                SqliteDocumentStore.CheckFence(session, fence, model.ConnectorId!.Value);
                SetPass(session, model, model.Pass, model.Meta?.GetRawText());
            },
            cancellationToken
        );

    public Task EndPassAsync(RunFence fence, Model model, bool keepPosition, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                SqliteDocumentStore.CheckFence(session, fence, model.ConnectorId!.Value);
                session
                    .Prepare("UPDATE models SET pass = NULL, is_read = 0, meta = iif(?, meta, NULL) WHERE id = ?")
                    .Add(keepPosition)
                    .Add(model.Id)
                    .Run();
            },
            cancellationToken
        );

    public Task<bool> CommitAsync(RecordPage page, CancellationToken cancellationToken) =>
        database.WriteAsync(session => new RecordCommit(session, database.Index, page).Run(), cancellationToken);

    public Task<(int Removed, bool StopRequested)> RemoveUnseenAsync(
        RunFence fence,
        Model model,
        long pass,
        int max,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                if (SqliteDocumentStore.CheckFence(session, fence, model.ConnectorId!.Value))
                {
                    return (0, true);
                }

                var rows = session
                    .Prepare("SELECT id, record_id FROM records WHERE model_id = ? AND seen < ? LIMIT ?")
                    .Add(model.Id)
                    .Add(pass)
                    .Add((long)max)
                    .ToList(static row => (Id: row.Int64(0), RecordId: row.Text(1)!));
                Remove(session, fence, model, rows, "removing what is gone", now);
                return (rows.Count, false);
            },
            cancellationToken
        );

    public Task<int> ClearAsync(
        RunFence fence,
        Model model,
        int max,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                SqliteDocumentStore.CheckFence(session, fence, model.ConnectorId!.Value);
                var rows = session
                    .Prepare("SELECT id, record_id FROM records WHERE model_id = ? LIMIT ?")
                    .Add(model.Id)
                    .Add((long)max)
                    .ToList(static row => (Id: row.Int64(0), RecordId: row.Text(1)!));
                Remove(session, fence, model, rows, "removing records", now);
                return rows.Count;
            },
            cancellationToken
        );

    public ValueTask<StoredRecord?> FindAsync(Model model, string id, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
                model.Kind == ModelKind.Documents
                    ? DocumentRecords.Find(session, model, id)
                    : Find(session, model.Id, id),
            cancellationToken
        );

    public async Task<IReadOnlyList<StoredRecord>> ListAsync(
        Model model,
        RecordOrder order,
        bool isDescending,
        int limit,
        int offset,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                    model.Kind == ModelKind.Documents
                        ? DocumentRecords.List(session, model, order, isDescending, limit, offset)
                        : List(session, model.Id, order, isDescending, limit, offset),
                cancellationToken
            )
            .ConfigureAwait(false);

    public Task<IReadOnlyList<StoredRecord>> WriteAsync(
        Model model,
        IReadOnlyList<(string Id, JsonElement Data)> records,
        bool mustExist,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync<IReadOnlyList<StoredRecord>>(
            session =>
            {
                var written = records
                    .Select(record => Write(session, model, record.Id, record.Data, mustExist, now))
                    .ToList();
                LearnColumns(session, model.Id, written);
                return written;
            },
            cancellationToken
        );

    public Task<int> RemoveAsync(Model model, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
                ids.Count(id =>
                    session
                        .Prepare("DELETE FROM records WHERE model_id = ? AND record_id = ? RETURNING 1")
                        .Add(model.Id)
                        .Add(id)
                        .Scalar()
                        is not null
                ),
            cancellationToken
        );

    public async Task<IReadOnlyList<string>> ListValuesAsync(
        Model model,
        string column,
        string? containing,
        int limit,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                    model.Kind == ModelKind.Documents
                        ? DocumentRecords.ListValues(session, model, column, containing, limit)
                        : RecordValues.List(session, model, column, containing, limit),
                cancellationToken
            )
            .ConfigureAwait(false);

    /// <summary>
    /// Removes some rows of the models of a connector that is going; false when there may be more. Their documents are
    /// the connector's, and gone before.
    /// </summary>
    public static bool RemoveSome(SqliteSession session, long connectorId)
    {
        session
            .Prepare(
                """
                DELETE FROM records WHERE id IN (
                    SELECT r.id FROM models m CROSS JOIN records r ON r.model_id = m.id WHERE m.connector_id = ? LIMIT ?)
                """
            )
            .Add(connectorId)
            .Add((long)Batch)
            .Run();
        return session.Changes() < Batch;
    }

    public static void SetPass(SqliteSession session, Model model, long? pass, string? meta) =>
        session
            .Prepare("UPDATE models SET pass = ?, is_read = 0, meta = ? WHERE id = ?")
            .Add(pass)
            .Add(meta)
            .Add(model.Id)
            .Run();

    private void Remove(
        SqliteSession session,
        RunFence fence,
        Model model,
        List<(long Id, string RecordId)> rows,
        string phase,
        DateTimeOffset now
    )
    {
        var connectorId = model.ConnectorId!.Value;
        var writer = new DocumentWriter(session, database.Index, model.WorkspaceId, now);
        foreach (var (id, recordId) in rows)
        {
            session.Prepare("DELETE FROM records WHERE id = ?").Add(id).Run();
            if (writer.Find(ModelDocuments.IdOf(model, recordId)) is { } document)
            {
                writer.Release(connectorId, document);
            }
        }

        writer.End();
        RecordCommit.CountHeld(session, connectorId, writer.HeldDelta);
        SqliteDocumentStore.AddProgress(
            session,
            fence,
            new RunProgress(phase, null, null),
            new RunCounts(Deleted: rows.Count),
            now
        );
    }

    /// <summary>Nobody names the columns of rows that are written to: those that are seen are the table's.</summary>
    private static void LearnColumns(SqliteSession session, long modelId, List<StoredRecord> written)
    {
        var stored = session
            .Prepare("SELECT columns FROM models WHERE id = ?")
            .Add(modelId)
            .First(static row => row.Text(0))!;
        var columns = ModelRows.Columns(stored);
        var slugs = columns.Select(column => column.Slug).ToHashSet(StringComparer.Ordinal);
        var before = columns.Count;
        foreach (var member in written.SelectMany(record => record.Data.EnumerateObject()))
        {
            if (columns.Count < MaxLearned && member.Value.ValueKind != JsonValueKind.Null && slugs.Add(member.Name))
            {
                columns.Add(new ModelColumn(member.Name, TypeOf(member.Value.ValueKind), member.Name));
            }
        }

        if (columns.Count > before)
        {
            session
                .Prepare("UPDATE models SET columns = ? WHERE id = ?")
                .Add(ModelRows.Json(columns))
                .Add(modelId)
                .Run();
        }
    }

    private static string TypeOf(JsonValueKind kind) =>
        kind switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.Number => "number",
            JsonValueKind.True or JsonValueKind.False => "boolean",
            JsonValueKind.Array => "array",
            _ => "object",
        };

    private static StoredRecord? Find(SqliteSession session, long modelId, string id) =>
        session
            .Prepare("SELECT record_id, title, emitted_at, data FROM records WHERE model_id = ? AND record_id = ?")
            .Add(modelId)
            .Add(id)
            .First(Record);

    private static List<StoredRecord> List(
        SqliteSession session,
        long modelId,
        RecordOrder order,
        bool isDescending,
        int limit,
        int offset
    )
    {
        var direction = isDescending ? "DESC" : "ASC";
        var columns = order switch
        {
            RecordOrder.Title => $"title {direction}, id {direction}",
            RecordOrder.EmittedAt => $"emitted_at {direction}, id {direction}",
            _ => $"record_id {direction}",
        };
        return session
            .Prepare(
                $"SELECT record_id, title, emitted_at, data FROM records WHERE model_id = ? ORDER BY {columns} LIMIT ? OFFSET ?"
            )
            .Add(modelId)
            .Add((long)limit)
            .Add((long)offset)
            .ToList(Record);
    }

    private static StoredRecord Write(
        SqliteSession session,
        Model model,
        string id,
        JsonElement data,
        bool mustExist,
        DateTimeOffset now
    )
    {
        var stored = Find(session, model.Id, id);
        if (stored is null && mustExist)
        {
            throw EngineException.NotFound($"The model '{model.Slug}' has no record '{id}'.", "recordNotFound");
        }

        var merged = stored is null ? data : RecordText.Merge(stored.Data, data);
        session
            .Prepare(
                """
                INSERT INTO records (model_id, record_id, title, emitted_at, seen, data) VALUES (?, ?, ?, ?, 0, ?)
                ON CONFLICT (model_id, record_id) DO UPDATE SET title = excluded.title, emitted_at = excluded.emitted_at,
                    data = excluded.data
                """
            )
            .Add(model.Id)
            .Add(id)
            .Add(RecordText.Title(merged, model.TitleColumn ?? "title", id))
            .Add(now)
            .Add(merged.GetRawText())
            .Run();
        session.Prepare("UPDATE models SET last_emitted_at = ? WHERE id = ?").Add(now).Add(model.Id).Run();
        return Find(session, model.Id, id)!;
    }

    private static StoredRecord Record(Statement row) =>
        new(row.Text(0)!, row.Text(1)!, row.Time(2)!.Value, Rows.Json(row.Text(3)!));
}
