using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Api.Http;
using Tributary.Engine.Workspaces;

namespace Tributary.Api.Clarm.Access;

/// <summary>Tokens for programs.</summary>
internal static class TokenEndpoints
{
    public static void Map(DialectRoutes routes)
    {
        routes.Map("GET", "/v1/tokens", ListAsync, "The workspace's tokens").Answers<Page<TokenAnswer>>();
        routes
            .Map("POST", "/v1/tokens", CreateAsync, "Makes a token; its secret is shown this once")
            .Takes<CreateTokenBody>()
            .Answers<TokenAnswer>();
        routes.Map("DELETE", "/v1/tokens/{token_id}", RevokeAsync, "Ends a token").AnswersNothing(200);
    }

    private static async Task ListAsync(Exchange exchange)
    {
        var tokens = await exchange.Get<IIdentityService>().ListTokensAsync(exchange.Caller, exchange.Aborted);
        await exchange.WriteAsync(
            Page.Whole(tokens.Select(token => TokenAnswer.Of(token, secret: null))),
            ClarmJson.Wire.PageTokenAnswer
        );
    }

    private static async Task CreateAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<CreateTokenBody>();
        if (body.ExpiresAt <= exchange.Get<TimeProvider>().GetUtcNow())
        {
            throw RequestException.Of(["body", "expires_at"], "value_error", "Input should be in the future");
        }

        var (token, secret) = await exchange
            .Get<IIdentityService>()
            .CreateTokenAsync(exchange.Caller, body.Name, body.Role, body.ExpiresAt, exchange.Aborted);
        await exchange.WriteAsync(TokenAnswer.Of(token, secret), ClarmJson.Wire.TokenAnswer);
    }

    private static async Task RevokeAsync(Exchange exchange)
    {
        await exchange
            .Get<IIdentityService>()
            .RevokeTokenAsync(exchange.Caller, exchange.PathId("token_id"), exchange.Aborted);
        await exchange.WriteNullAsync();
    }
}

/// <summary>A new token.</summary>
internal sealed record CreateTokenBody
{
    [Description("What it is for."), MinLength(1), MaxLength(200)]
    public required string Name { get; init; }

    [Description("What it may do: reader, editor or admin.")]
    public required Role Role { get; init; }

    [Description("When it ends; null for never.")]
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>A token.</summary>
internal sealed record TokenAnswer
{
    public required long Id { get; init; }
    public required Guid Uuid { get; init; }
    public required long UserId { get; init; }
    public required string Name { get; init; }

    /// <summary>First and last four characters of the secret.</summary>
    public required string Display { get; init; }
    public required Role Role { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset? ExpiresAt { get; init; }
    public required DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>The secret, once; null in lists.</summary>
    public required string? Token { get; init; }

    public static TokenAnswer Of(ApiToken token, string? secret) =>
        new()
        {
            Id = token.Id,
            Uuid = token.Uuid,
            UserId = token.UserId,
            Name = token.Name,
            Display = token.Display,
            Role = token.Role,
            CreatedAt = token.CreatedAt,
            ExpiresAt = token.ExpiresAt,
            LastUsedAt = token.LastUsedAt,
            Token = secret,
        };
}
