using Tributary.Engine.Custom;

namespace Tributary.Engine.Store;

/// <summary>Custom integrations. Every look-up names the workspace, but for that of the refresher.</summary>
public interface ICustomIntegrationStore
{
    /// <summary>Stores one, with its secret when it has one. Null when the slug is taken in the workspace.</summary>
    Task<CustomIntegration?> InsertAsync(NewCustomIntegration integration, CancellationToken cancellationToken);

    /// <summary>One; null when it is not in the workspace.</summary>
    ValueTask<CustomIntegration?> FindAsync(long workspaceId, Guid uuid, CancellationToken cancellationToken);

    /// <summary>One by its slug; null when it is not in the workspace.</summary>
    ValueTask<CustomIntegration?> FindBySlugAsync(long workspaceId, string slug, CancellationToken cancellationToken);

    /// <summary>All of a workspace, in order of id.</summary>
    Task<IReadOnlyList<CustomIntegration>> ListAsync(long workspaceId, CancellationToken cancellationToken);

    /// <summary>Those whose manifest was not asked for since then, longest ago first.</summary>
    Task<IReadOnlyList<CustomIntegration>> ListStaleAsync(
        DateTimeOffset before,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Changes one. Null when it is not in the workspace.</summary>
    Task<CustomIntegration?> UpdateAsync(CustomIntegrationUpdate update, CancellationToken cancellationToken);

    /// <summary>Notes what asking for a manifest has brought: a new one (null keeps the old), or an error.</summary>
    Task SetManifestAsync(
        long id,
        System.Text.Json.JsonElement? manifest,
        string? error,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>Removes one with its secret.</summary>
    /// <returns>False when it is not in the workspace.</returns>
    /// <exception cref="CustomIntegrationInUseException">Connectors use it.</exception>
    Task<bool> DeleteAsync(long workspaceId, Guid uuid, AuditDraft audit, CancellationToken cancellationToken);
}

/// <summary>What is inserted.</summary>
public sealed record NewCustomIntegration
{
    public required Guid Uuid { get; init; }
    public required long WorkspaceId { get; init; }
    public required string Slug { get; init; }
    public required string BaseUrl { get; init; }
    public NewSecret? Secret { get; init; }
    public required System.Text.Json.JsonElement Manifest { get; init; }
    public required DateTimeOffset Now { get; init; }
    public required AuditDraft Audit { get; init; }
}

/// <summary>What is changed; null members stay.</summary>
public sealed record CustomIntegrationUpdate
{
    public required Guid Uuid { get; init; }
    public required long WorkspaceId { get; init; }
    public required string BaseUrl { get; init; }

    /// <summary>Set (also to null) to change the secret.</summary>
    public Connectors.Change<NewSecret?>? Secret { get; init; }
    public required System.Text.Json.JsonElement Manifest { get; init; }
    public required DateTimeOffset Now { get; init; }
    public required AuditDraft Audit { get; init; }
}

/// <summary>A secret in its envelope.</summary>
public sealed record NewSecret(Guid Uuid, byte[] Envelope, string KeyId);

/// <summary>Connectors use an integration that was to be removed.</summary>
public sealed class CustomIntegrationInUseException(long connectors)
    : Exception($"{connectors} connectors use the integration.")
{
    /// <summary>How many.</summary>
    public long Connectors { get; } = connectors;
}
