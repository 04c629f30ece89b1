using Tributary.Engine.Store;
using Tributary.Store.Sqlite;

namespace Tributary.Maintenance;

/// <summary>The embedded store, as a backup sees it.</summary>
internal sealed class StoreSnapshot(IStoreMaintenance store) : IStoreSnapshot
{
    /// <summary>The database file, relative to the data directory.</summary>
    public string DatabaseFile => SqliteStore.FileName;

    /// <summary>The key ring's file, relative to the data directory.</summary>
    public string KeyRing => Engine.Secrets.KeyRing.FileName;

    /// <summary>Writes a copy of the database as it is at one moment, while a server may be working on it.</summary>
    /// <param name="file">Does not exist yet.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WriteAsync(string file, CancellationToken cancellationToken) =>
        store.CopyAsync(file, cancellationToken);
}
