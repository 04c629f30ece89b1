using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Tributary.Api.Http;
using Tributary.Engine;
using Tributary.Engine.Workspaces;

namespace Tributary.Api.Cargo.Workspace;

/// <summary>Tokens for programs.</summary>
internal static class TokenEndpoints
{
    private const string Root = "/v1/workspaceManagement/tokens";
    private static readonly JsonElement Empty = JsonElement.Parse("{}");

    public static void Map(DialectRoutes routes)
    {
        routes
            .Map("POST", Root, CreateAsync, "Makes a token; its secret is shown this once")
            .Takes<CreateTokenBody>()
            .Answers<TokenEnvelope>();
        routes.Map("GET", Root + "/list", ListAsync, "The workspace's tokens").Answers<TokensEnvelope>();
        routes
            .Map("PATCH", Root + "/{uuid}", ChangeAsync, "Changes a token; members that are left out stay")
            .Takes<ChangeTokenBody>()
            .Answers<TokenEnvelope>();
        routes.Map("DELETE", Root + "/{uuid}", RemoveAsync, "Ends a token").AnswersNothing();
    }

    /// <summary>Every token, without secrets.</summary>
    public static async Task<IReadOnlyList<TokenAnswer>> ListOf(Exchange exchange)
    {
        var tokens = await exchange.Get<IIdentityService>().ListTokensAsync(exchange.Caller, exchange.Aborted);
        return [.. tokens.Select(token => TokenAnswer.Of(token, exchange.Caller.WorkspaceUuid, token.Display))];
    }

    private static async Task ListAsync(Exchange exchange) =>
        await exchange.WriteAsync(new TokensEnvelope(await ListOf(exchange)), CargoJson.Wire.TokensEnvelope);

    private static async Task CreateAsync(Exchange exchange)
    {
        exchange.Caller.Demand(Role.Admin);
        var body = await exchange.ReadAsync<CreateTokenBody>();
        var role = body.Permissions is { } permissions ? Permissions.RoleOf(permissions) : exchange.Caller.Role;
        var identities = exchange.Get<IIdentityService>();
        var (token, secret) = await identities.CreateTokenAsync(
            exchange.Caller,
            body.Name,
            role,
            expiresAt: null,
            exchange.Aborted
        );
        if (body.Description is { } description)
        {
            token = await identities.DescribeTokenAsync(exchange.Caller, token.Id, description, exchange.Aborted);
        }

        await WriteAsync(exchange, token, secret);
    }

    private static async Task ChangeAsync(Exchange exchange)
    {
        exchange.Caller.Demand(Role.Admin);
        var json = await JsonBody.ReadOptionalAsync(exchange.Http) ?? Empty;
        var body = Exchange.Body<ChangeTokenBody>(json);
        var id = await FindAsync(exchange);
        Role? role =
            body.Permissions is { } permissions ? Permissions.RoleOf(permissions)
            : json.TryGetProperty("permissions", out _) ? exchange.Caller.Role
            : null;
        var identities = exchange.Get<IIdentityService>();
        var token = await identities.UpdateTokenAsync(exchange.Caller, id, body.Name, role, exchange.Aborted);
        if (json.TryGetProperty("description", out _))
        {
            token = await identities.DescribeTokenAsync(exchange.Caller, id, body.Description, exchange.Aborted);
        }

        await WriteAsync(exchange, token, token.Display);
    }

    private static async Task RemoveAsync(Exchange exchange)
    {
        exchange.Caller.Demand(Role.Admin);
        var id = await FindAsync(exchange);
        await exchange.Get<IIdentityService>().RevokeTokenAsync(exchange.Caller, id, exchange.Aborted);
        exchange.Http.Response.StatusCode = 204;
    }

    private static async Task<long> FindAsync(Exchange exchange)
    {
        var uuid = exchange.PathUuid("uuid");
        var tokens = await exchange.Get<IIdentityService>().ListTokensAsync(exchange.Caller, exchange.Aborted);
        return tokens.FirstOrDefault(token => token.Uuid == uuid)?.Id
            ?? throw EngineException.NotFound($"There is no token {uuid}.", "tokenNotFound");
    }

    private static Task WriteAsync(Exchange exchange, ApiToken token, string secret) =>
        exchange.WriteAsync(
            new TokenEnvelope(TokenAnswer.Of(token, exchange.Caller.WorkspaceUuid, secret)),
            CargoJson.Wire.TokenEnvelope
        );
}

/// <summary>A new token.</summary>
internal sealed record CreateTokenBody
{
    [Description("What it is called."), MinLength(1), MaxLength(200)]
    public required string Name { get; init; }

    [Description("What it is for."), MaxLength(2_000)]
    public string? Description { get; init; }

    [Description("What it may do; null for all that its maker may.")]
    public IReadOnlyList<PermissionBody>? Permissions { get; init; }
}

/// <summary>What to change of a token. A member that is left out stays.</summary>
internal sealed record ChangeTokenBody
{
    [Description("A new name."), MinLength(1), MaxLength(200)]
    public string? Name { get; init; }

    [Description("A new description; null removes it."), MaxLength(2_000)]
    public string? Description { get; init; }

    [Description("What it may do from now on; null for all that the caller may.")]
    public IReadOnlyList<PermissionBody>? Permissions { get; init; }
}

/// <summary>A token. Its secret is whole in the answer to its creation, and shortened to its ends everywhere else.</summary>
internal sealed record TokenAnswer(
    Guid Uuid,
    string Token,
    string Name,
    string? Description,
    IReadOnlyList<PermissionAnswer> Permissions,
    Guid WorkspaceUuid,
    Guid UserUuid,
    DateTimeOffset CreatedAt,
    DateTimeOffset? DeletedAt
)
{
    public static TokenAnswer Of(ApiToken token, Guid workspace, string secret) =>
        new(
            token.Uuid,
            secret,
            token.Name,
            token.Description,
            Workspace.Permissions.Of(token.Role),
            workspace,
            token.UserUuid,
            token.CreatedAt,
            null
        );
}

internal sealed record TokenEnvelope(TokenAnswer Token);

internal sealed record TokensEnvelope(IReadOnlyList<TokenAnswer> Tokens);
