using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.SharePoint;

/// <summary>The files of a library.</summary>
internal sealed class SharePointLibrary(ReaderContext context, SharePointConfig config)
{
    private const int RowsPerPage = 200;

    // Changes of permissions count as changes, where the application may know of them.
    private const string Preferences =
        "hierarchicalsharing, deltashowremovedasdeleted, deltatraversepermissiongaps, deltashowsharingchanges";

    /// <summary>Everything, or what changed since a link. An item may come twice: the last one counts.</summary>
    public IAsyncEnumerable<Page<GraphCollection<DriveItem>>> PagesAsync(
        SharePointTask drive,
        string? from,
        CancellationToken cancellationToken
    )
    {
        var root = config.Root.At($"drives/{drive.DriveId}/root").AbsoluteUri;
        var folder = drive.Folder.Length == 0 ? root : $"{root}:/{drive.Folder}:";
        return context.Http.GraphPagesAsync(
            new Uri($"{folder}/delta?$select={DriveItem.Fields}&$top={RowsPerPage}"),
            SharePointJson.Default.GraphCollectionDriveItem,
            from,
            cancellationToken,
            Preferences
        );
    }

    public Task<DriveItem> ItemAsync(SharePointTask file, CancellationToken cancellationToken) =>
        context.Http.GraphAsync(
            config.Root.At($"drives/{file.DriveId}/items/{file.ItemId}", ("$select", DriveItem.Fields)),
            SharePointJson.Default.DriveItem,
            cancellationToken
        );

    /// <summary>A file with text, that nobody wants to leave out.</summary>
    public bool IsWanted(SharePointTask drive, DriveItem item) =>
        !item.IsDeleted
        && item.IsReadable
        && !(config.ExcludedPaths ?? new TextList([])).Any(pattern => Fits(pattern.Trim('/'), PathOf(drive, item)));

    public async Task<ReadItem> ReadAsync(SharePointTask drive, DriveItem item, CancellationToken cancellationToken)
    {
        var access = await AccessAsync(drive, item.Id, cancellationToken);
        var name = string.IsNullOrWhiteSpace(item.Name) ? item.Id : item.Name;
        return new ReadItem.Found(
            new Document
            {
                Id = item.DocumentId,
                Title = name,
                Link = item.WebUrl,
                File = await context.Http.GraphFileAsync(
                    config.Root.At($"drives/{drive.DriveId}/items/{item.Id}/content"),
                    name,
                    item.File?.MimeType,
                    item.Size,
                    cancellationToken
                ),
                Version = item.State + GraphMarks.MarkOf([$"{access.IsPublic}", .. access.Users, "", .. access.Groups]),
                CreatedAt = item.CreatedDateTime,
                UpdatedAt = item.LastModifiedDateTime,
                PrimaryOwners = item.LastModifiedBy?.Owners ?? [],
                SecondaryOwners = item.CreatedBy?.Owners ?? [],
                Metadata = new Dictionary<string, MetadataValue>
                {
                    ["site"] = drive.SiteTitle,
                    ["drive"] = drive.DriveName ?? "",
                    ["path"] = PathOf(drive, item),
                },
                Access = access,
            }
        );
    }

    /// <summary>The path below the library. Deltas leave it out of the parent, and addresses of Office files have none.</summary>
    private static string PathOf(SharePointTask drive, DriveItem item)
    {
        const string Root = "root:";
        var name = item.Name ?? item.Id;
        if (
            item.ParentReference?.Path is { } parent
            && parent.IndexOf(Root, StringComparison.Ordinal) is >= 0 and var at
        )
        {
            return $"{Uri.UnescapeDataString(parent[(at + Root.Length)..])}/{name}".TrimStart('/');
        }

        return
            drive.DriveUrl is { } library
            && item.WebUrl is { } address
            && address.StartsWith(library.TrimEnd('/') + "/", StringComparison.OrdinalIgnoreCase)
            ? Uri.UnescapeDataString(address[(library.TrimEnd('/').Length + 1)..].Split('?')[0])
            : name;
    }

    private static bool Fits(string pattern, string path) =>
        Wildcard.Fits(pattern, path, ignoreCase: true)
        || Wildcard.Fits(pattern + "/*", path, ignoreCase: true)
        || Wildcard.Fits(pattern, path.Split('/')[^1], ignoreCase: true);

    private async Task<DocumentAccess> AccessAsync(
        SharePointTask drive,
        string item,
        CancellationToken cancellationToken
    )
    {
        var users = new SortedSet<string>(StringComparer.Ordinal);
        var groups = new SortedSet<string>(StringComparer.Ordinal);
        var isPublic = false;
        var permissions = context.Http.GraphItemsAsync(
            config.Root.At($"drives/{drive.DriveId}/items/{item}/permissions"),
            SharePointJson.Default.GraphCollectionItemPermission,
            cancellationToken
        );
        try
        {
            await foreach (var permission in permissions)
            {
                isPublic |= config.TreatSharingLinkAsPublic && permission.Link?.Scope == "anonymous";
                foreach (
                    var set in (permission.GrantedToIdentitiesV2 ?? [])
                        .Append(permission.GrantedToV2)
                        .OfType<IdentitySet>()
                )
                {
                    if (AddressOf(set) is { } address)
                    {
                        users.Add(address);
                    }

                    if (GroupOf(drive, set) is { } group)
                    {
                        groups.Add($"sharepoint_{group}");
                    }
                }
            }
        }
        catch (SourceException exception) when (GraphFailures.IsNotToBeHad(exception))
        {
            // The application may not know who reads it: then nobody is named. Whether the file is gone tells its content.
            return new DocumentAccess(false, [], []);
        }

        return new DocumentAccess(isPublic, [.. users], [.. groups]);
    }

    /// <summary>Groups of a site have names and numbers that other sites have, too.</summary>
    private static string? GroupOf(SharePointTask drive, IdentitySet set) =>
        set.Group?.Id
        ?? ((set.SiteGroup?.DisplayName ?? set.SiteGroup?.Id) is { } name ? $"{drive.SiteId}:{name}" : null);

    /// <summary>A site's user is known by a claim that ends with the address.</summary>
    private static string? AddressOf(IdentitySet set) =>
        GraphMarks.Normal(
            set.User?.Email
                ?? set.User?.UserPrincipalName
                ?? set.SiteUser?.Email
                ?? (set.SiteUser?.LoginName?.Split('|')[^1] is { } login && login.Contains('@') ? login : null)
        );
}
