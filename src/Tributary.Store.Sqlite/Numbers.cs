namespace Tributary.Store.Sqlite;

/// <summary>Numbers that a workspace gives out: of passages and of changes. Kept in memory by the one writer, and stored with every transaction that used any.</summary>
internal sealed class Numbers
{
    /// <summary>The bits of a passage's id that count within its workspace.</summary>
    private const int SequenceBits = 40;

    private long _workspaceId;
    private long _nextChunk;
    private long _nextChange;

    /// <summary>The first and last passage id that a workspace can have.</summary>
    public static (long First, long Last) Range(long workspaceId) =>
        (workspaceId << SequenceBits, ((workspaceId + 1) << SequenceBits) - 1);

    /// <summary>Loads the workspace's counters.</summary>
    public void Begin(SqliteSession session, long workspaceId)
    {
        _workspaceId = workspaceId;
        var row = session.Prepare("SELECT next_chunk, next_change FROM workspaces WHERE id = ?").Add(workspaceId);
        if (!row.Step())
        {
            throw new InvalidOperationException($"There is no workspace {workspaceId}.");
        }

        (_nextChunk, _nextChange) = (row.Int64(0), row.Int64(1));
        row.Reset();
    }

    /// <summary>The first of so many passage ids in a row.</summary>
    public long Chunks(int count)
    {
        var first = (_workspaceId << SequenceBits) | _nextChunk;
        _nextChunk += count;
        return first;
    }

    /// <summary>The number of a change.</summary>
    public long Change() => _nextChange++;

    /// <summary>Stores the counters.</summary>
    public void End(SqliteSession session) =>
        session
            .Prepare("UPDATE workspaces SET next_chunk = ?, next_change = ? WHERE id = ?")
            .Add(_nextChunk)
            .Add(_nextChange)
            .Add(_workspaceId)
            .Run();
}
