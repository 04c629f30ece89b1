using Tributary.Sdk.Reading;

namespace Tributary.Engine.Runs;

/// <summary>A work list for a check, which reads little and whose work nobody continues.</summary>
internal sealed class TransientWorkList : IWorkList
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly Queue<WorkItem> _waiting = new();
    private long _done;

    public long Pending => _keys.Count - _done;

    public long Total => _keys.Count;

    public ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        _keys.Clear();
        _waiting.Clear();
        _done = 0;
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<WorkItem>> AddAsync(
        IReadOnlyCollection<WorkItem> items,
        CancellationToken cancellationToken
    )
    {
        var added = items.Where(item => _keys.Add(item.Key)).ToList();
        added.ForEach(_waiting.Enqueue);
        return ValueTask.FromResult<IReadOnlyList<WorkItem>>(added);
    }

    public ValueTask<IReadOnlyList<WorkItem>> TakeAsync(int max, CancellationToken cancellationToken)
    {
        var taken = new List<WorkItem>();
        while (taken.Count < max && _waiting.TryDequeue(out var item))
        {
            taken.Add(item);
        }

        return ValueTask.FromResult<IReadOnlyList<WorkItem>>(taken);
    }

    public void Complete(string key) => _done++;

    public ValueTask<bool> ContainsAsync(string key, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_keys.Contains(key));
}
