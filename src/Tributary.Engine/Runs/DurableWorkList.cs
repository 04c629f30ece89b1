using Tributary.Engine.Store;
using Tributary.Sdk.Reading;

namespace Tributary.Engine.Runs;

/// <summary>
/// A work list whose changes wait in memory for the checkpoint that makes them durable. Positions grow: those up to
/// <see cref="_storedUpTo"/> are in the store, those above are here.
/// </summary>
internal sealed class DurableWorkList : IWorkList
{
    private const int ReadAhead = 256;
    private const int MaxRecentKeys = 50_000;

    private readonly IWorkListStore _store;
    private readonly WorkListId _id;
    private readonly HashSet<string> _recentKeys = new(StringComparer.Ordinal);
    private readonly Queue<(long Position, WorkItem Item)> _unstored = new();
    private readonly Queue<(long Position, WorkItem Item)> _ahead = new();
    private readonly Dictionary<string, long> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _unstoredKeys = new(StringComparer.Ordinal);
    private readonly HashSet<long> _doneUntaken = [];
    private readonly Lock _lock = new();

    private long _base = -1;
    private long _lastPosition;
    private long _storedUpTo;
    private long _takenUpTo;
    private bool _isCleared;
    private List<(long Position, WorkItem Item)> _added = [];
    private List<long> _done = [];

    private DurableWorkList(IWorkListStore store, WorkListId id, WorkListState state)
    {
        (_store, _id) = (store, id);
        _lastPosition = state.LastPosition;
        _storedUpTo = state.LastPosition;
        _takenUpTo = -1;
        (Total, Pending) = (state.Total, state.Pending);
    }

    public long Pending { get; private set; }

    public long Total { get; private set; }

    public static async Task<DurableWorkList> OpenAsync(
        IWorkListStore store,
        WorkListId id,
        CancellationToken cancellationToken
    ) => new(store, id, await store.GetStateAsync(id, cancellationToken).ConfigureAwait(false));

    public ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _isCleared = true;
            _base = _takenUpTo = _storedUpTo = _lastPosition;
            _added = [];
            _done = [];
            _unstored.Clear();
            _unstoredKeys.Clear();
            _ahead.Clear();
            _taken.Clear();
            _doneUntaken.Clear();
            _recentKeys.Clear();
            (Total, Pending) = (0, 0);
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask<IReadOnlyList<WorkItem>> AddAsync(
        IReadOnlyCollection<WorkItem> items,
        CancellationToken cancellationToken
    )
    {
        var candidates = new List<WorkItem>(items.Count);
        var keys = new HashSet<string>(items.Count, StringComparer.Ordinal);
        lock (_lock)
        {
            foreach (var item in items)
            {
                if (!_recentKeys.Contains(item.Key) && !_unstoredKeys.ContainsKey(item.Key) && keys.Add(item.Key))
                {
                    candidates.Add(item);
                }
            }
        }

        if (candidates.Count == 0)
        {
            return [];
        }

        if (_storedUpTo > _base)
        {
            var known = await _store.FindKeysAsync(_id, _base, keys, cancellationToken).ConfigureAwait(false);
            candidates.RemoveAll(item => known.Contains(item.Key));
            lock (_lock)
            {
                Remember(known);
            }
        }

        lock (_lock)
        {
            foreach (var item in candidates)
            {
                var entry = (++_lastPosition, item);
                _added.Add(entry);
                _unstored.Enqueue(entry);
                _unstoredKeys.Add(item.Key, entry.Item1);
            }

            Total += candidates.Count;
            Pending += candidates.Count;
        }

        return candidates;
    }

    public async ValueTask<IReadOnlyList<WorkItem>> TakeAsync(int max, CancellationToken cancellationToken)
    {
        var result = new List<WorkItem>(max);
        while (result.Count < max)
        {
            lock (_lock)
            {
                if (_ahead.TryDequeue(out var next) || TryTakeUnstored(out next))
                {
                    _taken[next.Item.Key] = next.Position;
                    result.Add(next.Item);
                    continue;
                }

                if (_takenUpTo >= _storedUpTo)
                {
                    break;
                }
            }

            await ReadAheadAsync(cancellationToken).ConfigureAwait(false);
        }

        return result;
    }

    public void Complete(string key)
    {
        lock (_lock)
        {
            if (_taken.Remove(key, out var position))
            {
                _done.Add(position);
                Pending--;
            }
            else if (_unstoredKeys.TryGetValue(key, out position) && _doneUntaken.Add(position))
            {
                _done.Add(position);
                Pending--;
            }
        }
    }

    public async ValueTask<bool> ContainsAsync(string key, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_recentKeys.Contains(key) || _unstoredKeys.ContainsKey(key))
            {
                return true;
            }
        }

        var found = await _store.FindKeysAsync(_id, _base, [key], cancellationToken).ConfigureAwait(false);
        return found.Count > 0;
    }

    /// <summary>The changes since the last call, for the checkpoint that the reader has just yielded. Null when there are none.</summary>
    public WorkListChanges? Drain()
    {
        lock (_lock)
        {
            var changes = new WorkListChanges(_id, _isCleared, _added, _done);
            if (changes.IsEmpty)
            {
                return null;
            }

            (_isCleared, _added, _done) = (false, [], []);
            return changes;
        }
    }

    /// <summary>The changes are in the store now.</summary>
    public void Acknowledge(WorkListChanges changes)
    {
        lock (_lock)
        {
            if (changes.Added.Count == 0 || changes.Added[^1].Position <= _base)
            {
                return;
            }

            _storedUpTo = changes.Added[^1].Position;
            while (_unstored.TryPeek(out var entry) && entry.Position <= _storedUpTo)
            {
                _doneUntaken.Remove(_unstored.Dequeue().Position);
            }

            foreach (var (_, item) in changes.Added)
            {
                _unstoredKeys.Remove(item.Key);
            }

            Remember(changes.Added.Select(entry => entry.Item.Key));
        }
    }

    private async Task ReadAheadAsync(CancellationToken cancellationToken)
    {
        var (from, upTo) = (_takenUpTo, _storedUpTo);
        var items = await _store.TakeAsync(_id, from, ReadAhead, cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            // What a commit has stored without our knowing it yet is still among the unstored: taken here as well, it
            // would be handed out twice.
            foreach (var entry in items.Where(entry => entry.Position <= upTo))
            {
                _ahead.Enqueue(entry);
                _takenUpTo = entry.Position;
            }

            if (items.Count < ReadAhead || items[^1].Position > upTo)
            {
                _takenUpTo = upTo;
            }
        }
    }

    /// <summary>Takes from what is not stored yet, but only when everything stored before it is taken.</summary>
    private bool TryTakeUnstored(out (long Position, WorkItem Item) next)
    {
        next = default;
        if (_takenUpTo < _storedUpTo)
        {
            return false;
        }

        while (_unstored.TryDequeue(out next))
        {
            if (!_doneUntaken.Remove(next.Position))
            {
                _takenUpTo = next.Position;
                return true;
            }
        }

        return false;
    }

    /// <summary>Most links of a page lead to pages just met: remembering some keys saves most look-ups, at a bounded cost.</summary>
    private void Remember(IEnumerable<string> keys)
    {
        if (_recentKeys.Count > MaxRecentKeys)
        {
            _recentKeys.Clear();
        }

        _recentKeys.UnionWith(keys);
    }
}
