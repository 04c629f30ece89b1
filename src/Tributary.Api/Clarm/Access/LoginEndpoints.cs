using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Api.Http;
using Tributary.Engine.Workspaces;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Clarm.Access;

/// <summary>Sessions of people, as FastAPI-Users has them.</summary>
internal static class LoginEndpoints
{
    private const int MaxFormBytes = 64 * 1024;

    public static void Map(DialectRoutes routes)
    {
        routes
            .MapOpen(
                "POST",
                "/auth/login",
                LogInAsync,
                "Begins a session of 7 days, told in the cookie fastapiusersauth"
            )
            .Takes<LoginForm>("application/x-www-form-urlencoded")
            .AnswersNothing();
        routes.Map("POST", "/auth/logout", LogOutAsync, "Ends the session").AnswersNothing();
    }

    private static async Task LogInAsync(HttpContext http)
    {
        SameOrigin.Demand(http);
        var (username, password) = await ReadAsync(http);
        var session =
            await http
                .RequestServices.GetRequiredService<IIdentityService>()
                .LogInAsync(username, password, http.RequestAborted)
            ?? throw new RequestException(400, "LOGIN_BAD_CREDENTIALS");
        http.Response.Cookies.Append(Authentication.CookieName, session, Cookie(http, TimeSpan.FromDays(7)));
        http.Response.StatusCode = 204;
    }

    private static async Task LogOutAsync(Exchange exchange)
    {
        var http = exchange.Http;
        if (Authentication.SessionOf(http) is { Length: > 0 } session)
        {
            await exchange.Get<IIdentityService>().LogOutAsync(session, exchange.Aborted);
            http.Response.Cookies.Append(Authentication.CookieName, "", Cookie(http, TimeSpan.Zero));
        }

        http.Response.StatusCode = 204;
    }

    private static CookieOptions Cookie(HttpContext http, TimeSpan maxAge) =>
        new()
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = http.Request.IsHttps,
            Path = "/",
            MaxAge = maxAge,
        };

    private static async Task<(string Username, string Password)> ReadAsync(HttpContext http)
    {
        JsonBody.Limit(http, MaxFormBytes);
        var form = FormCollection.Empty;
        if (http.Request.HasFormContentType)
        {
            try
            {
                var options = new FormOptions { ValueCountLimit = 16, MultipartBodyLengthLimit = MaxFormBytes };
                http.Features.Set<IFormFeature>(new FormFeature(http.Request, options));
                form = (FormCollection)await http.Request.ReadFormAsync(http.RequestAborted);
            }
            catch (Exception exception) when (MultipartBody.IsBroken(exception))
            {
                throw RequestException.Of(["body"], "value_error", $"The form cannot be read: {exception.Message}");
            }
        }

        var problems = new List<SettingsProblem>();
        var username = Field(form, "username", problems);
        var password = Field(form, "password", problems);
        return problems.Count == 0 ? (username, password) : throw new RequestException(problems);
    }

    private static string Field(FormCollection form, string name, List<SettingsProblem> problems)
    {
        var value = form[name].ToString();
        if (value.Length == 0)
        {
            problems.Add(new SettingsProblem(["body", name], "missing", "Field required"));
        }
        else if (value.Contains('\0'))
        {
            problems.Add(new SettingsProblem(["body", name], "value_error", "May not hold NUL characters"));
        }

        return value;
    }
}

/// <summary>Who logs in.</summary>
internal sealed record LoginForm
{
    public required string Username { get; init; }
    public required string Password { get; init; }
}
