using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Tributary.Cli;
using Tributary.Hosting;

namespace Tributary.Maintenance;

/// <summary>
/// Puts a data directory into one archive while a server works on it: the database as it is at one moment, then the
/// files beside it. Files are never changed once they are written, and those that came after the database's moment do
/// no harm.
/// </summary>
internal sealed class BackupWriter(IStoreSnapshot snapshot, TimeProvider time)
{
    /// <summary>Writes the archive; it appears under its name when it is whole.</summary>
    /// <param name="dataFolder">The data directory.</param>
    /// <param name="target">The archive; must not exist.</param>
    /// <param name="includeKeys">Also the key ring: whoever has the archive then has the secrets.</param>
    /// <param name="cancellationToken">Ends it; nothing is left then.</param>
    public async Task<BackupManifest> WriteAsync(
        string dataFolder,
        string target,
        bool includeKeys,
        CancellationToken cancellationToken
    )
    {
        if (!File.Exists(Path.Combine(dataFolder, snapshot.DatabaseFile)))
        {
            throw new CommandException(
                $"There is no database in {Path.GetFullPath(dataFolder)}. Name the data directory with --data."
            );
        }

        if (File.Exists(target))
        {
            throw new CommandException($"{target} exists already; a backup never overwrites.");
        }

        var partial = target + ".partial";
        var database = target + ".database";
        try
        {
            await snapshot.WriteAsync(database, cancellationToken);
            var manifest = await WriteArchiveAsync(dataFolder, database, partial, includeKeys, cancellationToken);
            File.Move(partial, target);
            return manifest;
        }
        finally
        {
            File.Delete(database);
            File.Delete(partial);
        }
    }

    private async Task<BackupManifest> WriteArchiveAsync(
        string dataFolder,
        string database,
        string partial,
        bool includeKeys,
        CancellationToken cancellationToken
    )
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Options = FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var stream = new FileStream(partial, options);
        var files = new List<BackupFile>();
        BackupManifest manifest;
        await using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            files.Add((await AddAsync(archive, database, snapshot.DatabaseFile, cancellationToken))!);
            foreach (var path in FilesBeside(dataFolder, includeKeys))
            {
                if (await AddAsync(archive, Path.Combine(dataFolder, path), path, cancellationToken) is { } file)
                {
                    files.Add(file);
                }
            }

            manifest = new BackupManifest
            {
                Format = BackupManifest.CurrentFormat,
                CreatedAt = time.GetUtcNow(),
                HasKeys = includeKeys,
                Files = files,
            };
            await using var entry = await archive.CreateEntry(BackupManifest.EntryName).OpenAsync(cancellationToken);
            await JsonSerializer.SerializeAsync(entry, manifest, BackupManifest.Json, cancellationToken);
        }

        stream.Flush(flushToDisk: true);
        return manifest;
    }

    private IEnumerable<string> FilesBeside(string dataFolder, bool includeKeys) =>
        Directory
            .EnumerateFiles(dataFolder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(dataFolder, path).Replace('\\', '/'))
            .Where(path =>
                !path.StartsWith(snapshot.DatabaseFile, StringComparison.Ordinal)
                && Path.GetFileName(path) is not (DataFolderLock.FileName or "lock")
                && !IsUnder(path, Composition.TemporaryFolder)
                && (includeKeys || !IsUnder(path, snapshot.KeyRing))
            )
            .Order(StringComparer.Ordinal);

    private static bool IsUnder(string path, string root) =>
        path == root || path.StartsWith(root + "/", StringComparison.Ordinal);

    private static async Task<BackupFile?> AddAsync(
        ZipArchive archive,
        string source,
        string path,
        CancellationToken cancellationToken
    )
    {
        FileStream input;
        try
        {
            input = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            // Deleted since the folder was listed.
            return null;
        }

        await using (input)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using var entry = await archive
                .CreateEntry(path, CompressionLevel.Fastest)
                .OpenAsync(cancellationToken);
            var buffer = new byte[81_920];
            long length = 0;
            int read;
            while ((read = await input.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                await entry.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                length += read;
            }

            return new BackupFile(path, length, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
    }
}
