using Tributary.Engine;
using Tributary.Engine.Ingestion;
using Tributary.Engine.Store;
using Tributary.Testing;

namespace Tributary.Store.Sqlite.Tests;

/// <summary>A database of a test's own, with one workspace and one connector in it.</summary>
internal sealed class StoreFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public StoreFixture()
    {
        Database = Open();
        Database.Start();
    }

    public SqliteDatabase Database { get; private set; }

    public string Path => _folder["test.db"];

    public static DateTimeOffset Now { get; } = new(2025, 1, 15, 8, 0, 0, TimeSpan.Zero);

    /// <summary>Another object over the same file, not started.</summary>
    public SqliteDatabase Open() => new(Path, new EngineOptions { DataFolder = _folder.Path });

    /// <summary>The process ends and another begins.</summary>
    public void Reopen()
    {
        Database.Dispose();
        Database = Open();
        Database.Start();
    }

    /// <summary>A workspace with a connector; both have the same number.</summary>
    public Task AddWorkspaceAsync(long id) =>
        Database.WriteAsync(session =>
        {
            session.Prepare("INSERT INTO workspaces (id, uuid, name, created_at) VALUES (?1, ?1, ?1, 0)").Add(id).Run();
            session
                .Prepare(
                    """
                    INSERT INTO users (id, uuid, workspace_id, email, password_hash, role, created_at)
                    VALUES (?1, ?2, ?1, ?1, '', 0, 0)
                    """
                )
                .Add(id)
                .Add(Guid.NewGuid().ToString())
                .Run();
            session
                .Prepare(
                    "INSERT INTO credentials (id, uuid, workspace_id, secret, key_id, created_at, updated_at) VALUES (?1, ?1, ?1, x'', '', 0, 0)"
                )
                .Add(id)
                .Run();
            session
                .Prepare(
                    """
                    INSERT INTO connectors (id, uuid, workspace_id, name, slug, integration, integration_sent, config, credential_id,
                        status, created_at, updated_at, created_by)
                    VALUES (?1, ?2, ?1, 'c', 'c', 'web', 'web', '{}', ?1, 2, 0, 0, ?1)
                    """
                )
                .Add(id)
                .Add(Guid.NewGuid().ToString())
                .Run();
        });

    public static PreparedDocument Document(string id, string text) =>
        DocumentPreparer.Prepare(
            new()
            {
                Id = id,
                Title = id,
                Sections = [new(text)],
            },
            "web"
        );

    /// <summary>Writes documents of a workspace as one of the writes of a transaction.</summary>
    public void Write(SqliteSession session, long workspaceId, params PreparedDocument[] documents)
    {
        var writer = new DocumentWriter(session, Database.Index, workspaceId, Now);
        foreach (var document in documents)
        {
            writer.Write(workspaceId, document, isPush: true);
        }

        writer.End();
    }

    /// <summary>Lets these writes wait for one another, so that they share a transaction, and waits for them all.</summary>
    public async Task<IReadOnlyList<Exception?>> InOneTransactionAsync(params Action<SqliteSession>[] writes)
    {
        using var open = new ManualResetEventSlim();
        using var isIn = new ManualResetEventSlim();
        var gate = Database.WriteAsync(_ =>
        {
            isIn.Set();
            open.Wait(TimeSpan.FromSeconds(30));
        });
        isIn.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
        var tasks = writes.Select(write => Database.WriteAsync(write)).ToList();
        open.Set();
        await gate;
        var failures = new List<Exception?>();
        foreach (var task in tasks)
        {
            failures.Add(await Record.ExceptionAsync(() => task));
        }

        return failures;
    }

    public Task<long> CountAsync(string sql) =>
        Database.ReadAsync(session => session.Prepare(sql).Scalar() ?? 0).AsTask();

    /// <summary>The ids of the documents with a passage that has this word.</summary>
    public async Task<List<string>> FindAsync(string word) =>
        await Database.ReadAsync(session =>
            session
                .Prepare(
                    """
                    SELECT d.external_id FROM chunk_index f JOIN chunks c ON c.id = f.rowid JOIN documents d ON d.id = c.document_id
                    WHERE f.chunk_index MATCH ? ORDER BY d.external_id
                    """
                )
                .Add(word)
                .ToList(row => row.Text(0)!)
        );

    /// <summary>The index is sound, and knows exactly the passages that there are.</summary>
    public async Task ShouldBeWholeAsync()
    {
        await Database.WriteAsync(session =>
            session.Execute("INSERT INTO chunk_index (chunk_index) VALUES ('integrity-check')")
        );
        (await CountAsync("SELECT count(*) FROM chunks WHERE id NOT IN (SELECT id FROM chunk_index_docsize)")).ShouldBe(
            0
        );
        (await CountAsync("SELECT count(*) FROM chunk_index_docsize WHERE id NOT IN (SELECT id FROM chunks)")).ShouldBe(
            0
        );
        (await CountAsync("SELECT count(*) FROM chunks WHERE document_id NOT IN (SELECT id FROM documents)")).ShouldBe(
            0
        );
    }

    public void Dispose()
    {
        Database.Dispose();
        _folder.Dispose();
    }
}
