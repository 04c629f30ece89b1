using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tributary.Contract.Emulators;
using Tributary.Integrations.Asana;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Asana;

/// <summary>An Asana workspace: items are tasks, places are projects, replies are comments. Answers hold what is asked for.</summary>
public sealed class AsanaEmulator : VendorEmulator
{
    private const string Token = "2/12/34:good";
    private const string Workspace = "1100000000000001";
    private const string Team = "1300000000000001";
    private const int MaxPage = 10;

    /// <summary>The task that has sub-tasks in every company.</summary>
    private const int Shelf = 10;

    /// <summary>Sub-tasks, child to parent, besides those of the shelf.</summary>
    public Dictionary<int, int> Parents { get; } = [];

    /// <summary>Tasks that are in a second project, too: task to place.</summary>
    public Dictionary<int, int> AlsoIn { get; } = [];

    /// <summary>What a task has besides, by its id.</summary>
    public Dictionary<int, JsonObject> More { get; } = [];

    /// <summary>Continuations that were given out have expired.</summary>
    public bool ForgetsOffsets { get; set; }

    /// <summary>Addresses that it does not have, or that the token may not read, with the status.</summary>
    public Dictionary<string, int> Missing { get; } = [];

    public override object Config => Settings;

    /// <summary>Config that reads all.</summary>
    public AsanaConfig Settings => new() { AsanaWorkspaceId = Workspace, ApiBaseUrl = Root.AbsoluteUri };

    public override object Credentials => new AsanaCredentials { AsanaApiTokenSecret = Token };

    public override TokenDesk Desk { get; } = new("/-/oauth_token") { Rotates = false };

    public override object SignedIn =>
        new AsanaCredentials { AsanaApiTokenSecret = Desk.AccessToken, AsanaRefreshToken = Desk.RefreshToken };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new("a wrong token", Config, new AsanaCredentials { AsanaApiTokenSecret = "bad" }, FailureKind.Credentials),
            new("an unknown workspace", Settings with { AsanaWorkspaceId = "99" }, null, FailureKind.Configuration),
            new(
                "an unknown project",
                Settings with
                {
                    AsanaProjectIds = $"{Project(1)},99",
                },
                null,
                FailureKind.Configuration
            ),
            new("an unknown team", Settings with { AsanaTeamId = "99" }, null, FailureKind.Configuration),
        ];

    public static string Project(int place) => $"12000000000000{place:D2}";

    public static string Task(int id) => $"12100000{id:D8}";

    public static string TeamId => Team;

    public override void Equip(ReaderHarness harness) => harness.Html = Content.Html;

    protected override IReadOnlyList<string> Vendors => ["asana"];

    protected override string Prefix => "/api/1.0";

    protected override CompanyItem MakeItem(string name, string text) =>
        Company.Add(name, text, placeId: 1 + (Company.Items.Count % 2));

    protected override EmulatorAnswer? Refuse(EmulatorCall call) =>
        call.Request.Path.StartsWithSegments("/uploads")
            ? call.Header("Authorization") is null
                ? null
                : EmulatorAnswer.Empty(400)
            : call.Header("Authorization") != $"Bearer {Token}" && !Desk.IsGood(call)
                ? Error(401, "Not Authorized")
                : Missing.FirstOrDefault(item => Regex.IsMatch(call.Request.Path.Value!, $"{item.Key}$"))
                    is { Key: not null } missing
                    ? Error(missing.Value, "Not Found")
                    : null;

    protected override EmulatorAnswer NotFound() => Error(404, "Not Found");

    protected override void Map(EmulatorRoutes routes)
    {
        routes.Get(
            "/users/me",
            call =>
            {
                var me = UserOf(1);
                me["workspaces"] = new JsonArray(Named(Workspace, "workspace", "Company"));
                return One(call, me);
            }
        );
        routes.Get(
            "/projects",
            call =>
                call.Query("workspace") == Workspace
                    ? Page(call, Company.Places.Select(place => (place.Id, Lazily(() => ProjectOf(place)))))
                    : Error(400, "workspace: Not a recognized ID")
        );
        routes.Get(
            "/workspaces/{id}",
            call => call["id"] == Workspace ? One(call, Named(Workspace, "workspace", "Company")) : NotFound()
        );
        routes.Get("/teams/{id}", call => call["id"] == Team ? One(call, Named(Team, "team", "Crew")) : NotFound());
        routes.Get(
            "/workspaces/{id}/projects",
            call => Page(call, Company.Places.Select(place => (place.Id, Lazily(() => ProjectOf(place)))))
        );
        routes.Get(
            "/projects/{id}",
            call => PlaceOf(call["id"]) is { } place ? One(call, ProjectOf(place)) : NotFound()
        );
        routes.Get("/tasks", Tasks);
        routes.Get("/tasks/{id}", call => ItemOf(call["id"]) is { } item ? One(call, TaskOf(item)) : NotFound());
        routes.Get(
            "/tasks/{id}/subtasks",
            call =>
                ItemOf(call["id"]) is { } item
                    ? Page(
                        call,
                        Company
                            .Items.Where(other => ParentOf(other) == item.Id)
                            .Select(other => (other.Id, Lazily(() => TaskOf(other))))
                    )
                    : NotFound()
        );
        routes.Get("/tasks/{id}/stories", Stories);
        routes.Get(
            "/attachments",
            call =>
                ItemOf(call.Query("parent")!) is { } item
                    ? Page(call, item.Attachments.Select(file => (file.Id, Lazily(() => FileOf(file)))))
                    : NotFound()
        );
        routes.Get("/attachments/{id}", call => FileBy(call["id"]) is { } file ? One(call, FileOf(file)) : NotFound());
        routes.Get(
            "/uploads/{name}",
            call =>
                EmulatorAnswer.File(
                    Company
                        .Items.SelectMany(item => item.Attachments)
                        .Single(file => file.Name == call["name"])
                        .Content,
                    "text/plain"
                )
        );
    }

    private Place? PlaceOf(string project) => Company.Places.SingleOrDefault(place => Project(place.Id) == project);

    private CompanyItem? ItemOf(string task) => Company.Find(task, Task);

    private CompanyFile? FileBy(string id) =>
        Company.Items.SelectMany(item => item.Attachments).SingleOrDefault(file => $"140000000000{file.Id}" == id);

    private int? ParentOf(CompanyItem item) =>
        Parents.TryGetValue(item.Id, out var parent) ? parent
        : item.Id is Shelf + 1 or (2 * Shelf) + 1 && Company.Find(Shelf) is not null ? Shelf
        : null;

    private EmulatorAnswer Tasks(EmulatorCall call)
    {
        if (PlaceOf(call.Query("project") ?? "") is not { } place)
        {
            return Error(400, "project: Not a recognized ID");
        }

        var since = DateTimeOffset.TryParse(call.Query("modified_since"), CultureInfo.InvariantCulture, out var time)
            ? time
            : DateTimeOffset.MinValue;
        return Page(
            call,
            Company
                .Items.Where(item => ParentOf(item) is null)
                .Where(item => item.PlaceId == place.Id || AlsoIn.GetValueOrDefault(item.Id) == place.Id)
                .Where(item => item.UpdatedAt >= since)
                .Select(item => (item.Id, Lazily(() => TaskOf(item))))
        );
    }

    private EmulatorAnswer Stories(EmulatorCall call)
    {
        if (ItemOf(call["id"]) is not { } item)
        {
            return NotFound();
        }

        if (item.IsBroken)
        {
            return Error(500, "Server Error");
        }

        var comments = item.Replies.Select(reply =>
            (
                reply.Id,
                Lazily(() =>
                    Json(
                        new
                        {
                            gid = $"1500{reply.Id:D8}",
                            resource_type = "story",
                            resource_subtype = "comment_added",
                            text = reply.Text,
                            html_text = $"<body>{WebUtility.HtmlEncode(reply.Text)}</body>",
                            created_at = reply.CreatedAt,
                            created_by = UserOf(reply.AuthorId),
                        }
                    )
                )
            )
        );
        var assigned = Json(
            new
            {
                gid = "150000000000",
                resource_type = "story",
                resource_subtype = "assigned",
                text = "assigned to somebody",
                created_at = item.CreatedAt,
                created_by = UserOf(1),
            }
        );
        return Page(call, comments.Prepend((0, () => assigned)));
    }

    private JsonObject TaskOf(CompanyItem item)
    {
        var parent = ParentOf(item) is { } id ? Company.Find(id)! : null;
        int[] places = parent is not null
            ? []
            : [item.PlaceId, .. AlsoIn.TryGetValue(item.Id, out var other) ? new[] { other } : []];
        var task = Json(
            new
            {
                gid = Task(item.Id),
                resource_type = "task",
                resource_subtype = "default_task",
                name = item.Title,
                notes = item.Text,
                html_notes = $"<body>{WebUtility.HtmlEncode(item.Text)}</body>",
                completed = item.IsArchived,
                due_on = "2025-02-01",
                due_at = (string?)null,
                assignee = (object?)null,
                created_by = UserOf(item.AuthorId),
                created_at = item.CreatedAt,
                modified_at = item.UpdatedAt,
                custom_fields = new[]
                {
                    new
                    {
                        gid = "1600",
                        resource_type = "custom_field",
                        name = "Priority",
                        display_value = (string?)"High",
                    },
                    new
                    {
                        gid = "1601",
                        resource_type = "custom_field",
                        name = "Size",
                        display_value = (string?)null,
                    },
                },
                memberships = places.Select(place => new
                {
                    project = Named(Project(place), "project", Company.PlaceOf(place).Name),
                    section = Named("1700", "section", "To do"),
                }),
                tags = new[] { Named("1800", "tag", "harbour") },
                followers = new[] { UserOf(3) },
                parent = parent is null ? null : Named(Task(parent.Id), "task", parent.Title),
                num_subtasks = Company.Items.Count(other => ParentOf(other) == item.Id),
                permalink_url = $"https://app.asana.com/1/{Workspace}/task/{Task(item.Id)}",
            }
        );
        foreach (var (name, value) in More.GetValueOrDefault(item.Id, []))
        {
            task[name] = value?.DeepClone();
        }

        return task;
    }

    private JsonObject ProjectOf(Place place) =>
        Json(
            new
            {
                gid = Project(place.Id),
                resource_type = "project",
                name = place.Name,
                archived = place.Id == 3,
                privacy_setting = place.IsPrivate ? "private" : "public_to_workspace",
                team = Named(place.Id == 4 ? "1300000000000002" : Team, "team", "Crew"),
                members = place.ReaderIds.Select(UserOf),
            }
        );

    private JsonObject FileOf(CompanyFile file) =>
        Json(
            new
            {
                gid = $"140000000000{file.Id}",
                resource_type = "attachment",
                resource_subtype = "asana",
                name = file.Name,
                host = "asana",
                size = file.Content.Length,
                download_url = new Uri(Root, $"/uploads/{file.Name}?signature=1").AbsoluteUri,
                permanent_url = $"https://app.asana.com/app/asana/-/get_asset?asset_id={file.Id}",
                created_at = Company.Now,
            }
        );

    private JsonObject UserOf(int id) =>
        Json(
            new
            {
                gid = $"19000{id}",
                resource_type = "user",
                name = Company.PersonOf(id).Name,
                email = Company.PersonOf(id).Email,
            }
        );

    private static JsonObject Named(string gid, string type, string name) =>
        Json(
            new
            {
                gid,
                resource_type = type,
                name,
            }
        );

    private static Func<JsonObject> Lazily(Func<JsonObject> make) => make;

    private static EmulatorAnswer One(EmulatorCall call, JsonObject full) =>
        EmulatorAnswer.Json(new { data = Chosen(full, FieldsOf(call)) });

    /// <summary>One page of what is sorted by its keys; offsets are opaque.</summary>
    private EmulatorAnswer Page(EmulatorCall call, IEnumerable<(int Key, Func<JsonObject> Full)> all)
    {
        if (ForgetsOffsets && call.Query("offset") is not null)
        {
            return Error(400, "offset: Your pagination token has expired.");
        }

        var after = call.Query("offset") is { } offset
            ? int.Parse(offset[3..], CultureInfo.InvariantCulture)
            : int.MinValue;
        var rest = all.OrderBy(pair => pair.Key).Where(pair => pair.Key > after).ToList();
        var page = rest.Take(Math.Min(call.Number("limit", 100), MaxPage)).ToList();
        var fields = FieldsOf(call);
        return EmulatorAnswer.Json(
            new
            {
                data = page.Select(pair => Chosen(pair.Full(), fields)),
                next_page = page.Count == rest.Count
                    ? null
                    : new
                    {
                        offset = $"tok{page[^1].Key}",
                        path = $"{call.Request.Path}?offset=tok{page[^1].Key}",
                        uri = $"https://app.asana.com{call.Request.Path}?offset=tok{page[^1].Key}",
                    },
            }
        );
    }

    private static List<string[]> FieldsOf(EmulatorCall call) =>
        [.. (call.Query("opt_fields") ?? "name").Split(',').Select(path => path.Split('.'))];

    /// <summary>An object with the fields that were asked for, its id and its type.</summary>
    private static JsonObject Chosen(JsonObject full, IReadOnlyList<string[]> fields)
    {
        var chosen = new JsonObject
        {
            ["gid"] = full["gid"]?.DeepClone(),
            ["resource_type"] = full["resource_type"]?.DeepClone(),
        };
        if (chosen["gid"] is null)
        {
            chosen.Clear();
        }

        foreach (var group in fields.GroupBy(path => path[0]).Where(group => full.ContainsKey(group.Key)))
        {
            var below = group.Where(path => path.Length > 1).Select(path => path[1..]).ToList();
            chosen[group.Key] = full[group.Key] switch
            {
                JsonObject one => Chosen(one, below),
                JsonArray many => new JsonArray([.. many.Select(one => Chosen((JsonObject)one!, below))]),
                var value => value?.DeepClone(),
            };
        }

        return chosen;
    }

    private static JsonObject Json(object value) => JsonSerializer.SerializeToNode(value)!.AsObject();

    private static EmulatorAnswer Error(int status, string message) =>
        EmulatorAnswer.Json(
            new { errors = new[] { new { message, help = "For more information, see the documentation" } } },
            status
        );
}
