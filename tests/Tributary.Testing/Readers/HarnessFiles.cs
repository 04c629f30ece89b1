using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Tributary.Sdk;
using Tributary.Sdk.Content;

namespace Tributary.Testing.Readers;

/// <summary>Uploads in memory and server folders of the test's own.</summary>
public sealed class HarnessFiles : IStoredFiles
{
    private readonly Dictionary<string, (StoredFile File, byte[] Content)> _uploads = [];

    /// <summary>Folders that the operator has allowed.</summary>
    public HashSet<string> AllowedFolders { get; } = [];

    /// <summary>Uploads a file under an id.</summary>
    public void Add(string id, string name, byte[] content, string? contentType = null, DateTimeOffset? at = null) =>
        _uploads[id] = (
            new StoredFile(
                id,
                name,
                contentType,
                content.Length,
                at ?? new DateTimeOffset(2025, 1, 15, 8, 0, 0, TimeSpan.Zero),
                Convert.ToHexStringLower(SHA256.HashData(content))
            ),
            content
        );

    /// <summary>Uploads a text under an id.</summary>
    public void Add(string id, string name, string content) => Add(id, name, Encoding.UTF8.GetBytes(content));

    /// <summary>Deletes an upload.</summary>
    public void Remove(string id) => _uploads.Remove(id);

    public ValueTask<StoredFile?> FindAsync(string fileId, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_uploads.TryGetValue(fileId, out var upload) ? upload.File : null);

    public ValueTask<Stream> OpenAsync(string fileId, CancellationToken cancellationToken) =>
        ValueTask.FromResult<Stream>(new MemoryStream(_uploads[fileId].Content, writable: false));

    public async IAsyncEnumerable<FolderFile> EnumerateFolderAsync(
        string folder,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var isFile =
            File.Exists(folder)
            && AllowedFolders.Any(allowed => folder.StartsWith(allowed + "/", StringComparison.Ordinal));
        if (!isFile && (!AllowedFolders.Contains(folder) || !Directory.Exists(folder)))
        {
            throw new SourceException(FailureKind.Configuration, $"The folder {folder} is not there or not allowed.");
        }

        var paths = isFile ? [folder] : Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories);
        foreach (var path in paths.Order(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
            var info = new FileInfo(path);
            yield return new FolderFile(
                isFile ? "" : Path.GetRelativePath(folder, path).Replace('\\', '/'),
                info.Length,
                info.LastWriteTimeUtc,
                _ => ValueTask.FromResult<Stream>(File.OpenRead(path))
            );
        }
    }
}
