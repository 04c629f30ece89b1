using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Engine.Catalog;
using Tributary.Engine.Connectors;

namespace Tributary.Engine.Custom;

/// <summary>
/// Masks what is secret in a custom integration's config: what its schema calls so (<c>format: password</c>,
/// <c>writeOnly</c>, a password widget), and what is named like a secret.
/// </summary>
internal static class CustomMask
{
    private const int MaxDepth = 32;

    private static readonly string[] _names =
    [
        "secret",
        "password",
        "passwd",
        "passphrase",
        "token",
        "apikey",
        "accesskey",
        "privatekey",
        "credential",
        "authorization",
        "oauth",
        "cookie",
        "signature",
    ];

    public static JsonElement Mask(SchemaPair schema, JsonElement config) =>
        JsonSerializer.SerializeToElement(Value(schema.JsonSchema, schema.UiSchema ?? default, config, 0));

    /// <summary>Masks every member, for configs of which nobody can tell any more what is secret.</summary>
    public static JsonElement MaskAll(JsonElement config) =>
        JsonSerializer.SerializeToElement(
            config.ValueKind == JsonValueKind.Object
                ? config
                    .EnumerateObject()
                    .ToDictionary(member => member.Name, member => SecretMask.MaskValue(member.Value))
                : []
        );

    private static JsonNode? Value(JsonElement schema, JsonElement ui, JsonElement value, int depth)
    {
        if (depth > MaxDepth)
        {
            return null;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var result = new JsonObject();
                foreach (var member in value.EnumerateObject())
                {
                    var own = Declared(schema, member.Name);
                    var shown = ui.Object(member.Name) ?? default;
                    result[member.Name] =
                        member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array
                        && !IsCalledSecret(own, shown)
                            ? Value(own, shown, member.Value, depth + 1)
                        : IsSecret(member.Name, own, shown) ? SecretMask.MaskValue(member.Value)
                        : CustomSettings.Node(member.Value);
                }

                return result;
            case JsonValueKind.Array:
                var items = schema.Object("items") ?? default;
                return new JsonArray([
                    .. value
                        .EnumerateArray()
                        .Select(item => Value(items, ui.Object("items") ?? default, item, depth + 1)),
                ]);
            default:
                return IsCalledSecret(schema, ui) ? SecretMask.MaskValue(value) : CustomSettings.Node(value);
        }
    }

    // A member may be declared in one of several alternatives only.
    private static JsonElement Declared(JsonElement schema, string name) =>
        (schema.Object("properties") ?? default).Object(name)
        ?? ((string[])["allOf", "anyOf", "oneOf"])
            .SelectMany(keyword => schema.Items(keyword))
            .Select(part => (part.Object("properties") ?? default).Object(name))
            .FirstOrDefault(found => found is not null)
        ?? default;

    private static bool IsSecret(string name, JsonElement schema, JsonElement ui)
    {
        if (IsCalledSecret(schema, ui))
        {
            return true;
        }

        var plain = name.Replace("_", "").Replace("-", "");
        return _names.Any(part => plain.Contains(part, StringComparison.OrdinalIgnoreCase))
            || plain.Equals("key", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsCalledSecret(JsonElement schema, JsonElement ui) =>
        schema.Text("format") == "password"
        || schema.Flag("writeOnly") == true
        || ui.Text("ui:widget") == "password"
        || ui.Object("ui:options")?.Text("inputType") == "password";
}
