using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="IStoreMaintenance"/>
internal sealed class SqliteMaintenance(SqliteDatabase database) : IStoreMaintenance
{
    public Task OpenAsync(CancellationToken cancellationToken)
    {
        database.Start();
        return Task.CompletedTask;
    }

    public async Task CopyAsync(string target, CancellationToken cancellationToken) =>
        await Task.Run(() => database.CopyTo(target), cancellationToken).ConfigureAwait(false);

    public async ValueTask<bool> IsHealthyAsync(CancellationToken cancellationToken) =>
        await database
            .ReadAsync(session => session.Prepare("SELECT 1").Scalar() == 1, cancellationToken)
            .ConfigureAwait(false);
}
