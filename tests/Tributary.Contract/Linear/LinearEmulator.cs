using System.Text.Json;
using Tributary.Contract.Emulators;
using Tributary.Contract.GraphQl;
using Tributary.Integrations.Linear;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Linear;

/// <summary>A Linear workspace: items are issues, places are teams, replies are comments. Queries run by the vendor's schema.</summary>
public sealed class LinearEmulator : VendorEmulator
{
    public const string Key = "lin_api_good";
    private const int ProjectIds = 100_000;
    private const int DocumentIds = 200_000;

    private readonly GraphQlExecutor _executor;

    public LinearEmulator() => _executor = new GraphQlExecutor("linear", Resolve);

    /// <summary>The largest page that it gives, whatever is asked for, so that a few items fill several.</summary>
    public int MaxPerPage { get; set; } = 10;

    /// <summary>Projects, with the replies as their updates.</summary>
    public List<CompanyItem> Projects { get; } = [];

    /// <summary>Documents.</summary>
    public List<CompanyItem> Documents { get; } = [];

    /// <summary>Issues in the trash.</summary>
    public HashSet<int> Trashed { get; } = [];

    /// <summary>Comments that were edited without moving their issue.</summary>
    public Dictionary<int, (string Text, DateTimeOffset At)> Edits { get; } = [];

    /// <summary>Access tokens that are taken, beside the key.</summary>
    public HashSet<string> Tokens { get; } = [];

    /// <summary>Items whose fields cannot be resolved, which spoils every answer that they are in.</summary>
    public HashSet<int> Spoilt { get; } = [];

    /// <summary>The key may not see who belongs to a team.</summary>
    public bool HidesMembers { get; set; }

    /// <summary>The hour's points are used up.</summary>
    public bool IsLimited { get; set; }

    public override object Config => new LinearConfig { ApiBaseUrl = Root.AbsoluteUri };

    public override object Credentials => new LinearCredentials { LinearApiKey = Key };

    public override TokenDesk Desk { get; } = new("/oauth/token") { Life = 86_399 };

    public override object SignedIn =>
        new LinearCredentials { AccessToken = Desk.AccessToken, RefreshToken = Desk.RefreshToken };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new("a wrong key", Config, new LinearCredentials { LinearApiKey = "lin_api_bad" }, FailureKind.Credentials),
            new("another address", new LinearConfig { ApiBaseUrl = Root + "shop" }, null, FailureKind.Configuration),
        ];

    // Judged by the schema, which runs the queries.
    protected override IReadOnlyList<string> Vendors => [];

    public static string IdOf(int number) => $"{number:00000000}-0000-4000-8000-000000000000";

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await base.DisposeAsync();
        }
        finally
        {
            // When nobody asks it any more.
            _executor.Dispose();
        }

        _executor.Invalid.ShouldBeEmpty("the vendor's schema allows every query");
    }

    protected override EmulatorAnswer? Refuse(EmulatorCall call) =>
        call.Header("Authorization") is not Key && !Desk.IsGood(call)
            ? Error(401, "AUTHENTICATION_ERROR", "Authentication required, not authenticated")
        : IsLimited ? Error(400, "RATELIMITED", "Rate limit exceeded")
        : null;

    protected override EmulatorAnswer NotFound() => EmulatorAnswer.Text("Not found", "text/html", 404);

    protected override void Map(EmulatorRoutes routes) =>
        routes.Post(
            "/graphql",
            call =>
                HidesMembers
                && call.Json.GetProperty("query").GetString()!.Contains("query Members", StringComparison.Ordinal)
                    ? Error(200, "FORBIDDEN", "You do not have access to this")
                : IsSpoilt(call)
                    ? EmulatorAnswer.Json(
                        new
                        {
                            data = new { items = (object?)null },
                            errors = new[]
                            {
                                new { message = "Cannot return null for a field", path = new[] { "items" } },
                            },
                        }
                    )
                : BreaksOn(call) ? Error(200, "INTERNAL_SERVER_ERROR", "Something broke")
                : _executor.Answer(call)
        );

    private bool IsSpoilt(EmulatorCall call)
    {
        var query = call.Json.GetProperty("query").GetString()!;
        return query.Contains("query Issues(", StringComparison.Ordinal)
            ? Spoilt.Count > 0
            : query.Contains("query Issue(", StringComparison.Ordinal)
                && Spoilt.Any(id => call.Json.GetProperty("variables").GetProperty("id").GetString() == IdOf(id));
    }

    private bool BreaksOn(EmulatorCall call) =>
        Company.Items.Any(item =>
            item.IsBroken
            && call.Json.GetProperty("query").GetString()!.Contains("CommentsOfIssue", StringComparison.Ordinal)
            && call.Json.GetProperty("variables").GetRawText().Contains(IdOf(item.Id), StringComparison.Ordinal)
        );

    private object? Resolve(string type, string field, JsonElement parent, JsonElement args) =>
        (type, field) switch
        {
            ("Query", "viewer") => UserOf(1),
            ("Query", "organization") => new { name = "Example", urlKey = "example" },
            ("Query", "issues") => Page(args, Filtered(args, Company.Items), IssueOf),
            ("Query", "searchIssues") => Page(
                args,
                Company.With(args.GetProperty("term").GetString()!),
                IssueOf,
                item => item.UpdatedAt
            ),
            ("Query", "issue") => Company.Items.SingleOrDefault(item =>
                args.GetProperty("id").GetString() is var id && (id == IdOf(item.Id) || id == $"ABC-{item.Id}")
            )
                is { } issue
                ? IssueOf(issue)
                : null,
            ("Query", "project") => ProjectOf(
                Projects.Single(item => IdOf(ProjectIds + item.Id) == args.GetProperty("id").GetString())
            ),
            ("Query", "projects") => Page(args, Filtered(args, Projects), ProjectOf),
            ("Query", "documents") => Page(args, Filtered(args, Documents), DocumentOf),
            ("Query", "comments") => Page(
                args,
                Comments(args, Company.Items),
                entry => CommentOf(entry.Item, entry.Reply),
                entry => ChangedAt(entry.Reply)
            ),
            ("Query", "projectUpdates") => Page(
                args,
                Comments(args, Projects),
                entry => UpdateOf(entry.Item, entry.Reply),
                entry => ChangedAt(entry.Reply)
            ),
            ("Issue", "comments") => CommentsOf(args, parent),
            ("Project", "projectUpdates") => Page(
                args,
                Below(Projects, ProjectIds, parent),
                entry => UpdateOf(entry.Item, entry.Reply),
                entry => ChangedAt(entry.Reply)
            ),
            ("Query", "teams") => Page(
                args,
                [args.GetProperty("filter").GetProperty("id").GetProperty("eq").GetString()!],
                id => new { id },
                _ => default
            ),
            ("Team", "members") => Page(args, MembersOf(parent), person => UserOf(person), _ => default),
            _ => throw new InvalidOperationException($"{type}.{field} is not emulated."),
        };

    private static IEnumerable<CompanyItem> Filtered(JsonElement args, IEnumerable<CompanyItem> items)
    {
        var since = Since(args);
        return items.Where(item => item.UpdatedAt >= since);
    }

    private static DateTimeOffset Since(JsonElement args) =>
        args.TryGetProperty("filter", out var filter)
        && filter.ValueKind == JsonValueKind.Object
        && filter.TryGetProperty("updatedAt", out var bound)
            ? bound.GetProperty("gte").GetDateTimeOffset()
            : DateTimeOffset.MinValue;

    private IEnumerable<(CompanyItem Item, Reply Reply)> Comments(JsonElement args, IEnumerable<CompanyItem> items)
    {
        var since = Since(args);
        var isOf =
            args.TryGetProperty("filter", out var filter) && filter.ValueKind == JsonValueKind.Object
                ? filter.GetRawText()
                : "";
        var isOfOne = isOf.Contains("eq", StringComparison.Ordinal);
        return items
            .Where(item =>
                !isOfOne
                || isOf.Contains(IdOf(item.Id), StringComparison.Ordinal)
                || isOf.Contains(IdOf(ProjectIds + item.Id), StringComparison.Ordinal)
            )
            .SelectMany(item => item.Replies.Select(reply => (item, reply)))
            .Where(entry => ChangedAt(entry.reply) >= since);
    }

    private object CommentsOf(JsonElement args, JsonElement issue)
    {
        var item = Company.Find(issue.GetProperty("id").GetString()!, IdOf)!;
        return item.IsBroken
            ? new { nodes = Array.Empty<object>(), pageInfo = new { hasNextPage = true, endCursor = "1" } }
            : Page(
                args,
                Below(Company.Items, 0, issue),
                entry => CommentOf(entry.Item, entry.Reply),
                entry => ChangedAt(entry.Reply)
            );
    }

    private static IEnumerable<(CompanyItem Item, Reply Reply)> Below(
        IEnumerable<CompanyItem> items,
        int offset,
        JsonElement parent
    ) =>
        items
            .Where(item => IdOf(offset + item.Id) == parent.GetProperty("id").GetString())
            .SelectMany(item => item.Replies.Select(reply => (item, reply)));

    private IEnumerable<int> MembersOf(JsonElement team) =>
        Company.Places.Single(place => TeamIdOf(place.Id) == team.GetProperty("id").GetString()).ReaderIds;

    private static string TeamIdOf(int place) => IdOf(300_000 + place);

    private DateTimeOffset ChangedAt(Reply reply) =>
        Edits.TryGetValue(reply.Id, out var edit) ? edit.At : reply.CreatedAt;

    private object IssueOf(CompanyItem item) =>
        new
        {
            id = IdOf(item.Id),
            identifier = $"ABC-{item.Id}",
            title = item.Title,
            description = item.Text.Length > 0 ? item.Text : null,
            url = LinkOf(item),
            createdAt = item.CreatedAt,
            updatedAt = item.UpdatedAt,
            archivedAt = item.IsArchived ? item.UpdatedAt : (DateTimeOffset?)null,
            trashed = Trashed.Contains(item.Id) ? true : (bool?)null,
            priorityLabel = "High",
            estimate = 3.5,
            previousIdentifiers = new[] { $"OLD-{item.Id}" },
            state = new { name = "In Progress", type = "started" },
            team = TeamOf(item.PlaceId),
            creator = UserOf(item.AuthorId),
            assignee = UserOf(4),
            labels = new { nodes = new[] { new { name = "harbour" } }, pageInfo = new { hasNextPage = false } },
        };

    private object ProjectOf(CompanyItem item) =>
        new
        {
            id = IdOf(ProjectIds + item.Id),
            name = item.Title,
            description = "In short.",
            content = item.Text,
            url = $"https://linear.app/example/project/{item.Id}",
            createdAt = item.CreatedAt,
            updatedAt = item.UpdatedAt,
            health = "onTrack",
            status = new { name = "Started", type = "started" },
            lead = UserOf(2),
            teams = new { nodes = new[] { TeamOf(item.PlaceId) }, pageInfo = new { hasNextPage = false } },
        };

    private object DocumentOf(CompanyItem item) =>
        new
        {
            id = IdOf(DocumentIds + item.Id),
            title = item.Title,
            content = item.Text,
            url = $"https://linear.app/example/document/{item.Id}",
            createdAt = item.CreatedAt,
            updatedAt = item.UpdatedAt,
            creator = UserOf(3),
            team = TeamOf(item.PlaceId),
        };

    private object CommentOf(CompanyItem item, Reply reply) =>
        new
        {
            id = IdOf(400_000 + reply.Id),
            body = Edits.TryGetValue(reply.Id, out var edit) ? edit.Text : reply.Text,
            url = $"{LinkOf(item)}#comment-{reply.Id}",
            createdAt = reply.CreatedAt,
            updatedAt = ChangedAt(reply),
            user = reply.AuthorId == 5 ? null : UserOf(reply.AuthorId),
            botActor = reply.AuthorId == 5 ? new { name = "Robot", type = "integration" } : null,
            issue = new { id = IdOf(item.Id) },
        };

    private object UpdateOf(CompanyItem project, Reply reply) =>
        new
        {
            id = IdOf(500_000 + reply.Id),
            body = reply.Text,
            url = $"https://linear.app/example/project/{project.Id}#update-{reply.Id}",
            createdAt = reply.CreatedAt,
            updatedAt = ChangedAt(reply),
            health = "onTrack",
            user = UserOf(reply.AuthorId),
            project = new { id = IdOf(ProjectIds + project.Id) },
        };

    private static string LinkOf(CompanyItem item) => $"https://linear.app/example/issue/ABC-{item.Id}/title";

    private object TeamOf(int place) =>
        new
        {
            id = TeamIdOf(place),
            key = "ABC",
            name = Company.PlaceOf(place).Name,
            visibility = Company.PlaceOf(place).IsPrivate ? "private" : "public",
        };

    private object UserOf(int id) =>
        new
        {
            id = IdOf(600_000 + id),
            name = Company.PersonOf(id).Name,
            email = Company.PersonOf(id).Email,
            active = Company.PersonOf(id).IsActive,
        };

    private object Page(JsonElement args, IEnumerable<CompanyItem> items, Func<CompanyItem, object> json) =>
        Page(args, items, json, item => item.UpdatedAt);

    /// <summary>Newest first; a cursor is a time and how many of it were given, so that what moves shifts nothing.</summary>
    private object Page<T>(JsonElement args, IEnumerable<T> items, Func<T, object> json, Func<T, DateTimeOffset> at)
    {
        var size = Math.Min(args.TryGetProperty("first", out var first) ? first.GetInt32() : 50, MaxPerPage);
        var after = args.TryGetProperty("after", out var cursor) ? cursor.GetString() : null;
        var left = items.OrderByDescending(at).ToList();
        if (after?.Split('/') is [var ticks, var count])
        {
            var time = new DateTimeOffset(long.Parse(ticks), TimeSpan.Zero);
            left =
            [
                .. left.Where(item => at(item) == time).Skip(int.Parse(count)),
                .. left.Where(item => at(item) < time),
            ];
        }

        var page = left.Take(size).ToList();
        string? end = null;
        if (page.Count > 0)
        {
            var last = at(page[^1]);
            var given =
                after?.Split('/') is [var same, var before] && same == $"{last.UtcTicks}" ? int.Parse(before) : 0;
            end = $"{last.UtcTicks}/{given + page.Count(item => at(item) == last)}";
        }

        return new
        {
            nodes = page.Select(json),
            pageInfo = new { hasNextPage = left.Count > page.Count, endCursor = end },
        };
    }

    private static EmulatorAnswer Error(int status, string code, string message) =>
        EmulatorAnswer.Json(
            new { errors = new[] { new { message, extensions = new { code, type = code.ToLowerInvariant() } } } },
            status
        );
}
