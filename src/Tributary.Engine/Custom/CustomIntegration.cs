using System.Text.Json;

namespace Tributary.Engine.Custom;

/// <summary>An integration that somebody else's server offers to one workspace.</summary>
public sealed record CustomIntegration
{
    public required long Id { get; init; }
    public required Guid Uuid { get; init; }
    public required long WorkspaceId { get; init; }
    public required Guid WorkspaceUuid { get; init; }

    /// <summary>Derived from the manifest's name when it was made; never changes.</summary>
    public required string Slug { get; init; }

    /// <summary>Where the server is, without a slash at its end.</summary>
    public required string BaseUrl { get; init; }

    /// <summary>The credential that holds the secret which is sent to the server; null for none.</summary>
    public long? CredentialId { get; init; }

    /// <summary>The last manifest that was right.</summary>
    public required JsonElement Manifest { get; init; }

    /// <summary>When the manifest was last asked for.</summary>
    public required DateTimeOffset ManifestAt { get; init; }

    /// <summary>What was wrong then; null when nothing was.</summary>
    public string? ManifestError { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>What is needed to make one.</summary>
/// <param name="BaseUrl">Where the server is.</param>
/// <param name="Secret">Sent to the server as a bearer token with every call; null for none.</param>
public sealed record CustomIntegrationDraft(string BaseUrl, string? Secret);

/// <summary>What to change of one; members that are not set stay.</summary>
/// <param name="BaseUrl">Where the server is from now on.</param>
/// <param name="Secret">Set (also to null) to change the secret.</param>
public sealed record CustomIntegrationChange(string? BaseUrl, Connectors.Change<string?>? Secret);
