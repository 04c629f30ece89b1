using System.Buffers.Text;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.SharePoint;

/// <summary>Which sites, libraries and folders are read.</summary>
internal sealed class SharePointSites(ReaderContext context, SharePointConfig config)
{
    private const string Fields = "id,name,displayName,webUrl,isPersonalSite";

    /// <summary>What the config names, or every site, in pages.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="missing">Takes named ones that cannot be found or opened; null throws for the first.</param>
    public async IAsyncEnumerable<IReadOnlyList<SharePointTask>> PagesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken,
        List<(string Typed, SourceException Reason)>? missing = null
    )
    {
        if (config.Sites is { Count: > 0 } named)
        {
            foreach (var typed in named)
            {
                SharePointTask? task = null;
                try
                {
                    task = await ResolveAsync(typed, cancellationToken);
                }
                catch (SourceException exception)
                    when (missing is not null && (exception.Member is not null || GraphFailures.ConcernsOne(exception)))
                {
                    missing.Add((typed, exception));
                }

                if (task is not null && !IsExcluded(task.SiteUrl))
                {
                    yield return [task];
                }
            }

            yield break;
        }

        await foreach (var page in AllAsync(cancellationToken))
        {
            yield return [.. page.Where(IsWanted).Select(TaskOf)];
        }
    }

    /// <summary>What there is to read of a site: libraries, pages, and the sites below it.</summary>
    public async Task<IReadOnlyList<SharePointTask>> PartsAsync(
        SharePointTask site,
        CancellationToken cancellationToken
    )
    {
        var parts = new List<SharePointTask>();
        if (config.IncludeSiteDocuments)
        {
            await foreach (var drive in DrivesAsync(site.SiteId, cancellationToken))
            {
                parts.Add(OfDrive(site, drive, ""));
            }
        }

        if (config.IncludeSitePages)
        {
            parts.Add(site with { Kind = SharePointTask.Pages });
        }

        parts.AddRange(await BelowAsync(site, cancellationToken));
        return parts;
    }

    private async Task<IReadOnlyList<SharePointTask>> BelowAsync(
        SharePointTask site,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await context
                .Http.GraphItemsAsync(
                    config.Root.At($"sites/{site.SiteId}/sites", ("$select", Fields)),
                    SharePointJson.Default.GraphCollectionSharePointSite,
                    cancellationToken
                )
                .Where(IsWanted)
                .Select(TaskOf)
                .ToListAsync(cancellationToken);
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.Forbidden)
        {
            // With Sites.Selected an application is never told of sites below; otherwise this is trouble, not an answer.
            return await IsSelectedOnlyAsync(cancellationToken)
                ? []
                : throw new SourceException(exception.Kind, exception.Message, exception) { Status = exception.Status };
        }
        catch (SourceException exception) when (GraphFailures.IsNotServed(exception))
        {
            await AnswersAsync(site.SiteId, cancellationToken);
            return [];
        }
    }

    /// <summary>The site is there, whatever it does not have.</summary>
    /// <exception cref="SourceException">It is not.</exception>
    public Task AnswersAsync(string site, CancellationToken cancellationToken) =>
        context.Http.GraphAsync(
            config.Root.At($"sites/{site}", ("$select", Fields)),
            SharePointJson.Default.SharePointSite,
            cancellationToken
        );

    private async Task<bool> IsSelectedOnlyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await context.Http.GraphAsync(
                config.Root.At($"sites/getAllSites", ("$select", "id"), ("$top", 1)),
                SharePointJson.Default.GraphCollectionSharePointSite,
                cancellationToken
            );
            return false;
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.Forbidden)
        {
            return true;
        }
    }

    /// <summary>The site, library or folder with an address.</summary>
    /// <exception cref="SourceException">There is none.</exception>
    public async Task<SharePointTask> ResolveAsync(string typed, CancellationToken cancellationToken)
    {
        var address = SiteAddress.Parse(typed) ?? throw Unknown(typed, "This is no address of a site.");
        if (address.IsSharingLink)
        {
            address = await SharedAsync(typed, cancellationToken);
        }

        (SharePointTask Site, SharePointDrive Drive, int Length)? named = null;
        for (var length = address.SiteParts; ; length++)
        {
            if (await FindAsync(address, length, cancellationToken) is not { } found)
            {
                return named is { } byName
                    ? await LibraryAsync(typed, address, byName.Site, byName.Drive, byName.Length, cancellationToken)
                    : throw Unknown(
                        typed,
                        "There is no such site or library, or the application may not read it: check the spelling, and Sites.Read.All or the site's permission for the application."
                    );
            }

            var site = TaskOf(found);
            if (address.Parts.Count == length)
            {
                return site;
            }

            await foreach (var drive in DrivesAsync(site.SiteId, cancellationToken))
            {
                // The library's name is localised and not what stands in its address, though people may give it.
                var path = SiteAddress.Parse(drive.WebUrl ?? "")?.Parts ?? [];
                if (
                    path.Count > length
                    && path.Count <= address.Parts.Count
                    && path.SequenceEqual(address.Parts.Take(path.Count), StringComparer.OrdinalIgnoreCase)
                )
                {
                    return await LibraryAsync(typed, address, site, drive, path.Count, cancellationToken);
                }

                if (string.Equals(drive.Name, address.Parts[length], StringComparison.OrdinalIgnoreCase))
                {
                    named ??= (site, drive, length + 1);
                }
            }
        }
    }

    /// <summary>What a sharing link leads to. See https://learn.microsoft.com/graph/api/shares-get.</summary>
    private async Task<SiteAddress> SharedAsync(string typed, CancellationToken cancellationToken)
    {
        var id = "u!" + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(typed.Trim()));
        DriveItem item;
        try
        {
            item = await context.Http.GetJsonAsync(
                config.Root.At($"shares/{id}/driveItem", ("$select", "id,name,webUrl,folder")),
                SharePointJson.Default.DriveItem,
                cancellationToken
            );
        }
        catch (SourceException exception)
            when (exception.Status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest)
        {
            throw Unknown(
                typed,
                "SharePoint does not say what this link leads to: it was taken back, or the application may not read it. Give the address that the browser shows when the folder is open."
            );
        }

        var address = item.Folder is null ? null : SiteAddress.Parse(item.WebUrl ?? "");
        return address is { IsSharingLink: false }
            ? address
            : throw Unknown(typed, "This link is for a single file: give one of a folder, a library or a site.");
    }

    /// <summary>A library, or the folder in it that the rest of an address names.</summary>
    private async Task<SharePointTask> LibraryAsync(
        string typed,
        SiteAddress address,
        SharePointTask site,
        SharePointDrive drive,
        int length,
        CancellationToken cancellationToken
    )
    {
        var folder = string.Join('/', address.Parts.Skip(length).Select(Uri.EscapeDataString));
        await CheckFolderAsync(typed, drive, folder, cancellationToken);
        return OfDrive(site, drive, folder);
    }

    private async Task CheckFolderAsync(
        string typed,
        SharePointDrive drive,
        string folder,
        CancellationToken cancellationToken
    )
    {
        if (folder.Length == 0)
        {
            return;
        }

        try
        {
            await context.Http.GraphAsync(
                new Uri($"{config.Root.At($"drives/{drive.Id}")}/root:/{folder}?$select=id"),
                SharePointJson.Default.DriveItem,
                cancellationToken
            );
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.NotFound)
        {
            throw Unknown(typed, $"The library {drive.Name} has no such folder.");
        }
    }

    private async Task<SharePointSite?> FindAsync(SiteAddress address, int length, CancellationToken cancellationToken)
    {
        if (length > address.Parts.Count)
        {
            return null;
        }

        var path = string.Join('/', address.Parts.Take(length).Select(Uri.EscapeDataString));
        try
        {
            return await context.Http.GraphAsync(
                path.Length == 0
                    ? config.Root.At($"sites/{address.Host}", ("$select", Fields))
                    : new Uri($"{config.Root.At($"sites/{address.Host}")}:/{path}?$select={Fields}"),
                SharePointJson.Default.SharePointSite,
                cancellationToken
            );
        }
        catch (SourceException exception)
            when (exception.Status is HttpStatusCode.NotFound
                || (exception.Status is HttpStatusCode.Forbidden or HttpStatusCode.BadRequest && length > 2)
            )
        {
            return null;
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.Forbidden)
        {
            throw new SourceException(
                FailureKind.Credentials,
                $"The application may not read {address.Host}/{path}. Give it Sites.Read.All, or with Sites.Selected the role read on this site.",
                exception
            )
            {
                Member = "config.sites",
                Status = exception.Status,
            };
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<SharePointSite>> AllAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var pages = await FirstOfAllAsync(cancellationToken);
        do
        {
            yield return pages.Current.Body.Items;
        } while (await pages.MoveNextAsync());
    }

    /// <summary>All sites, at the first page. A cloud that does not list them all has them in its index.</summary>
    private async Task<IAsyncEnumerator<Page<GraphCollection<SharePointSite>>>> FirstOfAllAsync(
        CancellationToken cancellationToken
    )
    {
        var all = PagesOf(config.Root.At($"sites/getAllSites", ("$select", Fields)), cancellationToken);
        try
        {
            await all.MoveNextAsync();
            return all;
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.Forbidden)
        {
            await all.DisposeAsync();
            throw new SourceException(
                FailureKind.Credentials,
                "The application may not list all sites: give it Sites.Read.All as an application permission with admin consent, in the Entra admin center. With Sites.Selected name the sites that it may read.",
                exception
            )
            {
                Member = "config.sites",
                Status = exception.Status,
            };
        }
        catch (SourceException exception)
            when (exception.Status
                    is HttpStatusCode.BadRequest
                        or HttpStatusCode.NotFound
                        or HttpStatusCode.NotImplemented
            )
        {
            await all.DisposeAsync();
        }

        var found = PagesOf(config.Root.At($"sites", ("search", "*"), ("$select", Fields)), cancellationToken);
        await found.MoveNextAsync();
        return found;
    }

    private IAsyncEnumerator<Page<GraphCollection<SharePointSite>>> PagesOf(
        Uri first,
        CancellationToken cancellationToken
    ) =>
        context
            .Http.GraphPagesAsync(first, SharePointJson.Default.GraphCollectionSharePointSite, null, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);

    private IAsyncEnumerable<SharePointDrive> DrivesAsync(string site, CancellationToken cancellationToken) =>
        context
            .Http.GraphItemsAsync(
                config.Root.At($"sites/{site}/drives", ("$select", "id,name,webUrl,driveType")),
                SharePointJson.Default.GraphCollectionSharePointDrive,
                cancellationToken
            )
            .Where(drive => drive.DriveType is null or "documentLibrary");

    private bool IsWanted(SharePointSite site) => !site.IsLeftOut && !IsExcluded(site.WebUrl);

    /// <summary>A pattern takes the sites below with it.</summary>
    private bool IsExcluded(string? address) =>
        address?.TrimEnd('/') is { } site
        && (config.ExcludedSites ?? new TextList([]))
            .Select(pattern =>
                pattern.Contains("://", StringComparison.Ordinal) || pattern.StartsWith('*') ? pattern
                : pattern.StartsWith('/') ? "*" + pattern
                : "https://" + pattern
            )
            .Select(pattern => pattern.TrimEnd('/'))
            .Any(pattern =>
                Wildcard.Fits(pattern, site, ignoreCase: true) || Wildcard.Fits(pattern + "/*", site, ignoreCase: true)
            );

    private static SharePointTask TaskOf(SharePointSite site) =>
        new()
        {
            Kind = SharePointTask.Site,
            SiteId = site.Id,
            SiteTitle = site.Title,
            SiteUrl = site.WebUrl,
        };

    private static SharePointTask OfDrive(SharePointTask site, SharePointDrive drive, string folder) =>
        site with
        {
            Kind = SharePointTask.Drive,
            DriveId = drive.Id,
            DriveName = drive.Name,
            DriveUrl = drive.WebUrl,
            Folder = folder,
        };

    private static SourceException Unknown(string typed, string reason) =>
        new(FailureKind.Configuration, $"'{typed}': {reason}") { Member = "config.sites" };
}
