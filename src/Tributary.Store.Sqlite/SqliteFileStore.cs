using Tributary.Engine.Connectors;
using Tributary.Engine.Store;
using Tributary.Sdk.Content;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="IFileStore"/>
internal sealed class SqliteFileStore(SqliteDatabase database) : IFileStore
{
    private const string Columns = "id, name, content_type, length, uploaded_at, sha256";

    public Task InsertAsync(long workspaceId, StoredFile file, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
                session
                    .Prepare(
                        "INSERT INTO files (id, workspace_id, name, content_type, length, uploaded_at, sha256) VALUES (?, ?, ?, ?, ?, ?, ?)"
                    )
                    .Add(file.Id)
                    .Add(workspaceId)
                    .Add(file.Name)
                    .Add(file.ContentType)
                    .Add(file.Length)
                    .Add(file.UploadedAt)
                    .Add(file.Sha256)
                    .Run(),
            cancellationToken
        );

    public ValueTask<StoredFile?> FindAsync(long workspaceId, string fileId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare($"SELECT {Columns} FROM files WHERE id = ? AND workspace_id = ?")
                    .Add(fileId)
                    .Add(workspaceId)
                    .First(File),
            cancellationToken
        );

    public async Task<IReadOnlyList<StoredFile>> ListAsync(
        long workspaceId,
        string afterId,
        int limit,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare($"SELECT {Columns} FROM files WHERE workspace_id = ? AND id > ? ORDER BY id LIMIT ?")
                        .Add(workspaceId)
                        .Add(afterId)
                        .Add((long)limit)
                        .ToList(File),
                cancellationToken
            )
            .ConfigureAwait(false);

    public async Task<IReadOnlyList<string>> ListOnlyOfAsync(
        long workspaceId,
        long connectorId,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare(
                            $"""
                            SELECT DISTINCT f.id FROM connectors c, json_tree(c.config) j
                            JOIN files f ON f.id = j.atom AND f.workspace_id = c.workspace_id
                            WHERE c.id = ? AND c.workspace_id = ? AND j.type = 'text' AND NOT EXISTS (
                                SELECT 1 FROM connectors o
                                WHERE o.workspace_id = c.workspace_id AND o.id <> c.id AND instr(o.config, f.id) > 0
                                  AND o.status <> {(int)ConnectorStatus.Deleting})
                            """
                        )
                        .Add(connectorId)
                        .Add(workspaceId)
                        .ToList(static row => row.Text(0)!),
                cancellationToken
            )
            .ConfigureAwait(false);

    public Task<bool> DeleteAsync(long workspaceId, string fileId, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                session
                    .Prepare("DELETE FROM files WHERE id = ? AND workspace_id = ?")
                    .Add(fileId)
                    .Add(workspaceId)
                    .Run();
                return session.Changes() > 0;
            },
            cancellationToken
        );

    private static StoredFile File(Statement row) =>
        new(row.Text(0)!, row.Text(1)!, row.Text(2), row.Int64(3), row.Time(4)!.Value, row.Text(5)!);
}
