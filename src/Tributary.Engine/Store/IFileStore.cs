using Tributary.Sdk.Content;

namespace Tributary.Engine.Store;

/// <summary>What is known of uploads; their bytes are files of the data directory.</summary>
public interface IFileStore
{
    /// <summary>Notes one.</summary>
    Task InsertAsync(long workspaceId, StoredFile file, CancellationToken cancellationToken);

    /// <summary>One; null when it is not in the workspace.</summary>
    ValueTask<StoredFile?> FindAsync(long workspaceId, string fileId, CancellationToken cancellationToken);

    /// <summary>In order of id.</summary>
    Task<IReadOnlyList<StoredFile>> ListAsync(
        long workspaceId,
        string afterId,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Uploads that a connector's config names, and that of no other connector that stays.</summary>
    Task<IReadOnlyList<string>> ListOnlyOfAsync(
        long workspaceId,
        long connectorId,
        CancellationToken cancellationToken
    );

    /// <summary>Forgets one. False when it is not in the workspace.</summary>
    Task<bool> DeleteAsync(long workspaceId, string fileId, CancellationToken cancellationToken);
}
