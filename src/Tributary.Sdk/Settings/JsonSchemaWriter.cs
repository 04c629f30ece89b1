using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tributary.Sdk.Settings;

/// <summary>The JSON Schema (2020-12) of a settings type, as forms, catalogue and docs show it.</summary>
public static class JsonSchemaWriter
{
    /// <summary>Writes it. Secrets are marked <c>writeOnly</c> and <c>format: password</c>, rare members <c>x-advanced</c>.</summary>
    public static JsonObject Write(Type settings)
    {
        var schema = SettingsSchema.For(settings);
        var properties = new JsonObject();
        foreach (var member in schema.Members)
        {
            properties[member.Name] = Member(member);
        }

        var result = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["additionalProperties"] = false,
        };
        var required = schema
            .Members.Where(member => member.IsRequired)
            .Select(member => (JsonNode)member.Name)
            .ToArray();
        if (required.Length > 0)
        {
            result["required"] = new JsonArray(required);
        }

        return result;
    }

    private static JsonObject Member(SettingsMember member)
    {
        var result = OfType(member.Property.PropertyType);
        if (member.AllowsNull && result["type"] is JsonValue type)
        {
            result["type"] = new JsonArray(type.DeepClone(), "null");
        }

        if (member.Description.Length > 0)
        {
            result["description"] = member.Description;
        }

        if (!member.IsRequired && member.Default is { } value)
        {
            result["default"] = JsonSerializer.SerializeToNode(value, value.GetType(), SettingsJson.Options);
        }

        if (member.Example is { } example)
        {
            result["examples"] = new JsonArray(example);
        }

        if (member.IsSecret)
        {
            result["writeOnly"] = true;
            result["format"] = "password";
        }

        if (member.IsAdvanced)
        {
            result["x-advanced"] = true;
        }

        foreach (var rule in member.Rules)
        {
            Rule(rule, result);
        }

        return result;
    }

    private static JsonObject OfType(Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(JsonElement))
        {
            return [];
        }

        if (type.IsEnum)
        {
            return new JsonObject
            {
                ["type"] = "string",
                ["enum"] = new JsonArray([.. SettingsReader.EnumValues(type).Keys.Select(name => (JsonNode)name)]),
            };
        }

        if (SettingsReader.DictionaryValueType(type) is { } valueType)
        {
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = OfType(valueType) };
        }

        if (SettingsReader.ElementType(type) is { } elementType)
        {
            return new JsonObject { ["type"] = "array", ["items"] = OfType(elementType) };
        }

        if (SettingsReader.IsSettingsObject(type))
        {
            return Write(type);
        }

        return type switch
        {
            _ when type != typeof(string) && typeof(IEnumerable<string>).IsAssignableFrom(type) => new JsonObject
            {
                ["type"] = "array",
                ["items"] = new JsonObject { ["type"] = "string" },
            },
            _ when type == typeof(bool) => new JsonObject { ["type"] = "boolean" },
            _ when type == typeof(int) || type == typeof(long) => new JsonObject { ["type"] = "integer" },
            _ when type == typeof(double) => new JsonObject { ["type"] = "number" },
            _ when type == typeof(DateTimeOffset) => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
            _ when type == typeof(Guid) => new JsonObject { ["type"] = "string", ["format"] = "uuid" },
            _ => new JsonObject { ["type"] = "string" },
        };
    }

    private static void Rule(ValidationAttribute rule, JsonObject target)
    {
        switch (rule)
        {
            case RangeAttribute range:
                target["minimum"] = JsonSerializer.SerializeToNode(range.Minimum);
                target["maximum"] = JsonSerializer.SerializeToNode(range.Maximum);
                break;
            case MinLengthAttribute length:
                target[target["type"]?.ToJsonString().Contains("array") == true ? "minItems" : "minLength"] =
                    length.Length;
                break;
            case MaxLengthAttribute length:
                target[target["type"]?.ToJsonString().Contains("array") == true ? "maxItems" : "maxLength"] =
                    length.Length;
                break;
            case RegularExpressionAttribute pattern:
                target["pattern"] = pattern.Pattern;
                break;
            default:
                break;
        }
    }
}
