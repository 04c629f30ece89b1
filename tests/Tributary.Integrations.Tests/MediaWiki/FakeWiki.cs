using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Integrations.MediaWiki;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Integrations.Wikipedia;
using Tributary.Sdk;
using Tributary.Testing;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.MediaWiki;

/// <summary>
/// As much of api.php (formatversion 2) as readers use, with small pages so that everything is continued, and with the
/// faults that a real wiki shows seldom. A parameter that the API does not have, or that it would not take, is an error.
/// </summary>
public sealed class FakeWiki : ConformanceSource
{
    private static readonly HashSet<string> Parameters =
    [
        "action",
        "format",
        "formatversion",
        "maxlag",
        "assert",
        "continue",
        "meta",
        "siprop",
        "type",
        "prop",
        "inprop",
        "rvprop",
        "rvslots",
        "cllimit",
        "clprop",
        "titles",
        "pageids",
        "list",
        "letype",
        "leprop",
        "ledir",
        "lestart",
        "lelimit",
        "lecontinue",
        "redirects",
        "generator",
        "gcmtitle",
        "gcmtype",
        "gcmlimit",
        "gcmcontinue",
        "gapnamespace",
        "gapfilterredir",
        "gaplimit",
        "gapcontinue",
        "pageid",
        "disableeditsection",
        "disabletoc",
        "disablelimitreport",
        "lgname",
        "lgpassword",
        "lgtoken",
        "explaintext",
        "exlimit",
        "rvslots",
    ];

    private readonly SortedDictionary<string, FakePage> _pages = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _titles = [];
    private readonly List<FakeEvent> _log = [];
    private readonly bool _isWikipedia;
    private LoopbackServer _server = null!;
    private int _nextId = 100;
    private DateTimeOffset _now = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private FakeWiki(bool isWikipedia)
    {
        _isWikipedia = isWikipedia;
        Faults = new FaultInjector(AnswerAsync);
    }

    /// <summary>Members of an answer.</summary>
    public int PageSize { get; set; } = 7;

    /// <summary>Answers maxlag that many times more.</summary>
    public int Lags { get; set; }

    /// <summary>Only who has logged in may read.</summary>
    public bool IsPrivate { get; set; }

    /// <summary>Ends every session: the next call with assert=user fails once.</summary>
    public bool HasForgottenSessions { get; set; }

    /// <summary>Whether the main page points to the API.</summary>
    public bool PointsToApi { get; set; } = true;

    /// <summary>Shows no page as HTML: action=parse is switched off.</summary>
    public bool HasNoParser { get; set; }

    /// <summary>Where api.php is.</summary>
    public string ApiPath { get; set; } = "/w/api.php";

    /// <summary>Whether anybody may see its logs.</summary>
    public bool HasLogs { get; set; } = true;

    /// <summary>It says of itself nothing but its name.</summary>
    public bool SaysLittle { get; set; }

    /// <summary>Titles of the pages whose text was fetched.</summary>
    public ConcurrentQueue<string> Parsed { get; } = [];

    public Uri BaseUri => _server.BaseUri;
    public IEnumerable<string> Requests => _server.Requests;

    public override FaultInjector Faults { get; }

    public override object Config =>
        _isWikipedia
            ? new WikipediaConfig { ApiBaseUrl = BaseUri.ToString(), Categories = ["Items"] }
            : new MediaWikiConfig { Hostname = BaseUri.ToString() };

    public override IEnumerable<BadSettings> BadSettings =>
        _isWikipedia
            ?
            [
                new(
                    "no such category",
                    new WikipediaConfig { ApiBaseUrl = BaseUri.ToString(), Categories = ["Nothing"] },
                    null,
                    FailureKind.Configuration
                ),
                new(
                    "a token that is refused",
                    Config,
                    new WikipediaCredentials { AccessToken = "wrong" },
                    FailureKind.Credentials
                ),
            ]
            :
            [
                new(
                    "no such page",
                    new MediaWikiConfig { Hostname = BaseUri.ToString(), Pages = ["Nothing"] },
                    null,
                    FailureKind.Configuration
                ),
                new(
                    "a password that is refused",
                    Config,
                    new MediaWikiCredentials { Username = "Anna@bot", Password = "wrong" },
                    FailureKind.Credentials
                ),
                new(
                    "nobody listens there",
                    new MediaWikiConfig { Hostname = "http://127.0.0.1:1" },
                    null,
                    FailureKind.Transient
                ),
            ];

    public static async Task<FakeWiki> StartAsync(bool isWikipedia = false)
    {
        var wiki = new FakeWiki(isWikipedia);
        wiki._server = await LoopbackServer.StartAsync(wiki.Faults.AnswerAsync);
        return wiki;
    }

    public override void Equip(ReaderHarness harness) => harness.Html = Content.Html;

    public override Task FillAsync(int count, int textLength = 40)
    {
        for (var index = 0; index < count; index++)
        {
            Put($"Item {index}", textLength, "Items");
        }

        // What comes later is later than any pass that has begun.
        _now = new DateTimeOffset(2025, 1, 15, 8, 0, 0, TimeSpan.Zero);
        return Task.CompletedTask;
    }

    public override Task AddAsync(string name) => Task.FromResult(Put(Title(name), 50, "Items"));

    public override Task ChangeAsync(string name) => Task.FromResult(Put(Title(name), 60, "Items"));

    public override Task RemoveAsync(string name)
    {
        Delete(Title(name));
        return Task.CompletedTask;
    }

    /// <summary>Deletes a page.</summary>
    public void Delete(string title)
    {
        _now = _now.AddSeconds(1);
        _log.Add(new FakeEvent("delete", title, _pages[title].Id, _now));
        _pages.Remove(title);
    }

    /// <summary>Brings a deleted page back.</summary>
    public void Restore(FakePage page) => _pages[page.Title] = page;

    /// <summary>Gives a page another title.</summary>
    public void Move(string from, string to)
    {
        _now = _now.AddSeconds(1);
        var page = _pages[from];
        _log.Add(new FakeEvent("move", from, page.Id, _now));
        _pages.Remove(from);
        _pages[to] = page with { Title = to, Revision = _nextId++, ChangedAt = _now };
        _titles[page.Id] = to;
    }

    public override Task AddBrokenAsync(string name) =>
        Task.FromResult(Put(Title(name), 0, "Items").Error = "internal_api_error_MWException");

    /// <summary>Writes a page.</summary>
    public FakePage Put(string title, int textLength, params string[] categories)
    {
        _now = _now.AddSeconds(1);
        var id = _pages.TryGetValue(title, out var old) ? old.Id : _nextId++;
        _titles[id] = title;
        var ns =
            title.StartsWith("Category:", StringComparison.Ordinal) ? 14
            : title.StartsWith("Talk:", StringComparison.Ordinal) ? 1
            : 0;
        return _pages[title] = new FakePage(id, ns, title, _nextId++, _now, textLength, categories);
    }

    public override ValueTask DisposeAsync() => _server.DisposeAsync();

    private static string Title(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path != ApiPath)
        {
            if (context.Request.Path == "/")
            {
                var link = $"<link rel=\"EditURI\" type=\"application/rsd+xml\" href=\"{ApiPath}?action=rsd\"/>";
                context.Response.ContentType = "text/html";
                context.Response.StatusCode = IsPrivate ? StatusCodes.Status403Forbidden : StatusCodes.Status200OK;
                await context.Response.WriteAsync(
                    $"<html><head>{(PointsToApi ? link : "")}</head><body>Main</body></html>"
                );
                return;
            }

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var parameters = (
            context.Request.HasFormContentType
                ? (await context.Request.ReadFormAsync()).ToDictionary(pair => pair.Key, pair => pair.Value.ToString())
                : context.Request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString())
        );
        var unknown = parameters.Keys.Except(Parameters).ToList();
        if (unknown.Count > 0 || parameters["format"] != "json" || parameters["formatversion"] != "2")
        {
            throw new InvalidOperationException($"The API has no parameters {string.Join(", ", unknown)}.");
        }

        await context.Response.WriteAsJsonAsync(Answer(context, parameters), JsonSerializerOptions.Default);
    }

    private object Answer(HttpContext context, Dictionary<string, string> parameters)
    {
        string? Of(string name) => parameters.GetValueOrDefault(name);
        var authorization = context.Request.Headers.Authorization.ToString();
        if (authorization.Length > 0 && authorization != "Bearer good")
        {
            return Error("mwoauth-invalid-authorization", "The authorization headers in your request are not valid.");
        }

        var isLoggedIn = authorization.Length > 0 || context.Request.Headers.Cookie.ToString().Contains("session=good");
        if (Of("maxlag") is not null && Lags > 0)
        {
            Lags--;
            context.Response.Headers.RetryAfter = "7";
            return Error("maxlag", "Waiting for a database server: 9 seconds lagged.");
        }

        if (Of("meta") == "tokens")
        {
            return new { query = new { tokens = new { logintoken = "token+\\" } } };
        }

        if (Of("action") == "login")
        {
            if (context.Request.Method != "POST" || Of("lgtoken") != "token+\\" || Of("lgpassword") != "right")
            {
                return new { login = new { result = "Failed", reason = "Incorrect username or password entered." } };
            }

            context.Response.Headers.Append("Set-Cookie", "session=good; path=/; httponly");
            return new { login = new { result = "Success", lgusername = Of("lgname") } };
        }

        if (Of("assert") == "user" && (!isLoggedIn || HasForgottenSessions))
        {
            HasForgottenSessions = false;
            return Error("assertuserfailed", "You are no longer logged in.");
        }

        if (IsPrivate && !isLoggedIn)
        {
            return Error("readapidenied", "You need read permission to use this module.");
        }

        return Of("action") switch
        {
            "parse" when HasNoParser => Error("moduledisabled", "The \"parse\" module has been disabled."),
            "query" when Of("rvprop")?.Contains("content") == true => Source(int.Parse(Of("pageids")!)),
            "query" when Of("prop") is "extracts" => Extract(int.Parse(Of("pageids")!)),
            "query" when Of("list") == "logevents" && !HasLogs => Error("permissiondenied", "You may not see logs."),
            "parse" => Parse(int.Parse(Of("pageid")!, CultureInfo.InvariantCulture)),
            "query" when Of("meta") == "siteinfo" => SiteInfo(),
            "query" when Of("list") == "logevents" => Log(Of("letype")!, Of("lestart")!, Of("lecontinue")),
            "query" when Of("pageids") is { } ids => Titles(
                ids.Split('|').Select(id => _titles[int.Parse(id, CultureInfo.InvariantCulture)]),
                followsRedirects: false
            ),
            "query" when Of("titles") is { } titles => Titles(titles.Split('|'), Of("redirects") is not null),
            "query" when Of("generator") == "allpages" => Members(
                _pages.Values.Where(page => page.Ns == 0 && page.RedirectTo is null),
                "gapcontinue",
                Of("gapcontinue")
            ),
            "query" when Of("generator") == "categorymembers" => Members(
                _pages.Values.Where(page =>
                    page.Categories.Contains(Of("gcmtitle")!["Category:".Length..])
                    && (page.Ns != 14 || Of("gcmtype")!.Contains("subcat"))
                ),
                "gcmcontinue",
                Of("gcmcontinue")
            ),
            _ => throw new InvalidOperationException("The fake does not know this call."),
        };
    }

    private static object Error(string code, string info) => new { error = new { code, info } };

    private object Extract(int id) =>
        new
        {
            batchcomplete = true,
            query = new { pages = new[] { new { pageid = id, extract = _pages[_titles[id]].Extract } } },
        };

    private object SiteInfo() =>
        SaysLittle ? new { query = new { general = new { sitename = "Fake" } } } : FullSiteInfo();

    private object FullSiteInfo() =>
        new
        {
            batchcomplete = true,
            query = new
            {
                general = new
                {
                    sitename = "Fake",
                    generator = "MediaWiki 1.43.0",
                    lang = "en",
                    @case = "first-letter",
                    server = BaseUri.GetLeftPart(UriPartial.Authority),
                    articlepath = "/wiki/$1",
                    scriptpath = "/w",
                    time = _now,
                },
                namespaces = new Dictionary<string, object>
                {
                    ["0"] = new
                    {
                        id = 0,
                        name = "",
                        content = true,
                    },
                    ["1"] = new
                    {
                        id = 1,
                        name = "Talk",
                        canonical = "Talk",
                        content = false,
                    },
                    ["14"] = new
                    {
                        id = 14,
                        name = "Category",
                        canonical = "Category",
                        content = false,
                    },
                },
            },
        };

    private object Members(IEnumerable<FakePage> pages, string name, string? after)
    {
        var rest = pages.Where(page => string.CompareOrdinal(page.Title, after ?? "") > 0).Take(PageSize + 1).ToList();
        var now = rest.Take(PageSize).ToList();
        var query = now.Count == 0 ? null : new { pages = now.Select(Page) };
        return rest.Count > PageSize
            ? new Dictionary<string, object?>
            {
                ["batchcomplete"] = true,
                ["continue"] = new Dictionary<string, string> { [name] = now[^1].Title, ["continue"] = name + "||" },
                ["query"] = query,
            }
            : new Dictionary<string, object?> { ["batchcomplete"] = true, ["query"] = query };
    }

    private object Titles(IEnumerable<string> titles, bool followsRedirects) =>
        new
        {
            batchcomplete = true,
            query = new
            {
                pages = titles
                    .Select(title => _pages.GetValueOrDefault(title) ?? new FakePage(0, 0, title, 0, default, 0, []))
                    .Select(page => followsRedirects && page.RedirectTo is { } target ? _pages[target] : page)
                    .Select(page =>
                        page.Id == 0
                            ? new
                            {
                                ns = 0,
                                title = page.Title,
                                missing = true,
                                fullurl = Address(page.Title),
                            }
                            : Page(page)
                    ),
            },
        };

    private object Log(string type, string start, string? after)
    {
        var since = DateTimeOffset.Parse(start, CultureInfo.InvariantCulture);
        var events = _log.Where(entry => entry.Type == type && entry.At >= since).ToList();
        var from = int.Parse(after ?? "0", CultureInfo.InvariantCulture);
        var answer = new Dictionary<string, object?>
        {
            ["batchcomplete"] = true,
            ["query"] = new
            {
                logevents = events
                    .Skip(from)
                    .Take(PageSize)
                    .Select(entry => new
                    {
                        title = entry.Title,
                        logpage = entry.PageId,
                        type,
                        action = type,
                    }),
            },
        };
        if (events.Count > from + PageSize)
        {
            answer["continue"] = new Dictionary<string, string>
            {
                ["lecontinue"] = $"{from + PageSize}",
                ["continue"] = "-||",
            };
        }

        return answer;
    }

    private string Address(string title) =>
        new Uri(BaseUri, "wiki/" + WebUtility.UrlEncode(title.Replace(' ', '_'))).ToString();

    private object Page(FakePage page) =>
        new
        {
            pageid = page.Id,
            ns = page.Ns,
            title = page.Title,
            pagelanguage = "en",
            lastrevid = page.Revision,
            length = page.TextLength,
            redirect = page.RedirectTo is not null,
            fullurl = Address(page.Title),
            revisions = new[]
            {
                new
                {
                    revid = page.Revision,
                    user = "Anna",
                    timestamp = page.ChangedAt,
                },
            },
        };

    private object Source(int id)
    {
        var page = _pages[_titles[id]];
        var revision = new
        {
            revid = page.Revision,
            slots = new { main = new { contentmodel = "wikitext", content = page.Wikitext } },
        };
        return new
        {
            batchcomplete = true,
            query = new
            {
                pages = new[]
                {
                    new
                    {
                        pageid = page.Id,
                        title = page.Title,
                        revisions = new[] { revision },
                        categories = page
                            .Categories.Select(name => new { title = "Category:" + name, hidden = false })
                            .Append(new { title = "Category:Pages to mend", hidden = true }),
                    },
                },
            },
        };
    }

    private object Parse(int id)
    {
        var page = _titles.TryGetValue(id, out var title) ? _pages.GetValueOrDefault(title) : null;
        if (page is null)
        {
            return Error("nosuchpageid", $"There is no page with ID {id}.");
        }

        if (page.Error is { } code)
        {
            return Error(code, "[1234] Caught exception");
        }

        Parsed.Enqueue(page.Title);
        return new
        {
            parse = new
            {
                title = page.Title,
                pageid = page.Id,
                revid = page.Revision,
                text = page.Html,
                categories = page
                    .Categories.Select(name => new { category = name.Replace(' ', '_'), hidden = false })
                    .Append(new { category = "Pages_to_mend", hidden = true }),
            },
        };
    }
}

/// <summary>An entry of the fake's logs.</summary>
internal sealed record FakeEvent(string Type, string Title, int PageId, DateTimeOffset At);

/// <summary>A page of the fake.</summary>
public sealed record FakePage(
    int Id,
    int Ns,
    string Title,
    int Revision,
    DateTimeOffset ChangedAt,
    int TextLength,
    IReadOnlyList<string> Categories
)
{
    /// <summary>The error that showing it ends in; null for none.</summary>
    public string? Error { get; set; }

    /// <summary>The title that it leads to; null when it is no redirect.</summary>
    public string? RedirectTo { get; set; }

    /// <summary>Its source.</summary>
    public string Wikitext { get; set; } = "";

    /// <summary>Its plain text, where the wiki has extracts; null for none.</summary>
    public string? Extract { get; set; }

    /// <summary>Its rendered text.</summary>
    public string Html
    {
        get =>
            field ?? $"<div class=\"mw-parser-output\"><p>{Title} {Revision} {new string('x', TextLength)}</p></div>";
        set;
    }
}
