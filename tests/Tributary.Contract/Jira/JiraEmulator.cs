using System.Globalization;
using System.Text;
using Tributary.Contract.Emulators;
using Tributary.Integrations.Jira;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Jira;

/// <summary>A Jira cloud site: items are issues, places are projects, replies are comments.</summary>
public class JiraEmulator : VendorEmulator
{
    protected const string Mail = "ada@example.com";
    protected const string Token = "ATATT3xFfGF0";
    private const int EmbeddedComments = 20;
    private const int FirstId = 10_000;

    /// <summary>The most rows of a search.</summary>
    public int MaxRows { get; set; } = 10;

    /// <summary>The most issues of a bulk answer that do not cut it off.</summary>
    public int MostInBulk { get; set; } = int.MaxValue;

    /// <summary>The profile's time zone.</summary>
    public string Zone { get; set; } = "Europe/Berlin";

    /// <summary>Where attachments really are.</summary>
    public Uri? FileHost { get; set; }

    /// <summary>The account administers nothing.</summary>
    public bool HidesPermissions { get; set; }

    /// <summary>A wrong login is answered as if nobody had logged in.</summary>
    public bool IsOpenToThePublic { get; set; }

    /// <summary>Ids of replies that only agents see.</summary>
    public HashSet<int> InternalNotes { get; } = [];

    /// <summary>Items with a security level.</summary>
    public HashSet<int> Secured { get; } = [];

    /// <summary>Labels of items.</summary>
    public Dictionary<int, string[]> Labels { get; } = [];

    public override object Config => new JiraConfig { JiraBaseUrl = Root.AbsoluteUri };

    public override object Credentials => new JiraCredentials { JiraUserEmail = Mail, JiraApiToken = Token };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new(
                "a wrong token",
                Config,
                new JiraCredentials { JiraUserEmail = Mail, JiraApiToken = "wrong" },
                FailureKind.Credentials
            ),
            new(
                "an unknown project",
                new JiraConfig { JiraBaseUrl = Root.AbsoluteUri, ProjectKey = "NONE" },
                null,
                FailureKind.Configuration
            ),
            new(
                "a query that is none",
                new JiraConfig { JiraBaseUrl = Root.AbsoluteUri, JqlQuery = "flavour ~ sweet" },
                null,
                FailureKind.Configuration
            ),
            new(
                "another address",
                new JiraConfig { JiraBaseUrl = Root.AbsoluteUri + "/shop" },
                null,
                FailureKind.Configuration
            ),
        ];

    public static string KeyOf(Place place) => place.Slug[..3].ToUpperInvariant();

    protected override IReadOnlyList<string> Vendors => ["jira"];

    protected virtual string Api => "/rest/api/3";

    protected virtual bool IsGood(string? authorization) =>
        authorization == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Mail}:{Token}"));

    protected override EmulatorAnswer? Refuse(EmulatorCall call) =>
        IsGood(call.Header("Authorization")) ? null
        : IsOpenToThePublic && call.Request.Path.Value!.EndsWith("/myself", StringComparison.Ordinal)
            ? EmulatorAnswer
                .Json(new { displayName = "Anonymous" })
                .With("X-Seraph-LoginReason", "AUTHENTICATED_FAILED")
        : Error(401, "Client must be authenticated to access this resource.");

    protected override EmulatorAnswer NotFound() =>
        Error(404, "Issue does not exist or you do not have permission to see it.");

    protected override void Map(EmulatorRoutes routes)
    {
        routes.Get(Api + "/myself", _ => EmulatorAnswer.Json(UserOf(1, ("timeZone", Zone))));
        routes.Post(Api + "/search/jql", call => Search(call));
        routes.Post(Api + "/issue/bulkfetch", Bulk);
        routes.Get(Api + "/issue/{id}/comment", call => Comments(call));
        routes.Get(Api + "/attachment/content/{id}", call => File(call.Id()));
        routes.Get(
            Api + "/field",
            _ =>
                EmulatorAnswer.Json(
                    new[]
                    {
                        new
                        {
                            id = "customfield_10010",
                            name = "Customer",
                            custom = true,
                        },
                    }
                )
        );
        routes.Get(
            Api + "/user",
            call =>
                EmulatorAnswer.Json(
                    UserOf(int.Parse(call.Query("accountId")!.Split(':')[1], CultureInfo.InvariantCulture))
                )
        );
        routes.Get(
            Api + "/project/{key}",
            call =>
                EmulatorAnswer.Json(
                    new
                    {
                        id = "1",
                        key = call["key"],
                        lead = UserOf(4),
                    }
                )
        );
        routes.Get(Api + "/project/{key}/permissionscheme", SchemeOf);
        routes.Get(
            Api + "/project/{key}/issuesecuritylevelscheme",
            _ => HidesPermissions ? Error(403, "No.") : EmulatorAnswer.Json(new { id = 7, name = "Levels" })
        );
        routes.Get(
            Api + "/issuesecurityschemes/7/members",
            _ =>
                EmulatorAnswer.Json(
                    new
                    {
                        startAt = 0,
                        maxResults = 50,
                        total = 1,
                        isLast = true,
                        values = new[]
                        {
                            new
                            {
                                id = 1,
                                issueSecurityLevelId = 70,
                                holder = new { type = "reporter" },
                            },
                        },
                    }
                )
        );
        routes.Get(
            Api + "/project/{key}/role/{id}",
            call =>
                EmulatorAnswer.Json(
                    new
                    {
                        id = call.Id(),
                        name = "Members",
                        actors = new object[]
                        {
                            new
                            {
                                id = 1,
                                displayName = "board",
                                type = "atlassian-group-role-actor",
                                actorGroup = new
                                {
                                    name = "board",
                                    displayName = "board",
                                    groupId = "g-board",
                                },
                            },
                            new
                            {
                                id = 2,
                                displayName = "Zoë",
                                type = "atlassian-user-role-actor",
                                actorUser = new { accountId = "qm:4" },
                            },
                        },
                    }
                )
        );
    }

    protected EmulatorAnswer Search(EmulatorCall call, bool byOffset = false)
    {
        var (found, error) = JiraQuery.Run(
            call.Json.GetProperty("jql").GetString()!,
            Company,
            TimeZoneInfo.FindSystemTimeZoneById(Zone)
        );
        if (error is not null)
        {
            return Error(400, error);
        }

        var size = Math.Min(call.Json.GetProperty("maxResults").GetInt32(), PageSizeOf(MaxRows));
        var fields = call.Json.GetProperty("fields").EnumerateArray().Select(field => field.GetString()!).ToHashSet();
        if (byOffset)
        {
            var start = call.Json.TryGetProperty("startAt", out var at) ? at.GetInt32() : 0;
            return EmulatorAnswer.Json(
                new
                {
                    startAt = start,
                    maxResults = size,
                    total = found.Count,
                    issues = found.Skip(start).Take(size).Select(item => RowOf(item, fields)),
                }
            );
        }

        // The token names the last row, so that rows which vanish shift nothing.
        var after = call.Json.TryGetProperty("nextPageToken", out var token)
            ? token.GetString()!.Split('-').Select(long.Parse).ToArray()
            : null;
        var left = after is null
            ? found
            :
            [
                .. found.Where(item =>
                    item.UpdatedAt.Ticks > after[0] || (item.UpdatedAt.Ticks == after[0] && item.Id > after[1])
                ),
            ];
        var rows = left.Take(size).ToList();
        var isLast = left.Count <= size;
        return EmulatorAnswer.Json(
            EmulatorAnswer.Sparse(
                new
                {
                    issues = rows.Select(item => RowOf(item, fields)),
                    isLast,
                    nextPageToken = isLast ? null : $"{rows[^1].UpdatedAt.Ticks}-{rows[^1].Id}",
                }
            )
        );
    }

    protected EmulatorAnswer Comments(EmulatorCall call)
    {
        var item = ItemOf(call["id"]);
        var start = call.Number("startAt", 0);
        return item is null
            ? NotFound()
            : EmulatorAnswer.Json(
                new
                {
                    startAt = start,
                    maxResults = 20,
                    total = item.Replies.Count,
                    comments = item.Replies.Skip(start).Take(20).Select(CommentOf),
                }
            );
    }

    protected EmulatorAnswer File(int id)
    {
        var file = Company.Items.SelectMany(item => item.Attachments).SingleOrDefault(file => file.Id == id);
        return file is null ? NotFound()
            : FileHost is { } host
                ? EmulatorAnswer.Empty(303).With("Location", new Uri(host, $"signed/{id}").AbsoluteUri)
            : EmulatorAnswer.File(file.Content, file.ContentType);
    }

    protected CompanyItem? ItemOf(string id) =>
        int.TryParse(id.Split('-')[^1], out var number)
        && Company.Find(id.Contains('-') ? number : number - FirstId) is { } item
        && (IdOf(item) == id || KeyOf(item) == id)
            ? item
            : null;

    protected object RowOf(CompanyItem item, HashSet<string> fields) =>
        new
        {
            id = IdOf(item),
            key = KeyOf(item),
            fields = FieldsOf(item).Where(pair => fields.Contains(pair.Key)).ToDictionary(),
        };

    protected virtual object Body(string text) =>
        new
        {
            type = "doc",
            version = 1,
            content = new[] { new { type = "paragraph", content = new[] { new { type = "text", text } } } },
        };

    protected static EmulatorAnswer Error(int status, string text) =>
        EmulatorAnswer.Json(new { errorMessages = new[] { text }, errors = new { } }, status);

    protected virtual object UserOf(int id, params (string, string)[] more)
    {
        var person = Company.PersonOf(id);
        var user = new Dictionary<string, object>
        {
            ["accountId"] = $"qm:{id}",
            ["accountType"] = "atlassian",
            ["active"] = person.IsActive,
            ["displayName"] = person.Name,
        };
        if (person.IsActive)
        {
            user["emailAddress"] = person.Email;
        }

        foreach (var (name, value) in more)
        {
            user[name] = value;
        }

        return user;
    }

    private EmulatorAnswer Bulk(EmulatorCall call)
    {
        var ids = call.Json.GetProperty("issueIdsOrKeys").EnumerateArray().Select(id => id.GetString()!).ToList();
        var fields = call.Json.GetProperty("fields").EnumerateArray().Select(field => field.GetString()!).ToHashSet();
        var found = ids.Select(ItemOf).OfType<CompanyItem>().OrderBy(item => item.Id).ToList();
        if (found.Any(item => item.IsBroken))
        {
            return Error(500, "Internal server error");
        }

        var answer = EmulatorAnswer.Json(
            new { issues = found.Select(item => RowOf(item, fields)), issueErrors = Array.Empty<object>() }
        );
        return ids.Count > MostInBulk ? CutOff(answer) : answer;
    }

    // What is cut off is no JSON, so that the description has nothing to say about it.
    private static EmulatorAnswer CutOff(EmulatorAnswer answer) =>
        new(200, "text/plain", answer.Body[..(answer.Body.Length / 2)]);

    private EmulatorAnswer SchemeOf(EmulatorCall call)
    {
        var place = Company.Places.Single(place => KeyOf(place) == call["key"]);
        return HidesPermissions
            ? Error(403, "You cannot edit the configuration of this project.")
            : EmulatorAnswer.Json(
                new
                {
                    id = 1,
                    name = "Default",
                    permissions = new object[]
                    {
                        new
                        {
                            id = 1,
                            permission = "BROWSE_PROJECTS",
                            holder = place.IsPrivate
                                ? (object)
                                    new
                                    {
                                        type = "projectRole",
                                        parameter = "10002",
                                        value = "10002",
                                    }
                                : new { type = "applicationRole" },
                        },
                        new
                        {
                            id = 2,
                            permission = "ADMINISTER_PROJECTS",
                            holder = new { type = "anyone" },
                        },
                    },
                }
            );
    }

    private Dictionary<string, object?> FieldsOf(CompanyItem item)
    {
        var place = Company.PlaceOf(item.PlaceId);
        return new()
        {
            ["summary"] = item.Title,
            ["description"] = Body(item.Text),
            ["updated"] = TimeOf(item.UpdatedAt),
            ["created"] = TimeOf(item.CreatedAt),
            ["labels"] = Labels.GetValueOrDefault(item.Id, []),
            ["project"] = new
            {
                id = $"{place.Id}",
                key = KeyOf(place),
                name = place.Name,
            },
            ["status"] = new { id = "1", name = item.IsArchived ? "Done" : "To Do" },
            ["issuetype"] = new { id = "1", name = "Task" },
            ["priority"] = null,
            ["resolution"] = null,
            ["reporter"] = UserOf(item.AuthorId),
            ["assignee"] = null,
            ["security"] = Secured.Contains(item.Id) ? new { id = "70", name = "Reporter only" } : null,
            ["customfield_10010"] = new { id = "3", value = "Harbour Ltd" },
            ["issuelinks"] = new[]
            {
                new
                {
                    id = "9",
                    type = new
                    {
                        name = "Blocks",
                        inward = "is blocked by",
                        outward = "blocks",
                    },
                    outwardIssue = new { id = "1", key = "GEN-1" },
                },
            },
            ["attachment"] = item.Attachments.Select(file => new
            {
                id = $"{file.Id}",
                filename = file.Name,
                mimeType = file.ContentType,
                size = file.Content.Length,
                created = TimeOf(item.CreatedAt),
            }),
            ["comment"] = new
            {
                startAt = 0,
                maxResults = EmbeddedComments,
                total = item.Replies.Count,
                comments = item.Replies.Take(EmbeddedComments).Select(CommentOf),
            },
        };
    }

    private object CommentOf(Reply reply) =>
        new
        {
            id = $"{reply.Id}",
            author = UserOf(reply.AuthorId),
            body = Body(reply.Text),
            created = TimeOf(reply.CreatedAt),
            updated = TimeOf(reply.CreatedAt),
            jsdPublic = !InternalNotes.Contains(reply.Id),
        };

    private static string IdOf(CompanyItem item) => $"{FirstId + item.Id}";

    private string KeyOf(CompanyItem item) => $"{KeyOf(Company.PlaceOf(item.PlaceId))}-{item.Id}";

    private static string TimeOf(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'+0000'", CultureInfo.InvariantCulture);
}

/// <summary>The same behind Atlassian's gateway, which takes scoped tokens.</summary>
public sealed class JiraScopedEmulator : JiraEmulator
{
    public const string CloudId = "0f6e1d2c-11aa-4b3c-9d8e-7f6a5b4c3d2e";

    public override object Config =>
        new JiraConfig
        {
            JiraBaseUrl = Site,
            ApiBaseUrl = Site,
            ScopedToken = true,
        };

    public string Site => Root.GetLeftPart(UriPartial.Authority);

    public override IEnumerable<BadSettings> BadSettings => [];

    protected override string Prefix => "/ex/jira/" + CloudId;

    protected override EmulatorAnswer? Refuse(EmulatorCall call) =>
        call.Request.Path == "/_edge/tenant_info"
            ? call.Header("Authorization") is null
                ? null
                : Error(400, "Nobody needs credentials here.")
            : base.Refuse(call);

    protected override void Map(EmulatorRoutes routes)
    {
        base.Map(routes);
        routes.Get("/_edge/tenant_info", _ => EmulatorAnswer.Json(new { cloudId = CloudId }));
    }
}

/// <summary>A Jira Data Center, whose API is older: offsets, wiki markup, one issue at a time. It has no description.</summary>
public sealed class JiraDataCenterEmulator : JiraEmulator
{
    public override object Config => new JiraConfig { JiraBaseUrl = Root.AbsoluteUri };

    public override object Credentials => new JiraCredentials { JiraApiToken = Token };

    public override IEnumerable<BadSettings> BadSettings =>
        [new("a wrong token", Config, new JiraCredentials { JiraApiToken = "wrong" }, FailureKind.Credentials)];

    protected override IReadOnlyList<string> Vendors => [];

    protected override string Prefix => "/jira";

    protected override string Api => "/rest/api/2";

    protected override bool IsGood(string? authorization) => authorization == "Bearer " + Token;

    protected override object Body(string text) => text;

    protected override object UserOf(int id, params (string, string)[] more)
    {
        var person = Company.PersonOf(id);
        return new
        {
            key = $"JIRAUSER{id}",
            name = person.Handle,
            emailAddress = person.Email,
            displayName = person.Name,
            timeZone = Zone,
        };
    }

    protected override void Map(EmulatorRoutes routes)
    {
        routes.Post(Api + "/search", call => Search(call, byOffset: true));
        routes.Get(
            Api + "/issue/{id}",
            call =>
                ItemOf(call["id"]) is not { } item ? NotFound()
                : item.IsBroken ? Error(500, "Internal server error")
                : EmulatorAnswer.Json(RowOf(item, [.. call.Query("fields")!.Split(',')]))
        );
        routes.Get("/secure/attachment/{id}/{name}", call => File(call.Id()));
        base.Map(routes);
    }
}
