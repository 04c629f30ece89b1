using System.Collections.Concurrent;
using System.Text;
using Tributary.Engine.Store;

namespace Tributary.Engine.Outbound.Cache;

/// <inheritdoc cref="IResponseCache"/>
/// <remarks>A memory tier stands before the store; questions that are being asked are joined by those who ask the same.</remarks>
public sealed class ResponseCache : IResponseCache
{
    /// <summary>The largest value that is kept, in bytes.</summary>
    public const int MostValueBytes = 1 << 20;

    private const long DefaultMemoryBytes = 32 << 20;
    private const long DefaultStoreBytes = 256 << 20;

    // How long this process may not hear of a purge by another.
    private static readonly TimeSpan _trustsPurges = TimeSpan.FromSeconds(1);

    private readonly ICacheStore _store;
    private readonly TimeProvider _time;
    private readonly long _storeBytes;
    private readonly MemoryTier _memory;
    private readonly ConcurrentDictionary<long, KnownPurges> _purges = new();
    private readonly ConcurrentDictionary<(CacheKey, bool), Flight> _flights = new();

    /// <summary>The cache of this process.</summary>
    public ResponseCache(ICacheStore store, TimeProvider time)
        : this(store, time, DefaultMemoryBytes, DefaultStoreBytes) { }

    internal ResponseCache(ICacheStore store, TimeProvider time, long memoryBytes, long storeBytes)
    {
        (_store, _time, _storeBytes) = (store, time, storeBytes);
        _memory = new MemoryTier(memoryBytes);
    }

    /// <summary>How many questions are being asked; none of them is remembered once it was answered.</summary>
    internal int Asking => _flights.Count;

    /// <inheritdoc />
    public Task<CachedValue> GetOrAddAsync(
        long connectorId,
        string key,
        TimeSpan ttl,
        bool refresh,
        Func<CancellationToken, Task<FreshValue>> factory,
        CancellationToken cancellationToken
    ) =>
        GetOrAddAsync(
            // Apart from the keys of requests, which begin with the length of a method's name.
            CacheKey.Of(connectorId, Encoding.UTF8.GetBytes("\0" + key)),
            ttl,
            refresh,
            static _ => true,
            async token => new Fetched(await factory(token)),
            cancellationToken
        )!;

    /// <inheritdoc />
    public async Task PurgeAsync(long connectorId, CancellationToken cancellationToken)
    {
        await _store.PurgeAsync(connectorId, cancellationToken);
        _purges.TryRemove(connectorId, out _);
    }

    /// <summary>As the public one, for callers that must look at a value before they know whether it answers their question.</summary>
    /// <param name="key">What is asked.</param>
    /// <param name="ttl">How old the value may be.</param>
    /// <param name="refresh">Asks anew.</param>
    /// <param name="fits">Whether a value answers this caller's question.</param>
    /// <param name="factory">Asks; null within its result is an answer that is for nobody but the one who asked.</param>
    /// <param name="cancellationToken">Ends this caller's wait.</param>
    /// <returns>Null when another's answer was waited for that is not for this caller, who has to ask alone.</returns>
    internal async Task<CachedValue?> GetOrAddAsync(
        CacheKey key,
        TimeSpan ttl,
        bool refresh,
        Func<byte[], bool> fits,
        Func<CancellationToken, Task<Fetched>> factory,
        CancellationToken cancellationToken
    )
    {
        var purges = await PurgesAsync(key.ConnectorId, cancellationToken);
        if (!refresh && ttl > TimeSpan.Zero && await FindAsync(key, purges, cancellationToken) is { } known)
        {
            var age = _time.GetUtcNow() - known.StoredAt;
            if (age >= TimeSpan.Zero && age < ttl && fits(known.Value))
            {
                return new CachedValue(known.Value, CacheOutcome.Hit, known.StoredAt);
            }
        }

        // A flight that nobody waits for any more is on its way out: another takes its place.
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var mine = new Flight();
            var flight = _flights.GetOrAdd((key, refresh), mine);
            if (!flight.TryJoin())
            {
                _flights.TryRemove(new((key, refresh), flight));
                continue;
            }

            var isMine = ReferenceEquals(flight, mine);
            if (isMine)
            {
                // Not on this caller's token: others may go on waiting when it stops.
                flight.Start(
                    Task.Run(() => FetchAsync(key, refresh, ttl, purges, flight, factory), CancellationToken.None)
                );
            }

            var outcome = isMine ? (refresh ? CacheOutcome.Refresh : CacheOutcome.Miss) : CacheOutcome.Shared;
            var entry = await flight.WaitAsync(cancellationToken);
            return entry is not null && (isMine || fits(entry.Value))
                ? new CachedValue(entry.Value, outcome, entry.StoredAt)
                : null;
        }
    }

    private async Task<CacheEntry?> FetchAsync(
        CacheKey key,
        bool refresh,
        TimeSpan ttl,
        long purges,
        Flight flight,
        Func<CancellationToken, Task<Fetched>> factory
    )
    {
        try
        {
            var fetched = await factory(flight.Stop);
            if (fetched.Value is not { } fresh)
            {
                return null;
            }

            var entry = new CacheEntry(fresh.Value, _time.GetUtcNow());
            if (fresh.MayBeKept && ttl > TimeSpan.Zero && fresh.Value.Length <= MostValueBytes)
            {
                _memory.Put(key, entry, purges);
                await _store.PutAsync(
                    key.ConnectorId,
                    key.ToBytes(),
                    entry,
                    purges,
                    _storeBytes,
                    CancellationToken.None
                );
            }

            return entry;
        }
        finally
        {
            _flights.TryRemove(new((key, refresh), flight));
        }
    }

    private async ValueTask<CacheEntry?> FindAsync(CacheKey key, long purges, CancellationToken cancellationToken)
    {
        if (_memory.Find(key, purges) is { } kept)
        {
            return kept;
        }

        var stored = await _store.FindAsync(key.ConnectorId, key.ToBytes(), cancellationToken);
        if (stored is not null)
        {
            _memory.Put(key, stored, purges);
        }

        return stored;
    }

    private async ValueTask<long> PurgesAsync(long connectorId, CancellationToken cancellationToken)
    {
        if (_purges.TryGetValue(connectorId, out var known) && _time.GetElapsedTime(known.At) < _trustsPurges)
        {
            return known.Count;
        }

        var at = _time.GetTimestamp();
        var count = await _store.GetPurgesAsync(connectorId, cancellationToken);
        _purges[connectorId] = new KnownPurges(count, at);
        return count;
    }

    private readonly record struct KnownPurges(long Count, long At);
}

/// <summary>What asking has brought.</summary>
/// <param name="Value">The value; null for one that only the asker may have, who has taken it already.</param>
internal readonly record struct Fetched(FreshValue? Value);
