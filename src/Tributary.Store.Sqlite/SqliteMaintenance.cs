using Tributary.Engine;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="IStoreMaintenance"/>
internal sealed class SqliteMaintenance(SqliteDatabase database, EngineOptions options) : IStoreMaintenance, IDisposable
{
    private FileStream? _lock;

    public Task OpenAsync(CancellationToken cancellationToken)
    {
        // One process a data directory: a second one would recover runs that the first is in the middle of.
        var path = Path.Combine(options.DataFolder, "lock");
        try
        {
            _lock = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                $"The data directory {Path.GetFullPath(options.DataFolder)} is used by another process, or cannot be written. Stop the other one, or choose another directory with --data.",
                exception
            );
        }

        database.Start();
        return Task.CompletedTask;
    }

    public async ValueTask<bool> IsHealthyAsync(CancellationToken cancellationToken) =>
        await database.ReadAsync(session => session.Prepare("SELECT 1").Scalar() == 1, cancellationToken).ConfigureAwait(false);

    public void Dispose() => _lock?.Dispose();
}
