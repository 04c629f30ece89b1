namespace Tributary.Engine.Store;

/// <summary>Tokens of credentials, who renews them, and what works once while people sign in. All secrets come sealed.</summary>
public interface IOAuthStore
{
    /// <summary>The uuid of a connector's credential; null when the connector is gone.</summary>
    ValueTask<Guid?> FindCredentialAsync(long connectorId, CancellationToken cancellationToken);

    /// <summary>A credential's tokens of this name; null when there are none.</summary>
    ValueTask<SealedTokens?> FindTokensAsync(Guid credential, string name, CancellationToken cancellationToken);

    /// <summary>
    /// Saves tokens; they are durable when the task completes. Lasting tokens of a credential that is not stored within a
    /// day, and others that are over, are discarded by later calls.
    /// </summary>
    Task SaveTokensAsync(SealedTokens tokens, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Takes the right to renew tokens, unless somebody else has it now.</summary>
    Task<bool> TryLeaseAsync(TokenLease lease, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Gives it back.</summary>
    Task ReleaseAsync(TokenLease lease, CancellationToken cancellationToken);

    /// <summary>Notes a ticket, and forgets those that are over.</summary>
    Task AddTicketAsync(SealedTicket ticket, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Takes a ticket away, once. Null when there is none of this kind, user, workspace and integration, or it is over.</summary>
    Task<SealedTicket?> TakeTicketAsync(SealedTicket wanted, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Tokens that are not wrapped by this key.</summary>
    Task<IReadOnlyList<SealedTokens>> ListTokensNotUnderAsync(
        string keyId,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Replaces envelopes, each only if it still is what it was.</summary>
    Task ReplaceTokensAsync(
        IReadOnlyList<(SealedTokens Old, byte[] Secret, string KeyId)> replacements,
        CancellationToken cancellationToken
    );

    /// <summary>Forgets every ticket: whoever is signing in begins again.</summary>
    Task DropTicketsAsync(CancellationToken cancellationToken);
}

/// <summary>Tokens as they are stored.</summary>
/// <param name="Credential">The uuid of the credential, stored already or about to be.</param>
/// <param name="Name">Which of its tokens.</param>
/// <param name="WorkspaceId">Whose.</param>
/// <param name="Secret">The envelope.</param>
/// <param name="KeyId">The key that wraps it.</param>
/// <param name="OverAt">From when on they are worth nothing; null when they can be renewed or do not expire.</param>
public sealed record SealedTokens(
    Guid Credential,
    string Name,
    long WorkspaceId,
    byte[] Secret,
    string KeyId,
    DateTimeOffset? OverAt
);

/// <summary>The right to renew tokens.</summary>
/// <param name="Credential">Whose.</param>
/// <param name="Name">Which.</param>
/// <param name="Holder">Who has it.</param>
/// <param name="Until">Until when, should the holder never give it back.</param>
public sealed record TokenLease(Guid Credential, string Name, Guid Holder, DateTimeOffset Until);

/// <summary>What works once and for minutes.</summary>
public sealed record SealedTicket
{
    /// <summary>SHA-256 of what its bearer shows.</summary>
    public required byte[] Hash { get; init; }
    public required TicketKind Kind { get; init; }
    public required long WorkspaceId { get; init; }
    public required long UserId { get; init; }

    /// <summary>The integration's own slug.</summary>
    public required string Integration { get; init; }
    public byte[] Secret { get; init; } = [];
    public string KeyId { get; init; } = "";
    public DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>Kinds of tickets.</summary>
public enum TicketKind
{
    /// <summary>The state of a sign-in that has begun.</summary>
    State,

    /// <summary>A reference to the tokens of one that is complete.</summary>
    Reference,
}
