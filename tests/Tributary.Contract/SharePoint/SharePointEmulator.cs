using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Tributary.Contract.Emulators;
using Tributary.Contract.MicrosoftGraph;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Integrations.SharePoint;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.SharePoint;

/// <summary>A SharePoint tenant: items are text files in folders named for their places, those of the third place pages.</summary>
public sealed partial class SharePointEmulator : GraphEmulator
{
    private const int PagesPlace = 3;
    private const string SiteUrl = "https://contoso.sharepoint.com/sites/company";
    public const string SiteId =
        "contoso.sharepoint.com,00000000-0000-0000-0000-0000000000aa,00000000-0000-0000-0000-0000000000bb";
    private const string DriveId = "b!company_-drive";
    private const string Download = "/sites/company/_layouts/15/download.aspx";
    private const string Library = SiteUrl + "/Freigegebene%20Dokumente";

    /// <summary>The application may open single sites only.</summary>
    public bool IsSelectedOnly { get; set; }

    /// <summary>The cloud does not list all sites; they can be searched for.</summary>
    public bool IsIndexOnly { get; set; }

    /// <summary>The status that the library answers at the moment; 0 for none.</summary>
    public int LibraryStatus { get; set; }

    /// <summary>A file of which not all comes, each time another part.</summary>
    public int? CutOff { get; set; }

    /// <summary>A file that is listed with another size than it has.</summary>
    public int? Mismeasured { get; set; }

    private int _cuts;

    /// <summary>Files are also shared with a group and a person of the site's own.</summary>
    public bool HasSiteGroups { get; set; }

    /// <summary>Pages that were never published.</summary>
    public HashSet<int> Drafts { get; } = [];

    public override object Config =>
        new SharePointConfig
        {
            Sites = new TextList([SiteUrl]),
            AuthorityHost = Root.AbsoluteUri,
            GraphApiHost = Root.AbsoluteUri,
        };

    public override object Credentials =>
        new SharePointCredentials
        {
            SpClientId = ClientId,
            SpDirectoryId = Tenant,
            SpClientSecret = Secret,
        };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new(
                "a wrong secret",
                Config,
                (SharePointCredentials)Credentials with
                {
                    SpClientSecret = "bad",
                },
                FailureKind.Credentials
            ),
            Bad("an unknown site", "https://contoso.sharepoint.com/sites/nowhere"),
            Bad("an unknown library", SiteUrl + "/Wikipages"),
            Bad("an unknown folder", Library + "/nowhere"),
        ];

    public override void Equip(ReaderHarness harness) => harness.Html = Content.Html;

    protected override CompanyItem MakeItem(string name, string text) =>
        Company.Add(name, text, placeId: Company.Items.Count % 5 == 4 ? PagesPlace : 1);

    protected override void MapGraph(EmulatorRoutes routes)
    {
        routes.Get("/v1.0/sites/getAllSites", call => IsIndexOnly ? NotFound() : AllSites(call));
        routes.Get("/v1.0/sites", call => call.Query("search") == "*" ? AllSites(call) : NotFound());
        routes.Get("/v1.0/sites/{id}/drives", DrivesOf);
        routes.Get(
            "/v1.0/sites/{id}/sites",
            call =>
                IsSelectedOnly
                    ? Error(403, "accessDenied", "Access denied")
                    : Page(
                        call,
                        Sites.Where(site => site.Parent == call["id"]),
                        site => site.Id,
                        site => JsonOf(call, site)
                    )
        );
        routes.Get("/v1.0/sites/{id}/pages/microsoft.graph.sitePage", PagesOf);
        routes.Get("/v1.0/sites/{id}/pages/{page}/microsoft.graph.sitePage", PageOf);
        routes.Get("/v1.0/sites/{host}:/{path*}", call => SiteOf(call, $"https://{call["host"]}/{call["path"]}"));
        routes.Get("/v1.0/sites/{host}", call => SiteOf(call, $"https://{call["host"]}"));
        routes.Get("/v1.0/drives/{drive}/root/delta", call => DeltaOf(call, ""));
        routes.Get("/v1.0/drives/{drive}/root:/{path*}:/delta", call => DeltaOf(call, call["path"] + "/"));
        routes.Get(
            "/v1.0/drives/{drive}/root:/{path*}",
            call =>
                Company.Places.Any(place => place.Slug == call["path"])
                    ? EmulatorAnswer.Json(new { id = "01FOLDER" })
                    : NotFound()
        );
        routes.Get("/v1.0/shares/{share}/driveItem", SharedOf);
        routes.Get("/v1.0/drives/{drive}/items/{item}/permissions", PermissionsOf);
        routes.Get(
            "/v1.0/drives/{drive}/items/{item}/content",
            call =>
                Find(call) is { } item
                    ? EmulatorAnswer
                        .Empty(302)
                        .With("Location", $"{Root.AbsoluteUri.TrimEnd('/')}{Download}?UniqueId={IdOf(item)}")
                    : NotFound()
        );
        routes.Get(Download, Downloaded);
        routes.Get(
            "/v1.0/drives/{drive}/items/{item}",
            call => Find(call) is { } item ? EmulatorAnswer.Json(Selected(call, JsonOf(item))) : NotFound()
        );
    }

    /// <summary>A file's unique id.</summary>
    public static Guid UniqueIdOf(CompanyItem item) => new(item.Id, 0x0102, 0x0304, 5, 6, 7, 8, 9, 10, 11, 12);

    private BadSettings Bad(string what, string site) =>
        new(what, (SharePointConfig)Config with { Sites = new TextList([site]) }, null, FailureKind.Configuration);

    private static readonly (string Id, string Url, string? Parent, bool IsPersonal)[] Sites =
    [
        (SiteId, SiteUrl, null, false),
        ("contoso.sharepoint.com,1,2", SiteUrl + "/sub", SiteId, false),
        ("contoso.sharepoint.com,3,4", "https://contoso.sharepoint.com/teams/board", null, false),
        ("contoso.sharepoint.com,5,6", "https://contoso-my.sharepoint.com/personal/ada", null, true),
        ("contoso.sharepoint.com,7,8", "https://contoso.sharepoint.com/contentstorage/loop", null, false),
        ("contoso.sharepoint.com,9,0", "https://contoso.sharepoint.com", null, false),
    ];

    private static JsonObject JsonOf(
        EmulatorCall call,
        (string Id, string Url, string? Parent, bool IsPersonal) site
    ) =>
        Selected(
            call,
            new
            {
                id = site.Id,
                name = site.Url.Split('/')[^1],
                displayName = $"Site {site.Url.Split('/')[^1]}",
                webUrl = site.Url,
                isPersonalSite = site.IsPersonal,
            }
        );

    private EmulatorAnswer AllSites(EmulatorCall call) =>
        IsSelectedOnly
            ? Error(403, "accessDenied", "Access denied")
            : Page(call, Sites.Where(site => site.Parent is null), site => site.Id, site => JsonOf(call, site));

    private EmulatorAnswer SiteOf(EmulatorCall call, string url) =>
        Sites.FirstOrDefault(site => site.Url == url || $"https://{site.Id}" == url) is { Id: not null } found
            ? EmulatorAnswer.Json(JsonOf(call, found))
            : NotFound();

    private EmulatorAnswer SharedOf(EmulatorCall call)
    {
        var link = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(call["share"].AsSpan(2)));
        var place = Company.Places.FirstOrDefault(place =>
            link.Contains($"/{place.Slug}-token", StringComparison.Ordinal)
        );
        return place is null
            ? NotFound()
            : EmulatorAnswer.Json(
                Selected(
                    call,
                    new
                    {
                        id = "01FOLDER",
                        name = place.Slug,
                        webUrl = $"{Library}/{place.Slug}",
                        folder = link.Contains("/:f:/", StringComparison.Ordinal) ? new { childCount = 1 } : null,
                    }
                )
            );
    }

    private EmulatorAnswer DrivesOf(EmulatorCall call)
    {
        string[] drives = call["id"] == SiteId ? [DriveId] : [];
        return Page(
            call,
            drives,
            id => id,
            id =>
                Selected(
                    call,
                    new
                    {
                        id,
                        name = "Dokumente",
                        webUrl = Library,
                        driveType = "documentLibrary",
                    }
                )
        );
    }

    private IEnumerable<CompanyItem> Files => Company.Items.Where(item => item.PlaceId != PagesPlace);

    private CompanyItem? Find(EmulatorCall call) => Files.SingleOrDefault(item => IdOf(item) == call["item"]);

    private static string IdOf(CompanyItem item)
    {
        byte[] bytes = [1, 2, 3, 4, .. UniqueIdOf(item).ToByteArray()];
        var text = new StringBuilder("01");
        for (var group = 0; group < 4; group++)
        {
            byte[] eight = [0, 0, 0, .. bytes.AsSpan(group * 5, 5)];
            var value = BinaryPrimitives.ReadUInt64BigEndian(eight);
            for (var shift = 35; shift >= 0; shift -= 5)
            {
                text.Append("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(int)(value >> shift) & 31]);
            }
        }

        return text.ToString();
    }

    private static byte[] BytesOf(CompanyItem item) =>
        Encoding.UTF8.GetBytes(string.Join("\n\n", item.Replies.Select(reply => reply.Text).Prepend(item.Text)));

    // Has its proof in it; a token of Graph is not to be shown here.
    private EmulatorAnswer Downloaded(EmulatorCall call) =>
        call.Header("Authorization") is not null ? EmulatorAnswer.Empty(401)
        : Files.SingleOrDefault(item => IdOf(item) == call.Query("UniqueId")) is { } found
            ? EmulatorAnswer.File(BytesOf(found)[(CutOff == found.Id ? 20 + _cuts++ : 0)..], "application/octet-stream")
        : EmulatorAnswer.Empty(404);

    private EmulatorAnswer DeltaOf(EmulatorCall call, string folder) =>
        LibraryStatus > 0
            ? Error(LibraryStatus, "accessDenied", "Access denied")
            : Delta(
                call,
                since =>
                    Files
                        .Where(item =>
                            $"{Company.PlaceOf(item.PlaceId).Slug}/".StartsWith(folder, StringComparison.Ordinal)
                        )
                        .Where(item => since is null || item.UpdatedAt > since)
                        .Select(item => Selected(call, JsonOf(item)))
                        .Concat(
                            Company
                                .Deleted.Where(item => item.UpdatedAt > since && item.PlaceId != PagesPlace)
                                .Select(item => new JsonObject
                                {
                                    ["id"] = IdOf(item),
                                    ["deleted"] = new JsonObject { ["state"] = "deleted" },
                                })
                        )
                        .Concat(since is null ? Furniture(call) : []),
                item => item["id"]!.GetValue<string>(),
                item => item
            );

    private static IEnumerable<JsonObject> Furniture(EmulatorCall call)
    {
        object file = new { mimeType = "text/plain" };
        yield return Row(call, "01ROOT", "root", 1, null, new { childCount = 3 }, null);
        yield return Row(call, "01NOTE", "Notizbuch", 1, null, null, new { type = "oneNote" });
        yield return Row(call, "01EMPTY", "empty.txt", 0, file, null, null);
        yield return Row(call, "01CLASSIC", "Home.aspx", 9, file, null, null);
    }

    private static JsonObject Row(
        EmulatorCall call,
        string id,
        string name,
        int size,
        object? file,
        object? folder,
        object? package
    ) =>
        Selected(
            call,
            new
            {
                id,
                name,
                size,
                file,
                folder,
                package,
                webUrl = $"{Library}/{name}",
                lastModifiedDateTime = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero),
            }
        );

    private object JsonOf(CompanyItem item) =>
        new
        {
            id = IdOf(item),
            name = item.Title + ".txt",
            size = BytesOf(item).Length + (Mismeasured == item.Id ? 7 : 0),
            file = new { mimeType = "text/plain" },
            webUrl = $"{Library}/{Company.PlaceOf(item.PlaceId).Slug}/{Uri.EscapeDataString(item.Title)}.txt",
            createdDateTime = item.CreatedAt,
            lastModifiedDateTime = item.UpdatedAt,
            createdBy = Editor(item.AuthorId),
            lastModifiedBy = Editor(item.AuthorId),
            parentReference = new { driveId = DriveId, driveType = "documentLibrary" },
            sharepointIds = new { listItemUniqueId = UniqueIdOf(item).ToString().ToUpperInvariant() },
        };

    private object Editor(int person) =>
        new { user = new { displayName = Company.PersonOf(person).Name, email = Company.PersonOf(person).Email } };

    private EmulatorAnswer PermissionsOf(EmulatorCall call)
    {
        if (Find(call) is not { } item)
        {
            return NotFound();
        }

        if (item.IsBroken)
        {
            return Error(500, "generalException", "General exception while processing");
        }

        var place = Company.PlaceOf(item.PlaceId);
        var people = (place.IsPrivate ? place.ReaderIds : []).Select(id =>
            EmulatorAnswer.Sparse(
                new
                {
                    id = $"p{id}",
                    roles = new[] { "read" },
                    grantedToV2 = Editor(id),
                }
            )
        );
        var group = EmulatorAnswer.Sparse(
            new
            {
                id = "q1",
                roles = new[] { "read" },
                grantedToV2 = new { group = new { id = GuidOf(77), displayName = "Everyone at work" } },
            }
        );
        var link = EmulatorAnswer.Sparse(
            new
            {
                id = "r1",
                roles = new[] { "read" },
                link = new { scope = "anonymous", type = "view" },
            }
        );
        List<JsonObject> all = [.. people];
        if (!place.IsPrivate)
        {
            all.Add(group);
        }

        if (HasSiteGroups)
        {
            object members = new { siteGroup = new { id = "5", displayName = "Company Members" } };
            object person = new { siteUser = new { id = "9", loginName = "i:0#.f|membership|Hanako@example.com" } };
            all.AddRange(
                new[] { members, person }.Select(
                    (granted, index) =>
                        EmulatorAnswer.Sparse(
                            new
                            {
                                id = $"s{index}",
                                roles = new[] { "read" },
                                grantedToV2 = granted,
                            }
                        )
                )
            );
        }

        if (item.Attachments.Count > 0)
        {
            all.Add(link);
        }

        return Page(call, all, permission => permission["id"]!.GetValue<string>(), permission => permission);
    }
}
