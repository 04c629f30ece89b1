using Tributary.Engine.Audit;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="IAuditStore"/>
internal sealed class SqliteAuditStore(SqliteDatabase database) : IAuditStore
{
    public async Task<IReadOnlyList<AuditEntry>> ListAsync(
        long workspaceId,
        long beforeId,
        int limit,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare(
                            "SELECT id, at, actor, action, target, detail FROM audit WHERE workspace_id = ? AND id < ? ORDER BY id DESC LIMIT ?"
                        )
                        .Add(workspaceId)
                        .Add(beforeId)
                        .Add((long)limit)
                        .ToList(static row => new AuditEntry(
                            row.Int64(0),
                            row.Time(1)!.Value,
                            row.Text(2)!,
                            row.Text(3)!,
                            row.Text(4)!,
                            row.Text(5)
                        )),
                cancellationToken
            )
            .ConfigureAwait(false);
}
