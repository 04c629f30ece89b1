using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tributary.Contract.Specs;

/// <summary>
/// Completes an emulator's answer by what the vendor's description requires of it and no reader looks at, such as the
/// forty addresses in every GitHub repository. What is given stays.
/// </summary>
public static class SpecSample
{
    private static readonly ConcurrentDictionary<string, (JsonElement Root, SchemaRules Rules)?> Cache = new();

    /// <summary>Completes an answer.</summary>
    /// <param name="vendor">The folder of descriptions.</param>
    /// <param name="path">The operation's path, of which the answer to GET with status 200 is meant.</param>
    /// <param name="given">What the emulator has to say.</param>
    public static JsonNode Complete(string vendor, string path, JsonNode given)
    {
        if (Cache.GetOrAdd(vendor, Open) is not var (root, rules))
        {
            return given;
        }

        var answer = rules.Resolve(
            root.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("responses").GetProperty("200")
        );
        return Fill(given, answer.GetProperty("content").GetProperty("application/json").GetProperty("schema"), rules);
    }

    private static (JsonElement, SchemaRules)? Open(string vendor)
    {
        if (SpecFolder.Path is null)
        {
            return null;
        }

        var root = JsonDocument
            .Parse(File.ReadAllBytes(Path.Combine(SpecFolder.Path, vendor, "openapi.json")))
            .RootElement;
        return (root, new SchemaRules(root));
    }

    private static JsonNode Fill(JsonNode given, JsonElement schema, SchemaRules rules)
    {
        schema = Chosen(schema, rules);
        if (given is JsonArray list && schema.TryGetProperty("items", out var items))
        {
            return new JsonArray([.. list.Select(item => item is null ? null : Fill(item.DeepClone(), items, rules))]);
        }

        if (given is not JsonObject members || !schema.TryGetProperty("properties", out var properties))
        {
            return given;
        }

        var filled = new JsonObject();
        foreach (var (name, value) in members)
        {
            filled[name] =
                value is not null && properties.TryGetProperty(name, out var property)
                    ? Fill(value.DeepClone(), property, rules)
                    : value?.DeepClone();
        }

        foreach (var name in Required(schema).Where(name => !filled.ContainsKey(name)))
        {
            filled[name] = properties.TryGetProperty(name, out var property) ? Sample(property, rules) : null;
        }

        return filled;
    }

    private static JsonNode? Sample(JsonElement schema, SchemaRules rules)
    {
        schema = Chosen(schema, rules);
        var isNullable = schema.TryGetProperty("nullable", out var nullable) && nullable.GetBoolean();
        if (isNullable)
        {
            return null;
        }

        if (schema.TryGetProperty("enum", out var values))
        {
            return JsonNode.Parse(values[0].GetRawText());
        }

        var type = rules.TypesOf(schema).FirstOrDefault();
        return type switch
        {
            "integer" or "number" => 0,
            "boolean" => false,
            "array" => new JsonArray(),
            "object" => Fill(new JsonObject(), schema, rules),
            null when schema.TryGetProperty("properties", out _) => Fill(new JsonObject(), schema, rules),
            "string" => Text(schema),
            _ => null,
        };
    }

    private static string Text(JsonElement schema) =>
        schema.TryGetProperty("format", out var format)
            ? format.GetString() switch
            {
                "date-time" => "2025-01-15T08:00:00Z",
                "date" => "2025-01-15",
                "email" => "somebody@example.com",
                _ => "https://example.com/sample",
            }
            : "sample";

    /// <summary>Of several, the one that asks for least; null where it may be null.</summary>
    private static JsonElement Chosen(JsonElement schema, SchemaRules rules)
    {
        schema = rules.Resolve(schema);
        foreach (var word in new[] { "oneOf", "anyOf", "allOf" })
        {
            if (schema.TryGetProperty(word, out var parts) && !schema.TryGetProperty("properties", out _))
            {
                return parts
                    .EnumerateArray()
                    .Select(part => Chosen(part, rules))
                    .OrderBy(part => part.TryGetProperty("properties", out _) ? 0 : 1)
                    .ThenBy(part => Required(part).Count())
                    .First();
            }
        }

        return schema;
    }

    private static IEnumerable<string> Required(JsonElement schema) =>
        schema.TryGetProperty("required", out var required)
            ? required.EnumerateArray().Select(name => name.GetString()!)
            : [];
}
