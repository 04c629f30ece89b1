using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.File;

internal sealed class FileReader(ReaderContext context, FileConfig config, FileCredentials credentials) : IReader
{
    private const int FilesPerCheckpoint = 100;

    private readonly FileLocations _locations = new(context, config);
    private readonly FileUnpacker _unpacker = new(context, credentials.PdfPassword);

    public Task CheckAsync(CancellationToken cancellationToken) => _locations.CheckAsync(cancellationToken);

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // What is known says better than any position what is left to read, and misses no file that changed meanwhile.
        // Only a read from the beginning, in which nothing is known, goes on where it stood.
        var selection = SourceFile.Hash(string.Join('\n', config.FileLocations));
        var position =
            request.FromBeginning
            && request.CheckpointAs<FilePosition>() is { IsDone: false } last
            && last.Selection == selection
                ? last
                : new FilePosition(selection, context.Time.GetUtcNow());
        var resumed = position;
        var (problem, tables) = await _locations.ConfiguredTagsAsync(cancellationToken);
        if (problem is not null)
        {
            yield return new ReadItem.Failed(config.ZipMetadataFileId!, null, problem);
        }

        for (var location = 0; location < config.FileLocations.Count; location++)
        {
            await foreach (
                var (item, isUnchanged, endsChunk) in LookAsync(location, tables, resumed, cancellationToken)
            )
            {
                if (item is FileItem.Unreadable fault)
                {
                    yield return new ReadItem.Failed(fault.Id, null, fault.Reason);
                }
                else if (item is FileItem.Present { File: var file })
                {
                    if (isUnchanged)
                    {
                        yield return new ReadItem.Unchanged(file.DocumentId);
                    }
                    else
                    {
                        await foreach (var read in ReadFileAsync(file, position, resumed, location, cancellationToken))
                        {
                            yield return read;
                        }
                    }

                    position = position.After(location, file);
                }

                if (endsChunk)
                {
                    yield return ReadItem.Checkpoint.From(position);
                }
            }
        }

        yield return ReadItem.Checkpoint.From(position with { IsDone = true });
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (_, tables) = await _locations.ConfiguredTagsAsync(cancellationToken);
        for (var location = 0; location < config.FileLocations.Count; location++)
        {
            await foreach (var (item, isUnchanged, _) in LookAsync(location, tables, null, cancellationToken))
            {
                if (item is FileItem.Unreadable missing)
                {
                    ThrowIfOthersAreHidden(missing);
                    continue;
                }

                var file = ((FileItem.Present)item).File;
                if (isUnchanged)
                {
                    yield return file.DocumentId;
                    continue;
                }

                await foreach (var (document, fault) in _unpacker.UnpackAsync(file, cancellationToken))
                {
                    if (fault is not null)
                    {
                        ThrowIfOthersAreHidden(fault);
                    }

                    // What cannot be read at the moment is there all the same, and what was read of it before stays.
                    yield return document?.Id ?? fault!.Id;
                    await ReleaseAsync(document);
                }
            }
        }
    }

    /// <summary>The files of a location, looked up a hundred at a time: an unchanged one is not even opened.</summary>
    private async IAsyncEnumerable<(FileItem Item, bool IsUnchanged, bool EndsChunk)> LookAsync(
        int location,
        IReadOnlyList<FileTagTable> tables,
        FilePosition? resumed,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var chunks = _locations
            .FilesAsync(location, tables, cancellationToken)
            .Where(item => resumed?.IsPast(location, item) != true)
            .Chunk(FilesPerCheckpoint);
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            var known = await context.Known.GetAsync(
                [.. chunk.OfType<FileItem.Present>().Select(item => item.File.DocumentId)],
                cancellationToken
            );
            for (var index = 0; index < chunk.Length; index++)
            {
                // A mail's attachments are looked up each for itself, so that one that failed is tried again.
                var isUnchanged =
                    chunk[index] is FileItem.Present { File: var file }
                    && known.TryGetValue(file.DocumentId, out var stored)
                    && stored.Version == file.Version
                    && stored.Note != FileDocument.MembersNote;
                yield return (chunk[index], isUnchanged, index == chunk.Length - 1);
            }
        }
    }

    private async IAsyncEnumerable<ReadItem> ReadFileAsync(
        SourceFile file,
        FilePosition position,
        FilePosition resumed,
        int location,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // Members of an archive are counted, so that a reindex can go on in the middle of a large one.
        var skip = resumed.MembersOf(location, file);
        var members = 0;
        await foreach (var (document, fault) in _unpacker.UnpackAsync(file, cancellationToken))
        {
            members++;
            if (members <= skip)
            {
                await ReleaseAsync(document);
            }
            else if (fault is not null)
            {
                yield return new ReadItem.Failed(fault.Id, file.Tag.Link, fault.Reason);
            }
            else if (await IsKnownAsync(document!, cancellationToken))
            {
                await ReleaseAsync(document);
                yield return new ReadItem.Unchanged(document!.Id);
            }
            else
            {
                yield return new ReadItem.Found(document!.ToDocument(credentials.PdfPassword));
            }

            if (members > skip && members % FilesPerCheckpoint == 0)
            {
                yield return ReadItem.Checkpoint.From(position.Inside(location, file, members));
            }
        }
    }

    private async Task<bool> IsKnownAsync(FileDocument document, CancellationToken cancellationToken)
    {
        var known = await context.Known.GetAsync([document.Id], cancellationToken);
        return known.TryGetValue(document.Id, out var stored) && stored.Version == document.Source.Version;
    }

    private static ValueTask ReleaseAsync(FileDocument? document) => document?.Held?.DisposeAsync() ?? default;

    private static void ThrowIfOthersAreHidden(FileItem.Unreadable fault)
    {
        if (fault.HidesOthers)
        {
            throw new SourceException(
                FailureKind.Source,
                $"The files cannot be listed to their end, so nothing is deleted. {fault.Id}: {fault.Reason}"
            );
        }
    }
}

/// <summary>Where a read from the beginning stands.</summary>
/// <param name="Selection">The locations, as a mark: an index into others means nothing.</param>
/// <param name="Started">When it began: a file changed since is read even where the read has passed.</param>
/// <param name="Location">Index of the location that is being read.</param>
/// <param name="Path">The last file there that was read to its end; null for none.</param>
/// <param name="Archive">The archive that is being read; null for none.</param>
/// <param name="ArchiveMark">Its state: places in another one mean nothing.</param>
/// <param name="Members">How many of its members were read.</param>
/// <param name="IsDone">All was read.</param>
internal sealed record FilePosition(
    string Selection,
    DateTimeOffset Started,
    int Location = 0,
    string? Path = null,
    string? Archive = null,
    string? ArchiveMark = null,
    int Members = 0,
    bool IsDone = false
)
{
    // Clocks of file servers are seldom ours.
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    public FilePosition After(int location, SourceFile file) =>
        this with
        {
            Location = location,
            Path = file.Path,
            Archive = null,
            Members = 0,
        };

    public FilePosition Inside(int location, SourceFile archive, int members) =>
        this with
        {
            Location = location,
            Path = location == Location ? Path : null,
            Archive = archive.Path,
            ArchiveMark = archive.Mark,
            Members = members,
        };

    public bool IsPast(int location, FileItem item) =>
        item is FileItem.Present { File: var file }
        && (file.ModifiedAt is not { } changedAt || changedAt < Started - Slack)
        && (
            location < Location
            || (location == Location && Path is not null && string.CompareOrdinal(file.Path, Path) <= 0)
        );

    public int MembersOf(int location, SourceFile file) =>
        location == Location && file.Path == Archive && file.Mark == ArchiveMark ? Members : 0;
}
