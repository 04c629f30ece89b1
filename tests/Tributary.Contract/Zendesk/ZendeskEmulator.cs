using System.Globalization;
using System.Net;
using System.Text;
using Tributary.Contract.Emulators;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Integrations.Zendesk;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Zendesk;

/// <summary>A Zendesk account: items are tickets, and articles of the help centre; places are groups and sections.</summary>
public class ZendeskEmulator : VendorEmulator
{
    private static readonly string[] Niceties =
    [
        "/api/v2/users/me",
        "/api/v2/users/show_many",
        "/api/v2/brands",
        "/api/v2/guide/content_tags",
        "/api/v2/tickets",
    ];

    private const int PageSize = 10;
    private const long Organization = 7_000_000_001;
    private const int Brand = 61;
    private const int Category = 51;
    private const int Segment = 81;

    /// <summary>The account has no help centre, or no ticketing product.</summary>
    public bool IsWithout { get; set; }

    /// <summary>The export leaves out what changed in the last minute.</summary>
    public bool HidesLastMinute { get; set; }

    /// <summary>Pages come without the users they speak of.</summary>
    public bool IsWithoutSideloads { get; set; }

    /// <summary>It does without users, brands, tags and the list of tickets.</summary>
    public bool RefusesNiceties { get; set; }

    /// <summary>Lists have pages with numbers and links, and no cursors.</summary>
    public bool HasNumberedPages { get; set; }

    /// <summary>Threads do not begin with the ticket's description.</summary>
    public bool HasDescriptionsApart { get; set; }

    /// <summary>The first comment of a thread is an internal note.</summary>
    public bool BeginsInternally { get; set; }

    /// <summary>Articles that are not published.</summary>
    public HashSet<int> Drafts { get; } = [];

    /// <summary>Comes first in the threads of tickets.</summary>
    public string? HtmlOfComments { get; set; }

    public override object Config =>
        new ZendeskConfig { ContentType = ZendeskContentType.Tickets, ApiBaseUrl = Root.AbsoluteUri };

    public override object Credentials => Owner("ada@example.com", "good");

    public override TokenDesk Desk { get; } = new("/oauth/tokens") { TakesJson = true };

    public override object SignedIn =>
        new ZendeskCredentials
        {
            ZendeskSubdomain = "acme",
            AccessToken = Desk.AccessToken,
            RefreshToken = Desk.RefreshToken,
        };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new("a wrong token", Config, Owner("ada@example.com", "bad"), FailureKind.Credentials),
            new("an agent's token", Config, Owner("zoe@example.com", "agent"), FailureKind.Credentials),
            new("nobody's token", Config, Owner("ada@example.com", "nobody"), FailureKind.Credentials),
        ];

    public static ZendeskCredentials Owner(string email, string token) =>
        new()
        {
            ZendeskSubdomain = "https://Acme.zendesk.com/agent",
            ZendeskEmail = email,
            ZendeskToken = token,
        };

    public override void Equip(ReaderHarness harness) => harness.Html = Content.Html;

    protected override IReadOnlyList<string> Vendors => ["zendesk"];

    protected override EmulatorAnswer? Refuse(EmulatorCall call) =>
        Token(call) is "good" or "agent" or "nobody"
            ? RefusesNiceties && Niceties.Contains(call.Request.Path.Value)
                ? EmulatorAnswer.Json(new { error = "Forbidden", description = "Not for you" }, 403)
                : null
            : EmulatorAnswer.Json(new { error = "Couldn't authenticate you" }, 401);

    protected override EmulatorAnswer NotFound() =>
        EmulatorAnswer.Json(new { error = "RecordNotFound", description = "Not found" }, 404);

    protected override void Map(EmulatorRoutes routes)
    {
        routes.Get("/api/v2/users/me", call => EmulatorAnswer.Json(new { user = MeOf(Token(call)) }));
        routes.Get("/api/v2/users/show_many", call => EmulatorAnswer.Json(new { users = People(call.Query("ids")!) }));
        routes.Get("/api/v2/brands", _ => EmulatorAnswer.Json(BrandsOf()));
        routes.Get("/api/v2/incremental/tickets/cursor", ExportOf);
        routes.Get("/api/v2/tickets", call => EmulatorAnswer.Json(TicketsOf(call)));
        routes.Get("/api/v2/tickets/{id}", call => Find(call) is { } item ? SingleOf(item) : NotFound());
        routes.Get(
            "/api/v2/tickets/{id}/comments",
            call =>
                Find(call) is not { } item ? NotFound()
                : item.IsBroken ? EmulatorAnswer.Json(new { error = "InternalError" }, 500)
                : EmulatorAnswer.Json(CommentsOf(item, call))
        );
        routes.Get(
            "/api/v2/search/export",
            call =>
                Hits(
                    call,
                    item => new
                    {
                        id = item.Id,
                        subject = item.Title,
                        result_type = "ticket",
                    }
                )
        );
        routes.Get("/api/v2/help_center/articles/search", call => Hits(call, ArticleOf));
        routes.Get("/api/v2/help_center/articles", ArticlesOf);
        routes.Get(
            "/api/v2/help_center/articles/{id}",
            call => Find(call) is { } item ? EmulatorAnswer.Json(new { article = ArticleOf(item) }) : NotFound()
        );
        routes.Get(
            "/api/v2/help_center/articles/{id}/attachments",
            call => Find(call) is { } item ? EmulatorAnswer.Json(AttachmentsOf(item)) : NotFound()
        );
        routes.Get("/attachments/token/{id}", FileOf);
        routes.Get("/hc/article_attachments/{id}", FileOf);
        routes.Get("/api/v2/guide/content_tags", call => EmulatorAnswer.Json(TagsOf(call)));
    }

    private string? Token(EmulatorCall call)
    {
        var header = call.Header("Authorization") ?? "";
        return Desk.IsGood(call) ? "good"
            : header.StartsWith("Basic ", StringComparison.Ordinal)
            && Encoding.UTF8.GetString(Convert.FromBase64String(header[6..])).Split(':', 2) is [var user, var token]
            && user.EndsWith("@example.com/token", StringComparison.Ordinal)
                ? token
            : null;
    }

    private CompanyItem? Find(EmulatorCall call) => Company.Find(call.Id());

    private static object MeOf(string? token) =>
        token == "nobody"
            ? new
            {
                id = (int?)null,
                name = "Anonymous user",
                role = "end-user",
            }
            : new
            {
                id = 1,
                name = "Ada Admin",
                email = "ada@example.com",
                role = token == "agent" ? "agent" : "admin",
            };

    private IEnumerable<object> People(string ids) =>
        ids.Split(',')
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture))
            .Select(id => Company.PersonOf(id))
            .Select(UserOf);

    private static object UserOf(Person person) =>
        new
        {
            id = person.Id,
            name = person.Name,
            email = person.Email,
            role = person.Id == 1 ? "admin" : "end-user",
            active = person.IsActive,
        };

    private IEnumerable<object>? Sideloaded(EmulatorCall call) =>
        call.Query("include")?.Split(',').Contains("users") == true && !IsWithoutSideloads
            ? Company.People.Select(UserOf)
            : null;

    private static object BrandsOf() =>
        new
        {
            brands = new[]
            {
                new
                {
                    id = Brand,
                    name = "Lighthouse",
                    subdomain = "acme",
                },
            },
            meta = new { has_more = false },
        };

    private EmulatorAnswer ExportOf(EmulatorCall call)
    {
        if (IsWithout || Token(call) != "good")
        {
            return EmulatorAnswer.Json(new { error = "SupportProductInactive", description = "Inactive" }, 403);
        }

        var cursor = call.Query("cursor");
        var from = cursor is null ? (0L, 0) : Parsed(cursor);
        var all = Company
            .Items.Concat(call.Query("exclude_deleted") == "true" ? [] : Company.Deleted)
            .Where(item => Key(item).CompareTo(from) > 0)
            .Where(item => !HidesLastMinute || item.UpdatedAt <= Company.Now.AddMinutes(-1))
            .OrderBy(Key)
            .ToList();
        var page = all.Take(Math.Min(call.Number("per_page", 1_000), PageSizeOf(PageSize))).ToList();
        return EmulatorAnswer.Json(
            EmulatorAnswer.Sparse(
                new
                {
                    tickets = page.Select(TicketOf),
                    after_cursor = page.Count > 0 ? Text(Key(page[^1])) : cursor ?? Text((0, 0)),
                    end_of_stream = page.Count == all.Count,
                    users = Sideloaded(call),
                    groups = Company.Places.Select(place => new { id = place.Id, name = place.Name }),
                    organizations = new[] { new { id = Organization, name = "Harbour Ltd" } },
                }
            )
        );
    }

    private object TicketsOf(EmulatorCall call)
    {
        var after = call.Query("page[after]") is { } cursor ? int.Parse(cursor, CultureInfo.InvariantCulture) : 0;
        var all = Company.Items.Where(item => item.Id > after && !item.IsArchived).OrderBy(item => item.Id).ToList();
        var page = all.Take(Math.Min(call.Number("page[size]", 100), PageSizeOf(PageSize))).ToList();
        return new
        {
            tickets = page.Select(TicketOf),
            meta = MetaOf(page.Count < all.Count, $"{page.LastOrDefault()?.Id}"),
        };
    }

    private EmulatorAnswer FileOf(EmulatorCall call) =>
        Company.Items.SelectMany(item => item.Attachments).FirstOrDefault(file => file.Id == call.Id()) is { } file
            ? EmulatorAnswer.File(file.Content, file.ContentType)
            : NotFound();

    private static object AttachmentsOf(CompanyItem item) =>
        new
        {
            article_attachments = item.Attachments.Select(file => new
            {
                id = file.Id,
                article_id = item.Id,
                file_name = file.Name,
                content_url = $"https://acme.zendesk.com/hc/article_attachments/{file.Id}",
                content_type = file.ContentType,
                size = file.Content.Length,
                inline = false,
            }),
            meta = MetaOf(false, null),
        };

    private EmulatorAnswer Hits(EmulatorCall call, Func<CompanyItem, object> hit) =>
        EmulatorAnswer.Json(new { results = Company.With(call.Query("query")!).Select(hit) });

    private EmulatorAnswer SingleOf(CompanyItem item) =>
        EmulatorAnswer.Json(new { ticket = TicketOf(item), users = Company.People.Select(UserOf) });

    private object TicketOf(CompanyItem item)
    {
        var isDeleted = Company.Deleted.Contains(item);
        return new
        {
            id = item.Id,
            url = $"https://acme.zendesk.com/api/v2/tickets/{item.Id}.json",
            subject = isDeleted ? "SCRUBBED" : item.Title,
            description = isDeleted ? "X" : item.Text,
            status = isDeleted ? "deleted"
            : item.IsArchived ? "closed"
            : "open",
            priority = item.PlaceId == 2 ? "high" : null,
            type = "question",
            tags = new[] { "harbour" },
            requester_id = item.AuthorId,
            submitter_id = item.AuthorId,
            assignee_id = 4,
            group_id = item.PlaceId,
            organization_id = Organization,
            brand_id = Brand,
            is_public = true,
            created_at = item.CreatedAt,
            updated_at = item.UpdatedAt,
            generated_timestamp = item.UpdatedAt.ToUnixTimeSeconds(),
        };
    }

    private object CommentsOf(CompanyItem item, EmulatorCall call)
    {
        var comments = item
            .Replies.Select(reply => CommentOf(reply.Id, reply.AuthorId, reply.Text, reply.CreatedAt))
            .Prepend(
                CommentOf(
                    100_000 + item.Id,
                    item.AuthorId,
                    HasDescriptionsApart ? "Hello." : item.Text,
                    item.CreatedAt,
                    item.Attachments,
                    isPublic: !BeginsInternally
                )
            )
            .Append(CommentOf(200_000 + item.Id, 1, "A note among agents.", item.UpdatedAt, isPublic: false))
            .Append(CommentOf(300_000 + item.Id, -1, "Routed by a trigger.", item.UpdatedAt))
            .ToList();
        var from =
            call.Query("page[after]") is { } cursor ? int.Parse(cursor, CultureInfo.InvariantCulture)
            : HasNumberedPages ? (call.Number("page", 1) - 1) * PageSizeOf(PageSize)
            : 0;
        var page = comments.Skip(from).Take(Math.Min(call.Number("page[size]", 100), PageSizeOf(PageSize))).ToList();
        return EmulatorAnswer.Sparse(
            new
            {
                comments = page,
                meta = HasNumberedPages ? null : MetaOf(from + page.Count < comments.Count, $"{from + page.Count}"),
                next_page = HasNumberedPages && from + page.Count < comments.Count
                    ? $"https://acme.zendesk.com{call.Request.Path}?page={(from / PageSize) + 2}"
                    : null,
                users = Sideloaded(call),
            }
        );
    }

    private object CommentOf(
        int id,
        int author,
        string text,
        DateTimeOffset at,
        IReadOnlyList<CompanyFile>? files = null,
        bool isPublic = true
    ) =>
        new
        {
            id,
            type = "Comment",
            author_id = author,
            body = text,
            html_body = HtmlOfComments ?? $"<div class=\"zd-comment\"><p>{WebUtility.HtmlEncode(text)}</p></div>",
            plain_body = text,
            @public = isPublic,
            created_at = at,
            via = new { channel = "web" },
            attachments = (files ?? []).Select(file => new
            {
                id = file.Id,
                file_name = file.Name,
                content_url = $"https://acme.zendesk.com/attachments/token/{file.Id}?name={file.Name}",
                inline = file.Name.StartsWith("inline", StringComparison.Ordinal),
                content_type = file.ContentType,
                size = file.Content.Length,
            }),
        };

    private EmulatorAnswer ArticlesOf(EmulatorCall call)
    {
        if (IsWithout)
        {
            return NotFound();
        }

        var newestFirst = call.Query("sort_by") == "updated_at" && call.Query("sort_order") == "desc";
        var after = call.Query("page[after]") is { } cursor ? Parsed(cursor) : ((long, int)?)null;
        var sorted = newestFirst
            ? Company.Items.OrderByDescending(Key).Where(item => after is null || Key(item).CompareTo(after.Value) < 0)
            : Company.Items.OrderBy(item => item.Id).Where(item => after is null || item.Id > after.Value.Item2);
        var all = sorted.ToList();
        var page = all.Take(Math.Min(call.Number("page[size]", 30), PageSizeOf(PageSize))).ToList();
        return EmulatorAnswer.Json(
            EmulatorAnswer.Sparse(
                new
                {
                    articles = page.Select(ArticleOf),
                    meta = MetaOf(page.Count < all.Count, page.Count > 0 ? Text(Key(page[^1])) : null),
                    users = Sideloaded(call),
                    sections = Company.Places.Select(place => new
                    {
                        id = place.Id,
                        name = place.Name,
                        category_id = Category,
                    }),
                    categories = new[] { new { id = Category, name = "Handbook" } },
                }
            )
        );
    }

    private object ArticleOf(CompanyItem item) =>
        EmulatorAnswer.Sparse(
            new
            {
                id = item.Id,
                url = $"https://acme.zendesk.com/api/v2/help_center/articles/{item.Id}.json",
                html_url = $"https://acme.zendesk.com/hc/en-us/articles/{item.Id}-a-title",
                author_id = item.AuthorId,
                draft = Drafts.Contains(item.Id),
                promoted = false,
                section_id = item.PlaceId,
                created_at = item.CreatedAt,
                updated_at = item.UpdatedAt,
                edited_at = item.UpdatedAt,
                name = item.Title,
                title = item.Title,
                locale = "en-us",
                source_locale = "en-us",
                user_segment_id = Company.PlaceOf(item.PlaceId).IsPrivate ? Segment : (int?)null,
                content_tag_ids = new[] { "01HTAG" },
                label_names = item.PlaceId == 2 ? new[] { "harbour" } : null,
                body = $"<p>{WebUtility.HtmlEncode(item.Text)} <a href=\"/hc/map\">map</a></p>",
            }
        );

    private static object TagsOf(EmulatorCall call) =>
        call.Query("page[after]") is null
            ? new
            {
                records = new[] { new { id = "01HOTHER", name = "other" } },
                meta = MetaOf(true, "2"),
                links = new { },
            }
            : new
            {
                records = new[] { new { id = "01HTAG", name = "sea" } },
                meta = MetaOf(false, null),
                links = new { },
            };

    private static object MetaOf(bool hasMore, string? after) =>
        new { has_more = hasMore, after_cursor = hasMore ? after : null };

    private static (long, int) Key(CompanyItem item) => (item.UpdatedAt.ToUnixTimeSeconds(), item.Id);

    private static string Text((long Time, int Id) key) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{key.Time}|{key.Id}"));

    private static (long, int) Parsed(string cursor)
    {
        var parts = Encoding.UTF8.GetString(Convert.FromBase64String(cursor)).Split('|');
        return (long.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}

/// <summary>The same account, read for its help centre.</summary>
public sealed class HelpCenterEmulator : ZendeskEmulator
{
    public override object Config => new ZendeskConfig { ApiBaseUrl = Root.AbsoluteUri };
}
