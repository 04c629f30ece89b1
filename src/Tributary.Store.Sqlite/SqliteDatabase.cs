using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Tributary.Engine;
using Tributary.Store.Sqlite.FullText;

namespace Tributary.Store.Sqlite;

/// <summary>
/// One database file: one writer thread that puts waiting writes into common transactions (group commit), and a pool of
/// readers that never wait for it (WAL).
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    private const int MaxReaders = 8;

    /// <summary>Writes of one transaction, at most: bounds how long the first of them waits.</summary>
    private const int MaxGroup = 256;

    private readonly string _path;
    private readonly bool _isFull;
    private readonly BlockingCollection<WriteJob> _writes = new(boundedCapacity: 4096);

    // The one that was used last is the one whose cache is warm.
    private readonly ConcurrentStack<SqliteSession> _readers = [];
    private readonly TermStatistics _statistics = new();
    private readonly SemaphoreSlim _readerSlots = new(MaxReaders);
    private readonly SqliteSession _writer;
    private readonly Thread _thread;
    private int _lastGroup;

    public SqliteDatabase(string path, EngineOptions options)
    {
        _path = path;
        _isFull = options.Durability.Equals("full", StringComparison.OrdinalIgnoreCase);
        _writer = Open(cacheKib: 28 * 1024, readOnly: false);
        Index = new PendingIndex(_writer);
        _thread = new Thread(WriteLoop) { IsBackground = true, Name = "store writer" };
    }

    /// <summary>Passages to be indexed with the transaction that is being put together; for writes only.</summary>
    public PendingIndex Index { get; }

    /// <summary>Migrates and begins to take writes.</summary>
    public void Start()
    {
        Migrator.Apply(_writer);
        _thread.Start();
    }

    /// <summary>Runs a write in a transaction; it is durable when the task completes. What it throws undoes it alone.</summary>
    public async Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken = default)
    {
        var job = new WriteJob<T>(work);
        try
        {
            // A write that was handed over is carried out: cancellation only ends the wait for a place in the queue.
            _writes.Add(job, cancellationToken);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(SqliteDatabase), "The store is closed.");
        }

        return await job.Completion.ConfigureAwait(false);
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Action<SqliteSession> work, CancellationToken cancellationToken = default) =>
        WriteAsync<object?>(
            session =>
            {
                work(session);
                return null;
            },
            cancellationToken
        );

    /// <summary>Runs a read on the caller's thread. Each of its statements sees a snapshot that no write disturbs.</summary>
    public async ValueTask<T> ReadAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken = default)
    {
        await _readerSlots.WaitAsync(cancellationToken).ConfigureAwait(false);
        SqliteSession? session = null;
        try
        {
            if (!_readers.TryPop(out session))
            {
                session = Open(cacheKib: 4 * 1024, readOnly: true);
            }

            var result = work(session);
            _readers.Push(session);
            return result;
        }
        catch
        {
            // It may stand in the middle of a statement, whose snapshot every later read of this connection would see.
            session?.Dispose();
            throw;
        }
        finally
        {
            _readerSlots.Release();
        }
    }

    /// <summary>Copies the live database page by page into a new file; writes may go on meanwhile.</summary>
    public void CopyTo(string target)
    {
        using var source = Open(cacheKib: 2 * 1024, readOnly: false);
        source.Prepare("VACUUM INTO ?").Add(target).Run();
    }

    public void Dispose()
    {
        _writes.CompleteAdding();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        while (_readers.TryPop(out var reader))
        {
            reader.Dispose();
        }

        _writer.Dispose();
        _writes.Dispose();
        _readerSlots.Dispose();
    }

    private SqliteSession Open(int cacheKib, bool readOnly)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = _path,
                Mode = SqliteOpenMode.ReadWriteCreate,
                Pooling = false,
                DefaultTimeout = 30,
            }.ToString()
        );
        connection.Open();
        var session = new SqliteSession(connection, _statistics);
        session.Execute("PRAGMA busy_timeout = 30000");
        UseWal(session);
        session.Execute($"PRAGMA synchronous = {(_isFull ? "FULL" : "NORMAL")}");
        session.Execute("PRAGMA foreign_keys = ON");
        session.Execute("PRAGMA temp_store = MEMORY");
        session.Execute($"PRAGMA cache_size = -{cacheKib}");
        if (readOnly)
        {
            session.Execute("PRAGMA query_only = ON");
        }
        else
        {
            // A checkpoint costs two flushes whatever its size: fewer and larger ones.
            session.Execute("PRAGMA wal_autocheckpoint = 4000");
            session.Execute("PRAGMA journal_size_limit = 67108864");
        }

        return session;
    }

    /// <summary>
    /// Changes a new file to WAL. Of processes that open it at once, SQLite refuses all but one without waiting, whatever
    /// the time-out (each holds a lock that another needs): those wait for the one's transaction and come again.
    /// </summary>
    private static void UseWal(SqliteSession session)
    {
        const int MostAttempts = 100;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                session.Execute("PRAGMA journal_mode = WAL");
                return;
            }
            catch (SqliteStoreException e) when (e.Code == raw.SQLITE_BUSY && attempt < MostAttempts)
            {
                session.Execute("BEGIN IMMEDIATE");
                session.Execute("ROLLBACK");
            }
        }
    }

    private void WriteLoop()
    {
        var group = new List<WriteJob>(MaxGroup);
        foreach (var first in _writes.GetConsumingEnumerable())
        {
            group.Clear();
            group.Add(first);
            Gather(group);
            _lastGroup = group.Count;
            Commit(group);
        }
    }

    /// <summary>
    /// Takes what else is waiting. When the last transaction had company, there are callers in step with us who are
    /// about to come back: waiting two milliseconds for them saves a flush for each.
    /// </summary>
    private void Gather(List<WriteJob> group)
    {
        while (group.Count < MaxGroup && _writes.TryTake(out var next))
        {
            group.Add(next);
        }

        while (group.Count < Math.Min(_lastGroup, MaxGroup) && _writes.TryTake(out var late, millisecondsTimeout: 2))
        {
            group.Add(late);
        }
    }

    private void Commit(List<WriteJob> group)
    {
        try
        {
            _writer.Execute("BEGIN IMMEDIATE");
            foreach (var job in group)
            {
                RunAlone(job, isOnly: group.Count == 1);
            }

            Index.Apply();
            _writer.Execute("COMMIT");
        }
        catch (Exception exception)
        {
            Index.Discard();
            TryRollBack();
            foreach (var job in group)
            {
                job.Fail(exception);
            }
        }

        foreach (var job in group)
        {
            job.Complete();
        }
    }

    private void RunAlone(WriteJob job, bool isOnly)
    {
        var mark = Index.Mark();
        if (isOnly)
        {
            job.Run(_writer);
            if (job.HasFailed)
            {
                // Nothing else is in this transaction: give it up as a whole.
                Index.Discard();
                _writer.Execute("ROLLBACK");
                _writer.Execute("BEGIN IMMEDIATE");
            }

            return;
        }

        _writer.Execute("SAVEPOINT job");
        job.Run(_writer);
        if (job.HasFailed)
        {
            Index.BackTo(mark);
            _writer.Execute("ROLLBACK TO job");
        }

        _writer.Execute("RELEASE job");
    }

    private void TryRollBack()
    {
        try
        {
            _writer.Execute("ROLLBACK");
        }
        catch (SqliteStoreException)
        {
            // The failure has already ended the transaction.
        }
    }

    private abstract class WriteJob
    {
        public abstract bool HasFailed { get; }

        public abstract void Run(SqliteSession session);

        public abstract void Fail(Exception exception);

        public abstract void Complete();
    }

    private sealed class WriteJob<T>(Func<SqliteSession, T> work) : WriteJob
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;
        private Exception? _failure;

        public Task<T> Completion => _completion.Task;

        public override bool HasFailed => _failure is not null;

        public override void Run(SqliteSession session)
        {
            try
            {
                _result = work(session);
            }
            catch (Exception exception)
            {
                _failure = exception;
            }
        }

        public override void Fail(Exception exception) => _failure ??= exception;

        public override void Complete()
        {
            if (_failure is { } failure)
            {
                _completion.TrySetException(failure);
            }
            else
            {
                _completion.TrySetResult(_result!);
            }
        }
    }
}
