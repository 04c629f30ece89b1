using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Tributary.Bench;

/// <summary>
/// The baseline of storing and searching: a table of documents and an FTS5 index with Tributary's tokenizer, on one
/// connection, with prepared statements and nothing around them.
/// </summary>
internal sealed class BareSqlite : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _document;
    private readonly SqliteCommand _index;
    private readonly SqliteCommand _find;

    public BareSqlite(string file)
    {
        _connection = new SqliteConnection($"Data Source={file};Pooling=false");
        _connection.Open();
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");
        Execute("PRAGMA cache_size = -32768");
        Execute("PRAGMA wal_autocheckpoint = 4000");
        Execute(
            "CREATE TABLE docs (id INTEGER PRIMARY KEY, external_id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, text TEXT NOT NULL)"
        );
        Execute(
            """
            CREATE VIRTUAL TABLE doc_index USING fts5 (title, text, content = '', contentless_delete = 1,
                tokenize = "porter unicode61 remove_diacritics 2")
            """
        );
        _document = Prepare("INSERT INTO docs (id, external_id, title, text) VALUES ($1, $2, $3, $4)", 4);
        _index = Prepare("INSERT INTO doc_index (rowid, title, text) VALUES ($1, $2, $3)", 3);
        _find = Prepare(
            """
            SELECT d.external_id, d.title, d.text FROM doc_index f CROSS JOIN docs d ON d.id = f.rowid
            WHERE f.doc_index MATCH $1 ORDER BY f.rank LIMIT 10
            """,
            1
        );
    }

    /// <summary>SQLite's version.</summary>
    public static string Version
    {
        get
        {
            using var connection = new SqliteConnection("Data Source=:memory:");
            connection.Open();
            return connection.ServerVersion;
        }
    }

    /// <summary>Inserts documents, so many a transaction.</summary>
    /// <returns>Documents a second.</returns>
    public double Insert(IReadOnlyList<(long Number, Text Document)> documents, int perTransaction)
    {
        var watch = Stopwatch.StartNew();
        foreach (var batch in documents.Chunk(perTransaction))
        {
            Execute("BEGIN IMMEDIATE");
            foreach (var (number, document) in batch)
            {
                Run(_document, number, document.Id, document.Title, document.Body);
                Run(_index, number, document.Title, document.Body);
            }

            Execute("COMMIT");
        }

        return documents.Count / watch.Elapsed.TotalSeconds;
    }

    /// <summary>The ten best documents that hold two words.</summary>
    /// <returns>How many there are.</returns>
    public int Search(string first, string second)
    {
        _find.Parameters[0].Value = $"\"{first}\" \"{second}\"";
        using var reader = _find.ExecuteReader();
        var count = 0;
        while (reader.Read())
        {
            count += reader.GetString(2).Length > 0 && reader.GetString(1).Length > 0 ? 1 : 0;
        }

        return count;
    }

    public void Dispose()
    {
        _document.Dispose();
        _index.Dispose();
        _find.Dispose();
        _connection.Dispose();
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string sql, int parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 1; i <= parameters; i++)
        {
            command.Parameters.Add(new SqliteParameter($"${i}", null));
        }

        return command;
    }

    private static void Run(SqliteCommand command, params object[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        command.ExecuteNonQuery();
    }
}
