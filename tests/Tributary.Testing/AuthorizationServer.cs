using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Tributary.Testing;

/// <summary>
/// An OAuth 2 authorization server with an API behind it, on a real socket: it gives codes and checks PKCE, knows its
/// client, expires access tokens by the test's clock, rotates refresh tokens and refuses used ones, verifies signed claims.
/// </summary>
public sealed class AuthorizationServer : IAsyncDisposable
{
    public const string ClientId = "the-client";
    public const string ClientSecret = "s3cret+of/the=client & more";
    public const string RedirectUri = "https://tributary.example.com/oauth/callback";

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _challenges = [];
    private readonly Dictionary<string, DateTimeOffset> _accessTokens = [];
    private readonly HashSet<string> _refreshTokens = [];
    private LoopbackServer _server = null!;
    private int _number;

    private AuthorizationServer(TimeProvider time) => _time = time;

    /// <summary>Its address, without a slash at the end.</summary>
    public string Address => _server.BaseUri.ToString().TrimEnd('/');

    public string AuthorizeUrl => $"{Address}/authorize";

    public string TokenUrl => $"{Address}/token";

    /// <summary>How long access tokens live; null does not say.</summary>
    public TimeSpan? Life { get; set; } = TimeSpan.FromHours(1);

    public bool RotatesRefreshTokens { get; set; } = true;

    /// <summary>Verifies signed claims; null refuses them.</summary>
    public RSA? PublicKey { get; set; }

    /// <summary>The forms (or JSON) that the token endpoint was sent, in order.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string>> TokenRequests { get; } = new();

    /// <summary>The API's requests: path and query, and what they were sent with.</summary>
    public ConcurrentQueue<(string Path, string Authorization)> ApiRequests { get; } = new();

    /// <summary>Answers the next requests of the token endpoint in its place, one each.</summary>
    public ConcurrentQueue<RequestDelegate> Instead { get; } = new();

    /// <summary>Awaited before the token endpoint works.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    public static async Task<AuthorizationServer> StartAsync(TimeProvider time)
    {
        var result = new AuthorizationServer(time);
        result._server = await LoopbackServer.StartAsync(result.AnswerAsync);
        return result;
    }

    /// <summary>A refresh token as if somebody had consented.</summary>
    public string Grant()
    {
        lock (_lock)
        {
            var token = $"refresh-{++_number}";
            _refreshTokens.Add(token);
            return token;
        }
    }

    /// <summary>What a person's browser does with a consent address.</summary>
    /// <returns>The parameters of the redirect back.</returns>
    public Dictionary<string, string> Consent(Uri consent)
    {
        var query = Query(consent.Query);
        if (query["client_id"] != ClientId || query["redirect_uri"] != RedirectUri || query["response_type"] != "code")
        {
            throw new InvalidOperationException($"A server would refuse {consent}.");
        }

        lock (_lock)
        {
            var code = $"code-{++_number}";
            _challenges[code] = query.GetValueOrDefault("code_challenge", "");
            return new() { ["code"] = code, ["state"] = query["state"] };
        }
    }

    /// <summary>All access tokens are refused from now on.</summary>
    public void RevokeAccessTokens()
    {
        lock (_lock)
        {
            _accessTokens.Clear();
        }
    }

    /// <summary>All refresh tokens are refused from now on.</summary>
    public void RevokeRefreshTokens()
    {
        lock (_lock)
        {
            _refreshTokens.Clear();
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    public static Dictionary<string, string> Query(string query) =>
        query
            .TrimStart('?')
            .Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('='))
            .ToDictionary(pair => Uri.UnescapeDataString(pair[0]), pair => Uri.UnescapeDataString(pair[1]));

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path != "/token")
        {
            await AnswerApiAsync(context);
            return;
        }

        var form = await FormAsync(context.Request);
        TokenRequests.Enqueue(form);
        if (Instead.TryDequeue(out var instead))
        {
            await instead(context);
            return;
        }

        await Before();
        var (status, answer) = Token(form, context.Request.Headers.Authorization.ToString());
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(answer);
    }

    private async Task AnswerApiAsync(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        ApiRequests.Enqueue((context.Request.Path + context.Request.QueryString.ToString(), authorization));
        var isKnown = false;
        lock (_lock)
        {
            isKnown =
                authorization.StartsWith("Bearer ", StringComparison.Ordinal)
                && _accessTokens.TryGetValue(authorization[7..], out var until)
                && _time.GetUtcNow() < until;
        }

        context.Response.StatusCode = isKnown ? 200 : 401;
        await context.Response.WriteAsync(isKnown ? "hello" : "who are you?");
    }

    private (int Status, JsonObject Answer) Token(Dictionary<string, string> form, string authorization)
    {
        lock (_lock)
        {
            var grant = form.GetValueOrDefault("grant_type", "");
            if (grant is "urn:ietf:params:oauth:grant-type:jwt-bearer")
            {
                return IsSigned(form["assertion"]) ? (200, Issue(null)) : (400, Error("invalid_grant"));
            }

            if (
                form.TryGetValue("client_assertion", out var assertion)
                    ? !IsSigned(assertion)
                    : !IsClient(form, authorization)
            )
            {
                return (401, Error("invalid_client"));
            }

            return grant switch
            {
                "client_credentials" => (200, Issue(null)),
                "refresh_token" when _refreshTokens.Contains(form["refresh_token"]) => (
                    200,
                    Refresh(form["refresh_token"])
                ),
                "authorization_code" when IsCode(form) => (200, Issue(Grant())),
                "refresh_token" or "authorization_code" => (400, Error("invalid_grant")),
                _ => (400, Error("unsupported_grant_type")),
            };
        }
    }

    private JsonObject Refresh(string used)
    {
        if (!RotatesRefreshTokens)
        {
            return Issue(null);
        }

        _refreshTokens.Remove(used);
        return Issue(Grant());
    }

    private JsonObject Issue(string? refreshToken)
    {
        var token = $"access-{++_number}";
        _accessTokens[token] = Life is { } life ? _time.GetUtcNow() + life : DateTimeOffset.MaxValue;
        var answer = new JsonObject
        {
            ["access_token"] = token,
            ["token_type"] = "Bearer",
            ["team"] = new JsonObject { ["id"] = "T1" },
        };
        if (refreshToken is not null)
        {
            answer["refresh_token"] = refreshToken;
        }

        if (Life is { } expires)
        {
            answer["expires_in"] = (int)expires.TotalSeconds;
        }

        return answer;
    }

    private bool IsCode(Dictionary<string, string> form)
    {
        if (!_challenges.Remove(form["code"], out var challenge) || form["redirect_uri"] != RedirectUri)
        {
            return false;
        }

        return challenge.Length == 0
            ? !form.ContainsKey("code_verifier")
            : form.TryGetValue("code_verifier", out var verifier)
                && Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))) == challenge;
    }

    private static bool IsClient(Dictionary<string, string> form, string authorization)
    {
        if (authorization.StartsWith("Basic ", StringComparison.Ordinal))
        {
            var pair = Encoding.UTF8.GetString(Convert.FromBase64String(authorization[6..])).Split(':');
            return Uri.UnescapeDataString(pair[0]) == ClientId
                && Uri.UnescapeDataString(pair[1]) == ClientSecret
                && !form.ContainsKey("client_secret");
        }

        return form.GetValueOrDefault("client_id") == ClientId
            && form.GetValueOrDefault("client_secret") == ClientSecret;
    }

    private bool IsSigned(string jwt)
    {
        var parts = jwt.Split('.');
        return PublicKey is not null
            && parts.Length == 3
            && PublicKey.VerifyData(
                Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"),
                Decode(parts[2]),
                HashAlgorithmName.SHA256,
                RSASignaturePadding.Pkcs1
            );
    }

    /// <summary>The claims of a signed token.</summary>
    public static JsonObject Claims(string jwt, int part = 1) =>
        JsonNode.Parse(Decode(jwt.Split('.')[part]))!.AsObject();

    private static JsonObject Error(string code) =>
        new() { ["error"] = code, ["error_description"] = $"No: {ClientSecret} is what you sent." };

    private static string Encode(byte[] bytes) =>
        Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static byte[] Decode(string text) =>
        Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/') + new string('=', (4 - text.Length % 4) % 4));

    private static async Task<Dictionary<string, string>> FormAsync(HttpRequest request)
    {
        if (!request.HasFormContentType)
        {
            var json = await JsonNode.ParseAsync(request.Body);
            return json!.AsObject().ToDictionary(member => member.Key, member => member.Value!.GetValue<string>());
        }

        var form = await request.ReadFormAsync();
        return form.ToDictionary(field => field.Key, field => field.Value.ToString());
    }
}
