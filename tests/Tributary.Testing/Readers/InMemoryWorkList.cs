using Tributary.Sdk.Reading;

namespace Tributary.Testing.Readers;

/// <summary>
/// A work list in memory with the durability of a real one: <see cref="Commit"/> is what the engine does at a checkpoint,
/// <see cref="Crash"/> brings back the state of the last commit. Misuse (concurrent calls, keys that are too long,
/// finishing what was never added) throws.
/// </summary>
public sealed class InMemoryWorkList : IWorkList
{
    private State _now = new();
    private State _durable = new();
    private int _callers;

    public long Pending => _now.Items.Count - _now.Done.Count;

    public long Total => _now.Items.Count;

    /// <summary>How often the reader came to add something, e.g. to see that it brings whole pages of links at once.</summary>
    public int AddCalls { get; private set; }

    public async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        using var _ = await EnterAsync(cancellationToken);
        _now = new State();
    }

    public async ValueTask<IReadOnlyList<WorkItem>> AddAsync(
        IReadOnlyCollection<WorkItem> items,
        CancellationToken cancellationToken
    )
    {
        using var _ = await EnterAsync(cancellationToken);
        AddCalls++;
        var added = new List<WorkItem>();
        foreach (var item in items)
        {
            if (item.Key.Length is 0 or > 2_000)
            {
                throw new InvalidOperationException($"A key has 1 to 2,000 characters, this one {item.Key.Length}.");
            }

            // What a store writes is a copy, as is what it reads: the list holds nothing that the reader holds, and the other
            // way round, or memory that a reader wastes could not be told from that of the list.
            var own = Copy(item);
            if (_now.Keys.Add(own.Key))
            {
                _now.Items.Add(own);
                added.Add(item);
            }
        }

        return added;
    }

    public async ValueTask<IReadOnlyList<WorkItem>> TakeAsync(int max, CancellationToken cancellationToken)
    {
        using var _ = await EnterAsync(cancellationToken);
        var taken = new List<WorkItem>();
        while (taken.Count < max && _now.Next < _now.Items.Count)
        {
            var item = _now.Items[_now.Next++];
            if (!_now.Done.Contains(item.Key))
            {
                taken.Add(Copy(item));
            }
        }

        return taken;
    }

    public void Complete(string key)
    {
        if (!_now.Keys.TryGetValue(key, out var own))
        {
            throw new InvalidOperationException($"'{key}' was finished but never added in this pass.");
        }

        _now.Done.Add(own);
    }

    public async ValueTask<bool> ContainsAsync(string key, CancellationToken cancellationToken)
    {
        using var _ = await EnterAsync(cancellationToken);
        return _now.Keys.Contains(key);
    }

    /// <summary>A checkpoint: what is now becomes durable.</summary>
    public void Commit() => _durable = _now.Copy();

    /// <summary>The process died: what came after the last commit is gone, and nothing is taken.</summary>
    public void Crash()
    {
        _now = _durable.Copy();
        _now.Next = 0;
    }

    private static WorkItem Copy(WorkItem item) =>
        item with
        {
            Key = new string(item.Key.AsSpan()),
            Data = item.Data is null ? null : new string(item.Data.AsSpan()),
        };

    private async ValueTask<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.Increment(ref _callers) != 1)
        {
            throw new InvalidOperationException("A work list is not safe for concurrent use.");
        }

        // A real list answers later, on another thread: a reader that counts on neither is right.
        await Task.Yield();
        return new Leaving(this);
    }

    private sealed class Leaving(InMemoryWorkList list) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref list._callers);
    }

    private sealed class State
    {
        public List<WorkItem> Items { get; private init; } = [];

        public HashSet<string> Keys { get; private init; } = [];

        public HashSet<string> Done { get; private init; } = [];

        public int Next { get; set; }

        public State Copy() =>
            new()
            {
                Items = [.. Items],
                Keys = [.. Keys],
                Done = [.. Done],
                Next = Next,
            };
    }
}
