using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Tributary.Cli;
using Tributary.Hosting;

namespace Tributary.Maintenance;

/// <summary>Takes a data directory out of an archive.</summary>
internal static class BackupReader
{
    /// <summary>Restores into an empty folder; every file is checked against the manifest. Nothing is left when anything is wrong.</summary>
    public static async Task<BackupManifest> RestoreAsync(
        string file,
        string dataFolder,
        CancellationToken cancellationToken
    )
    {
        if (Directory.Exists(dataFolder) && Directory.EnumerateFileSystemEntries(dataFolder).Any())
        {
            throw new CommandException(
                $"{Path.GetFullPath(dataFolder)} is not empty; a restore never overwrites. Name an empty or new directory with --data."
            );
        }

        await using var stream = File.OpenRead(file);
        try
        {
            await using var archive = await ZipArchive.CreateAsync(
                stream,
                ZipArchiveMode.Read,
                leaveOpen: true,
                entryNameEncoding: null,
                cancellationToken
            );
            var manifest = await ReadManifestAsync(archive, file, cancellationToken);
            using (DataFolderLock.Take(dataFolder))
            {
                try
                {
                    foreach (var wanted in manifest.Files)
                    {
                        await ExtractAsync(archive, wanted, dataFolder, cancellationToken);
                    }
                }
                catch
                {
                    Directory.Delete(dataFolder, recursive: true);
                    throw;
                }
            }

            return manifest;
        }
        catch (InvalidDataException exception)
        {
            throw new CommandException($"{file} is no whole backup: {exception.Message}");
        }
    }

    private static async Task<BackupManifest> ReadManifestAsync(
        ZipArchive archive,
        string file,
        CancellationToken cancellationToken
    )
    {
        var entry =
            archive.GetEntry(BackupManifest.EntryName)
            ?? throw new CommandException($"{file} is no backup of Tributary: it has no {BackupManifest.EntryName}.");
        try
        {
            await using var json = await entry.OpenAsync(cancellationToken);
            var manifest = await JsonSerializer.DeserializeAsync<BackupManifest>(
                json,
                BackupManifest.Json,
                cancellationToken
            );
            return manifest!.Format == BackupManifest.CurrentFormat
                ? manifest
                : throw new CommandException(
                    $"{file} has format {manifest.Format}; this version reads format {BackupManifest.CurrentFormat}. Restore it with the version that made it."
                );
        }
        catch (JsonException)
        {
            throw new InvalidDataException($"{BackupManifest.EntryName} cannot be read.");
        }
    }

    private static async Task ExtractAsync(
        ZipArchive archive,
        BackupFile wanted,
        string dataFolder,
        CancellationToken cancellationToken
    )
    {
        var root = Path.GetFullPath(dataFolder) + Path.DirectorySeparatorChar;
        var target = Path.GetFullPath(Path.Combine(root, wanted.Path));
        if (!target.StartsWith(root, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{wanted.Path} would lie outside the data directory.");
        }

        var entry =
            archive.GetEntry(wanted.Path) ?? throw new InvalidDataException($"{wanted.Path} is missing from it.");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await using var input = await entry.OpenAsync(cancellationToken);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var output = new FileStream(target, options);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[81_920];
        long length = 0;
        int read;
        while ((read = await input.ReadAsync(buffer, cancellationToken)) > 0 && (length += read) <= wanted.Length)
        {
            hash.AppendData(buffer, 0, read);
            await output.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        if (length != wanted.Length || Convert.ToHexStringLower(hash.GetHashAndReset()) != wanted.Sha256)
        {
            throw new InvalidDataException($"{wanted.Path} is not as it was when the backup was made.");
        }

        output.Flush(flushToDisk: true);
    }
}
