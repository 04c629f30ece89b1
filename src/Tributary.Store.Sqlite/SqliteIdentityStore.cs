using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="IIdentityStore"/>
internal sealed class SqliteIdentityStore(SqliteDatabase database) : IIdentityStore
{
    private const string WorkspaceColumns = "id, uuid, name, created_at, dataset_uuid";
    private const string UserColumns = "u.id, u.uuid, u.workspace_id, u.email, u.role, u.created_at";
    private const string TokenColumns =
        "t.id, t.uuid, t.user_id, u.uuid, t.name, t.display, t.role, t.created_at, t.expires_at, t.last_used_at, t.description";

    public ValueTask<Workspace?> FindFirstWorkspaceAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
                session.Prepare($"SELECT {WorkspaceColumns} FROM workspaces ORDER BY id LIMIT 1").First(Workspace),
            cancellationToken
        );

    public ValueTask<Workspace?> FindWorkspaceAsync(long workspaceId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare($"SELECT {WorkspaceColumns} FROM workspaces WHERE id = ?")
                    .Add(workspaceId)
                    .First(Workspace),
            cancellationToken
        );

    public Task<(Workspace Workspace, User Admin)?> CreateWorkspaceAsync(
        string name,
        string email,
        string passwordHash,
        DateTimeOffset now,
        AuditDraft? audit,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync<(Workspace, User)?>(
            session =>
            {
                var isNameTaken =
                    session.Prepare("SELECT 1 FROM workspaces WHERE name = ?").Add(name).Scalar() is not null;
                if (isNameTaken || IsEmailTaken(session, email))
                {
                    return null;
                }

                session
                    .Prepare("INSERT INTO workspaces (uuid, dataset_uuid, name, created_at) VALUES (?, ?, ?, ?)")
                    .Add(Guid.NewGuid().ToString())
                    .Add(Guid.NewGuid().ToString())
                    .Add(name)
                    .Add(now)
                    .Run();
                var workspace = session
                    .Prepare($"SELECT {WorkspaceColumns} FROM workspaces WHERE id = ?")
                    .Add(session.LastId())
                    .First(Workspace)!;
                var admin = InsertUser(session, workspace.Id, email, passwordHash, Role.Admin, now);
                session.Audit(audit);
                return (workspace, admin);
            },
            cancellationToken
        );

    public Task<User?> CreateUserAsync(
        long workspaceId,
        string email,
        string passwordHash,
        Role role,
        DateTimeOffset now,
        AuditDraft audit,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                if (IsEmailTaken(session, email))
                {
                    return null;
                }

                session.Audit(audit);
                return InsertUser(session, workspaceId, email, passwordHash, role, now);
            },
            cancellationToken
        );

    public ValueTask<(User User, string PasswordHash)?> FindUserAsync(
        string email,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync<(User, string)?>(
            session =>
            {
                var row = session
                    .Prepare($"SELECT {UserColumns}, u.password_hash FROM users u WHERE u.email = ?")
                    .Add(email);
                if (!row.Step())
                {
                    return null;
                }

                var result = (User(row), row.Text(6)!);
                row.Reset();
                return result;
            },
            cancellationToken
        );

    public ValueTask<User?> FindUserAsync(long workspaceId, long userId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare($"SELECT {UserColumns} FROM users u WHERE u.id = ? AND u.workspace_id = ?")
                    .Add(userId)
                    .Add(workspaceId)
                    .First(User),
            cancellationToken
        );

    public ValueTask<User?> FindAdminAsync(long workspaceId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare(
                        $"SELECT {UserColumns} FROM users u WHERE u.workspace_id = ? AND u.role = {(int)Role.Admin} ORDER BY u.id LIMIT 1"
                    )
                    .Add(workspaceId)
                    .First(User),
            cancellationToken
        );

    public async Task<IReadOnlyList<User>> ListUsersAsync(long workspaceId, CancellationToken cancellationToken) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare($"SELECT {UserColumns} FROM users u WHERE u.workspace_id = ? ORDER BY u.id")
                        .Add(workspaceId)
                        .ToList(User),
                cancellationToken
            )
            .ConfigureAwait(false);

    public Task SetPasswordAsync(long userId, string passwordHash, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
                session.Prepare("UPDATE users SET password_hash = ? WHERE id = ?").Add(passwordHash).Add(userId).Run(),
            cancellationToken
        );

    public Task<ApiToken> CreateTokenAsync(
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
    ) =>
        database.WriteAsync(
            session =>
            {
                session
                    .Prepare(
                        """
                        INSERT INTO tokens (uuid, workspace_id, user_id, name, hash, display, role, created_at, expires_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """
                    )
                    .Add(Guid.NewGuid().ToString())
                    .Add(workspaceId)
                    .Add(userId)
                    .Add(name)
                    .Add(hash)
                    .Add(display)
                    .Add((long)role)
                    .Add(now)
                    .Add(expiresAt)
                    .Run();
                var token = FindToken(session, workspaceId, session.LastId())!;
                session.Audit(audit);
                return token;
            },
            cancellationToken
        );

    public ValueTask<(ApiToken Token, Caller Caller)?> FindTokenAsync(
        byte[] hash,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync<(ApiToken, Caller)?>(
            session =>
            {
                var row = session
                    .Prepare(
                        $"""
                        SELECT {TokenColumns}, w.id, w.uuid FROM tokens t JOIN users u ON u.id = t.user_id
                        JOIN workspaces w ON w.id = t.workspace_id WHERE t.hash = ?
                        """
                    )
                    .Add(hash);
                if (!row.Step())
                {
                    return null;
                }

                var token = Token(row);
                var caller = new Caller(
                    row.Int64(11),
                    Guid.Parse(row.Text(12)!),
                    token.UserId,
                    token.UserUuid,
                    token.Name,
                    token.Role
                );
                row.Reset();
                return (token, caller);
            },
            cancellationToken
        );

    public ValueTask<ApiToken?> FindTokenAsync(long workspaceId, long tokenId, CancellationToken cancellationToken) =>
        database.ReadAsync(session => FindToken(session, workspaceId, tokenId), cancellationToken);

    public async Task<IReadOnlyList<ApiToken>> ListTokensAsync(long workspaceId, CancellationToken cancellationToken) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare(
                            $"SELECT {TokenColumns} FROM tokens t JOIN users u ON u.id = t.user_id WHERE t.workspace_id = ? ORDER BY t.id DESC"
                        )
                        .Add(workspaceId)
                        .ToList(Token),
                cancellationToken
            )
            .ConfigureAwait(false);

    public Task<ApiToken?> UpdateTokenAsync(
        long workspaceId,
        long tokenId,
        string? name,
        Role? role,
        (byte[] Hash, string Display)? secret,
        AuditDraft audit,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                if (FindToken(session, workspaceId, tokenId) is null)
                {
                    return null;
                }

                if (secret is { } replacement)
                {
                    session
                        .Prepare("UPDATE tokens SET hash = ?, display = ? WHERE id = ?")
                        .Add(replacement.Hash)
                        .Add(replacement.Display)
                        .Add(tokenId)
                        .Run();
                }

                session
                    .Prepare("UPDATE tokens SET name = ifnull(?, name), role = ifnull(?, role) WHERE id = ?")
                    .Add(name)
                    .Add((long?)role)
                    .Add(tokenId)
                    .Run();
                session.Audit(audit);
                return FindToken(session, workspaceId, tokenId);
            },
            cancellationToken
        );

    public Task<ApiToken?> DescribeTokenAsync(
        long workspaceId,
        long tokenId,
        string? description,
        AuditDraft audit,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                session
                    .Prepare("UPDATE tokens SET description = ? WHERE id = ? AND workspace_id = ?")
                    .Add(description)
                    .Add(tokenId)
                    .Add(workspaceId)
                    .Run();
                if (session.Changes() == 0)
                {
                    return null;
                }

                session.Audit(audit);
                return FindToken(session, workspaceId, tokenId);
            },
            cancellationToken
        );

    public Task<bool> DeleteTokenAsync(
        long workspaceId,
        long tokenId,
        AuditDraft audit,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                session
                    .Prepare("DELETE FROM tokens WHERE id = ? AND workspace_id = ?")
                    .Add(tokenId)
                    .Add(workspaceId)
                    .Run();
                if (session.Changes() == 0)
                {
                    return false;
                }

                session.Audit(audit);
                return true;
            },
            cancellationToken
        );

    public Task TouchTokensAsync(
        IReadOnlyCollection<(long TokenId, DateTimeOffset At)> uses,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                foreach (var (tokenId, at) in uses)
                {
                    session.Prepare("UPDATE tokens SET last_used_at = ? WHERE id = ?").Add(at).Add(tokenId).Run();
                }
            },
            cancellationToken
        );

    public Task CreateSessionAsync(
        byte[] hash,
        long userId,
        DateTimeOffset expiresAt,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                session.Prepare("DELETE FROM sessions WHERE expires_at < ?").Add(now).Run();
                session
                    .Prepare("INSERT INTO sessions (hash, user_id, expires_at) VALUES (?, ?, ?)")
                    .Add(hash)
                    .Add(userId)
                    .Add(expiresAt)
                    .Run();
            },
            cancellationToken
        );

    public ValueTask<Caller?> FindSessionAsync(byte[] hash, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare(
                        """
                        SELECT w.id, w.uuid, u.id, u.uuid, u.email, u.role FROM sessions s JOIN users u ON u.id = s.user_id
                        JOIN workspaces w ON w.id = u.workspace_id WHERE s.hash = ? AND s.expires_at > ?
                        """
                    )
                    .Add(hash)
                    .Add(now)
                    .First(static row => new Caller(
                        row.Int64(0),
                        Guid.Parse(row.Text(1)!),
                        row.Int64(2),
                        Guid.Parse(row.Text(3)!),
                        row.Text(4)!,
                        (Role)row.Int32(5)
                    )),
            cancellationToken
        );

    public Task DeleteSessionAsync(byte[] hash, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Prepare("DELETE FROM sessions WHERE hash = ?").Add(hash).Run(),
            cancellationToken
        );

    private static bool IsEmailTaken(SqliteSession session, string email) =>
        session.Prepare("SELECT 1 FROM users WHERE email = ?").Add(email).Scalar() is not null;

    private static User InsertUser(
        SqliteSession session,
        long workspaceId,
        string email,
        string passwordHash,
        Role role,
        DateTimeOffset now
    )
    {
        session
            .Prepare(
                "INSERT INTO users (uuid, workspace_id, email, password_hash, role, created_at) VALUES (?, ?, ?, ?, ?, ?)"
            )
            .Add(Guid.NewGuid().ToString())
            .Add(workspaceId)
            .Add(email)
            .Add(passwordHash)
            .Add((long)role)
            .Add(now)
            .Run();
        return session.Prepare($"SELECT {UserColumns} FROM users u WHERE u.id = ?").Add(session.LastId()).First(User)!;
    }

    private static ApiToken? FindToken(SqliteSession session, long workspaceId, long tokenId) =>
        session
            .Prepare(
                $"SELECT {TokenColumns} FROM tokens t JOIN users u ON u.id = t.user_id WHERE t.id = ? AND t.workspace_id = ?"
            )
            .Add(tokenId)
            .Add(workspaceId)
            .First(Token);

    private static Workspace Workspace(Statement row) =>
        new(row.Int64(0), Guid.Parse(row.Text(1)!), row.Text(2)!, row.Time(3)!.Value)
        {
            DatasetUuid = Guid.Parse(row.Text(4)!),
        };

    private static User User(Statement row) =>
        new(row.Int64(0), Guid.Parse(row.Text(1)!), row.Int64(2), row.Text(3)!, (Role)row.Int32(4), row.Time(5)!.Value);

    private static ApiToken Token(Statement row) =>
        new(
            row.Int64(0),
            Guid.Parse(row.Text(1)!),
            row.Int64(2),
            Guid.Parse(row.Text(3)!),
            row.Text(4)!,
            row.Text(5)!,
            (Role)row.Int32(6),
            row.Time(7)!.Value,
            row.Time(8),
            row.Time(9)
        )
        {
            Description = row.Text(10),
        };
}
