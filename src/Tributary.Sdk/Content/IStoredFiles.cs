namespace Tributary.Sdk.Content;

/// <summary>Files that a connector may read: uploads of its workspace, and server folders that the operator has allowed.</summary>
public interface IStoredFiles
{
    /// <summary>An upload by its id; null when it does not exist (any more) or belongs to another workspace.</summary>
    ValueTask<StoredFile?> FindAsync(string fileId, CancellationToken cancellationToken);

    /// <summary>Opens an upload as a seekable stream.</summary>
    ValueTask<Stream> OpenAsync(string fileId, CancellationToken cancellationToken);

    /// <summary>
    /// Every file below a folder of the server, in ordinal order of its path, links not followed out of the folder.
    /// The path of a single file yields that file alone, with an empty relative path.
    /// </summary>
    /// <param name="folder">An absolute path: an allowed folder, or a folder or file in one.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="SourceException">The folder does not exist, or the operator has not allowed it (the message names the setting).</exception>
    IAsyncEnumerable<FolderFile> EnumerateFolderAsync(string folder, CancellationToken cancellationToken);
}

/// <summary>An uploaded file.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its display name.</param>
/// <param name="ContentType">As the upload claimed.</param>
/// <param name="Length">Bytes.</param>
/// <param name="UploadedAt">When.</param>
/// <param name="Sha256">Lower-case hexadecimal hash of the content.</param>
public sealed record StoredFile(
    string Id,
    string Name,
    string? ContentType,
    long Length,
    DateTimeOffset UploadedAt,
    string Sha256
);

/// <summary>A file in a server folder.</summary>
/// <param name="RelativePath">Below the folder, with forward slashes; empty when the path named this very file.</param>
/// <param name="Length">Bytes.</param>
/// <param name="ModifiedAt">As the file system says.</param>
/// <param name="OpenAsync">Opens it as a seekable stream.</param>
public sealed record FolderFile(
    string RelativePath,
    long Length,
    DateTimeOffset ModifiedAt,
    Func<CancellationToken, ValueTask<Stream>> OpenAsync
);
