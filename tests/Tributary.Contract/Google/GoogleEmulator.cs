using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Contract.Emulators;
using Tributary.Integrations.Google;

namespace Tributary.Contract.Google;

/// <summary>
/// What Google's services share: token endpoint, directory of users, errors, and answers cut down to the fields asked for.
/// </summary>
public abstract class GoogleEmulator : VendorEmulator
{
    private static readonly string PrivateKey = NewKey();

    /// <summary>The service account may act for users of the domain.</summary>
    public bool AllowsDelegation { get; set; } = true;

    /// <summary>Users whom nobody may act for, e.g. since they were suspended a moment ago.</summary>
    public HashSet<string> Refused { get; } = [];

    /// <summary>Where it is, without a slash at the end.</summary>
    protected string Address => Root.AbsoluteUri.TrimEnd('/');

    public override TokenDesk Desk { get; } =
        new("/token")
        {
            Rotates = false,
            TokenOf = number => $"t{number}:ada@example.com",
            Answer = (access, _, life) => AnswerOf(access, life),
        };

    public override object Credentials => Tokens(Desk.RefreshToken);

    public override object SignedIn => Credentials;

    /// <summary>Users are listed by their domain only.</summary>
    public bool ListsByDomain { get; set; }

    /// <summary>A service account that acts for an administrator; null acts as itself.</summary>
    public GoogleCredentials ServiceAccount(string? admin, string? tokenUri = null) =>
        new()
        {
            GoogleServiceAccountKey = JsonSerializer.Serialize(
                new
                {
                    type = "service_account",
                    client_email = "robot@project.iam.gserviceaccount.com",
                    private_key_id = "k1",
                    private_key = PrivateKey,
                    token_uri = tokenUri ?? Address + "/token",
                }
            ),
            GooglePrimaryAdmin = admin,
            AuthenticationMethod = "uploaded",
        };

    public override bool ExpireToken() => Desk.Expire();

    protected GoogleCredentials Tokens(string refreshToken) =>
        new()
        {
            GoogleTokens = JsonSerializer.Serialize(
                new
                {
                    token = refreshToken == Desk.RefreshToken ? Desk.AccessToken : "none",
                    refresh_token = refreshToken,
                    token_uri = Address + "/token",
                    client_id = TokenDesk.Client.ClientId,
                    client_secret = TokenDesk.Client.ClientSecret,
                }
            ),
            GooglePrimaryAdmin = "ada@example.com",
            AuthenticationMethod = "oauth_interactive",
        };

    protected override void Map(EmulatorRoutes routes)
    {
        routes.Post("/token", TokenFor);
        routes.Get("/admin/directory/v1/users", Users);
    }

    protected override EmulatorAnswer? Refuse(EmulatorCall call) =>
        call.Request.Path.Value!.EndsWith("/token", StringComparison.Ordinal)
        || call.Header("Authorization") == $"Bearer {TokenOf(UserOf(call))}"
            ? null
            : Error(401, "authError", "Invalid Credentials");

    protected override EmulatorAnswer NotFound() => Error(404, "notFound", "File not found.");

    /// <summary>Whose token the request carries.</summary>
    protected static string UserOf(EmulatorCall call) => (call.Header("Authorization") ?? "").Split(':').Last();

    protected static EmulatorAnswer Error(int status, string reason, string message) =>
        EmulatorAnswer.Json(
            new
            {
                error = new
                {
                    code = status,
                    message,
                    errors = new[]
                    {
                        new
                        {
                            domain = "global",
                            reason,
                            message,
                        },
                    },
                },
            },
            status
        );

    /// <summary>An answer with the fields that were asked for, and without those that are null.</summary>
    protected static EmulatorAnswer Answer(EmulatorCall call, object value)
    {
        var node = JsonSerializer.SerializeToNode(value)!;
        WithoutNulls(node);
        if (call.Query("fields") is { } fields)
        {
            var position = 0;
            Keep(node, Mask(fields, ref position));
        }

        return EmulatorAnswer.Json(node);
    }

    /// <summary>A page of items by a token that names the last item of the page before.</summary>
    protected static (List<T> Items, string? Next) PageOf<T>(
        IEnumerable<T> all,
        Func<T, long> key,
        string? token,
        int size
    )
    {
        var after = token is null ? long.MinValue : long.Parse(token.Split('~').Last());
        var rest = all.OrderBy(key).Where(item => key(item) > after).Take(size + 1).ToList();
        var page = rest.Take(size).ToList();
        return (page, rest.Count > size ? $"~{key(page[^1])}" : null);
    }

    private string TokenOf(string user) => $"t{Desk.Generation}:{user}";

    private EmulatorAnswer TokenFor(EmulatorCall call)
    {
        string? user = null;
        if (call.Form.TryGetValue("assertion", out var assertion))
        {
            var claims = JsonDocument.Parse(Decoded(assertion.Split('.')[1])).RootElement;
            user = claims.TryGetProperty("sub", out var sub) ? sub.GetString() : claims.GetProperty("iss").GetString();
            if (sub.ValueKind == JsonValueKind.String && !AllowsDelegation)
            {
                return EmulatorAnswer.Json(new { error = "unauthorized_client" }, 401);
            }
        }

        return user is null || Refused.Contains(user)
            ? EmulatorAnswer.Json(new { error = "invalid_grant", error_description = "Bad Request" }, 400)
            : EmulatorAnswer.Json(AnswerOf(TokenOf(user), 3600));
    }

    private static object AnswerOf(string token, int life) =>
        new
        {
            access_token = token,
            token_type = "Bearer",
            expires_in = life,
            scope = "https://www.googleapis.com/auth/drive.readonly",
        };

    private EmulatorAnswer Users(EmulatorCall call)
    {
        if (UserOf(call) != "ada@example.com")
        {
            return Error(403, "forbidden", "Not Authorized to access this resource/api");
        }

        if (ListsByDomain && call.Query("domain") != "example.com")
        {
            return Error(400, "badRequest", "Bad Request");
        }

        var (page, next) = PageOf(Company.People, person => person.Id, call.Query("pageToken"), 2);
        return Answer(
            call,
            new
            {
                kind = "admin#directory#users",
                nextPageToken = next,
                users = page.Select(person => new
                {
                    primaryEmail = person.Email,
                    suspended = !person.IsActive,
                    archived = false,
                }),
            }
        );
    }

    private static void WithoutNulls(JsonNode? node)
    {
        if (node is JsonObject item)
        {
            foreach (var name in item.Where(member => member.Value is null).Select(member => member.Key).ToList())
            {
                item.Remove(name);
            }

            foreach (var (_, value) in item)
            {
                WithoutNulls(value);
            }
        }

        foreach (var child in node as JsonArray ?? [])
        {
            WithoutNulls(child);
        }
    }

    private sealed class FieldMask : Dictionary<string, FieldMask?>;

    /// <summary>Reads "a,b(c,d),e".</summary>
    private static FieldMask Mask(string fields, ref int position)
    {
        var mask = new FieldMask();
        var name = new StringBuilder();
        for (; position <= fields.Length; position++)
        {
            var here = position == fields.Length ? ')' : fields[position];
            if (here == '(')
            {
                position++;
                mask[name.ToString()] = Mask(fields, ref position);
                name.Clear();
            }
            else if (here is ',' or ')')
            {
                if (name.Length > 0)
                {
                    mask[name.ToString()] = null;
                }

                name.Clear();
                if (here == ')')
                {
                    return mask;
                }
            }
            else
            {
                name.Append(here);
            }
        }

        return mask;
    }

    private static void Keep(JsonNode? node, FieldMask mask)
    {
        if (node is JsonObject item)
        {
            foreach (var name in item.Select(member => member.Key).Where(name => !mask.ContainsKey(name)).ToList())
            {
                item.Remove(name);
            }

            foreach (var (name, value) in item)
            {
                if (mask[name] is { } inner)
                {
                    Keep(value, inner);
                }
            }
        }

        foreach (var child in node as JsonArray ?? [])
        {
            Keep(child, mask);
        }
    }

    private static byte[] Decoded(string base64Url) =>
        Convert.FromBase64String(
            base64Url.Replace('-', '+').Replace('_', '/').PadRight((base64Url.Length + 3) / 4 * 4, '=')
        );

    private static string NewKey()
    {
        using var rsa = RSA.Create(2048);
        return rsa.ExportPkcs8PrivateKeyPem();
    }
}
