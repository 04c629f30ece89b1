using System.Text;
using SQLitePCL;

namespace Tributary.Store.Sqlite.Queries;

/// <summary>A statement of a stranger that was found to be a single, read-only one.</summary>
internal sealed class SandboxedStatement(sqlite3 database, sqlite3_stmt statement) : IDisposable
{
    public IReadOnlyList<string> Columns { get; } =
    [
        .. Enumerable
            .Range(0, raw.sqlite3_column_count(statement))
            .Select(column => raw.sqlite3_column_name(statement, column).utf8_to_string()),
    ];

    /// <summary>Goes to the next row; false after the last.</summary>
    public bool Step() =>
        raw.sqlite3_step(statement) switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            var code => throw Sandbox.Failed(database, code),
        };

    /// <summary>The row that it stands on.</summary>
    public void Values(object?[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = raw.sqlite3_column_type(statement, i) switch
            {
                raw.SQLITE_INTEGER => raw.sqlite3_column_int64(statement, i),
                raw.SQLITE_FLOAT => raw.sqlite3_column_double(statement, i),
                raw.SQLITE_TEXT => Encoding.UTF8.GetString(raw.sqlite3_column_blob(statement, i)),
                raw.SQLITE_BLOB => raw.sqlite3_column_blob(statement, i).ToArray(),
                _ => null,
            };
        }
    }

    public void Dispose() => statement.Dispose();
}
