using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Connectors;

/// <summary>Credentials as answers show them: long secrets by their ends, short ones not at all.</summary>
internal static partial class SecretMask
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

    /// <summary>What was sent, with masked values replaced by the stored ones: sent back masked means unchanged.</summary>
    /// <param name="sent">The new value.</param>
    /// <param name="stored">The stored value.</param>
    /// <param name="masked">The stored value as answers show it.</param>
    public static Unmasked Unmask(JsonElement sent, JsonElement stored, JsonElement masked)
    {
        var used = false;
        var node = Walk(sent, stored, masked, ref used);
        return new Unmasked(JsonSerializer.SerializeToElement(node), used);
    }

    /// <summary>The paths of values that look masked, but are not what any answer shows now: nobody's secret looks like that.</summary>
    public static IEnumerable<SettingsProblem> FindMasked(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                return json.EnumerateObject()
                    .SelectMany(member => FindMasked(member.Value).Select(problem => problem.Under(member.Name)));
            case JsonValueKind.Array:
                return json.EnumerateArray()
                    .SelectMany((item, position) => FindMasked(item).Select(problem => problem.Under(position)));
            case JsonValueKind.String when LooksMasked().IsMatch(json.GetString()!):
                return
                [
                    new SettingsProblem(
                        [],
                        "value_error",
                        "This is a masked value, and not that of the stored secret: send the secret itself, or what the last answer shows"
                    ),
                ];
            default:
                return [];
        }
    }

    private static JsonNode? Walk(JsonElement sent, JsonElement stored, JsonElement masked, ref bool used)
    {
        if (JsonElement.DeepEquals(sent, masked))
        {
            used |= !JsonElement.DeepEquals(stored, masked);
            return JsonNode.Parse(stored.GetRawText());
        }

        switch (sent.ValueKind, stored.ValueKind, masked.ValueKind)
        {
            case (JsonValueKind.Object, JsonValueKind.Object, JsonValueKind.Object):
                var result = new JsonObject();
                foreach (var member in sent.EnumerateObject())
                {
                    result[member.Name] =
                        stored.TryGetProperty(member.Name, out var old)
                        && masked.TryGetProperty(member.Name, out var shown)
                            ? Walk(member.Value, old, shown, ref used)
                            : JsonNode.Parse(member.Value.GetRawText());
                }

                return result;
            case (JsonValueKind.Array, JsonValueKind.Array, JsonValueKind.Array)
                when sent.GetArrayLength() == stored.GetArrayLength()
                    && masked.GetArrayLength() == stored.GetArrayLength():
                var items = new JsonArray();
                for (var i = 0; i < sent.GetArrayLength(); i++)
                {
                    items.Add(Walk(sent[i], stored[i], masked[i], ref used));
                }

                return items;
            default:
                return JsonNode.Parse(sent.GetRawText());
        }
    }

    internal static JsonNode? MaskValue(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String when value.GetString() is { Length: >= ShortestShown } text =>
                $"{text[..4]}...{text[^4..]}",
            JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null => JsonNode.Parse(value.GetRawText()),
            _ => Bullets,
        };

    [GeneratedRegex(@"^(•{3,}|.{4}\.\.\..{4})$")]
    private static partial Regex LooksMasked();
}

/// <summary>A value without masks.</summary>
/// <param name="Value">The value.</param>
/// <param name="UsesStored">A stored secret stands in it where a mask was sent.</param>
internal sealed record Unmasked(JsonElement Value, bool UsesStored);
