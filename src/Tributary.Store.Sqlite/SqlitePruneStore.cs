using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="IPruneStore"/>
internal sealed class SqlitePruneStore(SqliteDatabase database) : IPruneStore
{
    private const string Missing = """
        FROM holders h JOIN documents d ON d.id = h.document_id
        WHERE h.connector_id = ?1 AND h.since < ?2
          AND NOT EXISTS (SELECT 1 FROM live_ids l WHERE l.connector_id = ?1 AND l.external_id = d.external_id)
        """;

    public Task ForgetListingAsync(RunFence fence, long connectorId, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                SqliteDocumentStore.CheckFence(session, fence, connectorId);
                session.Prepare("DELETE FROM live_ids WHERE connector_id = ?").Add(connectorId).Run();
            },
            cancellationToken
        );

    public Task<bool> AddLiveAsync(
        RunFence fence,
        long connectorId,
        IReadOnlyList<string> ids,
        WorkListChanges? work,
        RunProgress progress,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                var stopRequested = SqliteDocumentStore.CheckFence(session, fence, connectorId);
                foreach (var id in ids)
                {
                    session
                        .Prepare("INSERT OR IGNORE INTO live_ids (connector_id, external_id) VALUES (?, ?)")
                        .Add(connectorId)
                        .Add(id)
                        .Run();
                }

                if (work is not null)
                {
                    SqliteWorkListStore.Apply(session, work);
                }

                SqliteDocumentStore.AddProgress(session, fence, progress, new RunCounts(Read: ids.Count), now);
                return stopRequested;
            },
            cancellationToken
        );

    public async Task<(long Held, long Missing)> CountMissingAsync(
        long connectorId,
        DateTimeOffset listingBegan,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                {
                    var held = session
                        .Prepare("SELECT count(*) FROM holders WHERE connector_id = ? AND since < ?")
                        .Add(connectorId)
                        .Add(listingBegan)
                        .Scalar();
                    var missing = session
                        .Prepare($"SELECT count(*) {Missing}")
                        .Add(connectorId)
                        .Add(listingBegan)
                        .Scalar();
                    return (held ?? 0, missing ?? 0);
                },
                cancellationToken
            )
            .ConfigureAwait(false);

    public Task<PruneStep> DeleteMissingAsync(
        RunFence fence,
        long workspaceId,
        long connectorId,
        DateTimeOffset listingBegan,
        long after,
        int max,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                var stopRequested = SqliteDocumentStore.CheckFence(session, fence, connectorId);
                if (stopRequested)
                {
                    return new PruneStep(after, true);
                }

                var documents = session
                    .Prepare(
                        """
                        SELECT h.document_id, h.since < ?2 AND NOT EXISTS (
                            SELECT 1 FROM documents d CROSS JOIN live_ids l ON l.connector_id = ?1 AND l.external_id = d.external_id
                            WHERE d.id = h.document_id)
                        FROM holders h WHERE h.connector_id = ?1 AND h.document_id > ?3 ORDER BY h.document_id LIMIT ?4
                        """
                    )
                    .Add(connectorId)
                    .Add(listingBegan)
                    .Add(after)
                    .Add((long)max)
                    .ToList(static row => (Id: row.Int64(0), IsMissing: row.Int64(1) != 0));
                var missing = documents.Where(document => document.IsMissing).Select(document => document.Id).ToList();
                Release(session, fence, workspaceId, connectorId, missing, "deleting what is gone", now);
                return new PruneStep(documents.Count > 0 ? documents[^1].Id : null, false);
            },
            cancellationToken
        );

    public Task ResolveMissingFailuresAsync(
        RunFence fence,
        long connectorId,
        DateTimeOffset listingBegan,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                SqliteDocumentStore.CheckFence(session, fence, connectorId);
                session
                    .Prepare(
                        """
                        UPDATE failures SET resolved_at = ?1 WHERE connector_id = ?2 AND resolved_at IS NULL AND last_failed_at < ?3
                          AND NOT EXISTS (SELECT 1 FROM live_ids l WHERE l.connector_id = ?2 AND l.external_id = failures.item_id)
                        """
                    )
                    .Add(now)
                    .Add(connectorId)
                    .Add(listingBegan)
                    .Run();
            },
            cancellationToken
        );

    public Task<int> ReleaseDocumentsAsync(
        RunFence fence,
        long workspaceId,
        long connectorId,
        int max,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                SqliteDocumentStore.CheckFence(session, fence, connectorId);
                var held = session
                    .Prepare("SELECT document_id FROM holders WHERE connector_id = ? LIMIT ?")
                    .Add(connectorId)
                    .Add((long)max)
                    .ToList(static row => row.Int64(0));
                Release(session, fence, workspaceId, connectorId, held, "deleting documents", now);
                return held.Count;
            },
            cancellationToken
        );

    public Task<bool> RemoveConnectorAsync(
        RunFence fence,
        long connectorId,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                SqliteDocumentStore.CheckFence(session, fence, connectorId);
                if (
                    session.Prepare("SELECT 1 FROM holders WHERE connector_id = ? LIMIT 1").Add(connectorId).Scalar()
                    is not null
                )
                {
                    return false;
                }

                if (!SqliteRecordStore.RemoveSome(session, connectorId))
                {
                    return false;
                }

                var credentialId = session
                    .Prepare("SELECT credential_id FROM connectors WHERE id = ?")
                    .Add(connectorId)
                    .Scalar()!
                    .Value;
                foreach (
                    var table in (ReadOnlySpan<string>)
                        ["failures", "skips", "work_items", "live_ids", "collection_connectors", "models"]
                )
                {
                    session.Prepare($"DELETE FROM {table} WHERE connector_id = ?").Add(connectorId).Run();
                }

                session
                    .Prepare("DELETE FROM runs WHERE connector_id = ? AND id <> ?")
                    .Add(connectorId)
                    .Add(fence.RunId)
                    .Run();
                SqliteOAuthStore.Forget(session, credentialId, []);
                session.Prepare("DELETE FROM connectors WHERE id = ?").Add(connectorId).Run();
                session.Prepare("DELETE FROM credentials WHERE id = ?").Add(credentialId).Run();
                session
                    .Prepare(
                        $"UPDATE runs SET state = {(int)RunState.Succeeded}, finished_at = ?, phase = NULL, current_item = NULL WHERE id = ?"
                    )
                    .Add(now)
                    .Add(fence.RunId)
                    .Run();
                return true;
            },
            cancellationToken
        );

    private void Release(
        SqliteSession session,
        RunFence fence,
        long workspaceId,
        long connectorId,
        List<long> documents,
        string phase,
        DateTimeOffset now
    )
    {
        var writer = new DocumentWriter(session, database.Index, workspaceId, now);
        foreach (var id in documents)
        {
            writer.Release(connectorId, id);
        }

        writer.End();
        session
            .Prepare("UPDATE connectors SET document_count = document_count + ? WHERE id = ?")
            .Add((long)writer.HeldDelta)
            .Add(connectorId)
            .Run();
        SqliteDocumentStore.AddProgress(
            session,
            fence,
            new RunProgress(phase, null, null),
            new RunCounts(Deleted: documents.Count),
            now
        );
    }
}
