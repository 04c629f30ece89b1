namespace Tributary.Maintenance;

/// <summary>What a backup needs of the store.</summary>
internal interface IStoreSnapshot
{
    /// <summary>The database file, relative to the data directory.</summary>
    string DatabaseFile { get; }

    /// <summary>The key ring's file or folder, relative to the data directory.</summary>
    string KeyRing { get; }

    /// <summary>Writes a copy of the database as it is at one moment, while a server may be working on it.</summary>
    /// <param name="file">Does not exist yet.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task WriteAsync(string file, CancellationToken cancellationToken);
}
