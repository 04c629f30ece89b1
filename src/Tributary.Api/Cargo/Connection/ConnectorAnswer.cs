using System.Text.Json;
using Tributary.Engine.Connectors;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Cargo.Connection;

/// <summary>A connector.</summary>
internal sealed record ConnectorAnswer
{
    public required Guid Uuid { get; init; }
    public required Guid WorkspaceUuid { get; init; }

    /// <summary>Who made it.</summary>
    public required Guid UserUuid { get; init; }
    public required string Name { get; init; }
    public required string Slug { get; init; }
    public required string IntegrationSlug { get; init; }
    public required RateLimitAnswer? RateLimit { get; init; }
    public required long? CacheTtlMilliseconds { get; init; }
    public required bool IsDefault { get; init; }

    /// <summary>There are no plays here.</summary>
    public required long PlaysCount { get; init; }

    /// <summary>There are no tools here.</summary>
    public required long ToolsCount { get; init; }
    public required long ModelsCount { get; init; }

    /// <summary>It uses the operator's credentials; config is null then.</summary>
    public required bool UseCredits { get; init; }

    /// <summary>Settings and secrets, these masked.</summary>
    public required JsonElement? Config { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public required DateTimeOffset? DeletedAt { get; init; }

    public static ConnectorAnswer Of(Connector connector, Guid workspace, long models, JsonElement? config) =>
        new()
        {
            Uuid = connector.Uuid,
            WorkspaceUuid = workspace,
            UserUuid = connector.CreatedByUuid,
            Name = connector.Name,
            Slug = connector.Slug,
            IntegrationSlug = connector.IntegrationSlug,
            RateLimit = RateLimitAnswer.Of(connector.RateLimit),
            CacheTtlMilliseconds = connector.CacheTtlMilliseconds,
            IsDefault = connector.IsDefault,
            PlaysCount = 0,
            ToolsCount = 0,
            ModelsCount = models,
            UseCredits = connector.UsesSharedCredentials,
            Config = config,
            CreatedAt = connector.CreatedAt,
            UpdatedAt = connector.UpdatedAt,
            DeletedAt = null,
        };
}

/// <summary>A rate limit, the strategy that is applied always named.</summary>
internal sealed record RateLimitAnswer(string Unit, int Max, string Strategy)
{
    public static RateLimitAnswer? Of(RateLimit? limit) =>
        limit is null ? null : new(NameOf(limit.Unit), limit.Max, NameOf(limit.Strategy));

    private static string NameOf<T>(T value)
        where T : struct, Enum => SettingsReader.EnumValues(typeof(T)).First(pair => pair.Value.Equals(value)).Key;
}

internal sealed record ConnectorEnvelope(ConnectorAnswer Connector);

internal sealed record ConnectorsEnvelope(IReadOnlyList<ConnectorAnswer> Connectors);

internal sealed record CreatedConnectorEnvelope(ConnectorAnswer Connector, DatasetAnswer Dataset);

internal sealed record ExistsAnswer(bool Exists);

internal sealed record LanguageModelsEnvelope(IReadOnlyList<JsonElement> LanguageModels);
