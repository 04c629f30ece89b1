using Microsoft.Data.Sqlite;

namespace Tributary.Store.Sqlite;

/// <summary>A connection with the statements that were prepared on it. Used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly Dictionary<string, Statement> _statements = new(StringComparer.Ordinal);

    public SqliteSession(SqliteConnection connection)
    {
        Connection = connection;
    }

    /// <summary>The ADO.NET connection, for control tables.</summary>
    public SqliteConnection Connection { get; }

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

        Connection.Dispose();
    }
}
