using System.Collections.Concurrent;
using Tributary.Engine;
using Tributary.Engine.Audit;
using Tributary.Engine.Workspaces;

namespace Tributary.Api.Tests.Fakes;

/// <summary>The tokens "admin-token", "editor-token" and "reader-token", and a person admin@example.com with the password "correct horse".</summary>
internal sealed class FakeIdentity(FakeEngine engine) : IIdentityService
{
    private readonly ConcurrentDictionary<string, Role> _secrets = new(
        Enum.GetValues<Role>().ToDictionary(role => $"{role.ToString().ToLowerInvariant()}-token")
    );
    private readonly ConcurrentDictionary<string, bool> _sessions = new();
    private readonly ConcurrentDictionary<long, ApiToken> _tokens = new();
    private readonly ConcurrentDictionary<long, User> _users = new();

    public Task<string?> EnsureAdminAsync(string? adminToken, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(null);

    public ValueTask<Workspace> GetWorkspaceAsync(Caller caller, CancellationToken cancellationToken) =>
        new(new Workspace(caller.WorkspaceId, caller.WorkspaceUuid, "default", engine.Time.GetUtcNow()));

    public ValueTask<User> GetUserAsync(Caller caller, CancellationToken cancellationToken) =>
        new(
            new User(
                caller.UserId,
                caller.UserUuid,
                caller.WorkspaceId,
                caller.Name,
                caller.Role,
                engine.Time.GetUtcNow()
            )
        );

    public Task<ApiToken> DescribeTokenAsync(
        Caller caller,
        long tokenId,
        string? description,
        CancellationToken cancellationToken
    )
    {
        engine.Demand(caller, Role.Admin);
        return Task.FromResult(_tokens[tokenId] = Find(tokenId) with { Description = description });
    }

    public ValueTask<Caller?> FindByTokenAsync(string token, CancellationToken cancellationToken) =>
        new(_secrets.TryGetValue(token, out var role) ? MakeCaller(role) : null);

    public ValueTask<Caller?> FindBySessionAsync(string session, CancellationToken cancellationToken) =>
        new(_sessions.ContainsKey(session) ? MakeCaller(Role.Admin) : null);

    public Task<string?> LogInAsync(string email, string password, CancellationToken cancellationToken)
    {
        if (email != "admin@example.com" || password != "correct horse")
        {
            return Task.FromResult<string?>(null);
        }

        var session = Guid.NewGuid().ToString("n");
        _sessions[session] = true;
        return Task.FromResult<string?>(session);
    }

    public Task LogOutAsync(string session, CancellationToken cancellationToken)
    {
        _sessions.TryRemove(session, out _);
        return Task.CompletedTask;
    }

    public Task<(ApiToken Token, string Secret)> CreateTokenAsync(
        Caller caller,
        string name,
        Role role,
        DateTimeOffset? expiresAt,
        CancellationToken cancellationToken
    )
    {
        engine.Demand(caller, Role.Admin);
        var id = engine.NextId();
        var secret = $"trb_{Guid.NewGuid():n}";
        _secrets[secret] = role;
        var display = $"{secret[..4]}...{secret[^4..]}";
        _tokens[id] = new ApiToken(
            id,
            Guid.NewGuid(),
            caller.UserId,
            caller.UserUuid,
            name,
            display,
            role,
            engine.Time.GetUtcNow(),
            expiresAt,
            null
        );
        return Task.FromResult((_tokens[id], secret));
    }

    public Task<IReadOnlyList<ApiToken>> ListTokensAsync(Caller caller, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Admin);
        return Task.FromResult<IReadOnlyList<ApiToken>>([.. _tokens.Values.OrderByDescending(token => token.Id)]);
    }

    public Task<ApiToken> UpdateTokenAsync(
        Caller caller,
        long tokenId,
        string? name,
        Role? role,
        CancellationToken cancellationToken
    )
    {
        engine.Demand(caller, Role.Admin);
        var token = Find(tokenId);
        return Task.FromResult(_tokens[tokenId] = token with { Name = name ?? token.Name, Role = role ?? token.Role });
    }

    public Task<(ApiToken Token, string Secret)> RegenerateTokenAsync(
        Caller caller,
        long tokenId,
        CancellationToken cancellationToken
    )
    {
        engine.Demand(caller, Role.Admin);
        return Task.FromResult((Find(tokenId), "trb_new"));
    }

    public Task RevokeTokenAsync(Caller caller, long tokenId, CancellationToken cancellationToken)
    {
        engine.Demand(caller, Role.Admin);
        Find(tokenId);
        _tokens.TryRemove(tokenId, out _);
        return Task.CompletedTask;
    }

    public Task<User> CreateUserAsync(
        Caller caller,
        string email,
        string password,
        Role role,
        CancellationToken cancellationToken
    )
    {
        engine.Demand(caller, Role.Admin);
        var id = engine.NextId();
        return Task.FromResult(
            _users[id] = new User(id, Guid.NewGuid(), caller.WorkspaceId, email, role, engine.Time.GetUtcNow())
        );
    }

    public Task<IReadOnlyList<User>> ListUsersAsync(Caller caller, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<User>>([.. _users.Values.OrderBy(user => user.Id)]);

    public Task<(Workspace Workspace, string AdminToken)> CreateWorkspaceAsync(
        Caller caller,
        string name,
        string adminEmail,
        CancellationToken cancellationToken
    )
    {
        engine.Demand(caller, Role.Admin);
        return Task.FromResult(
            (new Workspace(engine.NextId(), Guid.NewGuid(), name, engine.Time.GetUtcNow()), "trb_workspace")
        );
    }

    private ApiToken Find(long id) =>
        _tokens.TryGetValue(id, out var token) ? token : throw EngineException.NotFound($"There is no token {id}.");

    private static Caller MakeCaller(Role role) =>
        new(1, Guid.Empty, 7, Guid.Empty, $"{role.ToString().ToLowerInvariant()}@example.com", role);
}

internal sealed class FakeAudit(FakeEngine engine) : IAuditLog
{
    public Task<IReadOnlyList<AuditEntry>> ListAsync(
        Caller caller,
        long beforeId,
        int limit,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Admin);
        return Task.FromResult<IReadOnlyList<AuditEntry>>([
            .. engine.Audit.Where(entry => entry.Id < beforeId).OrderByDescending(entry => entry.Id).Take(limit),
        ]);
    }
}
