using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="IOAuthStore"/>
internal sealed class SqliteOAuthStore(SqliteDatabase database) : IOAuthStore
{
    private const string TokenColumns = "credential, name, workspace_id, secret, key_id, discard_at";

    /// <summary>How long the tokens of a credential are kept that is not stored yet.</summary>
    private static readonly TimeSpan DraftLife = TimeSpan.FromDays(1);

    public ValueTask<Guid?> FindCredentialAsync(long connectorId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare(
                        "SELECT k.uuid FROM connectors c JOIN credentials k ON k.id = c.credential_id WHERE c.id = ?"
                    )
                    .Add(connectorId)
                    .First(static row => (Guid?)Guid.Parse(row.Text(0)!)),
            cancellationToken
        );

    public ValueTask<SealedTokens?> FindTokensAsync(
        Guid credential,
        string name,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync(
            session =>
                session
                    .Prepare($"SELECT {TokenColumns} FROM oauth_tokens WHERE credential = ? AND name = ?")
                    .Add(credential.ToString())
                    .Add(name)
                    .First(Tokens),
            cancellationToken
        );

    public Task SaveTokensAsync(SealedTokens tokens, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                var credential = tokens.Credential.ToString();
                var isStored =
                    session.Prepare("SELECT 1 FROM credentials WHERE uuid = ?").Add(credential).Scalar() is not null;
                session
                    .Prepare(
                        "INSERT OR REPLACE INTO oauth_tokens (credential, name, workspace_id, secret, key_id, is_lasting, discard_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
                    )
                    .Add(credential)
                    .Add(tokens.Name)
                    .Add(tokens.WorkspaceId)
                    .Add(tokens.Secret)
                    .Add(tokens.KeyId)
                    .Add(tokens.OverAt is null)
                    .Add(tokens.OverAt ?? (isStored ? null : now + DraftLife))
                    .Run();
                session.Prepare("DELETE FROM oauth_tokens WHERE discard_at < ?").Add(now).Run();
            },
            cancellationToken
        );

    public Task<bool> TryLeaseAsync(TokenLease lease, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                session
                    .Prepare(
                        """
                        INSERT INTO oauth_leases (credential, name, holder, until) VALUES (?1, ?2, ?3, ?4)
                        ON CONFLICT (credential, name) DO UPDATE SET holder = ?3, until = ?4 WHERE until <= ?5
                        """
                    )
                    .Add(lease.Credential.ToString())
                    .Add(lease.Name)
                    .Add(lease.Holder.ToString())
                    .Add(lease.Until)
                    .Add(now)
                    .Run();
                return session.Changes() > 0;
            },
            cancellationToken
        );

    public Task ReleaseAsync(TokenLease lease, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
                session
                    .Prepare("DELETE FROM oauth_leases WHERE credential = ? AND name = ? AND holder = ?")
                    .Add(lease.Credential.ToString())
                    .Add(lease.Name)
                    .Add(lease.Holder.ToString())
                    .Run(),
            cancellationToken
        );

    public Task AddTicketAsync(SealedTicket ticket, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                session.Prepare("DELETE FROM oauth_tickets WHERE expires_at <= ?").Add(now).Run();
                session
                    .Prepare(
                        """
                        INSERT INTO oauth_tickets (hash, kind, workspace_id, user_id, integration, secret, key_id, expires_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                        """
                    )
                    .Add(ticket.Hash)
                    .Add((long)ticket.Kind)
                    .Add(ticket.WorkspaceId)
                    .Add(ticket.UserId)
                    .Add(ticket.Integration)
                    .Add(ticket.Secret)
                    .Add(ticket.KeyId)
                    .Add(ticket.ExpiresAt)
                    .Run();
            },
            cancellationToken
        );

    public Task<SealedTicket?> TakeTicketAsync(
        SealedTicket wanted,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                var taken = session
                    .Prepare(
                        """
                        DELETE FROM oauth_tickets
                        WHERE hash = ? AND kind = ? AND workspace_id = ? AND user_id = ? AND integration = ?
                        RETURNING secret, key_id, expires_at
                        """
                    )
                    .Add(wanted.Hash)
                    .Add((long)wanted.Kind)
                    .Add(wanted.WorkspaceId)
                    .Add(wanted.UserId)
                    .Add(wanted.Integration)
                    .ToList(row =>
                        wanted with
                        {
                            Secret = row.Blob(0),
                            KeyId = row.Text(1)!,
                            ExpiresAt = row.Time(2)!.Value,
                        }
                    );
                return taken is [var ticket] && ticket.ExpiresAt > now ? ticket : null;
            },
            cancellationToken
        );

    public async Task<IReadOnlyList<SealedTokens>> ListTokensNotUnderAsync(
        string keyId,
        int limit,
        CancellationToken cancellationToken
    ) =>
        await database
            .ReadAsync(
                session =>
                    session
                        .Prepare($"SELECT {TokenColumns} FROM oauth_tokens WHERE key_id <> ? LIMIT ?")
                        .Add(keyId)
                        .Add((long)limit)
                        .ToList(Tokens),
                cancellationToken
            )
            .ConfigureAwait(false);

    public Task ReplaceTokensAsync(
        IReadOnlyList<(SealedTokens Old, byte[] Secret, string KeyId)> replacements,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            session =>
            {
                foreach (var (old, secret, keyId) in replacements)
                {
                    session
                        .Prepare(
                            "UPDATE oauth_tokens SET secret = ?, key_id = ? WHERE credential = ? AND name = ? AND secret = ?"
                        )
                        .Add(secret)
                        .Add(keyId)
                        .Add(old.Credential.ToString())
                        .Add(old.Name)
                        .Add(old.Secret)
                        .Run();
                }
            },
            cancellationToken
        );

    public Task DropTicketsAsync(CancellationToken cancellationToken) =>
        database.WriteAsync(session => session.Prepare("DELETE FROM oauth_tickets").Run(), cancellationToken);

    /// <summary>Lasting tokens of a draft stay: it is stored now.</summary>
    internal static void Adopt(SqliteSession session, Guid credential) =>
        session
            .Prepare("UPDATE oauth_tokens SET discard_at = NULL WHERE credential = ? AND is_lasting = 1")
            .Add(credential.ToString())
            .Run();

    /// <summary>Other credentials have taken the place: tokens that were not used with them go.</summary>
    internal static void Forget(SqliteSession session, long credentialId, IReadOnlyCollection<string> butThese)
    {
        var names = session
            .Prepare("SELECT name FROM oauth_tokens WHERE credential = (SELECT uuid FROM credentials WHERE id = ?)")
            .Add(credentialId)
            .ToList(static row => row.Text(0)!);
        foreach (var name in names.Except(butThese))
        {
            session
                .Prepare(
                    "DELETE FROM oauth_tokens WHERE credential = (SELECT uuid FROM credentials WHERE id = ?) AND name = ?"
                )
                .Add(credentialId)
                .Add(name)
                .Run();
        }
    }

    private static SealedTokens Tokens(Statement row) =>
        new(Guid.Parse(row.Text(0)!), row.Text(1)!, row.Int64(2), row.Blob(3), row.Text(4)!, row.Time(5));
}
