using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tributary.Contract.Specs;

/// <summary>Values of paths, queries, headers and forms, which are text, as the JSON that their schemas speak of.</summary>
internal static class PlainValue
{
    public static JsonElement Of(
        IReadOnlyList<string> given,
        JsonElement schema,
        SchemaRules rules,
        JsonElement parameter
    )
    {
        if (!rules.TypesOf(schema).Contains("array"))
        {
            return Element(Single(given[^1], schema, rules));
        }

        // Lists are repeated, or joined by commas where the description says so.
        var isJoined =
            given.Count == 1
            && (
                parameter.GetProperty("in").GetString() != "query"
                || (parameter.TryGetProperty("explode", out var explode) && !explode.GetBoolean())
            );
        var parts = isJoined ? given[0].Split(',') : given;
        rules.Resolve(schema).TryGetProperty("items", out var items);
        return Element(new JsonArray([.. parts.Select(part => Single(part, items, rules))]));
    }

    public static JsonElement OfForm(byte[] body, JsonElement schema, SchemaRules rules)
    {
        var form = new JsonObject();
        rules.Resolve(schema).TryGetProperty("properties", out var properties);
        foreach (var pair in Encoding.UTF8.GetString(body).Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2).Select(part => Uri.UnescapeDataString(part.Replace('+', ' '))).ToArray();
            JsonElement property = default;
            if (properties.ValueKind == JsonValueKind.Object)
            {
                properties.TryGetProperty(parts[0], out property);
            }

            form[parts[0]] = Single(parts.ElementAtOrDefault(1) ?? "", property, rules);
        }

        return Element(form);
    }

    private static JsonNode? Single(string text, JsonElement schema, SchemaRules rules)
    {
        var types = schema.ValueKind == JsonValueKind.Object ? AllTypes(schema, rules).ToList() : [];
        if (types.Contains("boolean") && text is "true" or "false" && types.Contains("boolean"))
        {
            return text == "true";
        }

        var isNumeric = types.Contains("integer") || types.Contains("number");
        return isNumeric && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : text;
    }

    private static IEnumerable<string> AllTypes(JsonElement schema, SchemaRules rules)
    {
        schema = rules.Resolve(schema);
        var parts = new[] { "oneOf", "anyOf", "allOf" }.SelectMany(word =>
            schema.TryGetProperty(word, out var some) ? some.EnumerateArray() : []
        );
        var own = rules.TypesOf(schema);
        return own.Contains("string") ? ["string"] : own.Concat(parts.SelectMany(part => AllTypes(part, rules)));
    }

    private static JsonElement Element(JsonNode? node) => JsonSerializer.SerializeToElement(node);
}
