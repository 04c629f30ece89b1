using Tributary.Engine.Models;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <summary>Writes a page of records with their documents, inside a write.</summary>
internal sealed class RecordCommit(SqliteSession session, PendingIndex index, RecordPage page)
{
    private readonly Model _model = page.Model;
    private readonly long _connectorId = page.Model.ConnectorId!.Value;
    private RunCounts _counts = new();

    /// <returns>Whether the run is asked to stop.</returns>
    public bool Run()
    {
        var stopRequested = SqliteDocumentStore.CheckFence(session, page.Fence, _connectorId);
        var writer = new DocumentWriter(session, index, _model.WorkspaceId, page.Now);
        foreach (var record in page.Records)
        {
            Write(writer, record);
        }

        foreach (var id in page.Removed)
        {
            Remove(writer, id);
        }

        writer.End();
        CountHeld(session, _connectorId, writer.HeldDelta);
        WriteFailures();
        WriteModel();
        var read = page.Records.Count + page.Removed.Count + page.Failures.Count;
        _counts = _counts with { Read = read, Failed = page.Failures.Count };
        SqliteDocumentStore.AddProgress(session, page.Fence, page.Progress, _counts, page.Now);
        return stopRequested;
    }

    public static void CountHeld(SqliteSession session, long connectorId, int delta)
    {
        if (delta != 0)
        {
            session
                .Prepare("UPDATE connectors SET document_count = document_count + ? WHERE id = ?")
                .Add((long)delta)
                .Add(connectorId)
                .Run();
        }
    }

    private void Write(DocumentWriter writer, PreparedRecord record)
    {
        var row = session
            .Prepare("SELECT id, data = ?3 FROM records WHERE model_id = ?1 AND record_id = ?2")
            .Add(_model.Id)
            .Add(record.Id)
            .Add(record.Json)
            .First(static row => (Id: row.Int64(0), IsSame: row.Int64(1) != 0));
        if (row.Id == 0)
        {
            session
                .Prepare(
                    "INSERT INTO records (model_id, record_id, title, emitted_at, seen, data) VALUES (?, ?, ?, ?, ?, ?)"
                )
                .Add(_model.Id)
                .Add(record.Id)
                .Add(record.Title)
                .Add(page.Now)
                .Add(page.Pass)
                .Add(record.Json)
                .Run();
            _counts = _counts with { Added = _counts.Added + 1 };
        }
        else if (row.IsSame)
        {
            session.Prepare("UPDATE records SET seen = ? WHERE id = ?").Add(page.Pass).Add(row.Id).Run();
            _counts = _counts with { Unchanged = _counts.Unchanged + 1 };
        }
        else
        {
            session
                .Prepare("UPDATE records SET title = ?, emitted_at = ?, seen = ?, data = ? WHERE id = ?")
                .Add(record.Title)
                .Add(page.Now)
                .Add(page.Pass)
                .Add(record.Json)
                .Add(row.Id)
                .Run();
            _counts = _counts with { Updated = _counts.Updated + 1 };
        }

        if (record.Document is { } document)
        {
            if (writer.Write(_connectorId, document, isPush: false) != DocumentResult.Unchanged)
            {
                _counts = _counts with { Chunks = _counts.Chunks + document.Passages.Count };
            }
        }
        else if (row.Id != 0)
        {
            // Its text is gone, or the extractor no longer names one.
            Release(writer, record.Id);
        }
    }

    private void Remove(DocumentWriter writer, string id)
    {
        var removed = session
            .Prepare("DELETE FROM records WHERE model_id = ? AND record_id = ? RETURNING 1")
            .Add(_model.Id)
            .Add(id)
            .Scalar();
        if (removed is not null)
        {
            Release(writer, id);
            _counts = _counts with { Deleted = _counts.Deleted + 1 };
        }
    }

    private void Release(DocumentWriter writer, string recordId)
    {
        if (writer.Find(ModelDocuments.IdOf(_model, recordId)) is { } document)
        {
            writer.Release(_connectorId, document);
        }
    }

    private void WriteFailures() =>
        SqliteDocumentStore.WriteFailures(
            session,
            new DocumentBatch
            {
                WorkspaceId = _model.WorkspaceId,
                ConnectorId = _connectorId,
                Now = page.Now,
                Fence = page.Fence,
                Failures = page.Failures,
            }
        );

    private void WriteModel()
    {
        if (page.Facts is { } facts)
        {
            session
                .Prepare("UPDATE models SET columns = ?, id_column = ?, title_column = ?, time_column = ? WHERE id = ?")
                .Add(ModelRows.Json(facts.Columns))
                .Add(facts.IdColumn)
                .Add(facts.TitleColumn)
                .Add(facts.TimeColumn)
                .Add(_model.Id)
                .Run();
        }

        session
            .Prepare(
                "UPDATE models SET meta = ?, is_read = ?, last_emitted_at = iif(?, ?, last_emitted_at) WHERE id = ?"
            )
            .Add(page.Meta?.GetRawText())
            .Add(page.IsLast)
            .Add(_counts.Added + _counts.Updated > 0)
            .Add(page.Now)
            .Add(_model.Id)
            .Run();
    }
}
