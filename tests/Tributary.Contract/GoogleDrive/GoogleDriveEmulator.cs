using System.Text.RegularExpressions;
using Tributary.Contract.Emulators;
using Tributary.Contract.Google;
using Tributary.Integrations.GoogleDrive;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.GoogleDrive;

/// <summary>
/// A Workspace domain's Drive: items are Google Docs, replies paragraphs of them, attachments uploaded files beside them.
/// Engineering is a shared drive with a folder below; everything else is in the My Drives of its authors, shared with Ada.
/// </summary>
public class GoogleDriveEmulator : GoogleEmulator
{
    private const string Google = "application/vnd.google-apps.";
    private const int Engineering = 2;
    private const int MaxPage = 10;

    /// <summary>Files that are there beside the company's items, by id.</summary>
    public List<DriveEntry> Extras { get; } = [];

    /// <summary>The Docs API is not enabled in the project.</summary>
    public bool HasNoDocsApi { get; set; }

    /// <summary>Exports are too large for Drive's own export.</summary>
    public bool ExportsAreLarge { get; set; }

    /// <summary>Page tokens and change tokens are all forgotten.</summary>
    public bool HasForgotten { get; set; }

    /// <summary>Listings that leave something out.</summary>
    public bool IsIncomplete { get; set; }

    public override object Config =>
        new GoogleDriveConfig
        {
            IncludeMyDrives = true,
            IncludeSharedDrives = true,
            IncludeFilesSharedWithMe = true,
            ApiBaseUrl = Root.AbsoluteUri,
        };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new("a revoked sign-in", Config, Tokens("revoked"), FailureKind.Credentials),
            new(
                "an unknown folder",
                new GoogleDriveConfig
                {
                    SharedFolderUrls = "https://drive.google.com/drive/folders/nowhere",
                    ApiBaseUrl = Root.AbsoluteUri,
                },
                null,
                FailureKind.Configuration
            ),
            new(
                "somebody else's My Drive without delegation",
                new GoogleDriveConfig { MyDriveEmails = "zoe@example.com", ApiBaseUrl = Root.AbsoluteUri },
                null,
                FailureKind.Configuration
            ),
        ];

    protected override IReadOnlyList<string> Vendors => ["google_drive", "google_directory", "google_oauth"];

    protected override void Map(EmulatorRoutes routes)
    {
        base.Map(routes);
        routes.Get("/drive/v3/about", call => Answer(call, new { user = new { emailAddress = UserOf(call) } }));
        routes.Get("/drive/v3/drives", Drives);
        routes.Get("/drive/v3/drives/{id}", Drive);
        routes.Get("/drive/v3/files", Files);
        routes.Get("/drive/v3/files/{id}", File);
        routes.Get("/drive/v3/files/{id}/export", Export);
        routes.Get("/drive/v3/files/{id}/permissions", Permissions);
        routes.Get(
            "/drive/v3/changes/startPageToken",
            call => Answer(call, new { startPageToken = $"{Company.Now.Ticks}" })
        );
        routes.Get("/drive/v3/changes", Changes);
        routes.Get("/v1/documents/{id}", Document);
    }

    /// <summary>Everything that is there, deletions left out.</summary>
    private IEnumerable<DriveEntry> All() =>
        Company
            .Places.Where(place => place.Id != Engineering)
            .Select(EntryOf)
            .Concat(Company.Items.SelectMany(EntriesOf))
            .Concat(Extras);

    private IEnumerable<DriveEntry> Visible(EmulatorCall call) => All().Where(entry => IsVisible(entry, UserOf(call)));

    private static bool IsVisible(DriveEntry entry, string user) =>
        entry.Readers is { } readers ? readers.Contains(user)
        : user.StartsWith("robot", StringComparison.Ordinal) ? false
        : entry.DriveId is not null || user == "ada@example.com" || entry.Owner == user;

    private static DriveEntry EntryOf(Place place) =>
        new(1_000_000 + place.Id, $"folder{place.Id}", place.Name, Google + "folder")
        {
            Parent = place.ParentId == Engineering ? "drive2" : null,
            DriveId = place.ParentId == Engineering ? "drive2" : null,
            Owner = place.ParentId == Engineering ? null : "ada@example.com",
        };

    private IEnumerable<DriveEntry> EntriesOf(CompanyItem item)
    {
        var isShared = item.PlaceId is Engineering or 3;
        var document = new DriveEntry(10L * item.Id, $"doc-{item.Id}", item.Title, Google + "document")
        {
            Parent = item.PlaceId == Engineering ? "drive2" : $"folder{item.PlaceId}",
            DriveId = isShared ? "drive2" : null,
            Owner = isShared ? null : Company.PersonOf(item.AuthorId).Email,
            ModifiedAt = item.UpdatedAt,
            CreatedAt = item.CreatedAt,
            Item = item,
            Place = Company.PlaceOf(item.PlaceId),
        };
        return item
            .Attachments.Select(file =>
                document with
                {
                    Key = (10L * item.Id) + file.Id,
                    Id = $"file-{item.Id}-{file.Id}",
                    Name = file.Name,
                    MimeType = file.ContentType,
                    Content = file.Content,
                }
            )
            .Prepend(document);
    }

    private object JsonOf(DriveEntry entry, string user) =>
        new
        {
            kind = "drive#file",
            id = entry.Id,
            name = entry.Name,
            mimeType = entry.MimeType,
            modifiedTime = entry.ModifiedAt,
            createdTime = entry.CreatedAt,
            size = entry.Content is null ? null : $"{entry.Content.Length}",
            webViewLink = $"https://docs.google.com/document/d/{entry.Id}/edit?usp=drivesdk",
            parents = entry.Parent is null || (entry.DriveId is null && user != "ada@example.com")
                ? null
                : new[] { entry.Parent },
            driveId = entry.DriveId,
            owners = entry.Owner is null
                ? null
                : new[]
                {
                    new
                    {
                        kind = "drive#user",
                        emailAddress = entry.Owner,
                        displayName = Company.People.FirstOrDefault(person => person.Email == entry.Owner)?.Name ?? "",
                    },
                },
            shortcutDetails = entry.Target is null
                ? null
                : new { targetId = entry.Target, targetMimeType = Google + "document" },
            permissionIds = entry.DriveId is null ? null : new[] { "p1" },
            permissions = entry.DriveId is not null || entry.HidesGrants ? null : Grants(entry),
            exportLinks = new Dictionary<string, string>
            {
                ["text/plain"] = $"{Address}/drive/v3/files/{entry.Id}/export?mimeType=text%2Fplain&quotaUser=large",
            },
            trashed = entry.IsTrashed,
        };

    private object[] Grants(DriveEntry entry) =>
        entry.Grants
        ??
        [
            Grant("user", "owner", entry.Owner ?? "zoe@example.com"),
            Grant("user", "writer", "ada@example.com"),
            .. entry.Place?.IsPrivate == true ? [] : new[] { Grant("group", "reader", "staff@example.com") },
        ];

    /// <summary>A grant to a person or a group.</summary>
    public static object Grant(string type, string role, string email) =>
        new
        {
            kind = "drive#permission",
            id = $"p-{email}",
            type,
            role,
            emailAddress = email,
            deleted = false,
        };

    private EmulatorAnswer Drives(EmulatorCall call) =>
        Answer(
            call,
            new
            {
                drives = new[]
                {
                    new
                    {
                        id = "drive2",
                        name = "Engineering",
                        kind = "drive#drive",
                    },
                },
            }
        );

    private EmulatorAnswer Drive(EmulatorCall call) =>
        call["id"] == "drive2" && !UserOf(call).StartsWith("robot", StringComparison.Ordinal)
            ? Answer(
                call,
                new
                {
                    id = "drive2",
                    name = "Engineering",
                    kind = "drive#drive",
                }
            )
            : NotFound();

    private EmulatorAnswer Files(EmulatorCall call)
    {
        if (HasForgotten && call.Query("pageToken") is not null)
        {
            HasForgotten = false;
            return Error(400, "invalid", "Invalid Value");
        }

        var query = call.Query("q") ?? "";
        var parent = Regex.Match(query, "'([^']+)' in parents") is { Success: true } match
            ? match.Groups[1].Value
            : null;
        var drive = call.Query("driveId");
        var user = UserOf(call);
        if (
            drive is not null
            && (call.Query("corpora") != "drive" || call.Query("includeItemsFromAllDrives") != "true")
        )
        {
            return Error(403, "teamDrivesParameterRequired", "The driveId parameter needs corpora=drive.");
        }

        var found = Visible(call)
            .Where(entry => !entry.IsTrashed && (entry.DriveId == drive || call.Query("corpora") == "allDrives"))
            .Where(entry =>
                Regex.Match(query, "^fullText contains '([^']+)'") is not { Success: true } words
                || (entry.Item is { } item && Company.With(words.Groups[1].Value).Contains(item))
            )
            .Where(entry => parent is null || entry.Parent == parent)
            .Where(entry => !query.Contains("'me' in owners", StringComparison.Ordinal) || entry.Owner == user)
            .Where(entry =>
                !query.Contains("mimeType != '", StringComparison.Ordinal) || entry.MimeType != Google + "folder"
            );
        var size = Math.Min(call.Number("pageSize", 100), PageSizeOf(MaxPage));
        var (page, next) = PageOf(found, entry => entry.Key, call.Query("pageToken"), size);
        return Answer(
            call,
            new
            {
                kind = "drive#fileList",
                incompleteSearch = IsIncomplete,
                nextPageToken = next,
                files = page.Select(entry => JsonOf(entry, user)),
            }
        );
    }

    private DriveEntry? Find(EmulatorCall call)
    {
        // An item's own entries, without looking through those of all.
        var entries =
            call["id"].Split('-') is ["doc" or "file", var number, ..]
            && int.TryParse(number, out var id)
            && Company.Find(id) is { } item
                ? EntriesOf(item).Concat(Extras)
                : All();
        return entries.SingleOrDefault(entry => entry.Id == call["id"] && IsVisible(entry, UserOf(call)));
    }

    private EmulatorAnswer File(EmulatorCall call) =>
        Find(call) is not { } entry ? NotFound()
        : call.Query("alt") != "media" ? Answer(call, JsonOf(entry, UserOf(call)))
        : entry.Content is not null ? EmulatorAnswer.File(entry.Content, entry.MimeType)
        : Error(403, "fileNotDownloadable", "Only files with binary content can be downloaded. Use Export.");

    private EmulatorAnswer Export(EmulatorCall call) =>
        Find(call) is not { } entry ? NotFound()
        : entry.Item?.IsBroken == true ? Error(500, "backendError", "Internal Error")
        : ExportsAreLarge && call.Query("quotaUser") is null
            ? Error(403, "exportSizeLimitExceeded", "This file is too large to be exported.")
        : EmulatorAnswer.File(
            [0xEF, 0xBB, 0xBF, .. System.Text.Encoding.UTF8.GetBytes(entry.Item?.Text ?? "Exported text.")],
            call.Query("mimeType")!
        );

    private EmulatorAnswer Permissions(EmulatorCall call) =>
        Answer(
            call,
            new
            {
                kind = "drive#permissionList",
                permissions = new[]
                {
                    Grant("user", "organizer", "ada@example.com"),
                    Grant("group", "reader", "engineers@example.com"),
                },
            }
        );

    private EmulatorAnswer Changes(EmulatorCall call)
    {
        if (HasForgotten)
        {
            HasForgotten = false;
            return Error(400, "invalid", "Invalid Value");
        }

        var user = UserOf(call);
        var drive = call.Query("driveId");
        var token = call.Query("pageToken")!.Split('.');
        var (since, skip) = (long.Parse(token[0]), token.Length > 1 ? int.Parse(token[1]) : 0);
        var changes = Visible(call)
            .Where(entry => entry.MimeType != Google + "folder" && entry.DriveId == drive)
            .Where(entry => entry.ModifiedAt.Ticks > since)
            .Select(entry => (entry, at: entry.ModifiedAt, isGone: false))
            .Concat(
                Company
                    .Deleted.Where(item => item.UpdatedAt.Ticks > since)
                    .SelectMany(EntriesOf)
                    .Select(entry => (entry, at: entry.ModifiedAt, isGone: true))
            )
            .OrderBy(change => change.at)
            .ThenBy(change => change.entry.Key)
            .ToList();
        var page = changes.Skip(skip).Take(MaxPage).ToList();
        var hasMore = changes.Count > skip + page.Count;
        return Answer(
            call,
            new
            {
                kind = "drive#changeList",
                nextPageToken = hasMore ? $"{since}.{skip + page.Count}" : null,
                newStartPageToken = hasMore ? null : $"{Company.Now.Ticks}",
                changes = page.Select(change => new
                {
                    kind = "drive#change",
                    changeType = "file",
                    removed = change.isGone,
                    fileId = change.entry.Id,
                    time = change.at,
                    file = change.isGone ? null : JsonOf(change.entry, user),
                }),
            }
        );
    }

    private EmulatorAnswer Document(EmulatorCall call)
    {
        if (HasNoDocsApi)
        {
            return Error(403, "accessNotConfigured", "Google Docs API has not been used in project 1 before.");
        }

        if (Find(call) is not { Item: { } item })
        {
            return NotFound();
        }

        return item.IsBroken
            ? Error(500, "backendError", "Internal Error")
            : EmulatorAnswer.Json(
                new
                {
                    documentId = call["id"],
                    title = item.Title,
                    tabs = new[]
                    {
                        new
                        {
                            tabProperties = new { tabId = "t.0", title = "Tab 1" },
                            documentTab = new
                            {
                                body = new
                                {
                                    content = new[] { Paragraph(item.Text, "NORMAL_TEXT", null) }.Concat(
                                        item.Replies.SelectMany(reply =>
                                            new[]
                                            {
                                                Paragraph($"Reply {reply.Id}", "HEADING_2", $"h.{reply.Id}"),
                                                Paragraph(reply.Text, "NORMAL_TEXT", null),
                                            }
                                        )
                                    ),
                                },
                            },
                        },
                    },
                }
            );
    }

    private static object Paragraph(string text, string style, string? heading) =>
        new
        {
            paragraph = new
            {
                elements = new[] { new { textRun = new { content = text + "\n" } } },
                paragraphStyle = heading is null
                    ? EmulatorAnswer.Sparse(new { namedStyleType = style })
                    : EmulatorAnswer.Sparse(new { namedStyleType = style, headingId = heading }),
            },
        };
}

/// <summary>The same, given by links: everything is found by walking folders.</summary>
public sealed class GoogleDriveFolderEmulator : GoogleDriveEmulator
{
    public override object Config =>
        new GoogleDriveConfig
        {
            SharedDriveUrls = "https://drive.google.com/drive/folders/drive2",
            SharedFolderUrls =
                "https://drive.google.com/drive/u/0/folders/folder1?resourcekey=0-abc, https://drive.google.com/drive/folders/folder4",
            ApiBaseUrl = Root.AbsoluteUri,
        };
}

/// <summary>A file or folder.</summary>
public sealed record DriveEntry(long Key, string Id, string Name, string MimeType)
{
    public string? Parent { get; init; }

    public string? DriveId { get; init; }

    public string? Owner { get; init; }

    public DateTimeOffset ModifiedAt { get; init; } = new(2025, 1, 15, 8, 0, 0, TimeSpan.Zero);

    public DateTimeOffset CreatedAt { get; init; } = new(2025, 1, 15, 8, 0, 0, TimeSpan.Zero);

    public byte[]? Content { get; init; }

    public string? Target { get; init; }

    public bool IsTrashed { get; init; }

    /// <summary>Its readers may not see who else reads it.</summary>
    public bool HidesGrants { get; init; }

    public object[]? Grants { get; init; }

    /// <summary>Who sees it; null follows the rules of the emulator.</summary>
    public IReadOnlyList<string>? Readers { get; init; }

    public CompanyItem? Item { get; init; }

    public Place? Place { get; init; }
}
