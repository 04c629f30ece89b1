using System.Net;
using Tributary.Integrations.Google;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.GoogleDrive;

/// <summary>Makes documents of files.</summary>
internal sealed class DriveMapping(DriveApi api, bool excludesDomainLinks)
{
    private const string Spreadsheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    /// <summary>Whether a file is read at all: listing and reading ask the same.</summary>
    public bool Takes(DriveFile file) => file.IsReadable && !(excludesDomainLinks && IsForLinksOnly(file));

    /// <summary>A mark of the file's state. Where Google does not tell its readers, those who found it are part of it.</summary>
    public static string VersionOf(DriveFile file, IReadOnlyList<string> finders) =>
        IsKnownByFinders(file) ? $"{file.Version}:{finders.Count}" : file.Version;

    /// <summary>Everybody in whose Drive the file was found so far.</summary>
    public static IReadOnlyList<string> FindersOf(DriveFile file, KnownDocument? known, string? email) =>
        !IsKnownByFinders(file) || email is null
            ? []
            :
            [
                .. (known?.Note ?? "")
                    .Split(',', StringSplitOptions.RemoveEmptyEntries)
                    .Append(email)
                    .Distinct(StringComparer.OrdinalIgnoreCase),
            ];

    public async Task<ReadItem> ReadAsync(
        DriveFile file,
        string? user,
        string? email,
        IReadOnlyList<string> finders,
        CancellationToken cancellationToken
    )
    {
        var path = await api.PathOfAsync(file, user, cancellationToken);
        var metadata = new Dictionary<string, MetadataValue> { ["mime_type"] = file.MimeType ?? "", ["path"] = path };
        if (file.DriveId is not null && path.Length > 0)
        {
            metadata["drive"] = path.Split('/')[0];
        }

        if (file.Size is { } size)
        {
            metadata["size"] = size;
        }

        return new ReadItem.Found(
            new Document
            {
                Id = file.Id,
                Title = file.Name,
                Link = file.WebViewLink,
                Sections = await SectionsOfAsync(file, user, cancellationToken),
                File =
                    file.IsSpreadsheet ? api.ExportOf(file, Spreadsheet, ".xlsx", user)
                    : file.IsDocument || file.IsPresentation ? null
                    : api.ContentOf(file, user),
                Version = VersionOf(file, finders),
                Note = finders.Count > 0 ? string.Join(',', finders) : null,
                CreatedAt = file.CreatedTime,
                UpdatedAt = file.ModifiedTime,
                PrimaryOwners = [.. (file.Owners ?? []).Select(OwnerOf).OfType<Owner>()],
                SecondaryOwners =
                    OwnerOf(file.LastModifyingUser) is { } editor && !file.IsOwnedBy(editor.Email) ? [editor] : [],
                Metadata = metadata,
                Access = await AccessAsync(file, user, email, finders, cancellationToken),
            }
        );
    }

    private async Task<IReadOnlyList<Section>> SectionsOfAsync(
        DriveFile file,
        string? user,
        CancellationToken cancellationToken
    )
    {
        if (file.IsPresentation)
        {
            return await TextAsync(file, user, cancellationToken);
        }

        if (!file.IsDocument)
        {
            return [];
        }

        try
        {
            var document = await api.Google.GetAsync(
                api.Services.Docs.At($"documents/{file.Id}", ("includeTabsContent", true)),
                user,
                DriveJson.Default.DocsDocument,
                cancellationToken
            );
            return DocsSections.Of(document, file.WebViewLink ?? $"https://docs.google.com/document/d/{file.Id}/edit");
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            // The Docs API may not be enabled in the project; Drive's own export is coarser.
            return await TextAsync(file, user, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<Section>> TextAsync(
        DriveFile file,
        string? user,
        CancellationToken cancellationToken
    )
    {
        await using var stream = await api.ExportOf(file, "text/plain", ".txt", user).OpenAsync(cancellationToken);
        using var reader = new StreamReader(stream);
        var text = (await reader.ReadToEndAsync(cancellationToken)).Trim().TrimStart('\uFEFF');
        return text.Length > 0 ? [new Section(text, file.WebViewLink)] : [];
    }

    private async Task<DocumentAccess?> AccessAsync(
        DriveFile file,
        string? user,
        string? email,
        IReadOnlyList<string> finders,
        CancellationToken cancellationToken
    )
    {
        // Listings have no grants of files in shared drives; asked for one by one they include those of restricted folders.
        var grants =
            file.Permissions is { Count: > 0 } listed ? listed
            : file.DriveId is null ? null
            : await api.PermissionsAsync(file.Id, user, false, cancellationToken);
        if (grants is null)
        {
            var readers = finders.Count > 0 ? finders : [.. new[] { email }.OfType<string>()];
            return readers.Count > 0 ? new DocumentAccess(false, readers, []) : null;
        }

        var live = grants.Where(grant => !grant.Deleted).ToList();
        return new DocumentAccess(
            live.Any(grant => grant is { Type: "anyone", AllowFileDiscovery: true }),
            [.. live.Where(grant => grant.Type == "user").Select(grant => grant.EmailAddress).OfType<string>()],
            [
                .. live.Select(grant =>
                        grant.Type switch
                        {
                            "group" => grant.EmailAddress,
                            // By link alone nobody finds it.
                            "domain" when grant.AllowFileDiscovery != false => grant.Domain,
                            _ => null,
                        }
                    )
                    .OfType<string>()
                    .Select(name => $"google_drive_{name}"),
            ]
        );
    }

    private static bool IsKnownByFinders(DriveFile file) =>
        file is { Permissions: null or { Count: 0 }, DriveId: null };

    private static bool IsForLinksOnly(DriveFile file)
    {
        var others = (file.Permissions ?? []).Where(grant => grant is { Role: not "owner", Deleted: false }).ToList();
        return others.Count > 0 && others.All(grant => grant is { Type: "domain", AllowFileDiscovery: not true });
    }

    private static Owner? OwnerOf(DriveUser? user) =>
        user is null || (user.DisplayName is null && user.EmailAddress is null)
            ? null
            : new Owner(user.DisplayName, user.EmailAddress);
}
