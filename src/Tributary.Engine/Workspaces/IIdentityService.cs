namespace Tributary.Engine.Workspaces;

/// <summary>People, their sessions, and tokens for programs. Secrets are stored hashed and shown once.</summary>
public interface IIdentityService
{
    /// <summary>
    /// Makes the first workspace and its admin when there is none. His token is <paramref name="adminToken"/> when
    /// given (and is kept in step with it at every start); otherwise a new one is made and returned, once.
    /// </summary>
    /// <returns>The new token when one was made at this start; null otherwise.</returns>
    Task<string?> EnsureAdminAsync(string? adminToken, CancellationToken cancellationToken);

    /// <summary>The caller's workspace.</summary>
    ValueTask<Workspace> GetWorkspaceAsync(Caller caller, CancellationToken cancellationToken);

    /// <summary>The person who asks, or the owner of the token that does.</summary>
    ValueTask<User> GetUserAsync(Caller caller, CancellationToken cancellationToken);

    /// <summary>Notes what a token is for; null forgets it. Admins only.</summary>
    Task<ApiToken> DescribeTokenAsync(
        Caller caller,
        long tokenId,
        string? description,
        CancellationToken cancellationToken
    );

    /// <summary>The caller behind a bearer token; null when it is unknown, revoked or expired. Notes the token's last use.</summary>
    ValueTask<Caller?> FindByTokenAsync(string token, CancellationToken cancellationToken);

    /// <summary>The caller behind a session cookie; null when it is unknown or expired.</summary>
    ValueTask<Caller?> FindBySessionAsync(string session, CancellationToken cancellationToken);

    /// <summary>A new session of 7 days; null when name or password is wrong.</summary>
    Task<string?> LogInAsync(string email, string password, CancellationToken cancellationToken);

    /// <summary>Ends a session; unknown ones are fine.</summary>
    Task LogOutAsync(string session, CancellationToken cancellationToken);

    /// <summary>Makes a token. Admins only.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="name">What it is for.</param>
    /// <param name="role">What it may do; not more than the caller.</param>
    /// <param name="expiresAt">When it ends; null for never.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The token's facts, and the secret, which is shown this once.</returns>
    Task<(ApiToken Token, string Secret)> CreateTokenAsync(
        Caller caller,
        string name,
        Role role,
        DateTimeOffset? expiresAt,
        CancellationToken cancellationToken
    );

    /// <summary>The workspace's tokens, newest first.</summary>
    Task<IReadOnlyList<ApiToken>> ListTokensAsync(Caller caller, CancellationToken cancellationToken);

    /// <summary>Changes name or role; null leaves it.</summary>
    Task<ApiToken> UpdateTokenAsync(
        Caller caller,
        long tokenId,
        string? name,
        Role? role,
        CancellationToken cancellationToken
    );

    /// <summary>Replaces the secret of a token.</summary>
    Task<(ApiToken Token, string Secret)> RegenerateTokenAsync(
        Caller caller,
        long tokenId,
        CancellationToken cancellationToken
    );

    /// <summary>Ends a token at once.</summary>
    Task RevokeTokenAsync(Caller caller, long tokenId, CancellationToken cancellationToken);

    /// <summary>Makes a person in the caller's workspace. Admins only.</summary>
    Task<User> CreateUserAsync(
        Caller caller,
        string email,
        string password,
        Role role,
        CancellationToken cancellationToken
    );

    /// <summary>The workspace's people.</summary>
    Task<IReadOnlyList<User>> ListUsersAsync(Caller caller, CancellationToken cancellationToken);

    /// <summary>Makes a further workspace with an admin of its own, whose token is returned this once. Admins of the first workspace only.</summary>
    Task<(Workspace Workspace, string AdminToken)> CreateWorkspaceAsync(
        Caller caller,
        string name,
        string adminEmail,
        CancellationToken cancellationToken
    );
}
