using System.Globalization;
using System.Text.Json;
using Tributary.Contract.Emulators;
using Tributary.Integrations.HubSpot;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.HubSpot;

/// <summary>A HubSpot account: items are tickets, their replies notes; people are contacts, places companies, with one deal each.</summary>
public sealed class HubSpotEmulator : VendorEmulator
{
    private const int PageSize = 10;
    private const int MostSearched = 10_000;
    private static readonly string[] Scopes =
    [
        "tickets",
        "crm.objects.companies.read",
        "crm.objects.deals.read",
        "crm.objects.contacts.read",
    ];

    private const string Token = "pat-good";
    private static readonly string[] Niceties = ["account-info", "owners", "pipelines", "notes"];

    /// <summary>What the token may not do.</summary>
    public HashSet<string> MissingScopes { get; } = [];

    /// <summary>Notes that did not touch their ticket.</summary>
    public List<(int Id, int Ticket, string Text, DateTimeOffset At)> QuietNotes { get; } = [];

    /// <summary>It has the paths of the version before alone.</summary>
    public bool IsLegacy { get; set; }

    /// <summary>It knows records and their links, and nothing of the account, its owners, pipelines and notes.</summary>
    public bool HasRecordsAlone { get; set; }

    /// <summary>Searches: what was asked for.</summary>
    public int Searches => Exchanges.Count(exchange => exchange.Path.EndsWith("/search", StringComparison.Ordinal));

    public override object Config =>
        new HubSpotConfig { ObjectTypes = [HubSpotObjectType.Tickets], ApiBaseUrl = Root.AbsoluteUri };

    public override object Credentials => new HubSpotCredentials { HubspotAccessToken = Token };

    public override TokenDesk Desk { get; } =
        new("/oauth/v1/token")
        {
            Rotates = false,
            Life = 1800,
            Answer = (access, _, life) =>
                new
                {
                    access_token = access,
                    refresh_token = "refresh",
                    token_type = "bearer",
                    expires_in = life,
                },
            Refusal = Error(400, "BAD_REFRESH_TOKEN", "missing or unknown refresh token"),
        };

    public override object SignedIn =>
        new HubSpotCredentials { HubspotAccessToken = Desk.AccessToken, RefreshToken = Desk.RefreshToken };

    public override IEnumerable<BadSettings> BadSettings =>
        [new("a wrong token", Config, new HubSpotCredentials { HubspotAccessToken = "bad" }, FailureKind.Credentials)];

    public override void Equip(ReaderHarness harness) => harness.Html = Content.Html;

    protected override IReadOnlyList<string> Vendors => ["hubspot"];

    protected override EmulatorAnswer? Refuse(EmulatorCall call) =>
        call.Header("Authorization") == $"Bearer {Token}" || Desk.IsGood(call)
            ? call.Request.Path.Value!.Contains(IsLegacy ? "/2026-09/" : "/v3/objects/", StringComparison.Ordinal)
            || (
                HasRecordsAlone
                && Niceties.Any(name => call.Request.Path.Value!.Contains(name, StringComparison.Ordinal))
            )
                ? NotFound()
                : null
            : Error(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.");

    protected override EmulatorAnswer NotFound() => Error(404, "OBJECT_NOT_FOUND", "Not found");

    protected override void Map(EmulatorRoutes routes)
    {
        routes.Get("/account-info/v3/details", _ => EmulatorAnswer.Json(Details()));
        routes.Get("/crm/v3/owners", call => EmulatorAnswer.Json(OwnersOf(call)));
        routes.Get("/crm/v3/pipelines/{type}", _ => EmulatorAnswer.Json(Pipelines()));
        routes.Get("/crm/objects/2026-09/{type}", ListOf);
        routes.Post("/crm/objects/2026-09/{type}/search", SearchOf);
        routes.Post("/crm/objects/2026-09/{type}/batch/read", BatchOf);
        routes.Post("/crm/associations/2026-09/{from}/{to}/batch/read", LinksOf);
        routes.Get("/crm/v3/objects/{type}", ListOf);
        routes.Post("/crm/v3/objects/{type}/search", SearchOf);
        routes.Post("/crm/v3/objects/{type}/batch/read", BatchOf);
        routes.Post("/crm/v4/associations/{from}/{to}/batch/read", LinksOf);
    }

    private static object Details() =>
        new
        {
            portalId = 4711,
            uiDomain = "app-eu1.hubspot.com",
            timeZone = "Europe/Berlin",
            accountType = "STANDARD",
            additionalCurrencies = Array.Empty<string>(),
            companyCurrency = "EUR",
            dataHostingLocation = "eu1",
            utcOffset = "+01:00",
            utcOffsetMilliseconds = 3_600_000,
        };

    private object OwnersOf(EmulatorCall call) =>
        new
        {
            results = Company
                .People.Where(person => person.IsActive == (call.Query("archived") != "true"))
                .Select(person => new
                {
                    id = $"{900 + person.Id}",
                    email = person.Email,
                    firstName = person.Name.Split(' ')[0],
                    lastName = person.Name.Split(' ').ElementAtOrDefault(1) ?? "",
                    createdAt = Time(DateTimeOffset.UnixEpoch),
                    updatedAt = Time(DateTimeOffset.UnixEpoch),
                    archived = !person.IsActive,
                    type = "PERSON",
                }),
        };

    private static object Pipelines() =>
        new
        {
            results = new[]
            {
                new
                {
                    id = "0",
                    label = "Support",
                    displayOrder = 0,
                    archived = false,
                    createdAt = Time(DateTimeOffset.UnixEpoch),
                    updatedAt = Time(DateTimeOffset.UnixEpoch),
                    stages = new[]
                    {
                        new
                        {
                            id = "1",
                            label = "Waiting on us",
                            displayOrder = 0,
                            archived = false,
                            createdAt = Time(DateTimeOffset.UnixEpoch),
                            updatedAt = Time(DateTimeOffset.UnixEpoch),
                            metadata = new { },
                        },
                    },
                },
            },
        };

    private EmulatorAnswer ListOf(EmulatorCall call)
    {
        if (Scope(call["type"]) is { } refusal)
        {
            return refusal;
        }

        var after = long.Parse(call.Query("after") ?? "0", CultureInfo.InvariantCulture);
        var all = Records(call["type"]).Where(record => record.Id > after).OrderBy(record => record.Id).ToList();
        var page = all.Take(Math.Min(call.Number("limit", 10), PageSize)).ToList();
        var wanted = (call.Query("properties") ?? "").Split(',');
        return EmulatorAnswer.Json(
            EmulatorAnswer.Sparse(
                new
                {
                    results = page.Select(record => Shown(record, wanted)),
                    paging = PagingOf(page.Count < all.Count, $"{page.LastOrDefault()?.Id}"),
                }
            )
        );
    }

    private EmulatorAnswer SearchOf(EmulatorCall call)
    {
        if (Scope(call["type"]) is { } refusal)
        {
            return refusal;
        }

        if (call.Json.TryGetProperty("query", out var query))
        {
            var words = Company.With(query.GetString()!).Select(item => item.Id).ToHashSet();
            var properties = call.Json.GetProperty("properties").EnumerateArray().Select(item => item.GetString()!);
            var some = Records(call["type"])
                .Where(record => call["type"] == "tickets" && words.Contains((int)record.Id))
                .ToList();
            return EmulatorAnswer.Json(
                new { total = some.Count, results = some.Select(record => Shown(record, [.. properties])) }
            );
        }

        var filters = call.Json.GetProperty("filterGroups")[0].GetProperty("filters").EnumerateArray().ToList();
        var all = Records(call["type"])
            .Where(record => filters.All(filter => Fits(call["type"], record, filter)))
            .OrderBy(record => record.Id)
            .ToList();
        var page = all.Take(Math.Min(call.Json.GetProperty("limit").GetInt32(), PageSize)).ToList();
        var wanted = call.Json.GetProperty("properties").EnumerateArray().Select(item => item.GetString()!).ToArray();
        return EmulatorAnswer.Json(
            EmulatorAnswer.Sparse(
                new
                {
                    total = Math.Min(all.Count, MostSearched),
                    results = page.Select(record => Shown(record, wanted)),
                    paging = PagingOf(page.Count < all.Count, $"{page.Count}"),
                }
            )
        );
    }

    private static bool Fits(string type, CrmItem record, JsonElement filter)
    {
        var name = filter.GetProperty("propertyName").GetString();
        filter.GetProperty("operator").GetString().ShouldBe("GTE");
        var value = long.Parse(filter.GetProperty("value").GetString()!, CultureInfo.InvariantCulture);
        return name == "hs_object_id"
            ? record.Id >= value
            : name == (type == "contacts" ? "lastmodifieddate" : "hs_lastmodifieddate")
                && record.UpdatedAt.ToUnixTimeMilliseconds() >= value;
    }

    private EmulatorAnswer BatchOf(EmulatorCall call)
    {
        if (Scope(call["type"]) is { } refusal)
        {
            return refusal;
        }

        var ids = Inputs(call);
        ids.Count.ShouldBeLessThanOrEqualTo(100);
        var wanted = call.Json.GetProperty("properties").EnumerateArray().Select(item => item.GetString()!).ToArray();
        return EmulatorAnswer.Json(
            new
            {
                status = "COMPLETE",
                startedAt = Time(Company.Now),
                completedAt = Time(Company.Now),
                results = Records(call["type"])
                    .Where(record => ids.Contains(record.Id))
                    .Select(record => Shown(record, wanted)),
            }
        );
    }

    private EmulatorAnswer LinksOf(EmulatorCall call)
    {
        if ((Scope(call["from"]) ?? Scope(call["to"])) is { } refusal)
        {
            return refusal;
        }

        var ids = Inputs(call);
        var found = ids.Select(id => (Id: id, To: Links(call["from"], call["to"], id).ToList())).ToList();
        var broken = call["from"] == "tickets" && call["to"] == "notes" ? ids.Where(IsBroken).ToList() : [];
        var errors = broken
            .Select(id => ErrorOf("INTERNAL", "The associations of this record cannot be read.", id))
            .Concat(
                found
                    .Where(pair => pair.To.Count == 0 && !broken.Contains(pair.Id))
                    .Select(pair => ErrorOf("OBJECT_NOT_FOUND", "No associations found.", pair.Id))
            )
            .ToList();
        return EmulatorAnswer.Json(
            new
            {
                status = "COMPLETE",
                startedAt = Time(Company.Now),
                completedAt = Time(Company.Now),
                numErrors = errors.Count,
                errors,
                results = found
                    .Where(pair => pair.To.Count > 0 && !broken.Contains(pair.Id))
                    .Select(pair => LinkedOf(call, pair.Id, pair.To)),
            },
            errors.Count > 0 ? 207 : 200
        );
    }

    /// <summary>A page of links, with a cursor of each record's own.</summary>
    private static object LinkedOf(EmulatorCall call, long id, List<long> to)
    {
        var input = call
            .Json.GetProperty("inputs")
            .EnumerateArray()
            .First(item => item.GetProperty("id").GetString() == $"{id}");
        var from = input.TryGetProperty("after", out var after)
            ? int.Parse(after.GetString()!, CultureInfo.InvariantCulture)
            : 0;
        return EmulatorAnswer.Sparse(
            new
            {
                from = new { id = $"{id}" },
                to = to.Skip(from)
                    .Take(20)
                    .Select(other => new
                    {
                        toObjectId = other,
                        associationTypes = new[]
                        {
                            new
                            {
                                typeId = 16,
                                label = (string?)null,
                                category = "HUBSPOT_DEFINED",
                            },
                        },
                    }),
                paging = PagingOf(from + 20 < to.Count, $"{from + 20}"),
            }
        );
    }

    private bool IsBroken(long id) => Company.Items.Any(item => item.Id == id && item.IsBroken);

    private static HashSet<long> Inputs(EmulatorCall call) =>
        [
            .. call
                .Json.GetProperty("inputs")
                .EnumerateArray()
                .Select(item => long.Parse(item.GetProperty("id").GetString()!, CultureInfo.InvariantCulture)),
        ];

    /// <summary>A ticket is linked to its author, its place and its replies; a deal to its place.</summary>
    private IEnumerable<long> Links(string from, string to, long id) =>
        (from, to) switch
        {
            ("tickets", "contacts") => Tickets(id).Select(item => (long)item.AuthorId),
            ("tickets", "companies") => Tickets(id).Select(item => (long)item.PlaceId),
            ("tickets", "notes") => Notes().Where(note => note.Ticket == id).Select(note => (long)note.Id),
            ("notes", "tickets") => Notes().Where(note => note.Id == id).Select(note => (long)note.Ticket),
            ("deals", "companies") or ("companies", "deals") => [id],
            _ => [],
        };

    private IEnumerable<CompanyItem> Tickets(long id) => Company.Items.Where(item => item.Id == id);

    private IEnumerable<(int Id, int Ticket, string Text, DateTimeOffset At, int Author)> Notes() =>
        Company
            .Items.SelectMany(item =>
                item.Replies.Select(reply => (reply.Id, item.Id, reply.Text, reply.CreatedAt, reply.AuthorId))
            )
            .Concat(QuietNotes.Select(note => (note.Id, note.Ticket, note.Text, note.At, 3)));

    private IEnumerable<CrmItem> Records(string type) =>
        type switch
        {
            "tickets" => Company.Items.Select(item => new CrmItem(
                item.Id,
                item.CreatedAt,
                item.UpdatedAt,
                new()
                {
                    ["subject"] = item.Title,
                    ["content"] = item.Text,
                    ["hs_pipeline"] = "0",
                    ["hs_pipeline_stage"] = "1",
                    ["hs_ticket_priority"] = "HIGH",
                    ["hubspot_owner_id"] = $"{900 + item.AuthorId}",
                    ["hs_lastmodifieddate"] = Time(item.UpdatedAt),
                }
            )),
            "notes" => Notes()
                .Select(note => new CrmItem(
                    note.Id,
                    note.At,
                    note.At,
                    new()
                    {
                        ["hs_note_body"] = $"<div><p>{System.Net.WebUtility.HtmlEncode(note.Text)}</p></div>",
                        ["hs_timestamp"] = Time(note.At),
                        ["hubspot_owner_id"] = $"{900 + note.Author}",
                    }
                )),
            "contacts" => Company.People.Select(person => new CrmItem(
                person.Id,
                DateTimeOffset.UnixEpoch,
                DateTimeOffset.UnixEpoch,
                new()
                {
                    ["firstname"] = person.Name.Split(' ')[0],
                    ["lastname"] = person.Name.Split(' ').ElementAtOrDefault(1),
                    ["email"] = person.Email,
                    ["jobtitle"] = "Keeper",
                }
            )),
            "companies" => Company.Places.Select(place => new CrmItem(
                place.Id,
                DateTimeOffset.UnixEpoch,
                DateTimeOffset.UnixEpoch,
                new()
                {
                    ["name"] = place.Name,
                    ["domain"] = place.Slug + ".example",
                    ["industry"] = "SHIPPING",
                }
            )),
            "deals" => Company.Places.Select(place => new CrmItem(
                place.Id,
                DateTimeOffset.UnixEpoch,
                DateTimeOffset.UnixEpoch,
                new()
                {
                    ["dealname"] = "Deal with " + place.Name,
                    ["amount"] = "4711",
                    ["deal_currency_code"] = "EUR",
                    ["closedate"] = "2025-03-01T00:00:00Z",
                }
            )),
            _ => [],
        };

    private static object Shown(CrmItem record, string[] wanted)
    {
        var properties = wanted
            .Where(name => name.Length > 0)
            .ToDictionary(name => name, name => record.Properties.GetValueOrDefault(name));
        properties["hs_object_id"] = $"{record.Id}";
        return new
        {
            id = $"{record.Id}",
            properties,
            createdAt = Time(record.CreatedAt),
            updatedAt = Time(record.UpdatedAt),
            archived = false,
        };
    }

    private EmulatorAnswer? Scope(string type)
    {
        var scope = type switch
        {
            "tickets" => Scopes[0],
            "companies" => Scopes[1],
            "deals" => Scopes[2],
            _ => Scopes[3],
        };
        return !MissingScopes.Contains(scope)
            ? null
            : EmulatorAnswer.Json(
                new
                {
                    status = "error",
                    message = "This app hasn't been granted all required scopes to make this call.",
                    correlationId = Guid.Empty,
                    category = "MISSING_SCOPES",
                    errors = new[]
                    {
                        new
                        {
                            message = "One or more of the scopes are required.",
                            context = new { requiredScopes = new[] { scope } },
                        },
                    },
                },
                403
            );
    }

    private static object ErrorOf(string category, string message, long id) =>
        new
        {
            status = "error",
            category,
            message,
            context = new { fromObjectId = new[] { $"{id}" } },
            links = new { },
            errors = Array.Empty<object>(),
        };

    private static object? PagingOf(bool hasMore, string after) => hasMore ? new { next = new { after } } : null;

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static EmulatorAnswer Error(int status, string category, string message) =>
        EmulatorAnswer.Json(
            new
            {
                status = "error",
                message,
                category,
                correlationId = Guid.Empty,
            },
            status
        );

    private sealed record CrmItem(
        long Id,
        DateTimeOffset CreatedAt,
        DateTimeOffset UpdatedAt,
        Dictionary<string, string?> Properties
    );
}
