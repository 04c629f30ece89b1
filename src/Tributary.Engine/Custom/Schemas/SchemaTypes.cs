using System.Text.Json;

namespace Tributary.Engine.Custom.Schemas;

/// <summary>The keyword <c>type</c>.</summary>
internal static class SchemaTypes
{
    /// <summary>What is wrong with a value's type; null when nothing is.</summary>
    public static (string Code, string Message)? Mistake(JsonElement schema, JsonElement value)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            return null;
        }

        var names = type.ValueKind switch
        {
            JsonValueKind.String => [type.GetString()!],
            JsonValueKind.Array => type.EnumerateArray()
                .Where(item => item.ValueKind == JsonValueKind.String)
                .Select(item => item.GetString()!)
                .ToList(),
            _ => [],
        };

        // OpenAPI 3.0's way to allow null.
        var isNullable =
            schema.TryGetProperty("nullable", out var nullable) && nullable.ValueKind == JsonValueKind.True;
        return
            names.Count == 0
            || names.Any(name => IsOf(name, value))
            || (isNullable && value.ValueKind == JsonValueKind.Null)
            ? null
            : (Code(names[0]), $"Should be {string.Join(" or ", names.Select(Article))}, but is {Describe(value)}");
    }

    private static bool IsOf(string type, JsonElement value) =>
        type switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "number" => value.ValueKind == JsonValueKind.Number,
            "integer" => value.ValueKind == JsonValueKind.Number && IsWhole(value),
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "null" => value.ValueKind == JsonValueKind.Null,
            _ => true,
        };

    private static bool IsWhole(JsonElement value) =>
        value.TryGetDecimal(out var number)
            ? decimal.Truncate(number) == number
            : Math.Floor(value.GetDouble()) == value.GetDouble();

    private static string Code(string type) =>
        type switch
        {
            "object" => "dict_type",
            "array" => "list_type",
            "integer" => "int_type",
            "number" => "float_type",
            "boolean" => "bool_type",
            "null" => "none_required",
            _ => "string_type",
        };

    private static string Article(string type) =>
        type switch
        {
            "object" or "array" or "integer" => $"an {type}",
            "null" => "null",
            _ => $"a {type}",
        };

    private static string Describe(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "an array",
            JsonValueKind.String => "a string",
            JsonValueKind.Number => "a number",
            JsonValueKind.True or JsonValueKind.False => "a boolean",
            _ => "null",
        };
}
