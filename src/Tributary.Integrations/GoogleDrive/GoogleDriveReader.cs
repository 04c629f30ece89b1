using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tributary.Integrations.Google;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Partitions;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.GoogleDrive;

/// <summary>
/// Reads users and shared drives by their logs of changes, side by side; then walks the folders that were named by a link.
/// </summary>
internal sealed class GoogleDriveReader : ISearchingReader, ISingleReader
{
    private const int Concurrency = 3;

    private readonly ReaderContext _context;
    private readonly GoogleDriveConfig _config;
    private readonly GoogleCredentials _credentials;
    private readonly DriveApi _api;
    private readonly DriveMapping _mapping;

    public GoogleDriveReader(ReaderContext context, GoogleDriveConfig config, GoogleCredentials credentials)
    {
        (_context, _config, _credentials) = (context, config, credentials);
        var keys = config
            .Drives.Concat(config.Folders)
            .Where(link => link.ResourceKey is not null)
            .Select(link => $"{link.Id}/{link.ResourceKey}");
        _api = new DriveApi(
            new GoogleApi(context.Http, string.Join(',', keys)),
            config.Services,
            config.ExcludeDomainLinkOnly
        );
        _mapping = new DriveMapping(_api, config.ExcludeDomainLinkOnly);
    }

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var scope = await OpenAsync(cancellationToken);
        foreach (var target in _config.IsNamed ? scope.Targets.Values.ToList() : [.. scope.Targets.Values.Take(1)])
        {
            await _api.ChangesStartAsync(target, cancellationToken);
        }
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var scope = await OpenAsync(cancellationToken);
        var position = request.CheckpointAs<DrivePosition>();
        if (position?.Selection != Selection())
        {
            position = new DrivePosition { Selection = Selection() };
        }

        if (!position.IsWalking && scope.Targets.Count > 0)
        {
            var log = new DriveLog(_context, _api, _mapping, scope);
            var start = position;
            var items = PartitionedRead.ReadAsync(
                scope.Targets.Keys,
                position.Logs,
                (key, from, cancellation) => log.ReadAsync(scope.Targets[key], Of(from), cancellation),
                Concurrency,
                logs => ReadItem.Checkpoint.From(start with { Logs = logs }),
                cancellationToken
            );
            await foreach (var item in items)
            {
                position = (item as ReadItem.Checkpoint)?.As<DrivePosition>() ?? position;
                yield return item;
            }
        }

        if (scope.Folders.Count == 0)
        {
            yield break;
        }

        // What changed in folders that a pass had behind it when it was cut off is seen by a second one.
        for (var passes = position.IsWalking ? 2 : 1; passes > 0; passes--)
        {
            await foreach (var item in WalkAsync(scope, position, cancellationToken))
            {
                yield return item;
            }

            position = position with { IsWalking = false, Folder = null, Next = null };
        }

        yield return ReadItem.Checkpoint.From(position);
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var scope = await OpenAsync(cancellationToken);
        foreach (var target in scope.Targets.Values)
        {
            var acting = await ActingAsync(scope, target, cancellationToken);
            await foreach (var page in _api.FilesAsync(acting, true, null, cancellationToken))
            {
                foreach (var listed in page.Body.Files.Where(file => target.Has(file)))
                {
                    if (
                        await _api.ResolveAsync(listed, acting.User, cancellationToken) is { } file
                        && _mapping.Takes(file)
                    )
                    {
                        yield return file.Id;
                    }
                }
            }
        }

        await _context.Work.ClearAsync(cancellationToken);
        await _context.Work.AddAsync([.. scope.Folders.Select(ItemOf)], cancellationToken);
        while (await _context.Work.TakeAsync(1, cancellationToken) is [var work])
        {
            var folder = FolderOf(work);
            await foreach (var page in _api.ChildrenAsync(folder, true, null, cancellationToken))
            {
                foreach (var listed in page.Body.Files)
                {
                    var file = await _api.ResolveAsync(listed, folder.User, cancellationToken);
                    if (file is { IsFolder: true, Trashed: false })
                    {
                        await _context.Work.AddAsync([ItemOf(BelowOf(folder, file))], cancellationToken);
                    }
                    else if (file is not null && _mapping.Takes(file))
                    {
                        yield return file.Id;
                    }
                }
            }

            _context.Work.Complete(work.Key);
        }
    }

    private async IAsyncEnumerable<ReadItem> WalkAsync(
        DriveScope scope,
        DrivePosition position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var items = new DriveItems(_context, _mapping);
        if (!position.IsWalking)
        {
            await _context.Work.ClearAsync(cancellationToken);
            await _context.Work.AddAsync([.. scope.Folders.Select(ItemOf)], cancellationToken);
            position = position with { IsWalking = true };
        }

        while (await _context.Work.TakeAsync(1, cancellationToken) is [var work])
        {
            var folder = FolderOf(work);
            var from = position.Folder == work.Key ? position.Next : null;
            var pages = DriveListing.FromAsync(
                next => _api.ChildrenAsync(folder, false, next, cancellationToken),
                from,
                cancellationToken
            );
            await foreach (var page in pages)
            {
                var files = new List<DriveFile>();
                foreach (var listed in page.Body.Files)
                {
                    var file = await _api.ResolveAsync(listed, folder.User, cancellationToken);
                    if (file is { IsFolder: true, Trashed: false })
                    {
                        await _context.Work.AddAsync([ItemOf(BelowOf(folder, file))], cancellationToken);
                    }
                    else if (file is not null)
                    {
                        files.Add(file);
                    }
                }

                await foreach (
                    var item in items.ReadAsync(files, folder.User, folder.User ?? scope.Email, cancellationToken)
                )
                {
                    yield return item;
                }

                if (page.Next is null)
                {
                    _context.Work.Complete(work.Key);
                }

                position = position with { Folder = page.Next is null ? null : work.Key, Next = page.Next };
                yield return ReadItem.Checkpoint.From(position);
            }
        }
    }

    /// <summary>A target with the user to act as: in a shared drive somebody who is a member.</summary>
    internal static async Task<DriveTarget> ActingAsync(
        DriveScope scope,
        DriveTarget target,
        CancellationToken cancellationToken
    ) =>
        target.DriveId is { } drive
            ? target with
            {
                User = await scope.MemberOfAsync(drive, cancellationToken),
            }
            : target;

    public async IAsyncEnumerable<FoundItem> SearchAsync(
        string query,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (var file in await _api.FindFilesAsync(query, limit, User, cancellationToken))
        {
            yield return new FoundItem(file.Id, file.Name, file.WebViewLink, file.ModifiedTime);
        }
    }

    public async Task<ReadItem> ReadOneAsync(string id, CancellationToken cancellationToken) =>
        await _api.FindAsync(id, User, cancellationToken) is { Trashed: false, IsFolder: false } file
            ? await _mapping.ReadAsync(file, User, null, [], cancellationToken)
            : new ReadItem.Deleted(id);

    /// <summary>In whose name it is looked up: a service account acts for the administrator where one is named.</summary>
    private string? User => _credentials.IsServiceAccount ? _credentials.GooglePrimaryAdmin : null;

    private Task<DriveScope> OpenAsync(CancellationToken cancellationToken) =>
        DriveScope.OpenAsync(_api, _config, _credentials, cancellationToken);

    private static DriveLogPosition? Of(JsonElement? from) => from?.Deserialize<DriveLogPosition>(SettingsJson.Options);

    // A shortcut leads to a folder that may be in another drive.
    private static DriveFolder BelowOf(DriveFolder folder, DriveFile file) => new(file.Id, file.DriveId, folder.User);

    private static WorkItem ItemOf(DriveFolder folder) => new(folder.Id, $"{folder.DriveId}|{folder.User}");

    private static DriveFolder FolderOf(WorkItem item)
    {
        var parts = (item.Data ?? "|").Split('|', 2);
        return new DriveFolder(item.Key, parts[0].Length > 0 ? parts[0] : null, parts[1].Length > 0 ? parts[1] : null);
    }

    /// <summary>What of the settings decides what is read: with other settings a read begins afresh.</summary>
    private string Selection() =>
        Convert.ToHexStringLower(
            SHA256
                .HashData(
                    Encoding.UTF8.GetBytes(
                        string.Join(
                            '|',
                            _config.IncludeSharedDrives,
                            _config.IncludeMyDrives,
                            _config.IncludeFilesSharedWithMe,
                            _config.SharedDriveUrls,
                            _config.SharedFolderUrls,
                            _config.MyDriveEmails,
                            _config.SpecificUserEmails,
                            _config.ExcludeDomainLinkOnly,
                            _config.ApiBaseUrl,
                            _credentials.Admin
                        )
                    )
                )
                .AsSpan(0, 8)
        );
}

/// <summary>Where a read stands.</summary>
internal sealed record DrivePosition
{
    /// <summary>What is read.</summary>
    public required string Selection { get; init; }

    /// <summary>The logs of changes.</summary>
    public PartitionedPosition? Logs { get; init; }

    /// <summary>The logs are done in this pass, and folders are walked.</summary>
    public bool IsWalking { get; init; }

    /// <summary>The folder that is being read, where it has further pages.</summary>
    public string? Folder { get; init; }

    /// <summary>The next page of it.</summary>
    public string? Next { get; init; }
}
