using Microsoft.AspNetCore.Http;
using Tributary.Engine.Workspaces;

namespace Tributary.Api.Http;

/// <summary>Who sends a request: a program with a token, or a person with a session cookie. Every endpoint takes both.</summary>
internal static class Authentication
{
    /// <summary>The session cookie's name, as FastAPI-Users gives it.</summary>
    public const string CookieName = "fastapiusersauth";

    /// <summary>For callers whose proxy uses up <c>Authorization</c>.</summary>
    private const string AlternativeHeader = "X-Onyx-Authorization";

    /// <summary>The caller; null when there is no valid token or session. A token that is sent decides alone.</summary>
    public static ValueTask<Caller?> FindAsync(HttpContext http, IIdentityService identities)
    {
        var headers = http.Request.Headers;
        var header = headers[AlternativeHeader].ToString();
        if (header.Length == 0)
        {
            header = headers.Authorization.ToString();
        }

        if (header.Length > 0)
        {
            var token = TokenOf(header);
            return token.Length == 0 ? default : identities.FindByTokenAsync(token, http.RequestAborted);
        }

        return SessionOf(http) is { Length: > 0 } session
            ? identities.FindBySessionAsync(session, http.RequestAborted)
            : default;
    }

    /// <summary>The session cookie's value; null when there is none.</summary>
    public static string? SessionOf(HttpContext http) => http.Request.Cookies[CookieName];

    /// <summary>Whether it is the cookie that speaks for the caller: browsers add it by themselves, also for other sites' pages.</summary>
    public static bool IsByCookie(HttpContext http) =>
        http.Request.Headers[AlternativeHeader].Count == 0 && http.Request.Headers.Authorization.Count == 0;

    // "Bearer x", the older "Basic x" with the key as it is, and the bare key are all in use.
    private static string TokenOf(string header)
    {
        var value = header.Trim();
        foreach (var scheme in (ReadOnlySpan<string>)["Bearer", "Basic"])
        {
            if (
                value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
                && (value.Length == scheme.Length || value[scheme.Length] == ' ')
            )
            {
                return value[scheme.Length..].Trim();
            }
        }

        return value;
    }
}
