using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Engine.Connectors;

namespace Tributary.Engine.Custom;

/// <summary>The settings of custom integrations' connectors, as their servers get to see them.</summary>
internal sealed class CustomSettings(CredentialVault vault)
{
    /// <summary>The whole config of a connector, secrets included.</summary>
    public async ValueTask<JsonElement> OfAsync(Connector connector, CancellationToken cancellationToken)
    {
        var secret = await vault.OpenAsync(connector, cancellationToken).ConfigureAwait(false);
        return Merge(connector.Config, secret);
    }

    /// <summary>An object with the members of both; those of the second win.</summary>
    public static JsonElement Merge(JsonElement first, JsonElement second)
    {
        if (first.ValueKind != JsonValueKind.Object || !first.EnumerateObject().Any())
        {
            return second.ValueKind == JsonValueKind.Object
                ? second
                : JsonSerializer.SerializeToElement(new JsonObject());
        }

        if (second.ValueKind != JsonValueKind.Object || !second.EnumerateObject().Any())
        {
            return first;
        }

        var result = new JsonObject();
        foreach (var member in first.EnumerateObject().Concat(second.EnumerateObject()))
        {
            result[member.Name] = Node(member.Value);
        }

        return JsonSerializer.SerializeToElement(result);
    }

    /// <summary><c>{uuid, workspaceUuid, config}</c>, which every call carries.</summary>
    public static JsonObject Connector(Guid uuid, Guid workspaceUuid, JsonElement config) =>
        new()
        {
            ["uuid"] = uuid.ToString(),
            ["workspaceUuid"] = workspaceUuid.ToString(),
            ["config"] = Node(config),
        };

    public static JsonNode? Node(JsonElement json) => JsonNode.Parse(json.GetRawText());
}
