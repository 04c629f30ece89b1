namespace Tributary.Engine.Store;

/// <summary>Answers that were given on a user's behalf, for all processes and across restarts.</summary>
public interface ICacheStore
{
    /// <summary>The value under a key; null when there is none.</summary>
    ValueTask<CacheEntry?> FindAsync(long connectorId, byte[] key, CancellationToken cancellationToken);

    /// <summary>How often a connector's values were purged.</summary>
    ValueTask<long> GetPurgesAsync(long connectorId, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps a value in place of an older one, and makes room for it by removing the oldest. A value that was fetched
    /// before a purge is dropped.
    /// </summary>
    /// <param name="connectorId">Whose.</param>
    /// <param name="key">A hash of what was asked.</param>
    /// <param name="entry">The value.</param>
    /// <param name="purges">What <see cref="GetPurgesAsync"/> said before the value was fetched.</param>
    /// <param name="mostBytes">What all values together may take.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task PutAsync(
        long connectorId,
        byte[] key,
        CacheEntry entry,
        long purges,
        long mostBytes,
        CancellationToken cancellationToken
    );

    /// <summary>Removes all values of a connector.</summary>
    Task PurgeAsync(long connectorId, CancellationToken cancellationToken);
}

/// <summary>A value that was kept.</summary>
/// <param name="Value">Its bytes.</param>
/// <param name="StoredAt">Since when.</param>
public sealed record CacheEntry(byte[] Value, DateTimeOffset StoredAt);
