using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Api.Http;
using Tributary.Engine.Workspaces;

namespace Tributary.Api.Clarm.Onyx;

/// <summary>Tokens as Onyx's API keys.</summary>
internal static class ApiKeyEndpoints
{
    public static void Map(DialectRoutes routes)
    {
        routes.Map("GET", "/admin/api-key", ListAsync, "All API keys").Answers<IReadOnlyList<ApiKeyAnswer>>();
        routes
            .Map("POST", "/admin/api-key", CreateAsync, "Makes an API key; it is shown this once")
            .Takes<ApiKeyBody>()
            .Answers<ApiKeyAnswer>();
        routes
            .Map("PATCH", "/admin/api-key/{api_key_id}", ChangeAsync, "Changes an API key's name or role")
            .Takes<ApiKeyBody>()
            .Answers<ApiKeyAnswer>();
        routes
            .Map(
                "POST",
                "/admin/api-key/{api_key_id}/regenerate",
                RegenerateAsync,
                "Replaces an API key; the new one is shown this once"
            )
            .Answers<ApiKeyAnswer>();
        routes.Map("DELETE", "/admin/api-key/{api_key_id}", RevokeAsync, "Ends an API key").AnswersNothing(200);
    }

    private static async Task ListAsync(Exchange exchange)
    {
        var tokens = await exchange.Get<IIdentityService>().ListTokensAsync(exchange.Caller, exchange.Aborted);
        await exchange.WriteAsync(
            [.. tokens.Select(token => ApiKeyAnswer.Of(token, secret: null))],
            ClarmJson.Wire.IReadOnlyListApiKeyAnswer
        );
    }

    private static async Task CreateAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<ApiKeyBody>();
        var role = body.Role is null ? Role.Reader : RoleOf(body.Role);
        var (token, secret) = await exchange
            .Get<IIdentityService>()
            .CreateTokenAsync(exchange.Caller, body.Name ?? "API key", role, expiresAt: null, exchange.Aborted);
        await WriteAsync(exchange, token, secret);
    }

    private static async Task ChangeAsync(Exchange exchange)
    {
        var id = exchange.PathId("api_key_id");
        var body = await exchange.ReadAsync<ApiKeyBody>();
        var token = await exchange
            .Get<IIdentityService>()
            .UpdateTokenAsync(
                exchange.Caller,
                id,
                body.Name,
                body.Role is null ? null : RoleOf(body.Role),
                exchange.Aborted
            );
        await WriteAsync(exchange, token, secret: null);
    }

    private static async Task RegenerateAsync(Exchange exchange)
    {
        var (token, secret) = await exchange
            .Get<IIdentityService>()
            .RegenerateTokenAsync(exchange.Caller, exchange.PathId("api_key_id"), exchange.Aborted);
        await WriteAsync(exchange, token, secret);
    }

    private static async Task RevokeAsync(Exchange exchange)
    {
        await exchange
            .Get<IIdentityService>()
            .RevokeTokenAsync(exchange.Caller, exchange.PathId("api_key_id"), exchange.Aborted);
        await exchange.WriteNullAsync();
    }

    private static Task WriteAsync(Exchange exchange, ApiToken token, string? secret) =>
        exchange.WriteAsync(ApiKeyAnswer.Of(token, secret), ClarmJson.Wire.ApiKeyAnswer);

    private static Role RoleOf(string name) =>
        name.ToLowerInvariant() switch
        {
            "admin" => Role.Admin,
            "curator" or "global_curator" or "editor" => Role.Editor,
            "basic" or "limited" or "reader" => Role.Reader,
            _ => throw RequestException.Of(["body", "role"], "enum", "Input should be 'admin', 'curator' or 'basic'"),
        };
}

/// <summary>An API key to make or change.</summary>
internal sealed record ApiKeyBody
{
    [Description("What it is for."), MinLength(1), MaxLength(200)]
    public string? Name { get; init; }

    [Description("What it may do: admin, curator (an editor) or basic (a reader).")]
    public string? Role { get; init; }
}

/// <summary>An API key.</summary>
/// <param name="ApiKeyId">Its id.</param>
/// <param name="ApiKeyDisplay">First and last four characters.</param>
/// <param name="ApiKey">The key, once; null in lists.</param>
/// <param name="ApiKeyName">What it is for.</param>
/// <param name="ApiKeyRole">admin, curator or basic.</param>
/// <param name="UserId">Whose it is.</param>
internal sealed record ApiKeyAnswer(
    long ApiKeyId,
    string ApiKeyDisplay,
    string? ApiKey,
    string ApiKeyName,
    string ApiKeyRole,
    Guid UserId
)
{
    public static ApiKeyAnswer Of(ApiToken token, string? secret) =>
        new(
            token.Id,
            token.Display,
            secret,
            token.Name,
            token.Role switch
            {
                Role.Admin => "admin",
                Role.Editor => "curator",
                _ => "basic",
            },
            token.UserUuid
        );
}
