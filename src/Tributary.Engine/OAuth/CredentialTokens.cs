using System.Collections.Concurrent;
using Tributary.Engine.Store;
using Tributary.Sdk.Authenticating;

namespace Tributary.Engine.OAuth;

/// <summary>The tokens of one credential, as one reader uses them.</summary>
internal sealed class CredentialTokens(
    TokenKeeper keeper,
    IOAuthStore store,
    long workspaceId,
    long connectorId,
    Guid? credential
) : ITokenVault
{
    private readonly ConcurrentDictionary<string, bool> _used = new(StringComparer.Ordinal);
    private Guid? _credential = credential;

    /// <summary>The names of those that were asked for.</summary>
    public IReadOnlyCollection<string> Used => [.. _used.Keys];

    /// <inheritdoc />
    public async Task<TokenSet> GetAsync(
        string key,
        string? refused,
        Func<TokenSet?, CancellationToken, Task<TokenSet>> renew,
        CancellationToken cancellationToken
    )
    {
        _used[key] = true;
        _credential ??=
            await store.FindCredentialAsync(connectorId, cancellationToken).ConfigureAwait(false)
            ?? throw EngineException.NotFound($"Connector {connectorId} does not exist");
        return await keeper
            .GetAsync(new TokenPlace(workspaceId, _credential.Value, key), refused, renew, cancellationToken)
            .ConfigureAwait(false);
    }
}
