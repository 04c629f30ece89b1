using Tributary.Engine.Workspaces;
using Tributary.Sdk.Content;

namespace Tributary.Engine.Files;

/// <summary>Uploaded files, kept in the data directory under names of our own.</summary>
public interface IFileVault
{
    /// <summary>Stores an upload as a stream, durably.</summary>
    /// <exception cref="EngineException">Rejected when it is larger than allowed.</exception>
    Task<StoredFile> SaveAsync(
        Caller caller,
        string name,
        string? contentType,
        Stream content,
        CancellationToken cancellationToken
    );

    /// <summary>One upload; NotFound when it is not in the caller's workspace.</summary>
    Task<StoredFile> GetAsync(Caller caller, string fileId, CancellationToken cancellationToken);

    /// <summary>Opens one.</summary>
    Task<Stream> OpenAsync(Caller caller, string fileId, CancellationToken cancellationToken);

    /// <summary>The workspace's uploads in order of id, from after <paramref name="afterId"/>.</summary>
    Task<IReadOnlyList<StoredFile>> ListAsync(
        Caller caller,
        string afterId,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Deletes one; documents made of it stay until their connector is refreshed or pruned.</summary>
    Task DeleteAsync(Caller caller, string fileId, CancellationToken cancellationToken);
}
