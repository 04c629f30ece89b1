using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tributary.Contract.Emulators;
using Tributary.Integrations.RequestTracker;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.RequestTracker;

/// <summary>An RT 5 below a folder: items are tickets, places are queues, replies are answers.</summary>
public sealed partial class RequestTrackerEmulator : VendorEmulator
{
    private const string Token = "1-14-0123456789abcdef";

    /// <summary>The most rows of a page.</summary>
    public int MostRows { get; set; } = 10;

    /// <summary>The account's time zone.</summary>
    public string Zone { get; set; } = "America/New_York";

    /// <summary>Replies that are comments.</summary>
    public HashSet<int> CommentIds { get; } = [];

    /// <summary>Replies that came as HTML alone.</summary>
    public HashSet<int> HtmlIds { get; } = [];

    /// <summary>Tickets that were merged into another.</summary>
    public Dictionary<int, int> Merged { get; } = [];

    /// <summary>Ids of tickets that a page leaves out for lack of rights.</summary>
    public HashSet<int> Hidden { get; } = [];

    /// <summary>Totals are told (they are not while UseSQLForACLChecks is off).</summary>
    public bool TellsTotals { get; set; } = true;

    /// <summary>Logins are names and no addresses.</summary>
    public bool HasNamesAsLogins { get; set; }

    /// <summary>Parts of mails and queues are told by their ids alone; what RT does not need to answer is missing.</summary>
    public bool TellsIdsOnly { get; set; }

    /// <summary>Parts of mails that the account may not see.</summary>
    public HashSet<int> SecretTransactions { get; } = [];

    /// <summary>Searches take no notice of ids.</summary>
    public bool IgnoresIds { get; set; }

    /// <summary>Nothing is told about tickets but they themselves.</summary>
    public bool HasNoHistory { get; set; }

    public override object Config => new RequestTrackerConfig();

    public override object Credentials => Login("secret");

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new("a wrong password", Config, Login("wrong"), FailureKind.Credentials),
            new(
                "an unknown queue",
                new RequestTrackerConfig { Queues = ["Gardening"] },
                Credentials,
                FailureKind.Configuration
            ),
            new(
                "a query that is none",
                new RequestTrackerConfig { TicketQuery = "Flavour LIKE 'sweet'" },
                Credentials,
                FailureKind.Configuration
            ),
            new(
                "another address",
                Config,
                new RequestTrackerCredentials
                {
                    RequesttrackerUsername = "reader",
                    RequesttrackerPassword = "secret",
                    RequesttrackerBaseUrl = Root + "/shop",
                },
                FailureKind.Configuration
            ),
        ];

    public override void Equip(ReaderHarness harness) => harness.Html = Content.Html;

    public RequestTrackerCredentials Login(string password) =>
        new()
        {
            RequesttrackerUsername = "reader",
            RequesttrackerPassword = password,
            RequesttrackerBaseUrl = Root.AbsoluteUri,
        };

    protected override IReadOnlyList<string> Vendors => ["requesttracker"];

    protected override string Prefix => "/rt";

    protected override EmulatorAnswer? Refuse(EmulatorCall call)
    {
        var basic = "Basic " + Convert.ToBase64String("reader:secret"u8.ToArray());
        return call.Header("Authorization") == basic || call.Header("Authorization") == "token " + Token ? null
            : call.Header("User-Agent")?.StartsWith("Mozilla", StringComparison.Ordinal) == true
                ? EmulatorAnswer.Empty(302).With("Location", Root + "/NoAuth/Login.html")
            : Error(401, "Unauthorized");
    }

    protected override EmulatorAnswer NotFound() => Error(404, "Not Found");

    protected override void Map(EmulatorRoutes routes)
    {
        routes.Get("/REST/2.0/rt", _ => TellsIdsOnly ? NotFound() : EmulatorAnswer.Json(new { Version = "5.0.3" }));
        routes.Get(
            "/REST/2.0/queue/{id}",
            call =>
                EmulatorAnswer.Json(
                    new
                    {
                        id = call.Id(),
                        Company.PlaceOf(call.Id()).Name,
                        _hyperlinks = new[] { new { @ref = "self", _url = Url($"queue/{call.Id()}") } },
                    }
                )
        );
        routes.Get("/REST/2.0/user/{login}", User);
        routes.Get(
            "/REST/2.0/queues/all",
            call =>
                Rows(
                    call,
                    Company.Places.Select(place =>
                        (object)
                            new
                            {
                                type = "queue",
                                id = $"{place.Id}",
                                _url = Url($"queue/{place.Id}"),
                                Name = TellsIdsOnly ? "" : place.Name,
                            }
                    ),
                    isTotalTold: true
                )
        );
        routes.Get("/REST/2.0/tickets", Tickets);
        routes.Get("/REST/2.0/ticket/{id}", call => Ticket(call));
        routes.Get(
            "/REST/2.0/ticket/{id}/history",
            call =>
                Item(call.Id()) is { } item && !HasNoHistory
                    ? Rows(call, TransactionsOf(item).Select(one => one.Json))
                    : NotFound()
        );
        routes.Get(
            "/REST/2.0/ticket/{id}/attachments",
            call =>
                Item(call.Id()) is { } item
                    ? Rows(call, TransactionsOf(item).SelectMany(one => one.Parts).Select(part => part.Json))
                    : NotFound()
        );
        routes.Get("/REST/2.0/attachment/{id}", Attachment);
    }

    private CompanyItem? Item(int id) => Company.Find(Merged.TryGetValue(id, out var into) ? into : id);

    private EmulatorAnswer Tickets(EmulatorCall call)
    {
        var found = Company.Items.Where(item => !Merged.ContainsKey(item.Id));
        foreach (var clause in Clauses(call.Query("query")!))
        {
            var alternatives = Regex
                .Split(clause, @"\s+OR\s+")
                .Select(one => Clause().Match(one.Trim('(', ')', ' ')))
                .ToList();
            if (alternatives.Any(match => !match.Success))
            {
                return Error(400, $"Invalid query: wrong query, expecting a column name, got '{clause}'");
            }

            found = found.Where(item => alternatives.Any(match => Fits(item, match)));
        }

        found =
            call.Query("orderby") == "LastUpdated"
                ? found.OrderByDescending(item => item.UpdatedAt)
                : found.OrderBy(item => item.Id);
        var fields = (call.Query("fields") ?? "").Split(',');
        return Rows(
            call,
            found,
            item =>
                Hidden.Contains(item.Id)
                    ? null
                    : EmulatorAnswer.Sparse(
                        new
                        {
                            type = "ticket",
                            id = $"{item.Id}",
                            _url = Url($"ticket/{item.Id}"),
                            LastUpdated = fields.Contains("LastUpdated") ? TimeOf(item.UpdatedAt) : null,
                            Subject = fields.Contains("Subject") ? item.Title : null,
                        }
                    ),
            TellsTotals
        );
    }

    private bool Fits(CompanyItem item, Match match)
    {
        var value = match.Groups["value"].Value.Replace("\\'", "'");
        return (match.Groups["field"].Value, match.Groups["operator"].Value) switch
        {
            ("id", ">") => IgnoresIds || item.Id > int.Parse(value, CultureInfo.InvariantCulture),
            ("Queue", "=") => Company.PlaceOf(item.PlaceId).Name == value,
            ("Queue", "!=") => Company.PlaceOf(item.PlaceId).Name != value,
            ("Subject" or "Content", "LIKE") => Company.With(value).Contains(item),
            ("Status", "=") => value == StatusOf(item),
            ("LastUpdated", ">=") => item.UpdatedAt >= At(value),
            _ => false,
        };
    }

    private DateTimeOffset At(string text)
    {
        var local = DateTime.ParseExact(text, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        return new DateTimeOffset(local, TimeZoneInfo.FindSystemTimeZoneById(Zone).GetUtcOffset(local));
    }

    private EmulatorAnswer Ticket(EmulatorCall call)
    {
        if (Item(call.Id()) is not { } item)
        {
            return NotFound();
        }

        var place = Company.PlaceOf(item.PlaceId);
        return item.IsBroken
            ? Error(500, "Internal Server Error")
            : EmulatorAnswer.Json(
                new
                {
                    id = item.Id,
                    EffectiveId = new
                    {
                        type = "ticket",
                        id = $"{item.Id}",
                        _url = Url($"ticket/{item.Id}"),
                    },
                    Subject = item.Title,
                    Status = StatusOf(item),
                    Type = "ticket",
                    Priority = "0",
                    Queue = EmulatorAnswer.Sparse(
                        new
                        {
                            type = "queue",
                            id = $"{place.Id}",
                            _url = Url($"queue/{place.Id}"),
                            Name = TellsIdsOnly ? null : place.Name,
                        }
                    ),
                    Owner = UserOf("Nobody"),
                    Creator = UserOf(LoginOf(item.AuthorId)),
                    Requestor = new[] { UserOf(LoginOf(item.AuthorId)) },
                    Cc = Array.Empty<object>(),
                    AdminCc = Array.Empty<object>(),
                    Created = TimeOf(item.CreatedAt),
                    LastUpdated = TimeOf(item.UpdatedAt),
                    Resolved = "1970-01-01T00:00:00Z",
                    Due = "",
                    CustomFields = new[]
                    {
                        new
                        {
                            id = "3",
                            type = "customfield",
                            _url = Url("customfield/3"),
                            name = "Harbour",
                            values = new[] { "North" },
                        },
                    },
                    _hyperlinks = new[] { new { @ref = "self", _url = Url($"ticket/{item.Id}") } },
                }
            );
    }

    private EmulatorAnswer Attachment(EmulatorCall call)
    {
        var part = Company
            .Items.Where(item => Has(item, call.Id() / 10))
            .SelectMany(TransactionsOf)
            .SelectMany(one => one.Parts)
            .SingleOrDefault(part => part.Id == call.Id());
        return part is null ? NotFound()
            : SecretTransactions.Contains(part.Id / 10) ? Error(403, "Forbidden")
            : EmulatorAnswer.Json(
                new
                {
                    id = part.Id,
                    part.ContentType,
                    TransactionId = new
                    {
                        type = "transaction",
                        id = $"{part.Id / 10}",
                        _url = Url($"transaction/{part.Id / 10}"),
                    },
                    Headers = "",
                    Content = part.Content is { } content ? Convert.ToBase64String(content) : null,
                    _hyperlinks = new[] { new { @ref = "self", _url = Url($"attachment/{part.Id}") } },
                }
            );
    }

    private EmulatorAnswer User(EmulatorCall call) =>
        Company.People.FirstOrDefault(person => LoginOf(person.Id) == call["login"]) is { } person
            ? EmulatorAnswer.Json(
                new
                {
                    id = person.Id,
                    Name = call["login"],
                    RealName = person.Name,
                    EmailAddress = person.Email,
                    _hyperlinks = new[] { new { @ref = "self", _url = Url($"user/{person.Id}") } },
                }
            )
            : NotFound();

    private static bool Has(CompanyItem item, int transaction) =>
        transaction == 100_000 + item.Id || item.Replies.Any(reply => transaction / 2 * 2 == 400_000 + (2 * reply.Id));

    private EmulatorAnswer Rows(EmulatorCall call, IEnumerable<object> rows, bool isTotalTold = false) =>
        Rows(call, rows, row => row, isTotalTold);

    private EmulatorAnswer Rows<T>(EmulatorCall call, IEnumerable<T> rows, Func<T, object?> json, bool isTotalTold)
    {
        var all = rows.ToList();
        var size = Math.Min(call.Number("per_page", 20), MostRows);
        var page = call.Number("page", 1);

        // Rights are looked at after the page was cut out.
        var shown = all.Skip((page - 1) * size).Take(size).Select(json).Where(row => row is not null).ToList();
        var answer = JsonNode
            .Parse(
                EmulatorAnswer
                    .Json(
                        new
                        {
                            count = shown.Count,
                            total = isTotalTold ? all.Count : (int?)null,
                            per_page = size,
                            page,
                            pages = isTotalTold ? (all.Count + size - 1) / size : (int?)null,
                            items = shown,
                        }
                    )
                    .Body
            )!
            .AsObject();
        if (all.Count > page * size && (isTotalTold || !TellsTotals))
        {
            answer["next_page"] = Url($"next?page={page + 1}");
        }

        return EmulatorAnswer.Json(answer);
    }

    private IEnumerable<(object Json, IReadOnlyList<Part> Parts)> TransactionsOf(CompanyItem item)
    {
        yield return TransactionOf(
            100_000 + item.Id,
            "Create",
            item.AuthorId,
            item.CreatedAt,
            item.Text,
            false,
            item.Attachments
        );
        yield return TransactionOf(300_000 + item.Id, "Set", 1, item.CreatedAt, null, false, []);
        foreach (var reply in item.Replies)
        {
            var type = CommentIds.Contains(reply.Id) ? "Comment" : "Correspond";
            yield return TransactionOf(
                400_000 + (2 * reply.Id),
                type,
                reply.AuthorId,
                reply.CreatedAt,
                reply.Text,
                HtmlIds.Contains(reply.Id),
                []
            );
            yield return TransactionOf(
                400_001 + (2 * reply.Id),
                "EmailRecord",
                1,
                reply.CreatedAt,
                "A copy: " + reply.Text,
                false,
                []
            );
        }
    }

    private (object, IReadOnlyList<Part>) TransactionOf(
        int id,
        string type,
        int author,
        DateTimeOffset at,
        string? text,
        bool isHtml,
        IReadOnlyList<CompanyFile> files
    )
    {
        var parts = new List<Part>();
        if (text is not null)
        {
            Add("multipart/mixed", "", null);
            var html = $"<html><body><p>{WebUtility.HtmlEncode(text)}</p></body></html>";
            Add("text/html", "", Encoding.UTF8.GetBytes(html));
            if (!isHtml)
            {
                Add("text/plain", "", Encoding.UTF8.GetBytes(text + "\n\n-- \nA signature"));
            }

            foreach (var file in files)
            {
                Add(file.ContentType, file.Name, file.Content);
            }
        }

        return (
            new Dictionary<string, object>
            {
                // Members that differ in case alone.
                ["type"] = "transaction",
                ["id"] = $"{id}",
                ["_url"] = Url($"transaction/{id}"),
                ["Type"] = type,
                ["Creator"] = UserOf(LoginOf(author)),
                ["Created"] = TimeOf(at),
            },
            parts
        );

        void Add(string contentType, string name, byte[]? content)
        {
            var part = (10 * id) + parts.Count;
            parts.Add(
                new Part(
                    part,
                    contentType,
                    content,
                    TellsIdsOnly
                        ? new
                        {
                            type = "attachment",
                            id = $"{part}",
                            _url = Url($"attachment/{part}"),
                        }
                        : new
                        {
                            type = "attachment",
                            id = $"{part}",
                            _url = Url($"attachment/{part}"),
                            Filename = name,
                            ContentType = contentType,
                            TransactionId = new
                            {
                                type = "transaction",
                                id = $"{id}",
                                _url = Url($"transaction/{id}"),
                            },
                            Created = TimeOf(at),
                        }
                )
            );
        }
    }

    private static IEnumerable<string> Clauses(string query)
    {
        // AND within parentheses does not occur here.
        return Regex.Split(query, @"\s+AND\s+");
    }

    private static string StatusOf(CompanyItem item) => item.IsArchived ? "resolved" : "open";

    private string LoginOf(int id) =>
        id == 1 ? "RT_System"
        : HasNamesAsLogins ? Company.PersonOf(id).Email.Split('@')[0]
        : Company.PersonOf(id).Email;

    private object UserOf(string login) =>
        new
        {
            type = "user",
            id = login,
            _url = Url("user/" + Uri.EscapeDataString(login)),
        };

    // The configured address of RT is another than the one it is reached by.
    private static string Url(string path) => "https://rt.internal.example/REST/2.0/" + path;

    private static string TimeOf(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static EmulatorAnswer Error(int status, string text) => EmulatorAnswer.Json(new { message = text }, status);

    [GeneratedRegex(
        @"^(?<field>id|Queue|Status|LastUpdated|Subject|Content) (?<operator>>=|!=|>|=|LIKE) '?(?<value>(?:\\'|[^'])*)'?$"
    )]
    private static partial Regex Clause();

    private sealed record Part(int Id, string ContentType, byte[]? Content, object Json);
}
