using System.Runtime.CompilerServices;
using Tributary.Integrations.TaggedFiles;
using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.File;

/// <summary>The files at the config's locations: uploads, and what is in folders of the server.</summary>
internal sealed class FileLocations(ReaderContext context, FileConfig config)
{
    private const string IdPrefix = "FILE_CONNECTOR__";

    /// <summary>Every location is there, and metadata of the config can be read.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        for (var index = 0; index < config.FileLocations.Count; index++)
        {
            if (
                await FilesAsync(index, [], cancellationToken).FirstOrDefaultAsync(cancellationToken)
                is FileItem.Unreadable fault
            )
            {
                throw new SourceException(FailureKind.Configuration, fault.Reason)
                {
                    Member = $"config.file_locations[{index}]",
                };
            }
        }

        var (problem, _) = await ConfiguredTagsAsync(cancellationToken);
        if (problem is not null)
        {
            throw new SourceException(FailureKind.Configuration, problem) { Member = "config.zip_metadata_file_id" };
        }
    }

    /// <summary>Metadata that the config itself gives.</summary>
    public async Task<(string? Problem, IReadOnlyList<FileTagTable> Tables)> ConfiguredTagsAsync(
        CancellationToken cancellationToken
    )
    {
        // The names there are those of uploads, or of members of archives that somebody else had unpacked.
        var tables = new List<FileTagTable>();
        if (config.ZipMetadata is { } metadata && FileTagTable.TryRead(metadata, out var inPlace) is null)
        {
            tables.Add(new FileTagTable(inPlace, folder: "", matchesNames: true));
        }

        if (config.ZipMetadataFileId is not { } id || string.IsNullOrWhiteSpace(id))
        {
            return (null, tables);
        }

        if (await context.Files.FindAsync(id, cancellationToken) is null)
        {
            return ($"There is no uploaded file with the id '{id}' to take metadata from: upload it again.", tables);
        }

        var (problem, tags) = await FileTagTable.ReadAsync(
            token => context.Files.OpenAsync(id, token),
            cancellationToken
        );
        tables.Add(new FileTagTable(tags, folder: "", matchesNames: true));
        return (problem, tables);
    }

    /// <summary>The files of one location, in a lasting order.</summary>
    public IAsyncEnumerable<FileItem> FilesAsync(
        int index,
        IReadOnlyList<FileTagTable> tables,
        CancellationToken cancellationToken
    ) =>
        Path.IsPathFullyQualified(config.FileLocations[index])
            ? FolderAsync(config.FileLocations[index], tables, cancellationToken)
            : UploadAsync(index, tables, cancellationToken);

    private async IAsyncEnumerable<FileItem> UploadAsync(
        int index,
        IReadOnlyList<FileTagTable> tables,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var id = config.FileLocations[index];
        if (await context.Files.FindAsync(id, cancellationToken) is not { } upload)
        {
            // It was deleted: nothing of it is live.
            yield return new FileItem.Unreadable(
                IdPrefix + id,
                $"There is no uploaded file with the id '{id}': upload it again, or take it out of file_locations.",
                HidesOthers: false
            );
            yield break;
        }

        var name = config.FileNames.ElementAtOrDefault(index) is { Length: > 0 } given ? given : null;
        yield return new FileItem.Present(
            new SourceFile
            {
                Id = IdPrefix + id,
                Name = upload.Name,
                Path = upload.Name,
                Mark = upload.Sha256,
                IsReopenable = true,
                IsImmutable = true,
                DisplayName = name,
                ContentType = upload.ContentType,
                Length = upload.Length,
                CreatedAt = upload.UploadedAt,
                Tag = Find(tables, upload.Name) ?? (name is null ? null : Find(tables, name)) ?? FileTag.None,
                Tables = tables,
                OpenAsync = token => context.Files.OpenAsync(id, token),
            }
        );
    }

    private async IAsyncEnumerable<FileItem> FolderAsync(
        string location,
        IReadOnlyList<FileTagTable> outer,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var (problem, tables) = await FolderTagsAsync(location, outer, cancellationToken);
        if (problem is not null)
        {
            yield return problem;
        }

        if (problem is { HidesOthers: true })
        {
            yield break;
        }

        var root = location.TrimEnd('/', '\\');
        await foreach (var file in context.Files.EnumerateFolderAsync(location, cancellationToken))
        {
            var path = file.RelativePath.Length > 0 ? file.RelativePath : Path.GetFileName(root);
            var name = Path.GetFileName(path);
            if (FileTagTable.IsName(name) || IsLitter(name))
            {
                continue;
            }

            yield return new FileItem.Present(
                new SourceFile
                {
                    Id = file.RelativePath.Length > 0 ? $"{IdPrefix}{root}/{path}" : IdPrefix + root,
                    Name = name,
                    Path = path,
                    Mark = $"{file.ModifiedAt.UtcTicks:x}-{file.Length:x}",
                    IsReopenable = true,
                    Length = file.Length,
                    ModifiedAt = file.ModifiedAt,
                    Tag = Find(tables, path) ?? FileTag.None,
                    Tables = tables,
                    OpenAsync = file.OpenAsync,
                }
            );
        }
    }

    /// <summary>The metadata file at a folder's root, before everything that it speaks of.</summary>
    private async Task<(FileItem.Unreadable? Problem, IReadOnlyList<FileTagTable> Tables)> FolderTagsAsync(
        string location,
        IReadOnlyList<FileTagTable> outer,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await foreach (var file in context.Files.EnumerateFolderAsync(location, cancellationToken))
            {
                if (FileTagTable.IsName(file.RelativePath))
                {
                    var (problem, tags) = await FileTagTable.ReadAsync(file.OpenAsync, cancellationToken);
                    var id = $"{IdPrefix}{location.TrimEnd('/', '\\')}/{file.RelativePath}";
                    return (
                        problem is null ? null : new FileItem.Unreadable(id, problem, HidesOthers: false),
                        [new FileTagTable(tags, folder: "", matchesNames: false), .. outer]
                    );
                }

                if (string.CompareOrdinal(file.RelativePath, ".onyx_metadata.json") > 0)
                {
                    break;
                }
            }

            return (null, outer);
        }
        catch (Exception exception) when (exception is SourceException or IOException or UnauthorizedAccessException)
        {
            // A folder that is not mounted looks like one that is not there: its files may be live.
            return (new FileItem.Unreadable(IdPrefix + location, exception.Message, HidesOthers: true), outer);
        }
    }

    public static FileTag? Find(IReadOnlyList<FileTagTable> tables, string path) =>
        tables.Select(table => table.Find(path)).FirstOrDefault(tag => tag is not null);

    /// <summary>What operating systems and office programs leave behind.</summary>
    private static bool IsLitter(string name) =>
        name is ".DS_Store" or "Thumbs.db" or "desktop.ini"
        || name.StartsWith("._", StringComparison.Ordinal)
        || name.StartsWith("~$", StringComparison.Ordinal);
}
