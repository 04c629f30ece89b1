using System.Buffers;
using System.Security.Cryptography;
using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;
using Tributary.Sdk.Content;

namespace Tributary.Engine.Files;

/// <inheritdoc cref="IFileVault"/>
internal sealed class FileVault(IFileStore store, EngineOptions options, TimeProvider time) : IFileVault
{
    private const int MaxNameLength = 255;

    public async Task<StoredFile> SaveAsync(
        Caller caller,
        string name,
        string? contentType,
        Stream content,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Editor);
        var id = Guid.NewGuid().ToString();
        var path = PathOf(caller.WorkspaceId, id);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            var (length, hash) = await WriteAsync(path, content, cancellationToken).ConfigureAwait(false);
            var file = new StoredFile(id, CleanName(name), contentType, length, time.GetUtcNow(), hash);
            await store.InsertAsync(caller.WorkspaceId, file, cancellationToken).ConfigureAwait(false);
            return file;
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    public async Task<StoredFile> GetAsync(Caller caller, string fileId, CancellationToken cancellationToken) =>
        await store.FindAsync(caller.WorkspaceId, fileId, cancellationToken).ConfigureAwait(false)
        ?? throw EngineException.NotFound($"File {fileId} does not exist");

    public async Task<Stream> OpenAsync(Caller caller, string fileId, CancellationToken cancellationToken)
    {
        await GetAsync(caller, fileId, cancellationToken).ConfigureAwait(false);
        return Open(caller.WorkspaceId, fileId);
    }

    public Task<IReadOnlyList<StoredFile>> ListAsync(
        Caller caller,
        string afterId,
        int limit,
        CancellationToken cancellationToken
    ) => store.ListAsync(caller.WorkspaceId, afterId, limit, cancellationToken);

    public async Task DeleteAsync(Caller caller, string fileId, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        if (!await store.DeleteAsync(caller.WorkspaceId, fileId, cancellationToken).ConfigureAwait(false))
        {
            throw EngineException.NotFound($"File {fileId} does not exist");
        }

        File.Delete(PathOf(caller.WorkspaceId, fileId));
    }

    /// <summary>
    /// Deletes the uploads that only this connector reads: they go with it. The bytes go first, so that a crash leaves
    /// nothing that nobody knows of.
    /// </summary>
    public async Task DeleteOnlyOfAsync(long workspaceId, long connectorId, CancellationToken cancellationToken)
    {
        var own = await store.ListOnlyOfAsync(workspaceId, connectorId, cancellationToken).ConfigureAwait(false);
        foreach (var fileId in own)
        {
            File.Delete(PathOf(workspaceId, fileId));
            await store.DeleteAsync(workspaceId, fileId, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The files that readers of a workspace may see.</summary>
    public IStoredFiles For(long workspaceId) => new ReadableFiles(this, workspaceId);

    private FileStream Open(long workspaceId, string fileId) =>
        new(
            PathOf(workspaceId, fileId),
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read | FileShare.Delete,
            64 * 1024,
            useAsync: false
        );

    /// <summary>Only ids that we have given out are paths: they are in the store.</summary>
    private string PathOf(long workspaceId, string fileId) =>
        Path.Combine(
            options.DataFolder,
            "files",
            workspaceId.ToString(System.Globalization.CultureInfo.InvariantCulture),
            fileId
        );

    private async Task<(long Length, string Sha256)> WriteAsync(
        string path,
        Stream content,
        CancellationToken cancellationToken
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            await using var target = new FileStream(
                path,
                FileMode.CreateNew,
                FileAccess.Write,
                FileShare.None,
                0,
                useAsync: false
            );
            long length = 0;
            int read;
            while ((read = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                length += read;
                if (length > options.MaxUploadBytes)
                {
                    throw new FileTooLargeException(options.MaxUploadBytes);
                }

                hash.AppendData(buffer, 0, read);
                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            }

            target.Flush(flushToDisk: true);
            return (length, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The last part of the name without control characters: for people to read, never a path.</summary>
    private static string CleanName(string name)
    {
        var last = name.Replace('\\', '/').Split('/')[^1];
        var clean = new string([.. last.Where(c => !char.IsControl(c) && c is not ('\u202E' or '\u202D'))]).Trim();
        clean = clean.Length > MaxNameLength ? clean[^MaxNameLength..] : clean;
        return clean.Length == 0 ? "file" : clean;
    }

    private sealed class ReadableFiles(FileVault vault, long workspaceId) : IStoredFiles
    {
        public ValueTask<StoredFile?> FindAsync(string fileId, CancellationToken cancellationToken) =>
            vault.StoreFindAsync(workspaceId, fileId, cancellationToken);

        public async ValueTask<Stream> OpenAsync(string fileId, CancellationToken cancellationToken) =>
            await FindAsync(fileId, cancellationToken).ConfigureAwait(false) is null
                ? throw new ContentException(ContentProblem.Broken, $"The upload {fileId} does not exist any more.")
                : vault.Open(workspaceId, fileId);

        public IAsyncEnumerable<FolderFile> EnumerateFolderAsync(string folder, CancellationToken cancellationToken) =>
            ServerFolders.EnumerateAsync(folder, vault.Options, cancellationToken);
    }

    private EngineOptions Options => options;

    private ValueTask<StoredFile?> StoreFindAsync(
        long workspaceId,
        string fileId,
        CancellationToken cancellationToken
    ) => store.FindAsync(workspaceId, fileId, cancellationToken);
}

/// <summary>An upload is larger than the operator allows.</summary>
public sealed class FileTooLargeException(long limit)
    : Exception($"The file is larger than the {limit} bytes that are allowed (TRIBUTARY_MAX_UPLOAD_BYTES).");
