using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Store;

/// <summary>Workspaces, people, tokens and sessions. Secrets come in hashed.</summary>
public interface IIdentityStore
{
    /// <summary>The first workspace; null at the first start.</summary>
    ValueTask<Workspace?> FindFirstWorkspaceAsync(CancellationToken cancellationToken);

    /// <summary>One workspace; null when there is none.</summary>
    ValueTask<Workspace?> FindWorkspaceAsync(long workspaceId, CancellationToken cancellationToken);

    /// <summary>Makes a workspace with an admin. Null when the name or the e-mail address is taken.</summary>
    Task<(Workspace Workspace, User Admin)?> CreateWorkspaceAsync(
        string name,
        string email,
        string passwordHash,
        DateTimeOffset now,
        AuditDraft? audit,
        CancellationToken cancellationToken
    );

    /// <summary>Makes a person. Null when the e-mail address is taken.</summary>
    Task<User?> CreateUserAsync(
        long workspaceId,
        string email,
        string passwordHash,
        Role role,
        DateTimeOffset now,
        AuditDraft audit,
        CancellationToken cancellationToken
    );

    /// <summary>A person and his password's hash; null when unknown.</summary>
    ValueTask<(User User, string PasswordHash)?> FindUserAsync(string email, CancellationToken cancellationToken);

    /// <summary>A person of a workspace; null when unknown.</summary>
    ValueTask<User?> FindUserAsync(long workspaceId, long userId, CancellationToken cancellationToken);

    /// <summary>The first admin of a workspace.</summary>
    ValueTask<User?> FindAdminAsync(long workspaceId, CancellationToken cancellationToken);

    /// <summary>The people of a workspace.</summary>
    Task<IReadOnlyList<User>> ListUsersAsync(long workspaceId, CancellationToken cancellationToken);

    /// <summary>Changes a password.</summary>
    Task SetPasswordAsync(long userId, string passwordHash, CancellationToken cancellationToken);

    /// <summary>Makes a token.</summary>
    Task<ApiToken> CreateTokenAsync(
        long workspaceId,
        long userId,
        string name,
        byte[] hash,
        string display,
        Role role,
        DateTimeOffset now,
        DateTimeOffset? expiresAt,
        AuditDraft? audit,
        CancellationToken cancellationToken
    );

    /// <summary>A token by the hash of its secret, with its owner and workspace; null when unknown.</summary>
    ValueTask<(ApiToken Token, Caller Caller)?> FindTokenAsync(byte[] hash, CancellationToken cancellationToken);

    /// <summary>One of a workspace; null when unknown.</summary>
    ValueTask<ApiToken?> FindTokenAsync(long workspaceId, long tokenId, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<ApiToken>> ListTokensAsync(long workspaceId, CancellationToken cancellationToken);

    /// <summary>Changes a token; null members stay. Null when unknown.</summary>
    Task<ApiToken?> UpdateTokenAsync(
        long workspaceId,
        long tokenId,
        string? name,
        Role? role,
        (byte[] Hash, string Display)? secret,
        AuditDraft audit,
        CancellationToken cancellationToken
    );

    /// <summary>Sets a token's description. Null when unknown.</summary>
    Task<ApiToken?> DescribeTokenAsync(
        long workspaceId,
        long tokenId,
        string? description,
        AuditDraft audit,
        CancellationToken cancellationToken
    );

    /// <summary>Removes a token. False when unknown.</summary>
    Task<bool> DeleteTokenAsync(long workspaceId, long tokenId, AuditDraft audit, CancellationToken cancellationToken);

    /// <summary>Notes when tokens were last used.</summary>
    Task TouchTokensAsync(
        IReadOnlyCollection<(long TokenId, DateTimeOffset At)> uses,
        CancellationToken cancellationToken
    );

    /// <summary>Makes a session, and removes expired ones.</summary>
    Task CreateSessionAsync(
        byte[] hash,
        long userId,
        DateTimeOffset expiresAt,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>The caller of a session; null when it is unknown or expired.</summary>
    ValueTask<Caller?> FindSessionAsync(byte[] hash, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Ends a session.</summary>
    Task DeleteSessionAsync(byte[] hash, CancellationToken cancellationToken);
}
