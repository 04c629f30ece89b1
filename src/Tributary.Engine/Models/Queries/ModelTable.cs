using System.Text;
using System.Text.Json;

namespace Tributary.Engine.Models.Queries;

/// <summary>A model as a table of SQL: the columns that statements see, in the order of its DDL.</summary>
public static class ModelTable
{
    private const int MaxColumns = 500;

    /// <summary>A column of the table.</summary>
    /// <param name="Name">Its name in SQL, and its member in a record.</param>
    /// <param name="Type">Its type in SQLite.</param>
    public sealed record Column(string Name, string Type);

    /// <summary>Those of every table.</summary>
    public static IReadOnlyList<Column> System { get; } =
    [new("_id", "TEXT"), new("_title", "TEXT"), new("_emitted_at", "TEXT")];

    /// <summary>The model's own columns. What SQL cannot name, or would confuse with another, is left out.</summary>
    public static IReadOnlyList<Column> Columns(Model model)
    {
        var taken = System.Select(column => column.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return
        [
            .. model
                .Columns.Select(column => new Column(column.Slug, TypeOf(column.Type)))
                .Concat(Added(model))
                .Where(column => IsNameable(column.Name) && taken.Add(column.Name))
                .Take(MaxColumns),
        ];
    }

    /// <summary>The statement that would make the table.</summary>
    public static string Ddl(Model model)
    {
        var name = TableNames.Of(model).Name;
        var ddl = new StringBuilder().Append("CREATE TABLE ").Append(name).Append(" (");
        var separator = "\n  ";
        foreach (var column in System.Concat(Columns(model)))
        {
            ddl.Append(separator).Append(Quoted(column.Name)).Append(' ').Append(column.Type);
            separator = ",\n  ";
        }

        return ddl.Append("\n)").ToString();
    }

    /// <summary>A name as it stands in a statement.</summary>
    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"")}\"";

    /// <summary>Custom columns hold values of their own; the computed kinds are kept, not computed.</summary>
    private static IEnumerable<Column> Added(Model model) =>
        model
            .AdditionalColumns.EnumerateArray()
            .Where(column => column.TryGetProperty("kind", out var kind) && kind.ValueEquals("custom"))
            .Select(column => new Column(
                column.GetProperty("slug").GetString()!,
                TypeOf(
                    column.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
                        ? type.GetString()!
                        : "any"
                )
            ));

    /// <summary>A path into JSON cannot name members with quotes, backslashes or control characters.</summary>
    private static bool IsNameable(string slug) =>
        slug.Length is > 0 and <= 200 && !slug.Any(c => c is '"' or '\\' || char.IsControl(c));

    private static string TypeOf(string type) =>
        type switch
        {
            "number" => "REAL",
            "boolean" => "INTEGER",
            _ => "TEXT",
        };
}
