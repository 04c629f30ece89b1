namespace Tributary.Engine.Catalog;

/// <summary>Everything that a workspace can connect to: the integrations of this version and its own custom ones, described alike.</summary>
public interface IIntegrationDirectory
{
    /// <summary>One by its slug or alias (case-sensitive); null when the workspace knows none.</summary>
    ValueTask<IntegrationDescription?> FindAsync(long workspaceId, string slug, CancellationToken cancellationToken);

    /// <summary>All but the hidden ones, built-in first, each part in order of slug.</summary>
    Task<IReadOnlyList<IntegrationDescription>> ListAsync(long workspaceId, CancellationToken cancellationToken);
}
