using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Engine.Catalog;
using Tributary.Sdk;

namespace Tributary.Api.Cargo.Connection;

/// <summary>A new connector.</summary>
internal sealed record CreateConnectorBody
{
    [Description("What people call it."), MinLength(1), MaxLength(200)]
    public required string Name { get; init; }

    [Description("Unique in the workspace, never changes; letters, digits, _ and -.")]
    public required string Slug { get; init; }

    [JsonPropertyName("integrationSlug"), Description("The integration.")]
    public required string IntegrationSlug { get; init; }

    [Description("Settings and, as member credentials, secrets; see the integration's connector.config.")]
    public IReadOnlyDictionary<string, JsonElement>? Config { get; init; }

    [JsonPropertyName("rateLimit"), Description("How many requests may leave for it.")]
    public RateLimitBody? RateLimit { get; init; }

    [JsonPropertyName("cacheTtlMilliseconds"), Description("How long answers are kept; 0 and null for not at all.")]
    [Range(0, ConnectorBody.LongestCache)]
    public long? CacheTtlMilliseconds { get; init; }
}

/// <summary>What to change of a connector. A member that is left out stays; null clears it.</summary>
internal sealed record UpdateConnectorBody
{
    [Description("A new name."), MinLength(1), MaxLength(200)]
    public string? Name { get; init; }

    [JsonPropertyName("isDefault"), Description("Whether it is taken when there are several of its integration.")]
    public bool? IsDefault { get; init; }

    [Description("New settings, whole; masked secrets and a missing member credentials mean unchanged.")]
    public IReadOnlyDictionary<string, JsonElement>? Config { get; init; }

    [JsonPropertyName("rateLimit"), Description("A new limit.")]
    public RateLimitBody? RateLimit { get; init; }

    [JsonPropertyName("cacheTtlMilliseconds"), Description("A new time to keep answers.")]
    [Range(0, ConnectorBody.LongestCache)]
    public long? CacheTtlMilliseconds { get; init; }
}

/// <summary>At most max requests in any window of one unit.</summary>
internal sealed record RateLimitBody
{
    [Description("second, minute, hour or day.")]
    public required RateUnit Unit { get; init; }

    [Description("Requests in it."), Range(1, int.MaxValue)]
    public required int Max { get; init; }

    [Description("spread: evenly; burst: at once until the window is full.")]
    public RateStrategy Strategy { get; init; } = RateStrategy.Burst;

    public RateLimit ToLimit() => new(Unit, Max, Strategy);
}

/// <summary>The shape of connectors in requests.</summary>
internal static class ConnectorBody
{
    /// <summary>A hundred years.</summary>
    public const double LongestCache = 100d * 365 * 86_400_000;

    private static readonly JsonElement Empty = JsonElement.Parse("{}");

    /// <summary>Takes the secrets out of a built-in integration's config; a custom one's is handed on whole.</summary>
    public static (JsonElement Config, JsonElement? Credentials) Split(JsonElement config, bool isCustom)
    {
        if (isCustom || !config.TryGetProperty(BuiltInDescriptions.CredentialsMember, out var credentials))
        {
            return (config, null);
        }

        var rest = config
            .EnumerateObject()
            .Where(member => member.Name != BuiltInDescriptions.CredentialsMember)
            .ToDictionary(member => member.Name, member => member.Value);
        return (
            JsonSerializer.SerializeToElement(rest, CargoJson.Wire.DictionaryStringJsonElement),
            credentials.ValueKind == JsonValueKind.Null ? Empty : credentials
        );
    }
}
