using Tributary.Engine.Connectors;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Collections;

/// <summary>Named groups of connectors to search together.</summary>
public interface ICollectionService
{
    /// <summary>Makes one. Rejected when the name is taken or empty; NotFound naming the ids that are no connectors of the workspace.</summary>
    Task<Collection> CreateAsync(
        Caller caller,
        string name,
        IReadOnlyList<long> connectorIds,
        CancellationToken cancellationToken
    );

    /// <summary>One with its connectors.</summary>
    Task<Collection> GetAsync(Caller caller, long id, CancellationToken cancellationToken);

    /// <summary>The one with this name; null when there is none.</summary>
    Task<Collection?> FindByNameAsync(Caller caller, string name, CancellationToken cancellationToken);

    /// <summary>In order of id, from after <paramref name="afterId"/>.</summary>
    Task<IReadOnlyList<Collection>> ListAsync(
        Caller caller,
        long afterId,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Changes name or members; null leaves them.</summary>
    Task<Collection> UpdateAsync(
        Caller caller,
        long id,
        string? name,
        IReadOnlyList<long>? connectorIds,
        CancellationToken cancellationToken
    );

    /// <summary>Deletes it, and leaves connectors and documents alone.</summary>
    Task DeleteAsync(Caller caller, long id, CancellationToken cancellationToken);
}

/// <summary>A named group of connectors.</summary>
public sealed record Collection(long Id, string Name, IReadOnlyList<Connector> Connectors, DateTimeOffset CreatedAt);
