using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Tributary.Contract.Emulators;
using Tributary.Integrations.Confluence;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;
using Tributary.Testing;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Confluence;

/// <summary>A Confluence cloud site: items are pages, places are spaces, replies are comments.</summary>
public class ConfluenceEmulator : VendorEmulator
{
    protected const string Mail = "ada@example.com";
    protected const string Token = "ATATT3xFfGF0";

    private readonly Dictionary<int, (int Number, DateTimeOffset When)> _states = [];
    private LoopbackServer? _files;

    /// <summary>The most results of a search.</summary>
    public int MaxResults { get; set; } = 10;

    /// <summary>The account's time zone; null when it is not told.</summary>
    public string? Zone { get; set; } = "America/New_York";

    /// <summary>The zone in which dates are read.</summary>
    public string ReadZone { get; set; } = "America/New_York";

    /// <summary>A wrong login is answered as if nobody had logged in.</summary>
    public bool IsOpenToThePublic { get; set; }

    /// <summary>Pages that are below others.</summary>
    public Dictionary<int, int> Parents { get; } = [];

    /// <summary>Pages that only some people may read.</summary>
    public Dictionary<int, int[]> Restricted { get; } = [];

    /// <summary>Labels of pages, by item.</summary>
    public Dictionary<int, string[]> Labels { get; } = [];

    /// <summary>Bodies in the storage format, where the text alone is not enough.</summary>
    public Dictionary<int, string> Bodies { get; } = [];

    /// <summary>Credentials that arrived where files are handed out by signed addresses.</summary>
    public ConcurrentBag<string> LeakedCredentials { get; } = [];

    public override object Config => new ConfluenceConfig { WikiBase = Root.AbsoluteUri.TrimEnd('/') + Wiki };

    public override object Credentials =>
        new ConfluenceCredentials { ConfluenceUsername = Mail, ConfluenceAccessToken = Token };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new(
                "a wrong token",
                Config,
                new ConfluenceCredentials { ConfluenceUsername = Mail, ConfluenceAccessToken = "wrong" },
                FailureKind.Credentials
            ),
            new("an unknown space", Make() with { Space = "NONE" }, null, FailureKind.Configuration),
            new("an unknown page", Make() with { PageId = "4711" }, null, FailureKind.Configuration),
            new("a query that is none", Make() with { CqlQuery = "flavour ~ sweet" }, null, FailureKind.Configuration),
            new(
                "another address",
                Make() with
                {
                    WikiBase = Root.AbsoluteUri.TrimEnd('/') + "/shop",
                },
                null,
                FailureKind.Configuration
            ),
        ];

    protected override IReadOnlyList<string> Vendors => ["confluence"];

    /// <summary>The context path.</summary>
    protected virtual string Wiki => "/wiki";

    public static string KeyOf(Place place) => place.Slug[..3].ToUpperInvariant();

    public override void Equip(ReaderHarness harness) => harness.Html = Content.Html;

    public override async ValueTask DisposeAsync()
    {
        await (_files?.DisposeAsync() ?? ValueTask.CompletedTask);
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected ConfluenceConfig Make() => (ConfluenceConfig)Config;

    protected virtual bool IsGood(string? authorization) =>
        authorization == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Mail}:{Token}"));

    protected override EmulatorAnswer? Refuse(EmulatorCall call) =>
        IsGood(call.Header("Authorization")) ? null
        : IsOpenToThePublic ? EmulatorAnswer.Json(new { type = "anonymous", displayName = "Anonymous" })
        : Error(401, "Unauthorized");

    protected override EmulatorAnswer NotFound() => Error(404, "Not found");

    protected override void Map(EmulatorRoutes routes)
    {
        routes.Get(
            Wiki + "/rest/api/user/current",
            _ =>
                EmulatorAnswer.Json(
                    EmulatorAnswer.Sparse(
                        new
                        {
                            type = "known",
                            accountId = "qm:1",
                            displayName = "Ada Admin",
                            timeZone = Zone,
                        }
                    )
                )
        );
        routes.Get(Wiki + "/rest/api/content/search", Search);
        routes.Get(
            Wiki + "/rest/api/content/{id}/restriction/byOperation/read",
            call => EmulatorAnswer.Json(RestrictionOf(int.Parse(call["id"], CultureInfo.InvariantCulture) - 100_000))
        );
        routes.Get(
            Wiki + "/rest/api/content/{id}/child/attachment/{file}/download",
            call =>
                EmulatorAnswer
                    .Empty(302)
                    .With("Location", new Uri(_files!.BaseUri, $"signed/{call["file"]}").AbsoluteUri)
        );
        routes.Get(Wiki + "/api/v2/spaces/{id}/permissions", call => EmulatorAnswer.Json(PermissionsOf(call)));
        routes.Post(
            Wiki + "/api/v2/users-bulk",
            call =>
                EmulatorAnswer.Json(
                    new
                    {
                        results = call
                            .Json.GetProperty("accountIds")
                            .EnumerateArray()
                            .Select(id =>
                                Company.PersonOf(int.Parse(id.GetString()!.Split(':')[1], CultureInfo.InvariantCulture))
                            )
                            .Select(person => new
                            {
                                accountId = $"qm:{person.Id}",
                                displayName = person.Name,
                                email = person.IsActive ? person.Email : "",
                            }),
                    }
                )
        );
        _files ??= LoopbackServer.StartAsync(SendFileAsync).GetAwaiter().GetResult();
    }

    private async Task SendFileAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization.ToString() is { Length: > 0 } leaked)
        {
            LeakedCredentials.Add(leaked);
        }

        var id = context.Request.Path.Value!.Split("att")[^1];
        var file = Company.Items.SelectMany(item => item.Attachments).Single(file => $"{300_000 + file.Id}" == id);
        await context.Response.Body.WriteAsync(file.Content);
    }

    protected static EmulatorAnswer Error(int status, string text) =>
        EmulatorAnswer.Json(
            new
            {
                statusCode = status,
                message = text,
                data = new
                {
                    authorized = status != 401,
                    valid = true,
                    successful = false,
                },
            },
            status
        );

    protected EmulatorAnswer File(string name) =>
        EmulatorAnswer.File(
            Company.Items.SelectMany(item => item.Attachments).First(file => file.Name == name).Content,
            "text/plain"
        );

    private EmulatorAnswer Search(EmulatorCall call)
    {
        var cql = call.Query("cql")!;
        var (found, error) = ConfluenceQuery.Run(
            cql,
            Entries(),
            Company.Places.Select(KeyOf).ToHashSet(),
            TimeZoneInfo.FindSystemTimeZoneById(ReadZone)
        );
        if (error is not null)
        {
            return Error(400, error);
        }

        var limit = Math.Min(call.Number("limit", 25), MaxResults);
        var start = call.Number("start", 0);
        var isCloud = Wiki.Length > 0;
        var isDescending = cql.EndsWith("desc", StringComparison.Ordinal);
        var left = found.Skip(isCloud ? 0 : start).ToList();
        if (isCloud && call.Query("cursor") is { } cursor && !isDescending)
        {
            // The cursor names the last result, so that results which vanish shift nothing.
            var after = cursor.Split('_', 3);
            var ticks = long.Parse(after[1], CultureInfo.InvariantCulture);
            left =
            [
                .. left.Where(entry =>
                    entry.When.Ticks > ticks
                    || (entry.When.Ticks == ticks && string.CompareOrdinal(entry.Id, after[2]) > 0)
                ),
            ];
        }

        var expand = call.Query("expand") ?? "";
        var page = left.Take(limit).ToList();
        if (page.Any(entry => entry.IsBroken) && expand.Contains("body.storage", StringComparison.Ordinal))
        {
            return Error(500, "Could not render the body.");
        }

        var next =
            left.Count <= limit ? null
            : isCloud
                ? $"/rest/api/content/search?cql={Uri.EscapeDataString(cql)}&limit={limit}&cursor=_{page[^1].When.Ticks}_{page[^1].Id}"
            : $"/rest/api/content/search?cql={Uri.EscapeDataString(cql)}&limit={limit}&start={start + limit}";
        return EmulatorAnswer.Json(
            new
            {
                results = page.Select(entry => Expanded(entry, expand)),
                start,
                limit,
                size = page.Count,
                _links = EmulatorAnswer.Sparse(
                    new
                    {
                        next,
                        @base = "https://example.atlassian.net/wiki",
                        context = Wiki,
                    }
                ),
            }
        );
    }

    private static JsonObject Expanded(Entry entry, string expand)
    {
        var json = EmulatorAnswer.Sparse(entry.Json());
        foreach (
            var member in new[]
            {
                "body",
                "version",
                "space",
                "metadata",
                "history",
                "ancestors",
                "restrictions",
                "container",
            }
        )
        {
            if (!expand.Split(',').Any(part => part.Split('.')[0] == member))
            {
                json.Remove(member);
            }
        }

        return json;
    }

    private IEnumerable<Entry> Entries()
    {
        foreach (var item in Company.Items)
        {
            var space = Company.PlaceOf(item.PlaceId);
            var id = $"{100_000 + item.Id}";
            var labels = Labels.GetValueOrDefault(item.Id, []);
            yield return new Entry(id, "page", KeyOf(space), null, StateOf(item).When)
            {
                Ancestors = [.. Above(item.Id).Select(above => $"{100_000 + above}")],
                Labels = labels,
                Text = $"{item.Title} {item.Text}",
                IsBroken = item.IsBroken,
                Json = () => PageOf(item, id, space, labels),
            };
            foreach (var reply in item.Replies)
            {
                yield return new Entry($"{200_000 + reply.Id}", "comment", KeyOf(space), id, reply.CreatedAt)
                {
                    Json = () =>
                        new
                        {
                            id = $"{200_000 + reply.Id}",
                            type = "comment",
                            status = "current",
                            title = "Re: " + item.Title,
                            version = VersionOf(1, reply.CreatedAt, reply.AuthorId),
                            container = new { id, type = "page" },
                            body = BodyOf(Html(reply.Text)),
                        },
                };
            }

            foreach (var file in item.Attachments)
            {
                yield return new Entry($"att{300_000 + file.Id}", "attachment", KeyOf(space), id, item.CreatedAt)
                {
                    Json = () =>
                        new
                        {
                            id = $"att{300_000 + file.Id}",
                            type = "attachment",
                            status = "current",
                            title = file.Name,
                            version = VersionOf(1, item.CreatedAt, item.AuthorId),
                            container = new { id, type = "page" },
                            metadata = new { mediaType = file.ContentType, labels = LabelsOf([]) },
                            extensions = new { mediaType = file.ContentType, fileSize = file.Content.Length },
                            _links = new
                            {
                                webui = $"/spaces/X/pages/{id}?preview={file.Id}",
                                download = $"/download/attachments/{id}/{file.Name}?version=1",
                            },
                        },
                };
            }
        }
    }

    private object PageOf(CompanyItem item, string id, Place space, string[] labels) =>
        new
        {
            id,
            type = "page",
            status = "current",
            title = item.Title,
            space = SpaceOf(space),
            version = VersionOf(StateOf(item).Number, StateOf(item).When, item.AuthorId),
            history = new
            {
                latest = true,
                createdDate = item.CreatedAt,
                createdBy = UserOf(item.AuthorId),
                lastUpdated = VersionOf(StateOf(item).Number, StateOf(item).When, item.AuthorId),
            },
            ancestors = Above(item.Id)
                .Select(above => new
                {
                    id = $"{100_000 + above}",
                    type = "page",
                    status = "current",
                    title = Company.Find(above)!.Title,
                }),
            metadata = new { labels = LabelsOf(labels) },
            body = BodyOf(Bodies.GetValueOrDefault(item.Id) ?? Html(item.Text)),
            restrictions = new { read = RestrictionOf(item.Id) },
            _links = new { webui = $"/spaces/{KeyOf(space)}/pages/{id}/page" },
        };

    /// <summary>A page's own version, which comments do not move.</summary>
    private (int Number, DateTimeOffset When) StateOf(CompanyItem item)
    {
        var number = item.Version - item.Replies.Count;
        if (!_states.TryGetValue(item.Id, out var state) || state.Number != number)
        {
            var isReplied = item.Replies.Any(reply => reply.CreatedAt == item.UpdatedAt);
            _states[item.Id] = state = (number, isReplied ? item.CreatedAt : item.UpdatedAt);
        }

        return state;
    }

    private IEnumerable<int> Above(int id) =>
        Parents.TryGetValue(id, out var parent) ? Above(parent).Append(parent) : [];

    private object RestrictionOf(int id) =>
        new
        {
            operation = "read",
            restrictions = new
            {
                user = new
                {
                    results = Restricted.GetValueOrDefault(id, []).Select(UserOf),
                    start = 0,
                    limit = 100,
                    size = Restricted.GetValueOrDefault(id, []).Length,
                },
                group = new
                {
                    results = Array.Empty<object>(),
                    start = 0,
                    limit = 100,
                    size = 0,
                },
            },
            _expandable = new { },
            _links = new { },
        };

    private object PermissionsOf(EmulatorCall call)
    {
        var place = Company.PlaceOf(call.Id());
        object[] all =
        [
            new
            {
                id = "1",
                principal = new { type = "group", id = place.IsPrivate ? "g-board" : "g-all" },
                operation = new { key = "read", targetType = "space" },
            },
            new
            {
                id = "2",
                principal = new { type = "user", id = "qm:4" },
                operation = new { key = "read", targetType = "space" },
            },
            new
            {
                id = "3",
                principal = new { type = "group", id = "g-writers" },
                operation = new { key = "create", targetType = "page" },
            },
        ];
        var isSecond = call.Query("cursor") is not null;
        return new
        {
            results = isSecond ? all[2..] : all[..2],
            _links = isSecond
                ? (object)new { }
                : new { next = $"{Wiki}/api/v2/spaces/{place.Id}/permissions?cursor=two&limit=2" },
        };
    }

    private static object SpaceOf(Place place) =>
        new
        {
            id = place.Id,
            key = KeyOf(place),
            name = place.Name,
            type = "global",
            status = "current",
            _expandable = new { },
            _links = new { },
        };

    private object VersionOf(int number, DateTimeOffset when, int author) =>
        new
        {
            number,
            when,
            minorEdit = false,
            by = UserOf(author),
        };

    private object UserOf(int id) =>
        new
        {
            type = "known",
            accountId = $"qm:{id}",
            displayName = Company.PersonOf(id).Name,
            email = "",
        };

    private static object LabelsOf(string[] names) =>
        new
        {
            results = names.Select(
                (name, index) =>
                    new
                    {
                        id = $"{index}",
                        name,
                        prefix = "global",
                        label = name,
                    }
            ),
            size = names.Length,
        };

    private static object BodyOf(string storage) =>
        new { storage = new { value = storage, representation = "storage" } };

    private static string Html(string text) => $"<p>{WebUtility.HtmlEncode(text)}</p>";
}

/// <summary>The same behind Atlassian's gateway, which takes scoped tokens and whose next-links lead to the site.</summary>
public sealed class ConfluenceScopedEmulator : ConfluenceEmulator
{
    public const string CloudId = "0f6e1d2c-11aa-4b3c-9d8e-7f6a5b4c3d2e";

    public string Site => Root.GetLeftPart(UriPartial.Authority);

    public override object Config =>
        new ConfluenceConfig
        {
            WikiBase = Site + "/wiki",
            ApiBaseUrl = Site,
            ScopedToken = true,
        };

    protected override string Prefix => "/ex/confluence/" + CloudId;

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

/// <summary>A Confluence Data Center, whose searches have offsets. It has no description.</summary>
public sealed class ConfluenceDataCenterEmulator : ConfluenceEmulator
{
    public override object Config =>
        new ConfluenceConfig
        {
            WikiBase = Root.AbsoluteUri,
            IsCloud = false,
            TimezoneOffset = 2,
        };

    public override object Credentials => new ConfluenceCredentials { ConfluenceAccessToken = Token };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new(
                "a wrong token",
                Config,
                new ConfluenceCredentials { ConfluenceAccessToken = "wrong" },
                FailureKind.Credentials
            ),
        ];

    protected override IReadOnlyList<string> Vendors => [];

    protected override string Prefix => "/confluence";

    protected override string Wiki => "";

    protected override bool IsGood(string? authorization) => authorization == "Bearer " + Token;

    protected override void Map(EmulatorRoutes routes)
    {
        (Zone, ReadZone) = (null, "Africa/Maputo");
        base.Map(routes);
        routes.Get("/download/attachments/{page}/{name}", call => File(call["name"]));
    }
}
