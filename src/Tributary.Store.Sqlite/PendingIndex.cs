namespace Tributary.Store.Sqlite;

/// <summary>
/// Passages to be indexed and forgotten by the transaction that is being put together. They are applied at its end in
/// order of their ids: FTS5 writes a segment at every savepoint and at every step back in the ids, and a segment a
/// document would be merged again and again.
/// </summary>
internal sealed class PendingIndex(SqliteSession session)
{
    private readonly List<(long Id, string Title, string Text)> _added = [];
    private readonly List<(long First, int Count)> _removed = [];

    public void Add(long id, string title, string text) => _added.Add((id, title, text));

    public void Remove(long first, int count) => _removed.Add((first, count));

    public (int Added, int Removed) Mark() => (_added.Count, _removed.Count);

    public void BackTo((int Added, int Removed) mark)
    {
        _added.RemoveRange(mark.Added, _added.Count - mark.Added);
        _removed.RemoveRange(mark.Removed, _removed.Count - mark.Removed);
    }

    public void Discard() => BackTo((0, 0));

    public void Apply()
    {
        if (_removed.Count > 0)
        {
            _removed.Sort();
            foreach (var (first, count) in _removed)
            {
                for (var id = first; id < first + count; id++)
                {
                    session.Prepare("DELETE FROM chunk_index WHERE rowid = ?").Add(id).Run();
                }
            }
        }

        if (_added.Count > 0)
        {
            _added.Sort(static (left, right) => left.Id.CompareTo(right.Id));

            // New ids are above all old ones, so only what was added and removed again in this same transaction is here.
            var gone = _removed.Where(range => range.First >= _added[0].Id).ToList();
            foreach (var (id, title, text) in _added)
            {
                if (!gone.Exists(range => id >= range.First && id < range.First + range.Count))
                {
                    session
                        .Prepare("INSERT INTO chunk_index (rowid, title, text) VALUES (?, ?, ?)")
                        .Add(id)
                        .Add(title)
                        .Add(text)
                        .Run();
                }
            }
        }

        Discard();
    }
}
