using System.Collections.Concurrent;
using System.Net;
using Tributary.Integrations.Google;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;

namespace Tributary.Integrations.GoogleDrive;

/// <summary>The calls of Drive that are used. See https://developers.google.com/workspace/drive/api/reference/rest/v3.</summary>
/// <param name="google">The way to Google.</param>
/// <param name="services">Where its services are.</param>
/// <param name="listsGrants">Slim listings have grants, too.</param>
internal sealed class DriveApi(GoogleApi google, GoogleServices services, bool listsGrants)
{
    private const int MostNames = 2_000;
    private const int DeepestPath = 30;
    private const string Permissions = "permissions(id,type,emailAddress,domain,role,allowFileDiscovery,deleted)";
    private const string FileFields =
        "id,name,mimeType,modifiedTime,createdTime,size,md5Checksum,webViewLink,parents,driveId,"
        + "owners(emailAddress,displayName),lastModifyingUser(emailAddress,displayName),shortcutDetails,permissionIds,"
        + Permissions
        + ",trashed";
    private const string SlimFields = "id,mimeType,driveId,owners(emailAddress,displayName),shortcutDetails,trashed";
    private const string NoFolders = "mimeType != 'application/vnd.google-apps.folder' and trashed = false";

    private readonly ConcurrentDictionary<string, (string? Name, string? Parent)> _folders = new();

    public GoogleApi Google => google;

    public GoogleServices Services => services;

    public async Task<string?> EmailAsync(string? user, CancellationToken cancellationToken)
    {
        var about = await google.GetAsync(
            services.Drive.At($"about", ("fields", "user(emailAddress,displayName)")),
            user,
            DriveJson.Default.DriveAbout,
            cancellationToken
        );
        return about.User.EmailAddress;
    }

    public Task<DriveFile> FileAsync(string id, string? user, CancellationToken cancellationToken) =>
        google.GetAsync(
            services.Drive.At($"files/{id}", ("supportsAllDrives", true), ("fields", FileFields)),
            user,
            DriveJson.Default.DriveFile,
            cancellationToken
        );

    /// <summary>A file; null when it is gone or this user may not see it.</summary>
    public async Task<DriveFile?> FindAsync(string id, string? user, CancellationToken cancellationToken)
    {
        try
        {
            return await FileAsync(id, user, cancellationToken);
        }
        catch (SourceException exception) when (IsOutOfReach(exception))
        {
            return null;
        }
    }

    /// <summary>What stands behind a shortcut; null when that is out of reach. Other files are handed back.</summary>
    public async Task<DriveFile?> ResolveAsync(DriveFile file, string? user, CancellationToken cancellationToken) =>
        !file.IsShortcut ? file
        : file.ShortcutDetails?.TargetId is { Length: > 0 } target ? await FindAsync(target, user, cancellationToken)
        : null;

    /// <summary>Files with some words that a user can see, in shared drives, too.</summary>
    public async Task<IReadOnlyList<DriveFile>> FindFilesAsync(
        string words,
        int limit,
        string? user,
        CancellationToken cancellationToken
    )
    {
        var quoted = words
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("'", "\\'", StringComparison.Ordinal);
        var found = await google.GetAsync(
            services.Drive.At(
                $"files",
                ("q", $"fullText contains '{quoted}' and {NoFolders}"),
                ("corpora", "allDrives"),
                ("includeItemsFromAllDrives", true),
                ("supportsAllDrives", true),
                ("pageSize", limit),
                ("fields", $"files({FileFields})")
            ),
            user,
            DriveJson.Default.DriveFileList,
            cancellationToken
        );
        return found.Files;
    }

    /// <summary>All files of a user or a shared drive, folders left out.</summary>
    public IAsyncEnumerable<Page<DriveFileList>> FilesAsync(
        DriveTarget target,
        bool isSlim,
        string? from,
        CancellationToken cancellationToken
    ) =>
        FilesAsync(
            target.DriveId is null && !target.IsShared ? $"'me' in owners and {NoFolders}" : NoFolders,
            target.DriveId,
            target.User,
            isSlim,
            from,
            cancellationToken
        );

    /// <summary>What is in a folder, sub-folders included.</summary>
    public IAsyncEnumerable<Page<DriveFileList>> ChildrenAsync(
        DriveFolder folder,
        bool isSlim,
        string? from,
        CancellationToken cancellationToken
    ) =>
        FilesAsync(
            $"'{folder.Id.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}' in parents and trashed = false",
            folder.DriveId,
            folder.User,
            isSlim,
            from,
            cancellationToken
        );

    private async IAsyncEnumerable<Page<DriveFileList>> FilesAsync(
        string query,
        string? driveId,
        string? user,
        bool isSlim,
        string? from,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var pages = google.PagesAsync(
            page =>
                services.Drive.At(
                    $"files",
                    ("q", query),
                    ("corpora", driveId is null ? "user" : "drive"),
                    ("driveId", driveId),
                    ("includeItemsFromAllDrives", driveId is null ? null : true),
                    ("supportsAllDrives", true),
                    ("spaces", "drive"),
                    ("pageSize", 1000),
                    ("pageToken", page),
                    (
                        "fields",
                        $"nextPageToken,incompleteSearch,files({(isSlim ? listsGrants ? $"{SlimFields},{Permissions}" : SlimFields : FileFields)})"
                    )
                ),
            user,
            DriveJson.Default.DriveFileList,
            page => page.NextPageToken,
            from,
            cancellationToken
        );
        await foreach (var page in pages)
        {
            if (page.Body.IncompleteSearch)
            {
                throw new SourceException(
                    FailureKind.Transient,
                    "Google Drive answered with only a part of its files (incompleteSearch). The next run tries again; when it stays so, name drives and folders one by one."
                );
            }

            yield return page;
        }
    }

    public async Task<string> ChangesStartAsync(DriveTarget target, CancellationToken cancellationToken) =>
        (
            await google.GetAsync(
                services.Drive.At($"changes/startPageToken", ("driveId", target.DriveId), ("supportsAllDrives", true)),
                target.User,
                DriveJson.Default.DriveStart,
                cancellationToken
            )
        ).StartPageToken;

    public IAsyncEnumerable<Page<DriveChangeList>> ChangesAsync(
        DriveTarget target,
        string token,
        CancellationToken cancellationToken
    ) =>
        google.PagesAsync(
            page =>
                services.Drive.At(
                    $"changes",
                    ("pageToken", page),
                    ("driveId", target.DriveId),
                    ("includeItemsFromAllDrives", target.DriveId is null ? null : true),
                    ("supportsAllDrives", true),
                    ("includeRemoved", true),
                    ("pageSize", 1000),
                    (
                        "fields",
                        $"nextPageToken,newStartPageToken,changes(changeType,removed,fileId,time,file({FileFields}))"
                    )
                ),
            target.User,
            DriveJson.Default.DriveChangeList,
            page => page.NextPageToken,
            token,
            cancellationToken
        );

    public async Task<SharedDrive?> FindDriveAsync(
        string id,
        string? user,
        bool asAdmin,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await google.GetAsync(
                services.Drive.At(
                    $"drives/{id}",
                    ("useDomainAdminAccess", asAdmin ? true : null),
                    ("fields", "id,name")
                ),
                user,
                DriveJson.Default.SharedDrive,
                cancellationToken
            );
        }
        catch (SourceException exception) when (IsOutOfReach(exception))
        {
            return null;
        }
    }

    public IAsyncEnumerable<SharedDrive> DrivesAsync(string? user, bool asAdmin, CancellationToken cancellationToken) =>
        google
            .PagesAsync(
                page =>
                    services.Drive.At(
                        $"drives",
                        ("pageSize", 100),
                        ("pageToken", page),
                        ("useDomainAdminAccess", asAdmin ? true : null),
                        ("fields", "nextPageToken,drives(id,name)")
                    ),
                user,
                DriveJson.Default.SharedDriveList,
                page => page.NextPageToken,
                null,
                cancellationToken
            )
            .SelectMany(page => page.Body.Drives);

    /// <summary>The grants on a file or drive; null when this user may not see them.</summary>
    public async Task<IReadOnlyList<DrivePermission>?> PermissionsAsync(
        string id,
        string? user,
        bool asAdmin,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await google
                .PagesAsync(
                    page =>
                        services.Drive.At(
                            $"files/{id}/permissions",
                            ("pageSize", 100),
                            ("pageToken", page),
                            ("supportsAllDrives", true),
                            ("useDomainAdminAccess", asAdmin ? true : null),
                            ("fields", "nextPageToken," + Permissions)
                        ),
                    user,
                    DriveJson.Default.DrivePermissionList,
                    page => page.NextPageToken,
                    null,
                    cancellationToken
                )
                .SelectMany(page => page.Body.Permissions ?? [])
                .ToListAsync(cancellationToken);
        }
        catch (SourceException exception) when (IsOutOfReach(exception))
        {
            return null;
        }
    }

    /// <summary>A Workspace document in another format; beyond Google's cap of 10 MB by the link that has none.</summary>
    public FileContent ExportOf(DriveFile file, string mediaType, string extension, string? user) =>
        new()
        {
            Name = (file.Name ?? file.Id) + extension,
            ContentType = mediaType,
            OpenAsync = async cancellationToken =>
            {
                try
                {
                    return await google.OpenAsync(
                        services.Drive.At($"files/{file.Id}/export", ("mimeType", mediaType)),
                        user,
                        cancellationToken
                    );
                }
                catch (SourceException exception) when (GoogleErrors.ReasonOf(exception) == "exportSizeLimitExceeded")
                {
                    var exports = await google.GetAsync(
                        services.Drive.At($"files/{file.Id}", ("supportsAllDrives", true), ("fields", "exportLinks")),
                        user,
                        DriveJson.Default.DriveExports,
                        cancellationToken
                    );
                    return
                        exports.ExportLinks?.GetValueOrDefault(mediaType) is { } link
                        && Uri.TryCreate(link, UriKind.Absolute, out var address)
                        ? await google.OpenAsync(address, user, cancellationToken)
                        : throw new SourceException(exception.Kind, exception.Message, exception)
                        {
                            Status = exception.Status,
                        };
                }
            },
        };

    /// <summary>The bytes of an uploaded file.</summary>
    public FileContent ContentOf(DriveFile file, string? user) =>
        new()
        {
            Name = file.Name ?? file.Id,
            ContentType = file.MimeType,
            Length = long.TryParse(file.Size, out var length) ? length : null,
            OpenAsync = cancellationToken =>
                google.OpenAsync(
                    services.Drive.At($"files/{file.Id}", ("alt", "media"), ("supportsAllDrives", true)),
                    user,
                    cancellationToken
                ),
        };

    /// <summary>"Shared drive/Folder/Sub-folder" as far as this user sees it.</summary>
    public async Task<string> PathOfAsync(DriveFile file, string? user, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        var parent = file.Parent;
        for (var depth = 0; parent is not null && depth < DeepestPath; depth++)
        {
            if (!_folders.TryGetValue(parent, out var folder))
            {
                folder =
                    parent == file.DriveId
                        ? ((await FindDriveAsync(parent, user, false, cancellationToken))?.Name, null)
                    : await FindAsync(parent, user, cancellationToken) is { } found ? (found.Name, found.Parent)
                    : default;
                if (_folders.Count >= MostNames)
                {
                    _folders.Clear();
                }

                _folders[parent] = folder;
            }

            if (folder.Name is not null)
            {
                names.Insert(0, folder.Name);
            }

            parent = folder.Parent;
        }

        return string.Join('/', names);
    }

    /// <summary>404 in Drive also means that there is no access.</summary>
    public static bool IsOutOfReach(SourceException exception) =>
        exception.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.Forbidden
        && GoogleErrors.ReasonOf(exception)
            is not ("accessNotConfigured" or "SERVICE_DISABLED" or "insufficientPermissions" or "domainPolicy");
}
