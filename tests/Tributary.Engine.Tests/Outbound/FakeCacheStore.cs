using Tributary.Engine.Store;

namespace Tributary.Engine.Tests.Outbound;

/// <summary>A store that finds the same for all, forgets it when purged, and counts what it is asked for.</summary>
internal sealed class FakeCacheStore : ICacheStore
{
    public CacheEntry? Stored { get; set; }

    public int Found { get; private set; }

    public int Put => Keys.Count;

    public List<byte[]> Keys { get; } = [];

    public int Purges { get; private set; }

    public int AskedForPurges { get; private set; }

    public ValueTask<CacheEntry?> FindAsync(long connectorId, byte[] key, CancellationToken cancellationToken)
    {
        Found++;
        return new(Stored);
    }

    public Task PutAsync(
        long connectorId,
        byte[] key,
        CacheEntry entry,
        long purges,
        long mostBytes,
        CancellationToken cancellationToken
    )
    {
        Keys.Add(key);
        return Task.CompletedTask;
    }

    public ValueTask<long> GetPurgesAsync(long connectorId, CancellationToken cancellationToken)
    {
        AskedForPurges++;
        return new(Purges);
    }

    public Task PurgeAsync(long connectorId, CancellationToken cancellationToken)
    {
        Purges++;
        Stored = null;
        return Task.CompletedTask;
    }
}
