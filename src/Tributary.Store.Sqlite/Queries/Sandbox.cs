using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Tributary.Engine.Models;

namespace Tributary.Store.Sqlite.Queries;

/// <summary>
/// A connection of its own for one statement of a stranger. Twice locked: the database is opened read-only, and an
/// authorizer allows nothing but reading the views that were made for the statement, through functions that are listed.
/// </summary>
/// <remarks>
/// Each table is two views: the one that the statement names, over one with a random name, which alone may read the real
/// tables. SQLite tells the authorizer the innermost view by name only, and a stranger can name a common table expression
/// like a view, but not like one whose name he cannot know.
/// </remarks>
internal sealed class Sandbox : IDisposable
{
    private const int MaxValueBytes = 32 * 1024 * 1024;
    private const int MaxSqlBytes = 1024 * 1024;
    private const int StepsBetweenLooks = 2_000;

    private readonly SqliteConnection _connection;
    private readonly string _secret = $"v{Guid.NewGuid():N}";
    private readonly HashSet<string> _views = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _real = new(StringComparer.OrdinalIgnoreCase);

    public Sandbox(string path)
    {
        _connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
            }.ToString()
        );
        _connection.Open();

        // What a stranger sorts or keeps goes to a file, not into our memory.
        Execute("PRAGMA temp_store = FILE");
        Execute("PRAGMA cache_size = -8192");
        Execute("PRAGMA busy_timeout = 10000");
    }

    private sqlite3 Database => _connection.Handle!;

    /// <summary>Makes the tables that the statement may read.</summary>
    public void AddViews(IReadOnlyDictionary<string, Model> models)
    {
        foreach (var (name, model) in models)
        {
            var hidden = string.Create(CultureInfo.InvariantCulture, $"{_secret}_{_views.Count}");
            Execute($"CREATE TEMP VIEW {hidden} AS {ModelViews.Select(model)}");
            Execute($"CREATE TEMP VIEW \"{name.Replace("\"", "\"\"")}\" AS SELECT * FROM {hidden}");
            _views.Add(name);
        }
    }

    /// <summary>Locks it: from here on, statements are a stranger's.</summary>
    /// <param name="isOver">Asked again and again while a statement runs; true ends it.</param>
    public void Close(Func<bool> isOver)
    {
        Execute("PRAGMA query_only = ON");
        ListRealTables();
        foreach (
            var (limit, most) in (ReadOnlySpan<(int, int)>)
                [
                    (raw.SQLITE_LIMIT_LENGTH, MaxValueBytes),
                    (raw.SQLITE_LIMIT_SQL_LENGTH, MaxSqlBytes),
                    (raw.SQLITE_LIMIT_COLUMN, 1_000),
                    (raw.SQLITE_LIMIT_EXPR_DEPTH, 200),
                    (raw.SQLITE_LIMIT_COMPOUND_SELECT, 50),
                    (raw.SQLITE_LIMIT_VDBE_OP, 250_000),
                    (raw.SQLITE_LIMIT_FUNCTION_ARG, 100),
                    (raw.SQLITE_LIMIT_ATTACHED, 0),
                    (raw.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000),
                    (raw.SQLITE_LIMIT_VARIABLE_NUMBER, 0),
                ]
        )
        {
            raw.sqlite3_limit(Database, limit, most);
        }

        raw.sqlite3_set_authorizer(Database, Authorize, null);
        raw.sqlite3_progress_handler(Database, StepsBetweenLooks, _ => isOver() ? 1 : 0, null);
    }

    /// <summary>Prepares a stranger's statement: one alone, that gives rows and writes nothing.</summary>
    public SandboxedStatement Prepare(string sql)
    {
        var code = raw.sqlite3_prepare_v2(Database, sql, out var statement, out var tail);
        if (code != raw.SQLITE_OK)
        {
            throw Failed(Database, code);
        }

        var problem =
            statement.IsInvalid ? "There is no statement."
            : raw.sqlite3_stmt_readonly(statement) == 0 || raw.sqlite3_stmt_isexplain(statement) != 0
                ? "Only statements that read are allowed: write a SELECT."
            : raw.sqlite3_column_count(statement) == 0 ? "The statement gives no rows: write a SELECT."
            : HasMore(tail) ? "Only one statement is allowed at a time."
            : null;
        if (problem is null)
        {
            return new SandboxedStatement(Database, statement);
        }

        statement.Dispose();
        throw SqliteQueryStore.Refused(problem);
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>What SQLite says against a statement.</summary>
    public static SqliteStoreException Failed(sqlite3 database, int code) =>
        new(code, raw.sqlite3_errmsg(database).utf8_to_string(), "a query");

    /// <summary>Whether anything but space and comments follows.</summary>
    private bool HasMore(string? tail)
    {
        while (!string.IsNullOrWhiteSpace(tail))
        {
            // Comments alone are prepared to no statement at all.
            if (raw.sqlite3_prepare_v2(Database, tail, out var next, out var rest) != raw.SQLITE_OK)
            {
                return true;
            }

            using (next)
            {
                if (!next.IsInvalid)
                {
                    return true;
                }
            }

            if (rest == tail)
            {
                return false;
            }

            tail = rest;
        }

        return false;
    }

    private int Authorize(object? state, int action, string? first, string? second, string? database, string? view) =>
        action switch
        {
            raw.SQLITE_SELECT or raw.SQLITE_RECURSIVE => raw.SQLITE_OK,
            raw.SQLITE_FUNCTION => AllowedFunctions.Has(second) ? raw.SQLITE_OK : raw.SQLITE_DENY,
            raw.SQLITE_READ => MayRead(first, second, view) ? raw.SQLITE_OK : raw.SQLITE_DENY,
            _ => raw.SQLITE_DENY,
        };

    private bool MayRead(string? table, string? column, string? view) =>
        table is not null
        && (
            view?.StartsWith(_secret, StringComparison.Ordinal) == true && ModelViews.Tables.Contains(table)
            || table.StartsWith(_secret, StringComparison.Ordinal)
            || _views.Contains(table)
            || table is "json_each" or "json_tree"
            // A common table expression of which no column is read, as in a count.
            || (
                string.IsNullOrEmpty(column)
                && !_real.Contains(table)
                && !table.StartsWith("sqlite_", StringComparison.OrdinalIgnoreCase)
            )
        );

    /// <summary>What a name could mean besides a stranger's own expressions.</summary>
    private void ListRealTables()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT name FROM main.sqlite_schema UNION ALL SELECT name FROM pragma_module_list";
        using var names = command.ExecuteReader();
        while (names.Read())
        {
            _real.Add(names.GetString(0));
        }
    }

    private void Execute(string sql)
    {
        var code = raw.sqlite3_exec(Database, sql, out var message);
        if (code != raw.SQLITE_OK)
        {
            throw new SqliteStoreException(code, message, sql);
        }
    }
}
