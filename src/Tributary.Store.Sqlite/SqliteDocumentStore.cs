using Tributary.Engine;
using Tributary.Engine.Connectors;
using Tributary.Engine.Ingestion;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="IDocumentStore"/>
internal sealed class SqliteDocumentStore(SqliteDatabase database) : IDocumentStore
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromDays(7);

    public ValueTask<IReadOnlyDictionary<string, StoredDocument>> LookUpAsync(
        long workspaceId,
        long connectorId,
        IReadOnlyCollection<string> externalIds,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync<IReadOnlyDictionary<string, StoredDocument>>(
            session =>
            {
                var result = new Dictionary<string, StoredDocument>(externalIds.Count, StringComparer.Ordinal);
                foreach (var id in externalIds)
                {
                    var row = session
                        .Prepare(
                            """
                            SELECT d.hash, h.document_id IS NOT NULL, h.version, h.note FROM documents d
                            LEFT JOIN holders h ON h.connector_id = ? AND h.document_id = d.id
                            WHERE d.workspace_id = ? AND d.external_id = ?
                            """
                        )
                        .Add(connectorId)
                        .Add(workspaceId)
                        .Add(id);
                    if (row.Step())
                    {
                        result[id] = new StoredDocument(row.Blob(0), row.Int64(1) != 0, row.Text(2), row.Text(3));
                        row.Reset();
                    }
                }

                return result;
            },
            cancellationToken
        );

    public ValueTask<IReadOnlyDictionary<string, OpenFailure>> LookUpFailuresAsync(
        long connectorId,
        IReadOnlyCollection<string> itemIds,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync<IReadOnlyDictionary<string, OpenFailure>>(
            session =>
            {
                var result = new Dictionary<string, OpenFailure>(StringComparer.Ordinal);
                if (!HasOpenFailures(session, connectorId))
                {
                    return result;
                }

                foreach (var id in itemIds)
                {
                    var row = session
                        .Prepare(
                            "SELECT attempts, retry_at FROM failures WHERE connector_id = ? AND item_id = ? AND resolved_at IS NULL"
                        )
                        .Add(connectorId)
                        .Add(id);
                    if (row.Step())
                    {
                        result[id] = new OpenFailure(row.Int32(0), row.Time(1)!.Value);
                        row.Reset();
                    }
                }

                return result;
            },
            cancellationToken
        );

    public Task<BatchOutcome> CommitAsync(DocumentBatch batch, CancellationToken cancellationToken) =>
        database.WriteAsync(session => Commit(session, batch), cancellationToken);

    public async Task<IReadOnlyList<DocumentSummary>> ListAsync(
        long workspaceId,
        long? connectorId,
        long afterKey,
        int limit,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                    (
                        connectorId is { } id
                            ? session
                                .Prepare(
                                    """
                                    SELECT d.id, d.external_id, d.title, d.link, d.source_type, d.updated_at FROM holders h
                                    JOIN documents d ON d.id = h.document_id
                                    WHERE h.connector_id = ? AND h.document_id > ? AND d.workspace_id = ? ORDER BY h.document_id LIMIT ?
                                    """
                                )
                                .Add(id)
                                .Add(afterKey)
                                .Add(workspaceId)
                                .Add((long)limit)
                            : session
                                .Prepare(
                                    """
                                    SELECT id, external_id, title, link, source_type, updated_at FROM documents
                                    WHERE workspace_id = ? AND is_pushed = 1 AND id > ? ORDER BY id LIMIT ?
                                    """
                                )
                                .Add(workspaceId)
                                .Add(afterKey)
                                .Add((long)limit)
                    ).ToList(static row => new DocumentSummary(
                        row.Int64(0),
                        row.Text(1)!,
                        row.Text(2)!,
                        row.Text(3),
                        row.Text(4)!,
                        row.Time(5)
                    )),
                cancellationToken
            )
            .ConfigureAwait(false);

    public async Task<bool?> IsPushedAsync(long workspaceId, string externalId, CancellationToken cancellationToken) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare("SELECT is_pushed FROM documents WHERE workspace_id = ? AND external_id = ?")
                        .Add(workspaceId)
                        .Add(externalId)
                        .Scalar()
                        is { } pushed
                        ? pushed != 0
                        : (bool?)null,
                cancellationToken
            )
            .ConfigureAwait(false);

    public Task<int> DeleteAsync(
        long workspaceId,
        IReadOnlyCollection<string> externalIds,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                var writer = new DocumentWriter(session, database.Index, workspaceId, now);
                var deleted = 0;
                foreach (var externalId in externalIds)
                {
                    if (writer.Find(externalId) is not { } id)
                    {
                        continue;
                    }

                    deleted++;
                    foreach (var holder in HoldersOf(session, workspaceId, id))
                    {
                        writer.Release(holder, id);
                        session
                            .Prepare("UPDATE connectors SET document_count = document_count - 1 WHERE id = ?")
                            .Add(holder)
                            .Run();
                    }
                }

                writer.End();
                return deleted;
            },
            cancellationToken
        );

    /// <summary>Throws when a newer run has begun; otherwise says whether this one is asked to stop.</summary>
    public static bool CheckFence(SqliteSession session, RunFence fence, long connectorId)
    {
        var row = session
            .Prepare(
                """
                SELECT c.epoch, r.cancel_requested, r.state FROM runs r JOIN connectors c ON c.id = r.connector_id
                WHERE r.id = ? AND c.id = ?
                """
            )
            .Add(fence.RunId)
            .Add(connectorId);
        if (!row.Step())
        {
            throw new FencedException();
        }

        var (epoch, isStopping, state) = (row.Int64(0), row.Int64(1) != 0, (RunState)row.Int32(2));
        row.Reset();
        if (epoch != fence.Epoch || state != RunState.Running)
        {
            throw new FencedException();
        }

        return isStopping;
    }

    /// <summary>Notes what a run does, and adds to its counters.</summary>
    public static void AddProgress(
        SqliteSession session,
        RunFence fence,
        RunProgress? progress,
        RunCounts counts,
        DateTimeOffset now
    ) =>
        session
            .Prepare(
                """
                UPDATE runs SET heartbeat_at = ?, phase = ?, current_item = ?, waiting_until = ?, read_count = read_count + ?,
                    added_count = added_count + ?, updated_count = updated_count + ?, unchanged_count = unchanged_count + ?,
                    deleted_count = deleted_count + ?, failed_count = failed_count + ?, skipped_count = skipped_count + ?,
                    chunk_count = chunk_count + ? WHERE id = ?
                """
            )
            .Add(now)
            .Add(progress?.Phase)
            .Add(progress?.CurrentItem)
            .Add(progress?.WaitingUntil)
            .Add(counts.Read)
            .Add(counts.Added)
            .Add(counts.Updated)
            .Add(counts.Unchanged)
            .Add(counts.Deleted)
            .Add(counts.Failed)
            .Add(counts.Skipped)
            .Add(counts.Chunks)
            .Add(fence.RunId)
            .Run();

    private BatchOutcome Commit(SqliteSession session, DocumentBatch batch)
    {
        var stopRequested = false;
        if (batch.Fence is { } fence)
        {
            stopRequested = CheckFence(session, fence, batch.ConnectorId);
        }
        else
        {
            CheckAcceptsPushes(session, batch);
        }

        var results = new DocumentResult[batch.Documents.Count];
        var counts = batch.Counts;
        var deleted = 0;
        if (batch.Documents.Count > 0 || batch.Deleted.Count > 0)
        {
            var writer = new DocumentWriter(session, database.Index, batch.WorkspaceId, batch.Now);
            for (var i = 0; i < results.Length; i++)
            {
                results[i] = writer.Write(batch.ConnectorId, batch.Documents[i], batch.IsPush);
                counts = Count(counts, results[i], batch.Documents[i]);
            }

            foreach (var externalId in batch.Deleted)
            {
                if (writer.Find(externalId) is { } id && writer.Release(batch.ConnectorId, id))
                {
                    deleted++;
                }
            }

            writer.End();
            if (writer.HeldDelta != 0)
            {
                session
                    .Prepare("UPDATE connectors SET document_count = document_count + ? WHERE id = ?")
                    .Add((long)writer.HeldDelta)
                    .Add(batch.ConnectorId)
                    .Run();
            }
        }

        WriteFailures(session, batch);
        foreach (var skipped in batch.Skipped)
        {
            session
                .Prepare("INSERT OR IGNORE INTO skips (connector_id, item_id, reason) VALUES (?, ?, ?)")
                .Add(batch.ConnectorId)
                .Add(skipped.ItemId)
                .Add(skipped.Reason)
                .Run();
        }

        if (batch.Work is { } work)
        {
            SqliteWorkListStore.Apply(session, work);
        }

        if (batch.Checkpoint is { } checkpoint)
        {
            session
                .Prepare("UPDATE connectors SET checkpoint = ? WHERE id = ?")
                .Add(checkpoint)
                .Add(batch.ConnectorId)
                .Run();
        }

        if (batch.Fence is { } owner)
        {
            AddProgress(session, owner, batch.Progress, counts with { Deleted = counts.Deleted + deleted }, batch.Now);
        }

        return new BatchOutcome(results, deleted, stopRequested);
    }

    /// <summary>A connector that is being deleted takes no more documents.</summary>
    private static void CheckAcceptsPushes(SqliteSession session, DocumentBatch batch)
    {
        var status = session
            .Prepare("SELECT status FROM connectors WHERE id = ? AND workspace_id = ?")
            .Add(batch.ConnectorId)
            .Add(batch.WorkspaceId)
            .Scalar();
        if (status is null or (long)ConnectorStatus.Deleting)
        {
            throw EngineException.NotFound($"Connector {batch.ConnectorId} does not exist any more.");
        }
    }

    private static RunCounts Count(RunCounts counts, DocumentResult result, PreparedDocument document) =>
        result switch
        {
            DocumentResult.Added => counts with
            {
                Added = counts.Added + 1,
                Chunks = counts.Chunks + document.Passages.Count,
            },
            DocumentResult.Updated => counts with
            {
                Updated = counts.Updated + 1,
                Chunks = counts.Chunks + document.Passages.Count,
            },
            _ => counts with { Unchanged = counts.Unchanged + 1 },
        };

    internal static void WriteFailures(SqliteSession session, DocumentBatch batch)
    {
        if (HasOpenFailures(session, batch.ConnectorId))
        {
            var settled = batch
                .Documents.Select(document => document.ExternalId)
                .Concat(batch.Deleted)
                .Concat(batch.Settled);
            foreach (var itemId in settled)
            {
                session
                    .Prepare(
                        "UPDATE failures SET resolved_at = ? WHERE connector_id = ? AND item_id = ? AND resolved_at IS NULL"
                    )
                    .Add(batch.Now)
                    .Add(batch.ConnectorId)
                    .Add(itemId)
                    .Run();
            }
        }

        foreach (var itemId in batch.HeldBack)
        {
            session
                .Prepare("UPDATE failures SET run_id = ? WHERE connector_id = ? AND item_id = ?")
                .Add(batch.Fence?.RunId ?? 0)
                .Add(batch.ConnectorId)
                .Add(itemId)
                .Run();
        }

        foreach (var failure in batch.Failures)
        {
            var attempts = session
                .Prepare("SELECT attempts FROM failures WHERE connector_id = ? AND item_id = ? AND resolved_at IS NULL")
                .Add(batch.ConnectorId)
                .Add(failure.ItemId)
                .Scalar();
            var wait = FirstRetry * Math.Pow(2, Math.Min(attempts ?? 0, 16));
            session
                .Prepare(
                    """
                    INSERT INTO failures (workspace_id, connector_id, run_id, item_id, link, reason, attempts, first_failed_at,
                        last_failed_at, retry_at)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)
                    ON CONFLICT (connector_id, item_id) DO UPDATE SET run_id = ?3, link = ?5, reason = ?6, attempts = ?7,
                        first_failed_at = iif(resolved_at IS NULL, first_failed_at, ?8), last_failed_at = ?8, retry_at = ?9,
                        resolved_at = NULL
                    """
                )
                .Add(batch.WorkspaceId)
                .Add(batch.ConnectorId)
                .Add(batch.Fence?.RunId ?? 0)
                .Add(failure.ItemId)
                .Add(failure.Link)
                .Add(failure.Reason)
                .Add((attempts ?? 0) + 1)
                .Add(batch.Now)
                .Add(batch.Now + (wait < LongestRetry ? wait : LongestRetry))
                .Run();
        }
    }

    private static bool HasOpenFailures(SqliteSession session, long connectorId) =>
        session
            .Prepare("SELECT 1 FROM failures WHERE connector_id = ? AND resolved_at IS NULL LIMIT 1")
            .Add(connectorId)
            .Scalar()
            is not null;

    private static List<long> HoldersOf(SqliteSession session, long workspaceId, long documentId) =>
        session
            .Prepare(
                """
                SELECT c.id FROM connectors c JOIN holders h ON h.connector_id = c.id AND h.document_id = ?
                WHERE c.workspace_id = ?
                """
            )
            .Add(documentId)
            .Add(workspaceId)
            .ToList(static row => row.Int64(0));
}
