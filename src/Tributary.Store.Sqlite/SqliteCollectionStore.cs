using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="ICollectionStore"/>
internal sealed class SqliteCollectionStore(SqliteDatabase database) : ICollectionStore
{
    public Task<CollectionRow?> InsertAsync(
        long workspaceId,
        string name,
        IReadOnlyList<long> connectorIds,
        DateTimeOffset now,
        AuditDraft audit,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                if (FindIdByName(session, workspaceId, name) is not null)
                {
                    return null;
                }

                session
                    .Prepare("INSERT INTO collections (workspace_id, name, created_at) VALUES (?, ?, ?)")
                    .Add(workspaceId)
                    .Add(name)
                    .Add(now)
                    .Run();
                var id = session.LastId();
                SetMembers(session, id, connectorIds);
                session.Audit(audit with { Target = $"collection {id} \"{name}\"" });
                return Find(session, workspaceId, id);
            },
            cancellationToken
        );

    public ValueTask<CollectionRow?> FindAsync(long workspaceId, long id, CancellationToken cancellationToken) =>
        database.ReadAsync(session => Find(session, workspaceId, id), cancellationToken);

    public ValueTask<CollectionRow?> FindByNameAsync(
        long workspaceId,
        string name,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync(
            session => FindIdByName(session, workspaceId, name) is { } id ? Find(session, workspaceId, id) : null,
            cancellationToken
        );

    public async Task<IReadOnlyList<CollectionRow>> ListAsync(
        long workspaceId,
        long afterId,
        int limit,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare("SELECT id FROM collections WHERE workspace_id = ? AND id > ? ORDER BY id LIMIT ?")
                        .Add(workspaceId)
                        .Add(afterId)
                        .Add((long)limit)
                        .ToList(static row => row.Int64(0))
                        .ConvertAll(id => Find(session, workspaceId, id)!),
                cancellationToken
            )
            .ConfigureAwait(false);

    public Task<bool> UpdateAsync(
        long workspaceId,
        long id,
        string? name,
        IReadOnlyList<long>? connectorIds,
        AuditDraft audit,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                if (Find(session, workspaceId, id) is null)
                {
                    return false;
                }

                if (name is not null)
                {
                    if (FindIdByName(session, workspaceId, name) is { } other && other != id)
                    {
                        throw new NameTakenException(isSlug: false);
                    }

                    session.Prepare("UPDATE collections SET name = ? WHERE id = ?").Add(name).Add(id).Run();
                }

                if (connectorIds is not null)
                {
                    SetMembers(session, id, connectorIds);
                }

                session.Audit(audit);
                return true;
            },
            cancellationToken
        );

    public Task<bool> DeleteAsync(long workspaceId, long id, AuditDraft audit, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                session
                    .Prepare("DELETE FROM collections WHERE id = ? AND workspace_id = ?")
                    .Add(id)
                    .Add(workspaceId)
                    .Run();
                if (session.Changes() == 0)
                {
                    return false;
                }

                session.Audit(audit);
                return true;
            },
            cancellationToken
        );

    private static void SetMembers(SqliteSession session, long id, IReadOnlyList<long> connectorIds)
    {
        session.Prepare("DELETE FROM collection_connectors WHERE collection_id = ?").Add(id).Run();
        foreach (var connectorId in connectorIds.Distinct())
        {
            session
                .Prepare("INSERT INTO collection_connectors (collection_id, connector_id) VALUES (?, ?)")
                .Add(id)
                .Add(connectorId)
                .Run();
        }
    }

    private static long? FindIdByName(SqliteSession session, long workspaceId, string name) =>
        session
            .Prepare("SELECT id FROM collections WHERE workspace_id = ? AND name = ?")
            .Add(workspaceId)
            .Add(name)
            .Scalar();

    private static CollectionRow? Find(SqliteSession session, long workspaceId, long id)
    {
        var members = session
            .Prepare("SELECT connector_id FROM collection_connectors WHERE collection_id = ? ORDER BY connector_id")
            .Add(id)
            .ToList(static row => row.Int64(0));
        return session
            .Prepare("SELECT id, name, created_at FROM collections WHERE id = ? AND workspace_id = ?")
            .Add(id)
            .Add(workspaceId)
            .First(row => new CollectionRow(row.Int64(0), row.Text(1)!, row.Time(2)!.Value, members));
    }
}
