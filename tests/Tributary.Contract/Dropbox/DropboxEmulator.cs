using System.Globalization;
using System.Text;
using System.Text.Json;
using Tributary.Contract.Emulators;
using Tributary.Integrations.Dropbox;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Dropbox;

/// <summary>A Dropbox account with a team's space: places are folders, items text files, replies lines of them.</summary>
public sealed class DropboxEmulator : VendorEmulator
{
    private const string RootId = "4711";
    private const string Home = "4712";
    private const string SharedFolder = "84528192421";

    /// <summary>The most entries on a page.</summary>
    public int MaxEntries { get; set; } = 10;

    /// <summary>A permission that the app was not given.</summary>
    public string? MissingScope { get; set; }

    /// <summary>Answers to what is asked of links, members and accounts; null answers as Dropbox does.</summary>
    public EmulatorAnswer? AboutSharing { get; set; }

    /// <summary>Whether downloads come with what Dropbox says about the file.</summary>
    public bool TellsResult { get; set; } = true;

    /// <summary>Cursors from before this instant were reset.</summary>
    public DateTimeOffset ResetAt { get; set; }

    /// <summary>Whether access tokens can be renewed.</summary>
    public bool HasRefreshToken { get; set; } = true;

    public override object Config => new DropboxConfig { ApiBaseUrl = Root.AbsoluteUri };

    public override object Credentials =>
        HasRefreshToken
            ? new DropboxCredentials
            {
                DropboxRefreshToken = Desk.RefreshToken,
                DropboxAppKey = TokenDesk.Client.ClientId,
                DropboxAppSecret = TokenDesk.Client.ClientSecret,
            }
            : new DropboxCredentials { DropboxAccessToken = Desk.AccessToken };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new(
                "a wrong token",
                Config,
                new DropboxCredentials { DropboxAccessToken = "sl.wrong" },
                FailureKind.Credentials
            ),
            new(
                "a wrong refresh token",
                Config,
                new DropboxCredentials { DropboxRefreshToken = "wrong", DropboxAppKey = "an app" },
                FailureKind.Credentials
            ),
            new(
                "an unknown folder",
                new DropboxConfig { ApiBaseUrl = Root.AbsoluteUri, FolderPath = "/nowhere" },
                null,
                FailureKind.Configuration
            ),
        ];

    protected override IReadOnlyList<string> Vendors => ["dropbox"];

    public override TokenDesk Desk { get; } =
        new("/oauth2/token")
        {
            Rotates = false,
            Life = 14_400,
            TokenOf = number => $"sl.{number}",
        };

    public override object SignedIn => Credentials;

    public override bool ExpireToken() => Desk.Expire();

    protected override EmulatorAnswer? Refuse(EmulatorCall call)
    {
        var path = call.Request.Path.Value!;
        var scope =
            path.StartsWith("/2/users") ? "account_info.read"
            : path.StartsWith("/2/sharing") ? "sharing.read"
            : path is "/2/files/download" or "/2/files/export" ? "files.content.read"
            : "files.metadata.read";
        return !Desk.IsGood(call)
                ? Error(
                    401,
                    "expired_access_token/.",
                    new Dictionary<string, object> { [".tag"] = "expired_access_token" }
                )
            : scope == MissingScope
                ? Error(
                    401,
                    "missing_scope/...",
                    new Dictionary<string, object> { [".tag"] = "missing_scope", ["required_scope"] = scope }
                )
            : path.StartsWith("/2/files")
            && call.Header("Dropbox-API-Path-Root") != $$"""{".tag":"root","root":"{{RootId}}"}"""
                ? EmulatorAnswer.Text("The team's space was left out.", status: 400)
            : path.StartsWith("/2/sharing") || path.EndsWith("_batch") ? AboutSharing
            : null;
    }

    protected override void Map(EmulatorRoutes routes)
    {
        routes.Post("/2/users/get_current_account", _ => EmulatorAnswer.Json(Account(1)));
        routes.Post(
            "/2/users/get_account_batch",
            call =>
                EmulatorAnswer.Json(
                    call.Json.GetProperty("account_ids")
                        .EnumerateArray()
                        .Select(id => Person(int.Parse(id.GetString()!.Split('-')[1], CultureInfo.InvariantCulture)))
                )
        );
        routes.Post("/2/files/list_folder", List);
        routes.Post("/2/files/list_folder/continue", Continue);
        routes.Post(
            "/2/files/get_metadata",
            call =>
                Company.Places.FirstOrDefault(place => $"/{place.Slug}" == call.Json.GetProperty("path").GetString())
                    is { } place
                    ? EmulatorAnswer.Json(Folder(place))
                : Company.Items.FirstOrDefault(item => IdOf(item) == call.Json.GetProperty("path").GetString())
                    is { } item
                    ? EmulatorAnswer.Json(File(item))
                : Conflict("path/not_found/..", "not_found")
        );
        routes.Post(
            "/2/files/search_v2",
            call =>
                EmulatorAnswer.Json(
                    new
                    {
                        matches = Company
                            .With(call.Json.GetProperty("query").GetString()!)
                            .Select(item => new
                            {
                                metadata = new Dictionary<string, object>
                                {
                                    [".tag"] = "metadata",
                                    ["metadata"] = File(item),
                                },
                            }),
                        has_more = false,
                    }
                )
        );
        routes.Post("/2/files/download", Download);
        routes.Post("/2/files/export", Export);
        routes.Post("/2/sharing/list_shared_links", Links);
        routes.Post(
            "/2/sharing/list_folder_members",
            call =>
                call.Json.GetProperty("shared_folder_id").GetString() == SharedFolder
                    ? EmulatorAnswer.Json(Members(1, 4))
                    : Conflict("access_error/invalid_id/.", "invalid_id")
        );
        routes.Post("/2/sharing/list_file_members", _ => EmulatorAnswer.Json(Members(1, 2, 3)));
    }

    private EmulatorAnswer List(EmulatorCall call)
    {
        var path = call.Json.GetProperty("path").GetString()!;
        if (path.EndsWith('/') || !call.Json.GetProperty("recursive").GetBoolean())
        {
            return EmulatorAnswer.Text("Error in call: path", status: 400);
        }

        return Page(new Cursor(path, 0, Company.Now, call.Json.GetProperty("limit").GetInt32(), IsFeed: false));
    }

    private EmulatorAnswer Continue(EmulatorCall call)
    {
        var text = Encoding.UTF8.GetString(Convert.FromBase64String(call.Json.GetProperty("cursor").GetString()!));
        var cursor = JsonSerializer.Deserialize<Cursor>(text)!;
        return cursor.At < ResetAt
            ? EmulatorAnswer.Json(
                new { error_summary = "reset/...", error = new Dictionary<string, object> { [".tag"] = "reset" } },
                409
            )
            : Page(cursor);
    }

    /// <summary>First everything in the order of ids, then what was changed since the listing began.</summary>
    private EmulatorAnswer Page(Cursor cursor)
    {
        var size = Math.Min(cursor.Limit, MaxEntries);
        if (!cursor.IsFeed)
        {
            var rest = Company.Items.Where(item => item.Id > cursor.After && IsBelow(item, cursor.Path)).ToList();
            var page = rest.Take(size).ToList();
            var next = rest.Count > size ? cursor with { After = page[^1].Id } : cursor with { IsFeed = true };
            var folders = cursor.After == 0 ? Company.Places.Select(place => (object)Folder(place)) : [];
            return Entries(folders.Concat(page.Select(item => (object)File(item))), next, rest.Count > size);
        }

        var changes = Company
            .Items.Concat(Company.Deleted)
            .Where(item => item.UpdatedAt > cursor.At && IsBelow(item, cursor.Path))
            .OrderBy(item => item.UpdatedAt)
            .ToList();
        var some = changes.Take(size).ToList();
        return Entries(
            some.Select(item => Company.Deleted.Contains(item) ? Gone(item) : File(item)),
            some.Count > 0 ? cursor with { At = some[^1].UpdatedAt } : cursor,
            changes.Count > size
        );
    }

    private static EmulatorAnswer Entries(IEnumerable<object> entries, Cursor next, bool hasMore) =>
        EmulatorAnswer.Json(
            new
            {
                entries,
                cursor = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(next)),
                has_more = hasMore,
            }
        );

    private EmulatorAnswer Download(EmulatorCall call)
    {
        var item = Asked(call);
        return item is null ? Conflict("path/not_found/.", "not_found")
            : item.IsBroken ? EmulatorAnswer.Text("Internal error", status: 500)
            : IsPaper(item) || item.Title.EndsWith(".gsheet")
                ? Conflict("unsupported_file/.", "unsupported_file", isPath: false)
            : !TellsResult ? EmulatorAnswer.File(Content(item), "text/plain")
            : EmulatorAnswer
                .File(
                    call.Header("Range") == "bytes=0-0" ? Content(item)[..1] : Content(item),
                    "application/octet-stream"
                )
                .With("Dropbox-API-Result", JsonSerializer.Serialize(File(item)));
    }

    private EmulatorAnswer Export(EmulatorCall call) =>
        Asked(call) is { } item && IsPaper(item)
            ? EmulatorAnswer
                .File(Encoding.UTF8.GetBytes($"# {item.Text}"), "application/octet-stream")
                .With(
                    "Dropbox-API-Result",
                    JsonSerializer.Serialize(
                        new { export_metadata = new { name = "Exported.md", size = 10 }, file_metadata = File(item) }
                    )
                )
            : Conflict("path/not_found/.", "not_found");

    private EmulatorAnswer Links(EmulatorCall call)
    {
        var isShared = ById(call.Json.GetProperty("path").GetString()!)?.Title == "Welcome";
        var links = isShared
            ? new object[]
            {
                new Dictionary<string, object>
                {
                    [".tag"] = "file",
                    ["url"] = "https://www.dropbox.com/scl/fi/welcome",
                    ["name"] = "Welcome.txt",
                    ["link_permissions"] = new
                    {
                        can_revoke = false,
                        visibility_policies = Array.Empty<object>(),
                        can_set_expiry = false,
                        can_remove_expiry = false,
                        allow_download = true,
                        can_allow_download = true,
                        can_disallow_download = true,
                        allow_comments = true,
                        team_restricts_comments = false,
                    },
                    ["client_modified"] = "2025-01-15T08:00:00Z",
                    ["server_modified"] = "2025-01-15T08:00:00Z",
                    ["rev"] = "0123456789",
                    ["size"] = 10,
                },
            }
            : [];
        return EmulatorAnswer.Json(new { links, has_more = false });
    }

    private CompanyItem? Asked(EmulatorCall call) =>
        ById(JsonDocument.Parse(call.Header("Dropbox-API-Arg")!).RootElement.GetProperty("path").GetString()!);

    private CompanyItem? ById(string id) => Company.Items.SingleOrDefault(item => IdOf(item) == id);

    private static string IdOf(CompanyItem item) => $"id:a4ayc_80_OEAAAAAAAAA{item.Id}";

    private static bool IsPaper(CompanyItem item) => item.Title.EndsWith(".paper", StringComparison.Ordinal);

    private string PathOf(CompanyItem item) =>
        $"/{Company.PlaceOf(item.PlaceId).Slug}/{(IsPaper(item) ? item.Title : item.Title + ".txt")}";

    private bool IsBelow(CompanyItem item, string path) =>
        PathOf(item).StartsWith($"{path}/", StringComparison.Ordinal);

    private static byte[] Content(CompanyItem item) =>
        Encoding.UTF8.GetBytes(string.Join("\n\n", item.Replies.Select(reply => reply.Text).Prepend(item.Text)));

    private object File(CompanyItem item)
    {
        var place = Company.PlaceOf(item.PlaceId);
        var file = new Dictionary<string, object>
        {
            [".tag"] = "file",
            ["name"] = PathOf(item).Split('/')[^1],
            ["id"] = IdOf(item),
            ["client_modified"] = "2001-01-01T00:00:00Z",
            ["server_modified"] = item.UpdatedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
            ["rev"] = $"{item.Id:x6}{item.Version:x6}",
            ["size"] = Content(item).Length,
            ["path_lower"] = PathOf(item).ToLowerInvariant(),
            ["path_display"] = PathOf(item),
            ["is_downloadable"] = !IsPaper(item),
            ["has_explicit_shared_members"] = item.Title == "Welcome",
        };
        if (IsPaper(item))
        {
            file["export_info"] = new { export_as = "html", export_options = new[] { "markdown", "html" } };
        }

        if (place.IsPrivate)
        {
            file["sharing_info"] = new
            {
                read_only = false,
                parent_shared_folder_id = SharedFolder,
                modified_by = AccountId(item.AuthorId),
            };
        }

        return file;
    }

    private object Gone(CompanyItem item) =>
        new Dictionary<string, object>
        {
            [".tag"] = "deleted",
            ["name"] = PathOf(item).Split('/')[^1],
            ["path_lower"] = PathOf(item).ToLowerInvariant(),
            ["path_display"] = PathOf(item),
        };

    private static object Folder(Place place) =>
        new Dictionary<string, object>
        {
            [".tag"] = "folder",
            ["name"] = place.Slug,
            ["id"] = $"id:folder{place.Id}",
            ["path_lower"] = $"/{place.Slug}",
            ["path_display"] = $"/{place.Slug}",
        };

    private static string AccountId(int person) => $"dbid:-{person}-".PadRight(40, 'A');

    private Dictionary<string, object> Person(int id)
    {
        var person = Company.PersonOf(id);
        return new Dictionary<string, object>
        {
            ["account_id"] = AccountId(id),
            ["name"] = new
            {
                given_name = person.Name,
                surname = "",
                familiar_name = person.Name,
                display_name = person.Name,
                abbreviated_name = "",
            },
            ["email"] = person.Email,
            ["email_verified"] = true,
            ["disabled"] = !person.IsActive,
            ["is_teammate"] = true,
        };
    }

    private Dictionary<string, object> Account(int id)
    {
        var account = Person(id);
        account.Remove("is_teammate");
        account["locale"] = "en";
        account["referral_link"] = "https://db.tt/x";
        account["is_paired"] = false;
        account["account_type"] = new Dictionary<string, object> { [".tag"] = "business" };
        account["root_info"] = new Dictionary<string, object>
        {
            [".tag"] = "team",
            ["root_namespace_id"] = RootId,
            ["home_namespace_id"] = Home,
            ["home_path"] = "/Ada",
        };
        return account;
    }

    private object Members(params int[] people) =>
        new
        {
            users = people.Select(id => new
            {
                access_type = new Dictionary<string, object> { [".tag"] = id == 4 ? "viewer" : "editor" },
                user = new
                {
                    account_id = AccountId(id),
                    email = Company.PersonOf(id).Email,
                    display_name = Company.PersonOf(id).Name,
                    same_team = true,
                },
            }),
            groups = new[]
            {
                new
                {
                    access_type = new Dictionary<string, object> { [".tag"] = "viewer" },
                    group = new
                    {
                        group_name = "Board",
                        group_id = "g:e2db7665347abcd600000000001a2b3c",
                        group_management_type = new Dictionary<string, object> { [".tag"] = "user_managed" },
                        group_type = new Dictionary<string, object> { [".tag"] = "team" },
                        is_member = true,
                        is_owner = false,
                        same_team = true,
                    },
                },
            },
            invitees = Array.Empty<object>(),
        };

    private static EmulatorAnswer Conflict(string summary, string tag, bool isPath = true)
    {
        var reason = new Dictionary<string, object> { [".tag"] = tag };
        return Error(
            409,
            summary,
            isPath ? new Dictionary<string, object> { [".tag"] = "path", ["path"] = reason } : reason
        );
    }

    private static EmulatorAnswer Error(int status, string summary, object error) =>
        EmulatorAnswer.Json(new { error_summary = summary, error }, status);

    private sealed record Cursor(string Path, int After, DateTimeOffset At, int Limit, bool IsFeed);
}
