using Tributary.Engine.Ingestion;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <summary>Inserts, updates and deletes documents with all that hangs on them, inside a write of <see cref="SqliteDatabase"/>.</summary>
internal sealed class DocumentWriter
{
    private enum ChangeKind
    {
        Added,
        Updated,
        Deleted,
    }

    private readonly SqliteSession _session;
    private readonly PendingIndex _index;
    private readonly Numbers _numbers = new();
    private readonly long _workspaceId;
    private readonly DateTimeOffset _now;

    public DocumentWriter(SqliteSession session, PendingIndex index, long workspaceId, DateTimeOffset now)
    {
        (_session, _index, _workspaceId, _now) = (session, index, workspaceId, now);
        _numbers.Begin(session, workspaceId);
    }

    /// <summary>How the connector's count of documents has changed.</summary>
    public int HeldDelta { get; private set; }

    public DocumentResult Write(long connectorId, PreparedDocument document, bool isPush)
    {
        var row = _session
            .Prepare(
                "SELECT id, hash, first_chunk, chunk_count, is_pushed FROM documents WHERE workspace_id = ? AND external_id = ?"
            )
            .Add(_workspaceId)
            .Add(document.ExternalId);
        if (!row.Step())
        {
            Insert(connectorId, document, isPush);
            return DocumentResult.Added;
        }

        var (id, isSame) = (row.Int64(0), row.Blob(1).AsSpan().SequenceEqual(document.Hash));
        var (firstChunk, chunkCount, wasPushed) = (row.Int64(2), row.Int32(3), row.Int64(4) != 0);
        row.Reset();
        var isNewHolder = Hold(connectorId, id, document);
        if (isNewHolder)
        {
            _session.Prepare("UPDATE documents SET holder_count = holder_count + 1 WHERE id = ?").Add(id).Run();
        }

        if (isPush && !wasPushed)
        {
            _session.Prepare("UPDATE documents SET is_pushed = 1 WHERE id = ?").Add(id).Run();
        }

        if (isSame)
        {
            return DocumentResult.Unchanged;
        }

        RemoveChunks(firstChunk, chunkCount);
        var chunks = WriteChunks(id, document);
        Values(
                _session.Prepare(
                    """
                    UPDATE documents SET title = ?, link = ?, source_type = ?, updated_at = ?, created_at = ?, owners = ?,
                        metadata = ?, access = ?, hash = ?, first_chunk = ?, chunk_count = ? WHERE id = ?
                    """
                ),
                document,
                chunks
            )
            .Add(id)
            .Run();
        LogChange(ChangeKind.Updated, id, null);
        return DocumentResult.Updated;
    }

    /// <summary>The connector lets go of a document; it is deleted when nobody else holds it.</summary>
    /// <returns>Whether the connector held it.</returns>
    public bool Release(long connectorId, long documentId)
    {
        var held = _session
            .Prepare("DELETE FROM holders WHERE connector_id = ? AND document_id = ? RETURNING 1")
            .Add(connectorId)
            .Add(documentId)
            .Scalar();
        if (held is null)
        {
            return false;
        }

        HeldDelta--;
        var others = _session
            .Prepare("UPDATE documents SET holder_count = holder_count - 1 WHERE id = ? RETURNING holder_count")
            .Add(documentId)
            .Scalar();
        if (others <= 0)
        {
            Delete(documentId);
        }

        return true;
    }

    /// <summary>The internal key of a document; null when it is not stored.</summary>
    public long? Find(string externalId) =>
        _session
            .Prepare("SELECT id FROM documents WHERE workspace_id = ? AND external_id = ?")
            .Add(_workspaceId)
            .Add(externalId)
            .Scalar();

    /// <summary>Stores the counters; to be called once at the end.</summary>
    public void End() => _numbers.End(_session);

    private void Delete(long documentId)
    {
        var row = _session
            .Prepare("DELETE FROM documents WHERE id = ? RETURNING external_id, first_chunk, chunk_count")
            .Add(documentId);
        if (!row.Step())
        {
            return;
        }

        var (externalId, firstChunk, chunkCount) = (row.Text(0), row.Int64(1), row.Int32(2));
        row.Reset();
        RemoveChunks(firstChunk, chunkCount);
        LogChange(ChangeKind.Deleted, documentId, externalId);
    }

    private void Insert(long connectorId, PreparedDocument document, bool isPush)
    {
        var chunks = _numbers.Chunks(document.Passages.Count);
        Values(
                _session.Prepare(
                    """
                    INSERT INTO documents (title, link, source_type, updated_at, created_at, owners, metadata, access, hash,
                        first_chunk, chunk_count, workspace_id, external_id, holder_count, is_pushed)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)
                    """
                ),
                document,
                chunks
            )
            .Add(_workspaceId)
            .Add(document.ExternalId)
            .Add(isPush)
            .Run();
        var id = SQLitePCL.raw.sqlite3_last_insert_rowid(_session.Connection.Handle!);
        WriteChunks(id, document, chunks);
        AddHolder(connectorId, id, document);
        HeldDelta++;
        LogChange(ChangeKind.Added, id, null);
    }

    /// <returns>Whether the connector did not hold it before.</returns>
    private bool Hold(long connectorId, long documentId, PreparedDocument document)
    {
        var row = _session
            .Prepare("SELECT version, note FROM holders WHERE connector_id = ? AND document_id = ?")
            .Add(connectorId)
            .Add(documentId);
        var isHeld = row.Step();
        if (isHeld)
        {
            var isSame = row.Text(0) == document.Version && row.Text(1) == document.Note;
            row.Reset();
            if (isSame)
            {
                return false;
            }
        }

        AddHolder(connectorId, documentId, document);
        HeldDelta += isHeld ? 0 : 1;
        return !isHeld;
    }

    private void AddHolder(long connectorId, long documentId, PreparedDocument document) =>
        _session
            .Prepare(
                "INSERT OR REPLACE INTO holders (connector_id, document_id, since, version, note) VALUES (?, ?, ?, ?, ?)"
            )
            .Add(connectorId)
            .Add(documentId)
            .Add(_now)
            .Add(document.Version)
            .Add(document.Note)
            .Run();

    private static Statement Values(Statement statement, PreparedDocument document, long firstChunk) =>
        statement
            .Add(document.Title)
            .Add(document.Link)
            .Add(document.SourceType)
            .Add(document.UpdatedAt)
            .Add(document.CreatedAt)
            .Add(document.Owners)
            .Add(document.Metadata)
            .Add(document.Access)
            .Add(document.Hash)
            .Add(firstChunk)
            .Add((long)document.Passages.Count);

    private long WriteChunks(long documentId, PreparedDocument document)
    {
        var first = _numbers.Chunks(document.Passages.Count);
        WriteChunks(documentId, document, first);
        return first;
    }

    private void WriteChunks(long documentId, PreparedDocument document, long first)
    {
        var id = first;
        foreach (var passage in document.Passages)
        {
            _session
                .Prepare("INSERT INTO chunks (id, document_id, link, heading, text) VALUES (?, ?, ?, ?, ?)")
                .Add(id)
                .Add(documentId)
                .Add(passage.Link)
                .Add(passage.Heading)
                .Add(passage.Text)
                .Run();
            _index.Add(id++, document.IndexedTitle, passage.IndexedText);
        }
    }

    private void RemoveChunks(long first, int count)
    {
        _session.Prepare("DELETE FROM chunks WHERE id >= ? AND id < ?").Add(first).Add(first + count).Run();
        _index.Remove(first, count);
    }

    private void LogChange(ChangeKind kind, long documentId, string? externalId) =>
        _session
            .Prepare(
                "INSERT INTO changes (workspace_id, seq, kind, document_id, external_id, at) VALUES (?, ?, ?, ?, ?, ?)"
            )
            .Add(_workspaceId)
            .Add(_numbers.Change())
            .Add((long)kind)
            .Add(documentId)
            .Add(externalId)
            .Add(_now)
            .Run();
}
