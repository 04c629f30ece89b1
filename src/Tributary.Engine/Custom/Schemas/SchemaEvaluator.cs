using System.Text.Json;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Custom.Schemas;

/// <summary>
/// Checks JSON against a JSON Schema that somebody else wrote (draft 7 to 2020-12), and names every mistake by its path.
/// </summary>
/// <remarks>
/// Neither the schema nor the value is trusted: nothing is fetched (<c>$ref</c> works within the schema alone), and depth,
/// steps, mistakes and the time of patterns are bounded. Keywords that it does not know, formats among them, are passed
/// over, as the standard allows; a reference that leads nowhere accepts everything (<c>#/definitions/expression</c> is one
/// that the platform itself defines).
/// </remarks>
internal sealed class SchemaEvaluator
{
    private const int MaxDepth = 64;
    private const int MaxSteps = 1_000_000;
    private const int MaxProblems = 100;

    private readonly JsonElement _root;
    private int _steps;

    private SchemaEvaluator(JsonElement root) => _root = root;

    /// <summary>Every mistake of a value, at most a hundred; none when it fits.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="value">The value.</param>
    /// <param name="at">The path of the value.</param>
    public static IReadOnlyList<SettingsProblem> Check(JsonElement schema, JsonElement value, params object[] at)
    {
        var problems = new List<SettingsProblem>();
        new SchemaEvaluator(schema).Value(schema, value, new SchemaPlace(at), problems, 0);
        return problems;
    }

    /// <summary>Whether a value fits.</summary>
    public static bool Fits(JsonElement schema, JsonElement value) => Check(schema, value).Count == 0;

    internal void Value(
        JsonElement schema,
        JsonElement value,
        SchemaPlace place,
        List<SettingsProblem> problems,
        int depth
    )
    {
        if (depth > MaxDepth || ++_steps > MaxSteps)
        {
            Add(problems, place.Problem("schema", "The schema or the value is nested too deeply to be checked"));
            return;
        }

        if (schema.ValueKind == JsonValueKind.False)
        {
            Add(problems, place.Problem("extra_forbidden", "Is not allowed here"));
        }

        if (schema.ValueKind != JsonValueKind.Object || problems.Count >= MaxProblems)
        {
            return;
        }

        if (schema.TryGetProperty("$ref", out var reference) && Resolve(reference) is { } target)
        {
            Value(target, value, place, problems, depth + 1);
        }

        if (SchemaTypes.Mistake(schema, value) is { } mistake)
        {
            // Nothing else would say more about a value of another type.
            Add(problems, place.Problem(mistake.Code, mistake.Message));
            return;
        }

        SchemaScalars.Check(schema, value, place, problems);
        if (value.ValueKind == JsonValueKind.Object)
        {
            SchemaObjects.Check(this, schema, value, place, problems, depth);
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            SchemaArrays.Check(this, schema, value, place, problems, depth);
        }

        SchemaBranches.Check(this, schema, value, place, problems, depth);
    }

    /// <summary>What a subschema finds, apart from the rest.</summary>
    internal List<SettingsProblem> Try(JsonElement schema, JsonElement value, SchemaPlace place, int depth)
    {
        var problems = new List<SettingsProblem>();
        Value(schema, value, place, problems, depth + 1);
        return problems;
    }

    internal static void Add(List<SettingsProblem> problems, SettingsProblem problem)
    {
        if (problems.Count < MaxProblems)
        {
            problems.Add(problem);
        }
    }

    private JsonElement? Resolve(JsonElement reference)
    {
        if (reference.ValueKind != JsonValueKind.String || reference.GetString() is not ['#', .. var pointer])
        {
            return null;
        }

        var found = _root;
        foreach (var step in pointer.Split('/').Skip(1))
        {
            var name = Uri.UnescapeDataString(step).Replace("~1", "/").Replace("~0", "~");
            if (found.ValueKind == JsonValueKind.Array)
            {
                if (!int.TryParse(name, out var index) || index < 0 || index >= found.GetArrayLength())
                {
                    return null;
                }

                found = found[index];
            }
            else if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(name, out found))
            {
                return null;
            }
        }

        return found;
    }
}
