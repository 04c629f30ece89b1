using Tributary.Engine.Store;
using Tributary.Sdk.Reading;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="IWorkListStore"/>
internal sealed class SqliteWorkListStore(SqliteDatabase database) : IWorkListStore
{
    public ValueTask<WorkListState> GetStateAsync(WorkListId id, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare(
                        "SELECT ifnull(max(position), -1), count(*), count(*) FILTER (WHERE done = 0) FROM work_items WHERE connector_id = ? AND pass = ?"
                    )
                    .Add(id.ConnectorId)
                    .Add(id.IsListing)
                    .First(static row => new WorkListState(row.Int64(0), row.Int64(1), row.Int64(2)))!,
            cancellationToken
        );

    public ValueTask<IReadOnlyCollection<string>> FindKeysAsync(
        WorkListId id,
        long after,
        IReadOnlyCollection<string> keys,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync<IReadOnlyCollection<string>>(
            session =>
            {
                var found = new HashSet<string>(StringComparer.Ordinal);
                foreach (var key in keys)
                {
                    var position = session
                        .Prepare("SELECT position FROM work_items WHERE connector_id = ? AND pass = ? AND key = ?")
                        .Add(id.ConnectorId)
                        .Add(id.IsListing)
                        .Add(key)
                        .Scalar();
                    if (position > after)
                    {
                        found.Add(key);
                    }
                }

                return found;
            },
            cancellationToken
        );

    public ValueTask<IReadOnlyList<(long Position, WorkItem Item)>> TakeAsync(
        WorkListId id,
        long after,
        int max,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync<IReadOnlyList<(long, WorkItem)>>(
            session =>
                session
                    .Prepare(
                        """
                        SELECT position, key, data, depth FROM work_items
                        WHERE connector_id = ? AND pass = ? AND position > ? AND done = 0 ORDER BY position LIMIT ?
                        """
                    )
                    .Add(id.ConnectorId)
                    .Add(id.IsListing)
                    .Add(after)
                    .Add((long)max)
                    .ToList(static row => (row.Int64(0), new WorkItem(row.Text(1)!, row.Text(2), row.Int32(3)))),
            cancellationToken
        );

    public Task ApplyAsync(WorkListChanges changes, CancellationToken cancellationToken) =>
        database.WriteAsync(session => Apply(session, changes), cancellationToken);

    public static void Apply(SqliteSession session, WorkListChanges changes)
    {
        var (connectorId, isListing) = changes.Id;
        if (changes.Cleared)
        {
            session
                .Prepare("DELETE FROM work_items WHERE connector_id = ? AND pass = ?")
                .Add(connectorId)
                .Add(isListing)
                .Run();
        }

        foreach (var (position, item) in changes.Added)
        {
            session
                .Prepare(
                    "INSERT INTO work_items (connector_id, pass, position, key, data, depth) VALUES (?, ?, ?, ?, ?, ?)"
                )
                .Add(connectorId)
                .Add(isListing)
                .Add(position)
                .Add(item.Key)
                .Add(item.Data)
                .Add((long)item.Depth)
                .Run();
        }

        foreach (var position in changes.Done)
        {
            session
                .Prepare("UPDATE work_items SET done = 1 WHERE connector_id = ? AND pass = ? AND position = ?")
                .Add(connectorId)
                .Add(isListing)
                .Add(position)
                .Run();
        }
    }
}
