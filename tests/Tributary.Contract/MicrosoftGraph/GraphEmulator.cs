using System.Text.Json.Nodes;
using Tributary.Contract.Emulators;

namespace Tributary.Contract.MicrosoftGraph;

/// <summary>What all of Microsoft Graph has in common: sign-in, errors, fields on request, pages and deltas.</summary>
public abstract class GraphEmulator : VendorEmulator
{
    protected const string Tenant = "contoso.example";
    protected const string ClientId = "11111111-2222-3333-4444-555555555555";
    protected const string Secret = "good~secret";
    private int _token;

    /// <summary>The largest page, whatever is asked for.</summary>
    public int MaxPage { get; set; } = 10;

    /// <summary>The next delta link is too old.</summary>
    public bool ForgetsLinks { get; set; }

    /// <summary>The next continuation of a listing is too old.</summary>
    public bool ForgetsPages { get; set; }

    /// <summary>What addresses end with, or have in them, that the application has no permission for.</summary>
    public string? Forbidden { get; set; }

    /// <summary>The application's secret was good until a moment ago.</summary>
    public bool HasExpiredSecret { get; set; }

    /// <summary>What addresses end with that this cloud or gateway does not have, with the status that it answers there.</summary>
    public (string Address, int Status)? Missing { get; set; }

    /// <summary>The host that links to next pages name, as where a gateway passes them through; null for its own.</summary>
    public string? LinkHost { get; set; }

    /// <summary>How often tokens were fetched.</summary>
    public int Tokens { get; private set; }

    /// <summary>The last request for a token.</summary>
    public IReadOnlyDictionary<string, string> SignIn { get; private set; } = new Dictionary<string, string>();

    public override bool ExpireToken() => ++_token > 0;

    protected override IReadOnlyList<string> Vendors => ["microsoft_graph", "microsoft_identity"];

    protected override EmulatorAnswer? Refuse(EmulatorCall call) =>
        call.Request.Path.StartsWithSegments("/v1.0") && call.Header("Authorization") != $"Bearer {Token}"
            ? Error(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        : Forbidden is not null && call.Request.Path.Value!.Contains(Forbidden, StringComparison.Ordinal)
            ? Error(403, "Forbidden", "Missing role permissions on the request.")
        : Missing is { } missing && call.Request.Path.Value!.EndsWith(missing.Address, StringComparison.Ordinal)
            ? Error(missing.Status, "notSupported", "Resource not found for the segment.")
        : null;

    protected override EmulatorAnswer NotFound() => Error(404, "itemNotFound", "The resource could not be found.");

    protected override void Map(EmulatorRoutes routes)
    {
        routes.Post("/{tenant}/oauth2/v2.0/token", TokenOf);
        MapGraph(routes);
    }

    /// <summary>Says what it answers below /v1.0.</summary>
    protected abstract void MapGraph(EmulatorRoutes routes);

    /// <summary>An error as all of Graph words it.</summary>
    protected static EmulatorAnswer Error(int status, string code, string message) =>
        EmulatorAnswer.Json(
            new
            {
                error = new
                {
                    code,
                    message,
                    innerError = new Dictionary<string, string>
                    {
                        ["request-id"] = "1f0e",
                        ["date"] = "2025-01-15T08:00:00",
                    },
                },
            },
            status
        );

    /// <summary>The object id of a person.</summary>
    protected static string GuidOf(int person) => $"00000000-0000-0000-0000-{person:D12}";

    /// <summary>An object with the fields that were asked for.</summary>
    protected static JsonObject Selected(EmulatorCall call, object value)
    {
        var json = EmulatorAnswer.Sparse(value);
        if (call.Query("$select")?.Split(',') is { } fields)
        {
            foreach (var name in json.Select(member => member.Key).ToList())
            {
                if (name != "id" && !name.StartsWith('@') && !fields.Contains(name))
                {
                    json.Remove(name);
                }
            }
        }

        return json;
    }

    /// <summary>One page of a collection, in the order of its keys; the next begins behind the last key.</summary>
    protected EmulatorAnswer Page<T>(
        EmulatorCall call,
        IEnumerable<T> items,
        Func<T, string> key,
        Func<T, JsonObject> json
    )
    {
        if (ForgetsPages && call.Query("$skiptoken") is not null)
        {
            ForgetsPages = false;
            return Error(400, "BadRequest", "Skip token is malformed or has expired.");
        }

        var (found, rest) = PartOf(call, items, key, call.Query("$skiptoken"));
        var answer = new JsonObject { ["value"] = new JsonArray([.. found.Select(json)]) };
        if (rest)
        {
            answer["@odata.nextLink"] = Link(call, "$skiptoken", key(found[^1]));
        }

        return EmulatorAnswer.Json(answer);
    }

    /// <summary>
    /// One page of a delta: everything, or what changed since the token's time; the state is that of the round's beginning,
    /// so that what changes meanwhile comes with the next one.
    /// </summary>
    /// <param name="items">What changed after a time; null for all that is there.</param>
    protected EmulatorAnswer Delta<T>(
        EmulatorCall call,
        Func<DateTimeOffset?, IEnumerable<T>> items,
        Func<T, string> key,
        Func<T, JsonObject> json
    )
    {
        var parts = (call.Query("$skiptoken") ?? "").Split('~', 3);
        var since = parts.Length == 3 ? parts[0] : call.Query("$deltatoken") ?? "";
        if (ForgetsLinks && call.Query("$deltatoken") is not null)
        {
            ForgetsLinks = false;
            return Error(410, "SyncStateNotFound", "The sync state generation is not found.");
        }

        var begun = parts.Length == 3 ? parts[1] : $"{Company.Now.UtcTicks}";
        DateTimeOffset? time = since.Length == 0 ? null : new DateTimeOffset(long.Parse(since), TimeSpan.Zero);
        var (found, rest) = PartOf(call, items(time), key, parts.Length == 3 ? parts[2] : null);
        var answer = new JsonObject { ["value"] = new JsonArray([.. found.Select(json)]) };
        if (rest)
        {
            answer["@odata.nextLink"] = Link(call, "$skiptoken", $"{since}~{begun}~{key(found[^1])}");
        }
        else
        {
            answer["@odata.deltaLink"] = Link(call, "$deltatoken", begun);
        }

        return EmulatorAnswer.Json(answer);
    }

    private (IReadOnlyList<T> Items, bool HasMore) PartOf<T>(
        EmulatorCall call,
        IEnumerable<T> items,
        Func<T, string> key,
        string? after
    )
    {
        var wished = (call.Header("Prefer") ?? "")
            .Split(',')
            .Select(part => part.Trim())
            .FirstOrDefault(part => part.StartsWith("odata.maxpagesize=", StringComparison.Ordinal))
            ?.Split('=')[1];
        var size = Math.Min(wished is null ? call.Number("$top", 10) : int.Parse(wished), MaxPage);
        var left = items
            .OrderBy(key, StringComparer.Ordinal)
            .Where(item => after is null || string.CompareOrdinal(key(item), after) > 0)
            .Take(size + 1)
            .ToList();
        return ([.. left.Take(size)], left.Count > size);
    }

    private string Link(EmulatorCall call, string name, string value)
    {
        var kept = call
            .Request.Query.Where(pair => pair.Key is not ("$skiptoken" or "$deltatoken"))
            .Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value.ToString())}")
            .Append($"{name}={Uri.EscapeDataString(value)}");
        var path = call.Request.Path.ToUriComponent();
        return $"{LinkHost ?? Root.AbsoluteUri.TrimEnd('/')}{path}?{string.Join('&', kept)}";
    }

    private string Token => $"token-{_token}";

    private EmulatorAnswer TokenOf(EmulatorCall call)
    {
        SignIn = call.Form;
        Tokens++;
        var isSecret = SignIn.GetValueOrDefault("client_secret") == Secret;
        var isCertificate = SignIn.GetValueOrDefault("client_assertion")?.Split('.').Length == 3;
        return
            call["tenant"] == Tenant
            && SignIn["client_id"] == ClientId
            && SignIn["scope"] == Root.AbsoluteUri.TrimEnd('/') + "/.default"
            && (isSecret || isCertificate)
            && !HasExpiredSecret
            ? EmulatorAnswer.Json(
                new
                {
                    token_type = "Bearer",
                    expires_in = 3599,
                    ext_expires_in = 3599,
                    access_token = Token,
                }
            )
            : EmulatorAnswer.Json(
                new
                {
                    error = "invalid_client",
                    error_description = HasExpiredSecret
                        ? "AADSTS7000222: The provided client secret keys are expired."
                        : "AADSTS7000215: Invalid client secret provided.",
                    error_codes = new[] { HasExpiredSecret ? 7000222 : 7000215 },
                },
                401
            );
    }
}
