using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Tributary.Engine.Store;

namespace Tributary.Engine.Workspaces;

/// <inheritdoc cref="IIdentityService"/>
internal sealed class IdentityService(IIdentityStore store, TimeProvider time) : IIdentityService
{
    /// <summary>The admin of the first workspace.</summary>
    public const string AdminEmail = "admin@localhost";

    /// <summary>The token that the first start makes, or that the operator sets.</summary>
    private const string AdminTokenName = "admin";

    private const string TokenPrefix = "trb_";
    private const int MinPasswordLength = 8;
    private static readonly TimeSpan SessionLength = TimeSpan.FromDays(7);
    private static readonly TimeSpan UsePrecision = TimeSpan.FromMinutes(1);

    private readonly PasswordHasher<object> _passwords = new();
    private readonly ConcurrentDictionary<string, CachedToken> _cache = new(StringComparer.Ordinal);

    public async Task<string?> EnsureAdminAsync(string? adminToken, CancellationToken cancellationToken)
    {
        var workspace = await store.FindFirstWorkspaceAsync(cancellationToken).ConfigureAwait(false);
        string? made = null;
        User? admin;
        if (workspace is null)
        {
            var secret = adminToken ?? (made = NewToken());
            var created = await store
                .CreateWorkspaceAsync("default", AdminEmail, Hash(secret), time.GetUtcNow(), null, cancellationToken)
                .ConfigureAwait(false);
            (workspace, admin) = created!.Value;
            await AddTokenAsync(workspace, admin, secret, cancellationToken).ConfigureAwait(false);
            return made;
        }

        admin = await store.FindAdminAsync(workspace.Id, cancellationToken).ConfigureAwait(false);
        if (
            adminToken is not null
            && await store.FindTokenAsync(HashOf(adminToken), cancellationToken).ConfigureAwait(false) is null
        )
        {
            // The operator has changed it: the one before must not stay valid.
            foreach (var old in await store.ListTokensAsync(workspace.Id, cancellationToken).ConfigureAwait(false))
            {
                if (old.Name == AdminTokenName && old.UserId == admin!.Id)
                {
                    var audit = new AuditDraft(
                        workspace.Id,
                        time.GetUtcNow(),
                        "system",
                        "token.replace",
                        $"token {old.Id}"
                    );
                    await store.DeleteTokenAsync(workspace.Id, old.Id, audit, cancellationToken).ConfigureAwait(false);
                }
            }

            await AddTokenAsync(workspace, admin!, adminToken, cancellationToken).ConfigureAwait(false);
            await store.SetPasswordAsync(admin!.Id, Hash(adminToken), cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    public async ValueTask<Workspace> GetWorkspaceAsync(Caller caller, CancellationToken cancellationToken) =>
        await store.FindWorkspaceAsync(caller.WorkspaceId, cancellationToken).ConfigureAwait(false)
        ?? throw EngineException.NotFound("The workspace does not exist");

    public async ValueTask<User> GetUserAsync(Caller caller, CancellationToken cancellationToken) =>
        await store.FindUserAsync(caller.WorkspaceId, caller.UserId, cancellationToken).ConfigureAwait(false)
        ?? throw EngineException.NotFound($"User {caller.UserId} does not exist");

    public async Task<ApiToken> DescribeTokenAsync(
        Caller caller,
        long tokenId,
        string? description,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Admin);
        return await store
                .DescribeTokenAsync(
                    caller.WorkspaceId,
                    tokenId,
                    description,
                    Audit(caller, "token.describe", $"token {tokenId}"),
                    cancellationToken
                )
                .ConfigureAwait(false)
            ?? throw EngineException.NotFound($"Token {tokenId} does not exist");
    }

    public async ValueTask<Caller?> FindByTokenAsync(string token, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_cache.TryGetValue(token, out var cached) && cached.Expires > now)
        {
            await NoteUseAsync(cached, now, cancellationToken).ConfigureAwait(false);
            return cached.Caller;
        }

        if (
            token.Length is 0 or > 500
            || await store.FindTokenAsync(HashOf(token), cancellationToken).ConfigureAwait(false) is not { } found
        )
        {
            return null;
        }

        if (found.Token.ExpiresAt <= now)
        {
            return null;
        }

        // Known tokens only, so that nobody can fill the cache with guesses; revoking one empties it.
        var limit = now.AddSeconds(30);
        var entry = new CachedToken(
            found.Token.Id,
            found.Caller,
            found.Token.ExpiresAt < limit ? found.Token.ExpiresAt.Value : limit
        )
        {
            LastUse = found.Token.LastUsedAt ?? DateTimeOffset.MinValue,
        };
        _cache[token] = entry;
        await NoteUseAsync(entry, now, cancellationToken).ConfigureAwait(false);
        return entry.Caller;
    }

    public ValueTask<Caller?> FindBySessionAsync(string session, CancellationToken cancellationToken) =>
        session.Length is 0 or > 500
            ? ValueTask.FromResult<Caller?>(null)
            : store.FindSessionAsync(HashOf(session), time.GetUtcNow(), cancellationToken);

    public async Task<string?> LogInAsync(string email, string password, CancellationToken cancellationToken)
    {
        var found = await store.FindUserAsync(email, cancellationToken).ConfigureAwait(false);

        // The same work for names that do not exist, so that time does not tell which do.
        var hash = found?.PasswordHash ?? UnknownUserHash.Value;
        var isRight = _passwords.VerifyHashedPassword(this, hash, password) != PasswordVerificationResult.Failed;
        if (!isRight || found is not { } known)
        {
            return null;
        }

        var session = NewSecret();
        var now = time.GetUtcNow();
        await store
            .CreateSessionAsync(HashOf(session), known.User.Id, now + SessionLength, now, cancellationToken)
            .ConfigureAwait(false);
        return session;
    }

    public Task LogOutAsync(string session, CancellationToken cancellationToken) =>
        store.DeleteSessionAsync(HashOf(session), cancellationToken);

    public async Task<(ApiToken Token, string Secret)> CreateTokenAsync(
        Caller caller,
        string name,
        Role role,
        DateTimeOffset? expiresAt,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Admin);
        DemandName(name);
        if (expiresAt <= time.GetUtcNow())
        {
            throw new EngineException(
                RefusalKind.Rejected,
                "The token would already be expired: choose a time to come."
            );
        }

        var secret = NewToken();
        var token = await store
            .CreateTokenAsync(
                caller.WorkspaceId,
                caller.UserId,
                name,
                HashOf(secret),
                DisplayOf(secret),
                role,
                time.GetUtcNow(),
                expiresAt,
                Audit(caller, "token.create", $"token \"{name}\""),
                cancellationToken
            )
            .ConfigureAwait(false);
        return (token, secret);
    }

    public Task<IReadOnlyList<ApiToken>> ListTokensAsync(Caller caller, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Admin);
        return store.ListTokensAsync(caller.WorkspaceId, cancellationToken);
    }

    public async Task<ApiToken> UpdateTokenAsync(
        Caller caller,
        long tokenId,
        string? name,
        Role? role,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Admin);
        if (name is not null)
        {
            DemandName(name);
        }

        var token = await store
            .UpdateTokenAsync(
                caller.WorkspaceId,
                tokenId,
                name,
                role,
                null,
                Audit(caller, "token.update", $"token {tokenId}"),
                cancellationToken
            )
            .ConfigureAwait(false);
        _cache.Clear();
        return token ?? throw EngineException.NotFound($"Token {tokenId} does not exist");
    }

    public async Task<(ApiToken Token, string Secret)> RegenerateTokenAsync(
        Caller caller,
        long tokenId,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Admin);
        var secret = NewToken();
        var token = await store
            .UpdateTokenAsync(
                caller.WorkspaceId,
                tokenId,
                null,
                null,
                (HashOf(secret), DisplayOf(secret)),
                Audit(caller, "token.regenerate", $"token {tokenId}"),
                cancellationToken
            )
            .ConfigureAwait(false);
        _cache.Clear();
        return (token ?? throw EngineException.NotFound($"Token {tokenId} does not exist"), secret);
    }

    public async Task RevokeTokenAsync(Caller caller, long tokenId, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Admin);
        var isGone = await store
            .DeleteTokenAsync(
                caller.WorkspaceId,
                tokenId,
                Audit(caller, "token.revoke", $"token {tokenId}"),
                cancellationToken
            )
            .ConfigureAwait(false);
        _cache.Clear();
        if (!isGone)
        {
            throw EngineException.NotFound($"Token {tokenId} does not exist");
        }
    }

    public async Task<User> CreateUserAsync(
        Caller caller,
        string email,
        string password,
        Role role,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Admin);
        DemandEmail(email);
        if (password.Length < MinPasswordLength)
        {
            throw new EngineException(RefusalKind.Rejected, $"A password has at least {MinPasswordLength} characters.");
        }

        return await store
                .CreateUserAsync(
                    caller.WorkspaceId,
                    email,
                    Hash(password),
                    role,
                    time.GetUtcNow(),
                    Audit(caller, "user.create", $"user {email}"),
                    cancellationToken
                )
                .ConfigureAwait(false)
            ?? throw new EngineException(RefusalKind.Rejected, $"There is a user {email} already.");
    }

    public Task<IReadOnlyList<User>> ListUsersAsync(Caller caller, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Admin);
        return store.ListUsersAsync(caller.WorkspaceId, cancellationToken);
    }

    public async Task<(Workspace Workspace, string AdminToken)> CreateWorkspaceAsync(
        Caller caller,
        string name,
        string adminEmail,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Admin);
        var first = await store.FindFirstWorkspaceAsync(cancellationToken).ConfigureAwait(false);
        if (first?.Id != caller.WorkspaceId)
        {
            throw new EngineException(RefusalKind.Forbidden, "Only admins of the first workspace make further ones.");
        }

        DemandName(name);
        DemandEmail(adminEmail);
        var secret = NewToken();
        var made =
            await store
                .CreateWorkspaceAsync(
                    name,
                    adminEmail,
                    Hash(secret),
                    time.GetUtcNow(),
                    Audit(caller, "workspace.create", $"workspace \"{name}\""),
                    cancellationToken
                )
                .ConfigureAwait(false)
            ?? throw new EngineException(
                RefusalKind.Rejected,
                $"The name {name} or the address {adminEmail} is taken."
            );
        await AddTokenAsync(made.Workspace, made.Admin, secret, cancellationToken).ConfigureAwait(false);
        return (made.Workspace, secret);
    }

    private static Lazy<string> UnknownUserHash { get; } =
        new(() => new PasswordHasher<object>().HashPassword(new object(), "nobody"));

    private async Task AddTokenAsync(
        Workspace workspace,
        User admin,
        string secret,
        CancellationToken cancellationToken
    ) =>
        await store
            .CreateTokenAsync(
                workspace.Id,
                admin.Id,
                AdminTokenName,
                HashOf(secret),
                DisplayOf(secret),
                Role.Admin,
                time.GetUtcNow(),
                null,
                null,
                cancellationToken
            )
            .ConfigureAwait(false);

    private async ValueTask NoteUseAsync(CachedToken token, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (now - token.LastUse < UsePrecision)
        {
            return;
        }

        token.LastUse = now;
        await store.TouchTokensAsync([(token.TokenId, now)], cancellationToken).ConfigureAwait(false);
    }

    private string Hash(string password) => _passwords.HashPassword(this, password);

    private AuditDraft Audit(Caller caller, string action, string target) =>
        new(caller.WorkspaceId, time.GetUtcNow(), caller.Name, action, target);

    private static void DemandName(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 200)
        {
            throw new EngineException(RefusalKind.Rejected, "A name has 1 to 200 characters.");
        }
    }

    private static void DemandEmail(string email)
    {
        if (email.Length > 254 || !System.Net.Mail.MailAddress.TryCreate(email, out _))
        {
            throw new EngineException(RefusalKind.Rejected, $"'{email}' is no e-mail address.");
        }
    }

    private static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private static string DisplayOf(string secret) => secret.Length < 12 ? "****" : $"{secret[..4]}...{secret[^4..]}";

    private static string NewToken() => TokenPrefix + NewSecret();

    private static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    private sealed record CachedToken(long TokenId, Caller Caller, DateTimeOffset Expires)
    {
        public DateTimeOffset LastUse { get; set; }
    }
}
