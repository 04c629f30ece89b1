using System.Text;

namespace Tributary.Engine.Models.Queries;

/// <summary>
/// Finds the tables in a statement that are written as <c>datasets_x.models_y</c>, and writes each as one quoted name:
/// SQLite knows no such schemas, and strings and comments have to stay as they are.
/// </summary>
public static class TableNames
{
    private const string DatasetPrefix = "datasets_";
    private const string ModelPrefix = "models_";

    /// <summary>A table as a statement names it.</summary>
    /// <param name="Dataset">The dataset's slug, <c>-</c> written as <c>_</c>, in lower case.</param>
    /// <param name="Model">The model's slug, likewise.</param>
    public readonly record struct Table(string Dataset, string Model)
    {
        /// <summary>Its name in rewritten statements.</summary>
        public string Name => $"{DatasetPrefix}{Dataset}.{ModelPrefix}{Model}";
    }

    /// <summary>The table's name of a model.</summary>
    public static Table Of(Model model) => new(Written(model.DatasetSlug), Written(model.Slug));

    /// <summary>Rewrites a statement, and lists the tables that it names.</summary>
    public static (string Sql, IReadOnlyCollection<Table> Tables) Rewrite(string sql)
    {
        var tables = new HashSet<Table>();
        var result = new StringBuilder(sql.Length);
        var at = 0;
        while (at < sql.Length)
        {
            var end = EndOfToken(sql, at);
            if (NameAt(sql, at, end) is not { } name)
            {
                result.Append(sql, at, end - at);
            }
            else if (Split(name) is { } whole)
            {
                Add(whole);
            }
            else if (name.StartsWith(DatasetPrefix, StringComparison.OrdinalIgnoreCase) && Second(sql, end) is { } rest)
            {
                Add(new Table(name[DatasetPrefix.Length..].ToLowerInvariant(), rest.Model));
                end = rest.End;
            }
            else
            {
                result.Append(sql, at, end - at);
            }

            at = end;
        }

        return (result.ToString(), tables);

        void Add(Table table)
        {
            tables.Add(table);
            result.Append('"').Append(table.Name.Replace("\"", "\"\"")).Append('"');
        }
    }

    private static string Written(string slug) => slug.Replace('-', '_').ToLowerInvariant();

    /// <summary>A quoted name that holds dataset and model together.</summary>
    private static Table? Split(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return
            dot > 0
            && name.StartsWith(DatasetPrefix, StringComparison.OrdinalIgnoreCase)
            && name[(dot + 1)..].StartsWith(ModelPrefix, StringComparison.OrdinalIgnoreCase)
            ? new Table(
                name[DatasetPrefix.Length..dot].ToLowerInvariant(),
                name[(dot + 1 + ModelPrefix.Length)..].ToLowerInvariant()
            )
            : null;
    }

    /// <summary>The model's name behind a dataset's, and where it ends.</summary>
    private static (string Model, int End)? Second(string sql, int at)
    {
        var dot = SkipSpace(sql, at);
        if (dot >= sql.Length || sql[dot] != '.')
        {
            return null;
        }

        var start = SkipSpace(sql, dot + 1);
        if (start >= sql.Length)
        {
            return null;
        }

        var end = EndOfToken(sql, start);
        return NameAt(sql, start, end) is { } name && name.StartsWith(ModelPrefix, StringComparison.OrdinalIgnoreCase)
            ? (name[ModelPrefix.Length..].ToLowerInvariant(), end)
            : null;
    }

    private static int SkipSpace(string sql, int at)
    {
        while (at < sql.Length && char.IsWhiteSpace(sql[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>A token's name when it is an identifier, unquoted; null when it is something else.</summary>
    private static string? NameAt(string sql, int start, int end) =>
        IsNameStart(sql[start]) ? sql[start..end]
        : end - start >= 2 && sql[start] == '"' && sql[end - 1] == '"'
            ? sql[(start + 1)..(end - 1)].Replace("\"\"", "\"")
        : end - start >= 2 && sql[start] == '`' && sql[end - 1] == '`' ? sql[(start + 1)..(end - 1)].Replace("``", "`")
        : end - start >= 2 && sql[start] == '[' && sql[end - 1] == ']' ? sql[(start + 1)..(end - 1)]
        : null;

    private static int EndOfToken(string sql, int at)
    {
        var c = sql[at];
        if (c is '\'' or '"' or '`')
        {
            return EndOfQuoted(sql, at, c);
        }

        if (c == '[')
        {
            return After(sql, "]", at + 1);
        }

        if (c == '-' && at + 1 < sql.Length && sql[at + 1] == '-')
        {
            return After(sql, "\n", at);
        }

        if (c == '/' && at + 1 < sql.Length && sql[at + 1] == '*')
        {
            return After(sql, "*/", at + 2);
        }

        var end = at + 1;
        if (IsNamePart(c))
        {
            while (end < sql.Length && IsNamePart(sql[end]))
            {
                end++;
            }
        }

        return end;
    }

    private static int EndOfQuoted(string sql, int at, char quote)
    {
        for (var end = at + 1; end < sql.Length; end++)
        {
            if (sql[end] != quote)
            {
                continue;
            }

            if (end + 1 < sql.Length && sql[end + 1] == quote)
            {
                end++;
                continue;
            }

            return end + 1;
        }

        return sql.Length;
    }

    private static int After(string sql, string what, int from)
    {
        var found = sql.IndexOf(what, Math.Min(from, sql.Length), StringComparison.Ordinal);
        return found < 0 ? sql.Length : found + what.Length;
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_' || c > 127;

    private static bool IsNamePart(char c) => IsNameStart(c) || char.IsAsciiDigit(c) || c == '$';
}
