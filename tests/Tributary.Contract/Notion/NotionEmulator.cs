using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Contract.Emulators;
using Tributary.Integrations.Notion;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Notion;

/// <summary>
/// A Notion workspace: items are pages, those of the place "Größe &amp; Maß" rows of a database, replies comments. Some pages
/// stand in others and are missing from the search. Times are whole minutes.
/// </summary>
public sealed class NotionEmulator : VendorEmulator
{
    private const string Token = "ntn_good";
    private const int RowsPlace = 3;
    private const int MaxPage = 12;

    /// <summary>The item that the pages stand in that the search misses.</summary>
    public const int Shelf = 10;

    /// <summary>Capabilities of the connection.</summary>
    public bool MayReadComments { get; set; }

    public bool MayReadUsers { get; set; } = true;

    public bool MayReadContent { get; set; } = true;

    /// <summary>Results after which a query ends.</summary>
    public int QueryLimit { get; set; } = 10_000;

    /// <summary>Continuations that were given out work no more.</summary>
    public bool ForgetsCursors { get; set; }

    /// <summary>Further blocks of pages, by item.</summary>
    public Dictionary<int, List<JsonObject>> Blocks { get; } = [];

    /// <summary>Further properties of rows.</summary>
    public JsonObject Properties { get; } = [];

    /// <summary>Pages that stand in others, child to parent, besides those on the shelf.</summary>
    public Dictionary<int, int> Parents { get; } = [];

    public override object Config => new NotionConfig { ApiBaseUrl = Root.AbsoluteUri };

    public override object Credentials => new NotionCredentials { NotionIntegrationToken = Token };

    public override TokenDesk Desk { get; } =
        new("/v1/oauth/token")
        {
            TakesJson = true,
            TakesBasic = true,
            Header = "Notion-Version",
            Answer = (access, refresh, _) =>
                new
                {
                    access_token = access,
                    refresh_token = refresh,
                    token_type = "bearer",
                    bot_id = Id(5, 99),
                    workspace_icon = (string?)null,
                    workspace_name = "Company",
                    workspace_id = Id(6, 1),
                    owner = new { type = "workspace", workspace = true },
                    duplicated_template_id = (string?)null,
                },
            Refusal = Error(401, "unauthorized"),
        };

    public override object SignedIn =>
        new NotionCredentials { NotionIntegrationToken = Desk.AccessToken, NotionRefreshToken = Desk.RefreshToken };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new(
                "a wrong secret",
                Config,
                new NotionCredentials { NotionIntegrationToken = "ntn_bad" },
                FailureKind.Credentials
            ),
            new(
                "a page that was not shared",
                new NotionConfig { ApiBaseUrl = Root.AbsoluteUri, RootPageId = Id(1, 999_999) },
                null,
                FailureKind.Configuration
            ),
        ];

    public static string Page(int id) => Id(1, id);

    public static string Id(int kind, int id) => $"{kind:D8}-0000-4000-8000-{id:D12}";

    protected override IReadOnlyList<string> Vendors => ["notion"];

    protected override CompanyItem MakeItem(string name, string text) =>
        Company.Add(name, text, placeId: Company.Items.Count % 5 == 4 ? RowsPlace : 1);

    protected override EmulatorAnswer? Refuse(EmulatorCall call) =>
        call.Request.Path.StartsWithSegments("/s3")
            ? call.Header("Authorization") is null
                ? null
                : EmulatorAnswer.Text("<Error>Only one auth mechanism allowed</Error>", "application/xml", 400)
            : call.Header("Authorization") != $"Bearer {Token}" && !Desk.IsGood(call)
                ? Error(401, "unauthorized")
                : call.Header("Notion-Version") is not "2026-03-11"
                    ? Error(400, "missing_version")
                    : MayReadContent || call.Request.Path.StartsWithSegments("/v1/users")
                        ? null
                        : Error(403, "restricted_resource");

    protected override EmulatorAnswer NotFound() => Error(404, "object_not_found");

    protected override void Map(EmulatorRoutes routes)
    {
        routes.Get("/v1/users/me", _ => EmulatorAnswer.Json(Me()));
        routes.Get("/v1/users", call => MayReadUsers ? Users(call) : Error(403, "restricted_resource"));
        routes.Get(
            "/v1/users/{id}",
            call =>
                MayReadUsers && Company.People.SingleOrDefault(person => Id(5, person.Id) == call["id"]) is { } person
                    ? EmulatorAnswer.Json(UserOf(person))
                    : Error(404, "object_not_found")
        );
        routes.Post("/v1/search", Search);
        routes.Get(
            "/v1/pages/{id}",
            call => ItemOf(call["id"]) is { } item ? EmulatorAnswer.Json(PageOf(item)) : NotFound()
        );
        routes.Get("/v1/blocks/{id}/children", Children);
        routes.Get(
            "/v1/databases/{id}",
            call => call["id"] == Id(2, RowsPlace) ? EmulatorAnswer.Json(Database()) : NotFound()
        );
        routes.Get(
            "/v1/data_sources/{id}",
            call => call["id"] == Id(3, RowsPlace) ? EmulatorAnswer.Json(DataSource()) : NotFound()
        );
        routes.Post("/v1/data_sources/{id}/query", call => call["id"] == Id(3, RowsPlace) ? Query(call) : NotFound());
        routes.Get("/v1/comments", Comments);
        routes.Get(
            "/s3/{name}",
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

    private bool IsRow(CompanyItem item) => item.PlaceId == RowsPlace;

    private int? ParentOf(CompanyItem item) =>
        Parents.TryGetValue(item.Id, out var parent) ? parent
        : item.Id is Shelf + 1 or (2 * Shelf) + 1 && !IsRow(item) && Company.Find(Shelf) is not null ? Shelf
        : null;

    /// <summary>Only few stand in others: nobody looks through all items for them.</summary>
    private IEnumerable<CompanyItem> ChildrenOf(CompanyItem item) =>
        Parents
            .Keys.Union([Shelf + 1, (2 * Shelf) + 1])
            .Order()
            .Select(Company.Find)
            .OfType<CompanyItem>()
            .Where(other => ParentOf(other) == item.Id);

    private CompanyItem? ItemOf(string id) => Company.Find(id, Page);

    private EmulatorAnswer Search(EmulatorCall call)
    {
        var value = call.Json.GetProperty("filter").GetProperty("value").GetString();
        return value == "data_source"
            ? Results(call, Company.Items.Any(IsRow) ? [("0", (Func<JsonObject>)DataSource)] : [])
            : Results(
                call,
                (call.Json.TryGetProperty("query", out var query) ? Company.With(query.GetString()!) : Company.Items)
                    .Where(item => ParentOf(item) is null)
                    .OrderByDescending(item => Minute(item.UpdatedAt), StringComparer.Ordinal)
                    .ThenByDescending(item => item.Id)
                    .Select(item =>
                        ($"{Descending(item.UpdatedAt)}{999_999 - item.Id:D6}", (Func<JsonObject>)(() => PageOf(item)))
                    )
            );
    }

    private EmulatorAnswer Query(EmulatorCall call)
    {
        var rows = Company.Items.Where(IsRow);
        if (call.Json.TryGetProperty("filter", out var filter))
        {
            foreach (var bound in filter.GetProperty("and").EnumerateArray())
            {
                var field = bound.GetProperty("timestamp").GetString()!;
                var least = bound.GetProperty(field).GetProperty("on_or_after").GetDateTimeOffset();
                rows = rows.Where(row =>
                    DateTimeOffset.Parse(
                        Minute(field == "created_time" ? row.CreatedAt : row.UpdatedAt),
                        CultureInfo.InvariantCulture
                    ) >= least
                );
            }
        }

        var all = rows.Select(row => ($"{Minute(row.CreatedAt)}{row.Id:D6}", (Func<JsonObject>)(() => PageOf(row))))
            .ToList();
        return Results(call, all.Take(QueryLimit), isCut: all.Count > QueryLimit);
    }

    /// <summary>One page of results that are sorted by their keys.</summary>
    private EmulatorAnswer Results(
        EmulatorCall call,
        IEnumerable<(string Key, Func<JsonObject> Json)> sorted,
        bool isCut = false
    )
    {
        var body = call.Json;
        string? after = null;
        if (body.TryGetProperty("start_cursor", out var cursor) && cursor.ValueKind == JsonValueKind.String)
        {
            if (ForgetsCursors)
            {
                return Error(400, "validation_error");
            }

            after = Encoding.UTF8.GetString(Convert.FromBase64String(cursor.GetString()!));
        }

        var rest = sorted.Where(pair => after is null || string.CompareOrdinal(pair.Key, after) > 0).ToList();
        var page = rest.Take(Math.Min(body.GetProperty("page_size").GetInt32(), PageSizeOf(MaxPage))).ToList();
        var isMore = page.Count < rest.Count;
        var answer = List(
            "page_or_data_source",
            page.Select(pair => pair.Json()),
            isMore ? Convert.ToBase64String(Encoding.UTF8.GetBytes(page[^1].Key)) : null
        );
        if (isCut && !isMore)
        {
            answer["request_status"] = Json(
                new { type = "incomplete", incomplete_reason = "query_result_limit_reached" }
            );
        }

        return EmulatorAnswer.Json(answer);
    }

    private EmulatorAnswer Children(EmulatorCall call)
    {
        if (
            Blocks.Values.SelectMany(blocks => blocks).FirstOrDefault(block => (string?)block["id"] == call["id"]) is
            { } parent
        )
        {
            // Blocks in blocks are kept beside what they are.
            return EmulatorAnswer.Json(
                List(
                    "block",
                    Blocks
                        .GetValueOrDefault(int.Parse(call["id"][24..], CultureInfo.InvariantCulture), [])
                        .Select(block => (JsonObject)block.DeepClone()),
                    null
                )
            );
        }

        if (ItemOf(call["id"]) is not { } item)
        {
            return NotFound();
        }

        if (item.IsBroken)
        {
            return Error(500, "internal_server_error");
        }

        var blocks = new List<JsonObject>
        {
            Block(item, 1, "paragraph", new { rich_text = RichText(item.Text), color = "default" }),
        };
        blocks.AddRange(Blocks.GetValueOrDefault(item.Id, []).Select(block => (JsonObject)block.DeepClone()));
        blocks.AddRange(item.Attachments.Select(file => FileBlock(item, file)));
        foreach (var child in ChildrenOf(item))
        {
            blocks.Add(
                Block(item, 0, "child_page", new { title = child.Title }, id: Page(child.Id), hasChildren: true)
            );
        }

        var from = call.Query("start_cursor") is { } cursor ? int.Parse(cursor, CultureInfo.InvariantCulture) : 0;
        var page = blocks.Skip(from).Take(Math.Min(call.Number("page_size", 100), PageSizeOf(MaxPage))).ToList();
        return EmulatorAnswer.Json(
            List("block", page, from + page.Count < blocks.Count ? $"{from + page.Count}" : null)
        );
    }

    private JsonObject FileBlock(CompanyItem item, CompanyFile file) =>
        Block(
            item,
            900 + file.Id,
            "file",
            new
            {
                type = "file",
                caption = RichText("The figures"),
                name = file.Name,
                file = new
                {
                    url = $"{Root}s3/{file.Name}?X-Amz-Signature={Exchanges.Count}",
                    expiry_time = "2025-01-15T09:00:00.000Z",
                },
            }
        );

    private EmulatorAnswer Comments(EmulatorCall call) =>
        !MayReadComments ? Error(403, "restricted_resource")
        : ItemOf(call.Query("block_id")!) is not { } item ? NotFound()
        : EmulatorAnswer.Json(
            List(
                "comment",
                item.Replies.Select(reply =>
                    Json(
                        new
                        {
                            @object = "comment",
                            id = Id(6, reply.Id),
                            parent = new { type = "page_id", page_id = Page(item.Id) },
                            discussion_id = Id(7, item.Id),
                            created_time = Minute(reply.CreatedAt),
                            last_edited_time = Minute(reply.CreatedAt),
                            created_by = Ref(reply.AuthorId),
                            rich_text = RichText(reply.Text),
                            display_name = new { type = "user", resolved_name = (string?)null },
                        }
                    )
                ),
                null
            )
        );

    private EmulatorAnswer Users(EmulatorCall call) =>
        EmulatorAnswer.Json(List("user", Company.People.Where(person => person.IsActive).Select(UserOf), null));

    private JsonObject PageOf(CompanyItem item)
    {
        var properties = IsRow(item) ? (JsonObject)Properties.DeepClone() : [];
        properties["Name"] = Json(
            new
            {
                id = "title",
                type = "title",
                title = RichText(item.Title),
            }
        );
        return Json(
            new
            {
                @object = "page",
                id = Page(item.Id),
                created_time = Minute(item.CreatedAt),
                last_edited_time = Minute(item.UpdatedAt),
                created_by = Ref(item.AuthorId),
                last_edited_by = Ref(item.AuthorId),
                in_trash = false,
                is_locked = false,
                url = $"https://www.notion.so/{Page(item.Id).Replace("-", "")}",
                public_url = (string?)null,
                icon = (string?)null,
                cover = (string?)null,
                parent = IsRow(item)
                    ? new
                    {
                        type = "data_source_id",
                        data_source_id = Id(3, RowsPlace),
                        database_id = Id(2, RowsPlace),
                    }
                : ParentOf(item) is { } parent ? new { type = "page_id", page_id = Page(parent) }
                : (object)new { type = "workspace", workspace = true },
                properties,
            }
        );
    }

    private JsonObject Database() =>
        Json(
            new
            {
                @object = "database",
                id = Id(2, RowsPlace),
                title = RichText("Measures"),
                description = Array.Empty<object>(),
                parent = new { type = "workspace", workspace = true },
                is_inline = false,
                in_trash = false,
                is_locked = false,
                created_time = Minute(Company.Now),
                last_edited_time = Minute(Company.Now),
                data_sources = new[] { new { id = Id(3, RowsPlace), name = "Measures" } },
                icon = (string?)null,
                cover = (string?)null,
                url = "https://www.notion.so/measures",
                public_url = (string?)null,
            }
        );

    private JsonObject DataSource() =>
        Json(
            new
            {
                @object = "data_source",
                id = Id(3, RowsPlace),
                title = RichText("Measures"),
                description = Array.Empty<object>(),
                parent = new { type = "database_id", database_id = Id(2, RowsPlace) },
                database_parent = new { type = "workspace", workspace = true },
                is_inline = false,
                in_trash = false,
                created_time = Minute(Company.Items.First(IsRow).CreatedAt),
                last_edited_time = Minute(Company.Items.First(IsRow).CreatedAt),
                created_by = Ref(1),
                last_edited_by = Ref(1),
                properties = new JsonObject(),
                icon = (string?)null,
                cover = (string?)null,
                url = "https://www.notion.so/measures",
                public_url = (string?)null,
            }
        );

    /// <summary>A block of a page, as Notion writes it.</summary>
    public JsonObject Block(
        CompanyItem item,
        int number,
        string type,
        object body,
        string? id = null,
        bool hasChildren = false
    )
    {
        var block = Json(
            new
            {
                @object = "block",
                id = id ?? Id(4, (item.Id * 1000) + number),
                parent = new { type = "page_id", page_id = Page(item.Id) },
                created_time = Minute(item.CreatedAt),
                created_by = Ref(item.AuthorId),
                last_edited_time = Minute(item.UpdatedAt),
                last_edited_by = Ref(item.AuthorId),
                has_children = hasChildren,
                in_trash = false,
                type,
            }
        );
        block[type] = Json(body);
        return block;
    }

    public static object[] RichText(string text) =>
        [
            new
            {
                type = "text",
                text = new { content = text, link = (object?)null },
                plain_text = text,
                href = (string?)null,
                annotations = new
                {
                    bold = false,
                    italic = false,
                    strikethrough = false,
                    underline = false,
                    code = false,
                    color = "default",
                },
            },
        ];

    private static JsonObject UserOf(Person person) =>
        Json(
            new
            {
                @object = "user",
                id = Id(5, person.Id),
                type = "person",
                name = person.Name,
                avatar_url = (string?)null,
                person = new { email = person.Email },
            }
        );

    private static JsonObject Me() =>
        Json(
            new
            {
                @object = "user",
                id = Id(5, 99),
                type = "bot",
                name = "Tributary",
                avatar_url = (string?)null,
                bot = new
                {
                    owner = new { type = "workspace", workspace = true },
                    workspace_id = Id(8, 1),
                    workspace_limits = new { max_file_upload_size_in_bytes = 5_242_880 },
                    workspace_name = "Company",
                },
            }
        );

    private static object Ref(int person) => new { @object = "user", id = Id(5, person) };

    private static JsonObject List(string type, IEnumerable<JsonObject> results, string? next)
    {
        var list = Json(
            new
            {
                @object = "list",
                next_cursor = next,
                has_more = next is not null,
                type,
            }
        );
        list["results"] = new JsonArray([.. results]);
        list[type] = new JsonObject();
        return list;
    }

    private static JsonObject Json(object value) => JsonSerializer.SerializeToNode(value)!.AsObject();

    private static string Minute(DateTimeOffset time) =>
        time.ToString("yyyy-MM-dd'T'HH:mm:'00.000Z'", CultureInfo.InvariantCulture);

    private static string Descending(DateTimeOffset time) =>
        (long.MaxValue / TimeSpan.TicksPerMinute - time.Ticks / TimeSpan.TicksPerMinute).ToString(
            "D14",
            CultureInfo.InvariantCulture
        );

    private static EmulatorAnswer Error(int status, string code) =>
        EmulatorAnswer.Json(
            new
            {
                @object = "error",
                status,
                code,
                message = code,
                request_id = "r1",
            },
            status
        );
}
