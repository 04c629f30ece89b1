using Microsoft.Data.Sqlite;
using Tributary.Store.Sqlite.FullText;

namespace Tributary.Store.Sqlite;

/// <summary>A connection with the statements that were prepared on it. Used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly Dictionary<string, Statement> _statements = new(StringComparer.Ordinal);
    private readonly TermStatistics _statistics;
    private FullTextParts? _fullText;

    public SqliteSession(SqliteConnection connection, TermStatistics statistics)
    {
        Connection = connection;
        _statistics = statistics;
    }

    /// <summary>The ADO.NET connection, for control tables.</summary>
    public SqliteConnection Connection { get; }

    /// <summary>What full-text search needs of the connection; made when it is first asked for.</summary>
    public FullTextParts FullText => _fullText ??= new FullTextParts(Connection.Handle!, _statistics);

    /// <summary>The texts of the statements that were prepared.</summary>
    public IReadOnlyCollection<string> Prepared => _statements.Keys;

    /// <summary>The statement for this text, prepared once, ready for its parameters.</summary>
    public Statement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new Statement(Connection.Handle!, sql);
            _statements.Add(sql, statement);
        }

        return statement.Begin();
    }

    /// <summary>Runs a statement without parameters.</summary>
    public void Execute(string sql) => Prepare(sql).Run();

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _fullText?.Tokenizer.Dispose();
        Connection.Dispose();
        _fullText?.Rank.Dispose();
    }
}
