using System.ComponentModel;
using System.Text.Json.Serialization;
using Tributary.Engine.Custom;

namespace Tributary.Api.Cargo.Custom;

/// <summary>A new custom integration.</summary>
internal sealed record CreateCustomIntegrationBody
{
    [Description("external (the default) or worker; the vendor's hosted workers do not exist here.")]
    public string? Kind { get; init; }

    [JsonPropertyName("baseUrl"), Description("Where the integration's server is; its manifest is at /manifest below.")]
    public string? BaseUrl { get; init; }

    [JsonPropertyName("workerUuid"), Description("Of a worker; there are none.")]
    public string? WorkerUuid { get; init; }

    [Description("Sent to the server as a bearer token with every call; never shown again.")]
    public string? Secret { get; init; }
}

/// <summary>What to change of a custom integration.</summary>
internal sealed record UpdateCustomIntegrationBody
{
    [JsonPropertyName("baseUrl"), Description("Where the integration's server is from now on.")]
    public string? BaseUrl { get; init; }

    [JsonPropertyName("workerUuid"), Description("Of a worker; there are none.")]
    public string? WorkerUuid { get; init; }

    [Description("A new secret for the server, or null for none.")]
    public string? Secret { get; init; }
}

/// <summary>A custom integration.</summary>
internal sealed record CustomIntegrationAnswer
{
    public required Guid Uuid { get; init; }
    public required Guid WorkspaceUuid { get; init; }
    public required string Slug { get; init; }
    public required string Kind { get; init; }
    public required string BaseUrl { get; init; }

    /// <summary>Whether a secret is sent to the server. Ours.</summary>
    public required bool HasSecret { get; init; }

    /// <summary>When the manifest was last asked for. Ours.</summary>
    public required DateTimeOffset ManifestFetchedAt { get; init; }

    /// <summary>What was wrong with it then; the one before stays in force. Ours.</summary>
    public string? ManifestError { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? DeletedAt { get; init; }

    public static CustomIntegrationAnswer Of(CustomIntegration integration) =>
        new()
        {
            Uuid = integration.Uuid,
            WorkspaceUuid = integration.WorkspaceUuid,
            Slug = integration.Slug,
            Kind = "external",
            BaseUrl = integration.BaseUrl,
            HasSecret = integration.CredentialId is not null,
            ManifestFetchedAt = integration.ManifestAt,
            ManifestError = integration.ManifestError,
            CreatedAt = integration.CreatedAt,
            UpdatedAt = integration.UpdatedAt,
        };
}

/// <summary>One that was made or changed.</summary>
internal sealed record CustomIntegrationEnvelope(CustomIntegrationAnswer CustomIntegration);

/// <summary>One that was looked up: clients' types name it <c>connector</c>, guides <c>customIntegration</c>.</summary>
internal sealed record FoundCustomIntegrationEnvelope(
    CustomIntegrationAnswer Connector,
    CustomIntegrationAnswer CustomIntegration
);

/// <summary>All of them.</summary>
internal sealed record CustomIntegrationsEnvelope(IReadOnlyList<CustomIntegrationAnswer> CustomIntegrations);
