using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="IAllowanceStore"/>
/// <remarks>
/// Sixty full slots and the one that goes on are looked at: a little more than the window, never less, so that no window
/// holds more than the allowance.
/// </remarks>
internal sealed class SqliteAllowanceStore(SqliteDatabase database) : IAllowanceStore
{
    private const int Slots = 60;

    public Task<DateTimeOffset?> TryUseAsync(
        long workspaceId,
        string integration,
        TimeSpan window,
        int max,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync<DateTimeOffset?>(
            session =>
            {
                var length = (long)window.TotalMilliseconds / Slots;
                var slot = now.ToUnixTimeMilliseconds() / length;
                session
                    .Prepare(
                        "DELETE FROM allowance_uses WHERE workspace_id = ? AND integration = ? AND slot_length = ? AND slot < ?"
                    )
                    .Add(workspaceId)
                    .Add(integration)
                    .Add(length)
                    .Add(slot - Slots)
                    .Run();
                var (used, oldest) = session
                    .Prepare(
                        "SELECT ifnull(sum(uses), 0), min(slot) FROM allowance_uses WHERE workspace_id = ? AND integration = ? AND slot_length = ?"
                    )
                    .Add(workspaceId)
                    .Add(integration)
                    .Add(length)
                    .First(static row => (row.Int64(0), row.Int64(1)));
                if (used >= max)
                {
                    return DateTimeOffset.FromUnixTimeMilliseconds((oldest + Slots + 1) * length);
                }

                session
                    .Prepare(
                        """
                        INSERT INTO allowance_uses (workspace_id, integration, slot_length, slot, uses) VALUES (?, ?, ?, ?, 1)
                        ON CONFLICT DO UPDATE SET uses = uses + 1
                        """
                    )
                    .Add(workspaceId)
                    .Add(integration)
                    .Add(length)
                    .Add(slot)
                    .Run();
                return null;
            },
            cancellationToken
        );
}
