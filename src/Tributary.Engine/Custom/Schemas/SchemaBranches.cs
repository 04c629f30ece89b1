using System.Text.Json;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Custom.Schemas;

/// <summary>The keywords that put schemas together: <c>allOf</c>, <c>anyOf</c>, <c>oneOf</c>, <c>not</c>, <c>if</c>.</summary>
internal static class SchemaBranches
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
        foreach (var part in Parts(schema, "allOf"))
        {
            evaluator.Value(part, value, place, problems, depth + 1);
        }

        Alternatives("anyOf", isOne: false);
        Alternatives("oneOf", isOne: true);
        if (schema.TryGetProperty("not", out var not) && evaluator.Try(not, value, place, depth).Count == 0)
        {
            SchemaEvaluator.Add(problems, place.Problem("not", "Is of a form that is not allowed"));
        }

        if (schema.TryGetProperty("if", out var condition))
        {
            var holds = evaluator.Try(condition, value, place, depth).Count == 0;
            if (schema.TryGetProperty(holds ? "then" : "else", out var consequence))
            {
                evaluator.Value(consequence, value, place, problems, depth + 1);
            }
        }

        void Alternatives(string keyword, bool isOne)
        {
            var found = Parts(schema, keyword).Select(part => evaluator.Try(part, value, place, depth)).ToList();
            var fitting = found.Count(mistakes => mistakes.Count == 0);
            if (found.Count == 0 || fitting == 1 || (fitting > 1 && !isOne))
            {
                return;
            }

            if (fitting > 1)
            {
                SchemaEvaluator.Add(
                    problems,
                    place.Problem("one_of", $"Fits {fitting} of the forms, but should fit one")
                );
            }
            else
            {
                Nearest(found).ForEach(problem => SchemaEvaluator.Add(problems, problem));
            }
        }

        // The mistakes of the one form that was probably meant; when that cannot be told, that none fits.
        List<SettingsProblem> Nearest(List<List<SettingsProblem>> found)
        {
            var meant = found
                .Where(mistakes => mistakes.All(one => one.Code is not ("literal_error" or "enum")))
                .ToList();
            meant = [.. (meant.Count > 0 ? meant : found).OrderBy(mistakes => mistakes.Count)];
            return meant.Count == 1 || meant[0].Count < meant[1].Count
                ? meant[0]
                : [place.Problem("any_of", $"Fits none of the {found.Count} allowed forms")];
        }
    }

    private static JsonElement.ArrayEnumerator Parts(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var parts) && parts.ValueKind == JsonValueKind.Array
            ? parts.EnumerateArray()
            : default;
}
