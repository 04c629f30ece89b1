using System.Collections.Concurrent;

namespace Tributary.Sdk.Authenticating;

/// <summary>Keeps tokens for the life of the object; for tests of integrations.</summary>
public sealed class TokensInMemory(TimeProvider time) : ITokenVault
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public async Task<TokenSet> GetAsync(
        string key,
        string? refused,
        Func<TokenSet?, CancellationToken, Task<TokenSet>> renew,
        CancellationToken cancellationToken
    )
    {
        var entry = _entries.GetOrAdd(key, static _ => new Entry());
        await entry.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (entry.Tokens is { } kept && kept.IsFresh(time.GetUtcNow()) && kept.AccessToken != refused)
            {
                return kept;
            }

            return entry.Tokens = await renew(entry.Tokens, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    private sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public TokenSet? Tokens { get; set; }
    }
}
