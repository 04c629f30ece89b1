using System.Text.Json;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Custom.Schemas;

/// <summary>The keywords about arrays.</summary>
internal static class SchemaArrays
{
    // Comparing each with each grows with the square.
    private const int MostCompared = 1_000;

    public static void Check(
        SchemaEvaluator evaluator,
        JsonElement schema,
        JsonElement value,
        SchemaPlace place,
        List<SettingsProblem> problems,
        int depth
    )
    {
        var count = value.GetArrayLength();
        if (SchemaScalars.Count(schema, "minItems") is { } min && count < min)
        {
            SchemaEvaluator.Add(problems, place.Problem("too_short", $"Should have at least {min} items"));
        }

        if (SchemaScalars.Count(schema, "maxItems") is { } max && count > max)
        {
            SchemaEvaluator.Add(problems, place.Problem("too_long", $"Should have at most {max} items"));
        }

        Items(evaluator, schema, value, place, problems, depth);
        if (schema.TryGetProperty("uniqueItems", out var unique) && unique.ValueKind == JsonValueKind.True)
        {
            var items = value.EnumerateArray().Take(MostCompared).ToList();
            for (var i = 1; i < items.Count; i++)
            {
                if (items.Take(i).Any(earlier => JsonElement.DeepEquals(earlier, items[i])))
                {
                    SchemaEvaluator.Add(problems, place.Below(i).Problem("unique", "Is there twice"));
                }
            }
        }

        if (
            schema.TryGetProperty("contains", out var contained)
            && !value.EnumerateArray().Any(item => evaluator.Try(contained, item, place, depth).Count == 0)
        )
        {
            SchemaEvaluator.Add(problems, place.Problem("contains", "Lacks an item that is asked for"));
        }
    }

    private static void Items(
        SchemaEvaluator evaluator,
        JsonElement schema,
        JsonElement value,
        SchemaPlace place,
        List<SettingsProblem> problems,
        int depth
    )
    {
        var hasItems = schema.TryGetProperty("items", out var items);

        // Positions have schemas of their own: prefixItems since 2020-12, an array of items before.
        var isOld = hasItems && items.ValueKind == JsonValueKind.Array;
        JsonElement? first =
            isOld ? items
            : schema.TryGetProperty("prefixItems", out var prefix) && prefix.ValueKind == JsonValueKind.Array ? prefix
            : null;
        JsonElement? rest =
            !isOld && hasItems ? items
            : isOld && schema.TryGetProperty("additionalItems", out var more) ? more
            : null;
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var own = first is { } positions && index < positions.GetArrayLength() ? positions[index] : rest;
            if (own is { } found)
            {
                evaluator.Value(found, item, place.Below(index), problems, depth + 1);
            }

            index++;
        }
    }
}
