using System.Text.Json;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Custom.Schemas;

/// <summary>The keywords about objects.</summary>
internal static class SchemaObjects
{
    public static void Check(
        SchemaEvaluator evaluator,
        JsonElement schema,
        JsonElement value,
        SchemaPlace place,
        List<SettingsProblem> problems,
        int depth
    )
    {
        Required(schema, value, place, problems);
        var properties = Member(schema, "properties");
        var patterns = Member(schema, "patternProperties");
        var isOpen = !schema.TryGetProperty("additionalProperties", out var additional);
        foreach (var member in value.EnumerateObject())
        {
            var below = place.Below(member.Name);
            var isKnown = false;
            if (properties is { } named && named.TryGetProperty(member.Name, out var own))
            {
                isKnown = true;
                evaluator.Value(own, member.Value, below, problems, depth + 1);
            }

            foreach (var pattern in patterns?.EnumerateObject() ?? default)
            {
                if (SchemaScalars.Matches(pattern.Name, member.Name) == true)
                {
                    isKnown = true;
                    evaluator.Value(pattern.Value, member.Value, below, problems, depth + 1);
                }
            }

            if (isKnown || isOpen)
            {
                continue;
            }

            if (additional.ValueKind == JsonValueKind.False)
            {
                SchemaEvaluator.Add(problems, below.Problem("extra_forbidden", "There is no such member"));
            }
            else
            {
                evaluator.Value(additional, member.Value, below, problems, depth + 1);
            }
        }

        Names(evaluator, schema, value, place, problems, depth);
    }

    private static void Required(
        JsonElement schema,
        JsonElement value,
        SchemaPlace place,
        List<SettingsProblem> problems
    )
    {
        Demand(schema.TryGetProperty("required", out var required) ? required : default);
        foreach (var keyword in (string[])["dependentRequired", "dependencies"])
        {
            foreach (var rule in Member(schema, keyword)?.EnumerateObject() ?? default)
            {
                if (value.TryGetProperty(rule.Name, out _))
                {
                    Demand(rule.Value);
                }
            }
        }

        var count = value.EnumerateObject().Count();
        if (SchemaScalars.Count(schema, "minProperties") > count)
        {
            SchemaEvaluator.Add(problems, place.Problem("too_short", "Should have more members"));
        }

        if (SchemaScalars.Count(schema, "maxProperties") < count)
        {
            SchemaEvaluator.Add(problems, place.Problem("too_long", "Should have fewer members"));
        }

        void Demand(JsonElement names)
        {
            if (names.ValueKind != JsonValueKind.Array)
            {
                return;
            }

            foreach (var name in names.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String))
            {
                if (!value.TryGetProperty(name.GetString()!, out _))
                {
                    SchemaEvaluator.Add(problems, place.Below(name.GetString()!).Problem("missing", "Field required"));
                }
            }
        }
    }

    private static void Names(
        SchemaEvaluator evaluator,
        JsonElement schema,
        JsonElement value,
        SchemaPlace place,
        List<SettingsProblem> problems,
        int depth
    )
    {
        if (schema.TryGetProperty("propertyNames", out var names))
        {
            foreach (var member in value.EnumerateObject())
            {
                var name = JsonSerializer.SerializeToElement(member.Name);
                evaluator.Value(names, name, place.Below(member.Name), problems, depth + 1);
            }
        }

        foreach (var keyword in (string[])["dependentSchemas", "dependencies"])
        {
            foreach (var rule in Member(schema, keyword)?.EnumerateObject() ?? default)
            {
                if (rule.Value.ValueKind != JsonValueKind.Array && value.TryGetProperty(rule.Name, out _))
                {
                    evaluator.Value(rule.Value, value, place, problems, depth + 1);
                }
            }
        }
    }

    private static JsonElement? Member(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var member) && member.ValueKind == JsonValueKind.Object ? member : null;
}
