using System.Security.Cryptography;
using System.Text;
using Tributary.Api.Http;
using Tributary.Engine.Workspaces;

namespace Tributary.Api.Cargo.Workspace;

/// <summary>The workspace, its people and their roles.</summary>
internal static class PeopleEndpoints
{
    private const string Root = "/v1/workspaceManagement";

    public static void Map(DialectRoutes routes)
    {
        routes.Map("GET", Root + "/users/current", GetUserAsync, "Who is asking").Answers<UserEnvelope>();
        routes.Map("GET", Root + "/users/list", ListUsersAsync, "The workspace's people").Answers<UsersEnvelope>();
        routes
            .Map("GET", Root + "/workspaces/current", GetWorkspaceAsync, "The workspace")
            .Answers<WorkspaceEnvelope>();
        routes
            .Map("GET", Root + "/workspaces/list", ListWorkspacesAsync, "The caller's workspaces: one")
            .Answers<WorkspacesEnvelope>();
        routes.Map("GET", Root + "/roles/list", ListRolesAsync, "Reader, editor and admin").Answers<RolesEnvelope>();
        routes.Map("GET", Root + "/folders/list", ListFoldersAsync, "There are no folders").Answers<FoldersEnvelope>();
    }

    /// <summary>The people that the caller may see: all for admins, himself for others.</summary>
    public static async Task<IReadOnlyList<UserAnswer>> ListUsersOf(Exchange exchange)
    {
        var identities = exchange.Get<IIdentityService>();
        var users =
            exchange.Caller.Role == Role.Admin
                ? await identities.ListUsersAsync(exchange.Caller, exchange.Aborted)
                : [await identities.GetUserAsync(exchange.Caller, exchange.Aborted)];
        return [.. users.Select(user => UserAnswer.Of(user, user.Role, exchange.Caller.WorkspaceUuid))];
    }

    /// <summary>The caller: a token's owner with what the token may do.</summary>
    public static async Task<UserAnswer> CurrentAsync(Exchange exchange)
    {
        var user = await exchange.Get<IIdentityService>().GetUserAsync(exchange.Caller, exchange.Aborted);
        return UserAnswer.Of(user, exchange.Caller.Role, exchange.Caller.WorkspaceUuid);
    }

    public static async Task<WorkspaceAnswer> WorkspaceAsync(Exchange exchange) =>
        WorkspaceAnswer.Of(await exchange.Get<IIdentityService>().GetWorkspaceAsync(exchange.Caller, exchange.Aborted));

    private static async Task GetUserAsync(Exchange exchange) =>
        await exchange.WriteAsync(new UserEnvelope(await CurrentAsync(exchange)), CargoJson.Wire.UserEnvelope);

    private static async Task ListUsersAsync(Exchange exchange) =>
        await exchange.WriteAsync(new UsersEnvelope(await ListUsersOf(exchange)), CargoJson.Wire.UsersEnvelope);

    private static async Task GetWorkspaceAsync(Exchange exchange) =>
        await exchange.WriteAsync(
            new WorkspaceEnvelope(await WorkspaceAsync(exchange)),
            CargoJson.Wire.WorkspaceEnvelope
        );

    private static async Task ListWorkspacesAsync(Exchange exchange) =>
        await exchange.WriteAsync(
            new WorkspacesEnvelope([await WorkspaceAsync(exchange)]),
            CargoJson.Wire.WorkspacesEnvelope
        );

    private static async Task ListRolesAsync(Exchange exchange)
    {
        var workspace = await exchange.Get<IIdentityService>().GetWorkspaceAsync(exchange.Caller, exchange.Aborted);
        await exchange.WriteAsync(
            new RolesEnvelope(RoleAnswer.All(workspace.Uuid, workspace.CreatedAt)),
            CargoJson.Wire.RolesEnvelope
        );
    }

    private static Task ListFoldersAsync(Exchange exchange) =>
        exchange.WriteAsync(new FoldersEnvelope([]), CargoJson.Wire.FoldersEnvelope);
}

/// <summary>A person. We keep no names and pictures of people.</summary>
internal sealed record UserAnswer
{
    public required Guid Uuid { get; init; }
    public required string Email { get; init; }
    public required string? FirstName { get; init; }
    public required string? LastName { get; init; }
    public required string? Picture { get; init; }
    public required Guid WorkspaceUuid { get; init; }
    public required IReadOnlyList<PermissionAnswer> Permissions { get; init; }
    public required RoleAnswer Role { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    public static UserAnswer Of(User user, Role role, Guid workspace) =>
        new()
        {
            Uuid = user.Uuid,
            Email = user.Email,
            FirstName = null,
            LastName = null,
            Picture = null,
            WorkspaceUuid = workspace,
            Permissions = Workspace.Permissions.Of(role),
            Role = RoleAnswer.Of(role, workspace, user.CreatedAt),
            CreatedAt = user.CreatedAt,
        };
}

/// <summary>A role; every workspace has the same three.</summary>
internal sealed record RoleAnswer(
    Guid Uuid,
    Guid WorkspaceUuid,
    string Slug,
    IReadOnlyList<PermissionAnswer> Permissions,
    DateTimeOffset CreatedAt
)
{
    public static IReadOnlyList<RoleAnswer> All(Guid workspace, DateTimeOffset createdAt) =>
        [.. Enum.GetValues<Role>().Select(role => Of(role, workspace, createdAt))];

    public static RoleAnswer Of(Role role, Guid workspace, DateTimeOffset createdAt)
    {
        var slug = role.ToString().ToLowerInvariant();
        return new RoleAnswer(IdOf(workspace, slug), workspace, slug, Workspace.Permissions.Of(role), createdAt);
    }

    // Roles have no row: always the same id for the same role, in the form of a version 4.
    private static Guid IdOf(Guid workspace, string slug)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"{workspace}/{slug}"))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}

/// <summary>A workspace.</summary>
internal sealed record WorkspaceAnswer(Guid Uuid, string Name, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static WorkspaceAnswer Of(Engine.Workspaces.Workspace workspace) =>
        new(workspace.Uuid, workspace.Name, workspace.CreatedAt, workspace.CreatedAt);
}

internal sealed record UserEnvelope(UserAnswer User);

internal sealed record UsersEnvelope(IReadOnlyList<UserAnswer> Users);

internal sealed record WorkspaceEnvelope(WorkspaceAnswer Workspace);

internal sealed record WorkspacesEnvelope(IReadOnlyList<WorkspaceAnswer> Workspaces);

internal sealed record RolesEnvelope(IReadOnlyList<RoleAnswer> Roles);

internal sealed record FoldersEnvelope(IReadOnlyList<string> Folders);
