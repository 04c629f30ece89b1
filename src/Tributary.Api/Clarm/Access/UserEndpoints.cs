using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Api.Http;
using Tributary.Engine.Workspaces;

namespace Tributary.Api.Clarm.Access;

/// <summary>People and workspaces.</summary>
internal static class UserEndpoints
{
    public static void Map(DialectRoutes routes)
    {
        routes.Map("GET", "/v1/me", GetMeAsync, "Who is asking").Answers<MeAnswer>();
        routes.Map("GET", "/v1/users", ListAsync, "The workspace's people").Answers<Page<UserAnswer>>();
        routes.Map("POST", "/v1/users", CreateAsync, "Makes a person").Takes<CreateUserBody>().Answers<UserAnswer>();
        routes
            .Map(
                "POST",
                "/v1/workspaces",
                CreateWorkspaceAsync,
                "Makes a workspace; its admin's token is shown this once"
            )
            .Takes<CreateWorkspaceBody>()
            .Answers<WorkspaceAnswer>();
    }

    private static Task GetMeAsync(Exchange exchange)
    {
        var caller = exchange.Caller;
        return exchange.WriteAsync(
            new MeAnswer(
                caller.UserId,
                caller.UserUuid,
                caller.WorkspaceId,
                caller.WorkspaceUuid,
                caller.Name,
                caller.Role
            ),
            ClarmJson.Wire.MeAnswer
        );
    }

    private static async Task ListAsync(Exchange exchange)
    {
        var users = await exchange.Get<IIdentityService>().ListUsersAsync(exchange.Caller, exchange.Aborted);
        await exchange.WriteAsync(Page.Whole(users.Select(UserAnswer.Of)), ClarmJson.Wire.PageUserAnswer);
    }

    private static async Task CreateAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<CreateUserBody>();
        var user = await exchange
            .Get<IIdentityService>()
            .CreateUserAsync(exchange.Caller, body.Email, body.Password, body.Role, exchange.Aborted);
        await exchange.WriteAsync(UserAnswer.Of(user), ClarmJson.Wire.UserAnswer);
    }

    private static async Task CreateWorkspaceAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<CreateWorkspaceBody>();
        var (workspace, token) = await exchange
            .Get<IIdentityService>()
            .CreateWorkspaceAsync(exchange.Caller, body.Name, body.AdminEmail, exchange.Aborted);
        await exchange.WriteAsync(
            new WorkspaceAnswer(workspace.Id, workspace.Uuid, workspace.Name, workspace.CreatedAt, token),
            ClarmJson.Wire.WorkspaceAnswer
        );
    }
}

/// <summary>A new person.</summary>
internal sealed record CreateUserBody
{
    internal const string EmailPattern = @"[^@\s]+@[^@\s]+";

    [Description("The e-mail address to log in with."), MaxLength(320)]
    [RegularExpression(EmailPattern, ErrorMessage = "Input should be an e-mail address")]
    public required string Email { get; init; }

    [Description("At least 8 characters."), MinLength(8), MaxLength(1_000)]
    public required string Password { get; init; }

    [Description("What the person may do: reader, editor or admin.")]
    public Role Role { get; init; }
}

/// <summary>A new workspace.</summary>
internal sealed record CreateWorkspaceBody
{
    [Description("Its name."), MinLength(1), MaxLength(200)]
    public required string Name { get; init; }

    [Description("The e-mail address of its first admin."), MaxLength(320)]
    [RegularExpression(CreateUserBody.EmailPattern, ErrorMessage = "Input should be an e-mail address")]
    public required string AdminEmail { get; init; }
}

/// <summary>Who is asking.</summary>
/// <param name="UserId">The person, or the owner of the token.</param>
/// <param name="UserUuid">The same, as the Cargo dialect names it.</param>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="WorkspaceUuid">The same, as the Cargo dialect names it.</param>
/// <param name="Name">The e-mail address, or the token's name.</param>
/// <param name="Role">What he may do.</param>
internal sealed record MeAnswer(
    long UserId,
    Guid UserUuid,
    long WorkspaceId,
    Guid WorkspaceUuid,
    string Name,
    Role Role
);

/// <summary>A person.</summary>
internal sealed record UserAnswer(long Id, Guid Uuid, string Email, Role Role, DateTimeOffset CreatedAt)
{
    public static UserAnswer Of(User user) => new(user.Id, user.Uuid, user.Email, user.Role, user.CreatedAt);
}

/// <summary>A new workspace with the token of its admin.</summary>
internal sealed record WorkspaceAnswer(long Id, Guid Uuid, string Name, DateTimeOffset CreatedAt, string AdminToken);
