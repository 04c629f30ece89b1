using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Tributary.Engine.Secrets;
using Tributary.Engine.Store;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;

namespace Tributary.Engine.OAuth;

/// <summary>
/// Keeps the tokens of all credentials, sealed. Whoever needs new ones while somebody already fetches them waits for those:
/// in this process by sharing the work, in others by a lease in the store.
/// </summary>
internal sealed class TokenKeeper(IOAuthStore store, SecretBox box, TimeProvider time)
{
    /// <summary>A renewal takes no longer; its lease ends later, so that nobody else begins before.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    /// <summary>New tokens that the store could not take: losing them would lose the access.</summary>
    private readonly ConcurrentDictionary<string, TokenSet> _unsaved = new(StringComparer.Ordinal);
    private readonly Guid _holder = Guid.NewGuid();
    private readonly ConcurrentDictionary<string, Lazy<Task<TokenSet>>> _renewals = new(StringComparer.Ordinal);

    /// <summary>The tokens of one credential.</summary>
    /// <param name="workspaceId">Whose.</param>
    /// <param name="connectorId">The connector that uses it; 0 for one that does not exist yet.</param>
    /// <param name="credential">The credential's uuid, when the connector does not have it yet.</param>
    public CredentialTokens For(long workspaceId, long connectorId, Guid? credential) =>
        new(this, store, workspaceId, connectorId, credential);

    /// <summary>What the envelope of tokens is bound to.</summary>
    public static string PlaceOf(long workspaceId, Guid credential, string name) =>
        string.Create(CultureInfo.InvariantCulture, $"{workspaceId}|oauth-tokens|{credential}|{name}");

    /// <inheritdoc cref="ITokenVault.GetAsync"/>
    public async Task<TokenSet> GetAsync(
        TokenPlace place,
        string? refused,
        Func<TokenSet?, CancellationToken, Task<TokenSet>> renew,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var kept = await ReadAsync(place, cancellationToken).ConfigureAwait(false);
            if (IsUsable(kept, refused))
            {
                return kept!;
            }

            var mine = new Lazy<Task<TokenSet>>(() => RenewAsync(place, refused, renew));
            var renewal = _renewals.GetOrAdd(place.ToString(), mine);

            // Only the wait is cancelled: a refresh token that was swapped already must still be saved.
            var tokens = await renewal.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (renewal == mine || tokens.AccessToken != refused)
            {
                return tokens;
            }
        }
    }

    private async Task<TokenSet> RenewAsync(
        TokenPlace place,
        string? refused,
        Func<TokenSet?, CancellationToken, Task<TokenSet>> renew
    )
    {
        try
        {
            var lease = new TokenLease(place.Credential, place.Name, _holder, default);
            while (true)
            {
                var now = time.GetUtcNow();
                lease = lease with { Until = now + Lease };
                if (await store.TryLeaseAsync(lease, now, CancellationToken.None).ConfigureAwait(false))
                {
                    break;
                }

                await Task.Delay(LookAgain, time).ConfigureAwait(false);
            }

            try
            {
                if (_unsaved.TryGetValue(place.ToString(), out var waiting))
                {
                    await SaveAsync(place, waiting).ConfigureAwait(false);
                }

                // Whoever had the lease before may have renewed them.
                var kept = await ReadAsync(place, CancellationToken.None).ConfigureAwait(false);
                if (IsUsable(kept, refused))
                {
                    return kept!;
                }

                var tokens = await FetchAsync(kept, renew).ConfigureAwait(false);
                await SaveAsync(place, tokens).ConfigureAwait(false);
                return tokens;
            }
            finally
            {
                await store.ReleaseAsync(lease, CancellationToken.None).ConfigureAwait(false);
            }
        }
        finally
        {
            _renewals.TryRemove(place.ToString(), out _);
        }
    }

    private async Task<TokenSet> FetchAsync(TokenSet? kept, Func<TokenSet?, CancellationToken, Task<TokenSet>> renew)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            return await renew(kept, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new SourceException(
                FailureKind.Transient,
                $"The token endpoint gave no tokens within {Patience.TotalSeconds:0} seconds; the next run tries again."
            );
        }
    }

    private bool IsUsable(TokenSet? tokens, string? refused) =>
        tokens is not null && tokens.IsFresh(time.GetUtcNow()) && tokens.AccessToken != refused;

    private async ValueTask<TokenSet?> ReadAsync(TokenPlace place, CancellationToken cancellationToken)
    {
        var stored = await store.FindTokensAsync(place.Credential, place.Name, cancellationToken).ConfigureAwait(false);
        return stored is null
            ? null
            : JsonSerializer.Deserialize<TokenSet>(box.Open(stored.Secret, stored.KeyId, place.ToString()));
    }

    private async Task SaveAsync(TokenPlace place, TokenSet tokens)
    {
        _unsaved[place.ToString()] = tokens;
        var (secret, keyId) = box.Seal(JsonSerializer.SerializeToUtf8Bytes(tokens), place.ToString());
        var isLasting = tokens.RefreshToken is not null || tokens.RenewAt is null;
        await store
            .SaveTokensAsync(
                new SealedTokens(
                    place.Credential,
                    place.Name,
                    place.WorkspaceId,
                    secret,
                    keyId,
                    isLasting ? null : tokens.RenewAt
                ),
                time.GetUtcNow(),
                CancellationToken.None
            )
            .ConfigureAwait(false);
        _unsaved.TryRemove(place.ToString(), out _);
    }
}

/// <summary>Where tokens are kept.</summary>
internal sealed record TokenPlace(long WorkspaceId, Guid Credential, string Name)
{
    public override string ToString() => TokenKeeper.PlaceOf(WorkspaceId, Credential, Name);
}
