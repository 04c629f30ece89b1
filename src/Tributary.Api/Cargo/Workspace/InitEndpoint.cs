using System.Text.Json.Nodes;
using Tributary.Api.Cargo.Connection;
using Tributary.Api.Http;
using Tributary.Engine.Workspaces;

namespace Tributary.Api.Cargo.Workspace;

/// <summary>Everything that a client asks for at its start, at once.</summary>
internal static class InitEndpoint
{
    public static void Map(DialectRoutes routes) =>
        routes.Map("GET", "/v1/initWorkspace", AnswerAsync, "What a client needs at its start").Answers<InitAnswer>();

    private static async Task AnswerAsync(Exchange exchange)
    {
        var workspace = await exchange.Get<IIdentityService>().GetWorkspaceAsync(exchange.Caller, exchange.Aborted);
        var connectors = await ConnectorEndpoints.ListWithDatasetsAsync(exchange);
        await exchange.WriteAsync(
            new InitAnswer
            {
                Workspace = WorkspaceAnswer.Of(workspace),
                User = await PeopleEndpoints.CurrentAsync(exchange),
                Users = await PeopleEndpoints.ListUsersOf(exchange),
                Tokens = exchange.Caller.Role == Role.Admin ? await TokenEndpoints.ListOf(exchange) : [],
                Roles = RoleAnswer.All(workspace.Uuid, workspace.CreatedAt),
                Connectors = [.. connectors.Select(pair => pair.Connector)],
                Datasets = [DatasetAnswer.Default(workspace), .. connectors.Select(pair => pair.Dataset)],
            },
            CargoJson.Wire.InitAnswer
        );
    }
}

/// <summary>What there is, and empty lists for the parts of the dialect's product that are not here.</summary>
internal sealed record InitAnswer
{
    public required WorkspaceAnswer Workspace { get; init; }
    public required UserAnswer User { get; init; }
    public required IReadOnlyList<UserAnswer> Users { get; init; }

    /// <summary>Empty for those who may not see them.</summary>
    public required IReadOnlyList<TokenAnswer> Tokens { get; init; }
    public required IReadOnlyList<RoleAnswer> Roles { get; init; }
    public required IReadOnlyList<ConnectorAnswer> Connectors { get; init; }
    public required IReadOnlyList<DatasetAnswer> Datasets { get; init; }

    /// <summary>To be read from <c>storage/models/list</c>.</summary>
    public IReadOnlyList<JsonObject> Models { get; } = [];
    public IReadOnlyList<JsonObject> Relationships { get; } = [];
    public IReadOnlyList<JsonObject> Folders { get; } = [];
    public IReadOnlyList<JsonObject> Segments { get; } = [];
    public IReadOnlyList<JsonObject> Workflows { get; } = [];
    public IReadOnlyList<JsonObject> Plays { get; } = [];
    public IReadOnlyList<JsonObject> Tools { get; } = [];
    public IReadOnlyList<JsonObject> Agents { get; } = [];
    public IReadOnlyList<JsonObject> Files { get; } = [];
}
