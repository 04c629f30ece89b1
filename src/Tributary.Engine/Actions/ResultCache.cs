using System.Collections.Concurrent;
using System.Text.Json;

namespace Tributary.Engine.Actions;

/// <summary>
/// Keeps what actions and look-ups have brought, in memory, for as long as whoever asks says. Who asks while somebody else
/// already fetches the same waits for that.
/// </summary>
internal sealed class ResultCache(TimeProvider time)
{
    private const int MostEntries = 10_000;
    private const long MostBytes = 64_000_000;
    private const int LargestEntry = 2_000_000;

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<Fetched>>> _fetches = new(StringComparer.Ordinal);
    private long _bytes;

    /// <summary>The kept value, else a new one.</summary>
    /// <param name="key">What it is of.</param>
    /// <param name="age">How old it may be.</param>
    /// <param name="isFresh">Fetch, whatever is kept.</param>
    /// <param name="fetch">Fetches; says whether the value may be kept.</param>
    /// <param name="cancellationToken">Ends the wait, and the fetch when nobody else waits for it.</param>
    public async Task<(JsonElement Value, bool IsKept)> GetAsync(
        string key,
        TimeSpan age,
        bool isFresh,
        Func<CancellationToken, Task<Fetched>> fetch,
        CancellationToken cancellationToken
    )
    {
        if (
            !isFresh
            && _entries.TryGetValue(key, out var kept)
            && time.GetElapsedTime(kept.At) is var old
            && old < age
        )
        {
            return (kept.Value, true);
        }

        while (true)
        {
            var mine = new Lazy<Task<Fetched>>(() => fetch(cancellationToken));
            var running = _fetches.GetOrAdd(key, mine);
            try
            {
                var fetched = await running.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
                if (running == mine && fetched.MayBeKept)
                {
                    Keep(key, fetched.Value);
                }

                return (fetched.Value, running != mine);
            }
            catch (OperationCanceledException)
                when (running != mine && !cancellationToken.IsCancellationRequested)
            {
                // The one who fetched has gone away: now it is our turn.
            }
            finally
            {
                if (running == mine)
                {
                    _fetches.TryRemove(KeyValuePair.Create(key, mine));
                }
            }
        }
    }

    private void Keep(string key, JsonElement value)
    {
        var size = value.GetRawText().Length;
        if (size > LargestEntry)
        {
            return;
        }

        if (_entries.Count >= MostEntries || Interlocked.Read(ref _bytes) + size > MostBytes)
        {
            // The older half goes.
            foreach (var entry in _entries.OrderBy(entry => entry.Value.At).Take(_entries.Count / 2 + 1))
            {
                if (_entries.TryRemove(entry))
                {
                    Interlocked.Add(ref _bytes, -entry.Value.Size);
                }
            }
        }

        var made = new Entry(value, size, time.GetTimestamp());
        if (_entries.TryGetValue(key, out var before) && _entries.TryUpdate(key, made, before))
        {
            Interlocked.Add(ref _bytes, size - before.Size);
        }
        else if (_entries.TryAdd(key, made))
        {
            Interlocked.Add(ref _bytes, size);
        }
    }

    /// <summary>What was fetched.</summary>
    internal readonly record struct Fetched(JsonElement Value, bool MayBeKept);

    private sealed record Entry(JsonElement Value, int Size, long At);
}
