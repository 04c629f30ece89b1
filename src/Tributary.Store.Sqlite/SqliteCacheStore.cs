using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="ICacheStore"/>
internal sealed class SqliteCacheStore(SqliteDatabase database) : ICacheStore
{
    public ValueTask<CacheEntry?> FindAsync(long connectorId, byte[] key, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare("SELECT value, stored_at FROM cached_answers WHERE connector_id = ? AND key = ?")
                    .Add(connectorId)
                    .Add(key)
                    .First(static row => new CacheEntry(row.Blob(0), row.Time(1)!.Value)),
            cancellationToken
        );

    public ValueTask<long> GetPurgesAsync(long connectorId, CancellationToken cancellationToken) =>
        database.ReadAsync(session => Purges(session, connectorId), cancellationToken);

    public Task PutAsync(
        long connectorId,
        byte[] key,
        CacheEntry entry,
        long purges,
        long mostBytes,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                if (Purges(session, connectorId) != purges)
                {
                    return;
                }

                session
                    .Prepare("DELETE FROM cached_answers WHERE connector_id = ? AND key = ?")
                    .Add(connectorId)
                    .Add(key)
                    .Run();
                while (Total(session) is var total && total > 0 && total + entry.Value.Length > mostBytes)
                {
                    session
                        .Prepare(
                            "DELETE FROM cached_answers WHERE id IN (SELECT id FROM cached_answers ORDER BY stored_at LIMIT 16)"
                        )
                        .Run();
                }

                session
                    .Prepare(
                        "INSERT INTO cached_answers (connector_id, key, stored_at, length, value) VALUES (?, ?, ?, ?, ?)"
                    )
                    .Add(connectorId)
                    .Add(key)
                    .Add(entry.StoredAt)
                    .Add((long)entry.Value.Length)
                    .Add(entry.Value)
                    .Run();
            },
            cancellationToken
        );

    public Task PurgeAsync(long connectorId, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                session
                    .Prepare(
                        """
                        INSERT INTO cache_purges (connector_id, purges) VALUES (?, 1)
                        ON CONFLICT (connector_id) DO UPDATE SET purges = purges + 1
                        """
                    )
                    .Add(connectorId)
                    .Run();
                session.Prepare("DELETE FROM cached_answers WHERE connector_id = ?").Add(connectorId).Run();
            },
            cancellationToken
        );

    private static long Purges(SqliteSession session, long connectorId) =>
        session.Prepare("SELECT purges FROM cache_purges WHERE connector_id = ?").Add(connectorId).Scalar() ?? 0;

    private static long Total(SqliteSession session) => session.Prepare("SELECT total FROM cached_size").Scalar() ?? 0;
}
