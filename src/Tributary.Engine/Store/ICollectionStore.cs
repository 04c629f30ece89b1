namespace Tributary.Engine.Store;

/// <summary>Collections: names and member ids.</summary>
public interface ICollectionStore
{
    /// <summary>Makes one. Null when the name is taken.</summary>
    Task<CollectionRow?> InsertAsync(
        long workspaceId,
        string name,
        IReadOnlyList<long> connectorIds,
        DateTimeOffset now,
        AuditDraft audit,
        CancellationToken cancellationToken
    );

    /// <summary>One; null when it is not in the workspace.</summary>
    ValueTask<CollectionRow?> FindAsync(long workspaceId, long id, CancellationToken cancellationToken);

    /// <summary>One by name; null when there is none.</summary>
    ValueTask<CollectionRow?> FindByNameAsync(long workspaceId, string name, CancellationToken cancellationToken);

    /// <summary>In order of id.</summary>
    Task<IReadOnlyList<CollectionRow>> ListAsync(
        long workspaceId,
        long afterId,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Changes one; null members stay.</summary>
    /// <exception cref="NameTakenException">The new name is taken.</exception>
    Task<bool> UpdateAsync(
        long workspaceId,
        long id,
        string? name,
        IReadOnlyList<long>? connectorIds,
        AuditDraft audit,
        CancellationToken cancellationToken
    );

    /// <summary>Deletes one. False when it is not in the workspace.</summary>
    Task<bool> DeleteAsync(long workspaceId, long id, AuditDraft audit, CancellationToken cancellationToken);
}

/// <summary>A collection as stored.</summary>
public sealed record CollectionRow(long Id, string Name, DateTimeOffset CreatedAt, IReadOnlyList<long> ConnectorIds);
