using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="IConnectorUsage"/>
internal sealed class SqliteConnectorUsage(SqliteDatabase database) : IConnectorUsage
{
    public async Task<IReadOnlyDictionary<long, long>> CountModelsAsync(
        long workspaceId,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare(
                            "SELECT connector_id, count(*) FROM models WHERE workspace_id = ? AND deleted_at IS NULL GROUP BY connector_id"
                        )
                        .Add(workspaceId)
                        .ToList(static row => (Connector: row.Int64(0), Count: row.Int64(1)))
                        .ToDictionary(row => row.Connector, row => row.Count),
                cancellationToken
            )
            .ConfigureAwait(false);

    /// <summary>The models of one connector, within the caller's transaction.</summary>
    public static long CountModels(SqliteSession session, long workspaceId, long connectorId) =>
        session
            .Prepare("SELECT count(*) FROM models WHERE workspace_id = ? AND connector_id = ? AND deleted_at IS NULL")
            .Add(workspaceId)
            .Add(connectorId)
            .Scalar()
        ?? 0;
}
