using System.Text.Json;
using System.Text.RegularExpressions;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Models;

/// <summary>What an added column has to be.</summary>
internal static partial class ColumnRules
{
    private const int MaxCharacters = 64 * 1024;
    private static readonly string[] Kinds = ["custom", "computed", "metric", "lookup"];
    private static readonly string[] Types =
    [
        "string",
        "number",
        "object",
        "array",
        "date",
        "boolean",
        "vector",
        "any",
    ];

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_]{0,127}$")]
    private static partial Regex SlugForm { get; }

    /// <summary>A column's slug.</summary>
    public static string SlugOf(JsonElement column) => column.GetProperty("slug").GetString()!;

    /// <summary>Refuses a column of the wrong shape, with every mistake. Returns its slug.</summary>
    public static string Demand(JsonElement column)
    {
        if (column.ValueKind != JsonValueKind.Object || column.GetRawText().Length > MaxCharacters)
        {
            throw Invalid([
                new(["column"], "dict_type", $"Input should be an object of at most {MaxCharacters} characters"),
            ]);
        }

        var problems = new List<SettingsProblem>();
        var slug = Text(column, "slug");
        Check("slug", slug is not null && SlugForm.IsMatch(slug), "Letters, digits and '_', beginning with a letter");
        Check("kind", Kinds.Contains(Text(column, "kind")), $"One of {string.Join(", ", Kinds)}");
        Check("type", Types.Contains(Text(column, "type")), $"One of {string.Join(", ", Types)}");
        if (problems.Count > 0)
        {
            throw Invalid(problems);
        }

        return HasInstruction(column)
            ? throw new EngineException(
                RefusalKind.Rejected,
                "This server writes no expressions by itself: send the expression, not an instruction (instructTo: \"none\").",
                "aiExpressionNotAllowed"
            )
            : slug!;

        void Check(string member, bool isFine, string message)
        {
            if (!isFine)
            {
                problems.Add(new(["column", member], "value_error", message));
            }
        }
    }

    /// <summary>An expression that is to be written from words (<c>instructTo</c>) by a language model.</summary>
    private static bool HasInstruction(JsonElement column) =>
        column.TryGetProperty("expression", out var expression)
        && expression.ValueKind == JsonValueKind.Object
        && Text(expression, "instructTo") is { } instruct
        && instruct is not ("" or "none");

    public static string? Text(JsonElement json, string member) =>
        json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static EngineException Invalid(IReadOnlyList<SettingsProblem> problems) => new(problems);
}
