using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Connectors;

/// <summary>Credentials as answers show them: long secrets by their ends, short ones not at all.</summary>
internal static class SecretMask
{
    private const string Bullets = "••••••••••••";
    private const int ShortestShown = 16;

    /// <summary>Every text of a credentials object masked, but for members that its type knows and does not call secret.</summary>
    public static JsonElement Mask(JsonElement credentials, Type type)
    {
        var schema = SettingsSchema.For(type);
        var result = new JsonObject();
        if (credentials.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in credentials.EnumerateObject())
            {
                result[property.Name] = schema.Find(property.Name) is { IsSecret: false }
                    ? JsonNode.Parse(property.Value.GetRawText())
                    : MaskValue(property.Value);
            }
        }

        return JsonSerializer.SerializeToElement(result);
    }

    /// <summary>New credentials in which masked values are replaced by the stored ones: sent back masked means unchanged.</summary>
    public static JsonElement Unmask(JsonElement sent, JsonElement stored)
    {
        if (sent.ValueKind != JsonValueKind.Object || stored.ValueKind != JsonValueKind.Object)
        {
            return sent;
        }

        var result = new JsonObject();
        foreach (var property in sent.EnumerateObject())
        {
            var isMasked =
                property.Value.ValueKind == JsonValueKind.String
                && stored.TryGetProperty(property.Name, out var old)
                && MaskValue(old) is { } mask
                && mask.GetValueKind() == JsonValueKind.String
                && mask.GetValue<string>() == property.Value.GetString();
            result[property.Name] = JsonNode.Parse(
                (isMasked ? stored.GetProperty(property.Name) : property.Value).GetRawText()
            );
        }

        return JsonSerializer.SerializeToElement(result);
    }

    internal static JsonNode? MaskValue(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String when value.GetString() is { Length: >= ShortestShown } text =>
                $"{text[..4]}...{text[^4..]}",
            JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null => JsonNode.Parse(value.GetRawText()),
            _ => Bullets,
        };
}
