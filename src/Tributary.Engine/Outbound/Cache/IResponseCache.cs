namespace Tributary.Engine.Outbound.Cache;

/// <summary>
/// Keeps answers to what is asked on a user's behalf (proxy calls, actions, autocompletes). Runs never use it: they must
/// see the source as it is.
/// </summary>
public interface IResponseCache
{
    /// <summary>
    /// The value under a key if it is young enough, else what <paramref name="factory"/> gives. Those who ask for the
    /// same at the same time wait for one answer; one of them giving up does not disturb the others.
    /// </summary>
    /// <param name="connectorId">Whose; a key means nothing beyond it.</param>
    /// <param name="key">Everything that makes the question different from others, of any length. Must hold no secret.</param>
    /// <param name="ttl">How old the value may be, judged now whatever was said when it was kept; zero or less asks anew and keeps nothing.</param>
    /// <param name="refresh">Asks anew, and keeps the answer in place of the old one.</param>
    /// <param name="factory">Asks. Its token ends when nobody waits for the answer any more.</param>
    /// <param name="cancellationToken">Ends this caller's wait.</param>
    Task<CachedValue> GetOrAddAsync(
        long connectorId,
        string key,
        TimeSpan ttl,
        bool refresh,
        Func<CancellationToken, Task<FreshValue>> factory,
        CancellationToken cancellationToken
    );

    /// <summary>Forgets all that is kept of a connector; in other processes within a second.</summary>
    Task PurgeAsync(long connectorId, CancellationToken cancellationToken);
}

/// <summary>What a question was answered with just now.</summary>
/// <param name="Value">The answer, e.g. JSON.</param>
/// <param name="MayBeKept">False for failures: those who wait for it get it, and nobody later.</param>
public sealed record FreshValue(byte[] Value, bool MayBeKept = true);

/// <summary>An answer, and where it is from.</summary>
/// <param name="Value">The answer.</param>
/// <param name="Outcome">Hit or miss.</param>
/// <param name="StoredAt">Since when it is known.</param>
public sealed record CachedValue(byte[] Value, CacheOutcome Outcome, DateTimeOffset StoredAt);

/// <summary>Where an answer is from.</summary>
public enum CacheOutcome
{
    /// <summary>Not asked: the request did not use the cache, or may not.</summary>
    Bypass,

    /// <summary>Kept from before.</summary>
    Hit,

    /// <summary>Asked for by another caller at the same time.</summary>
    Shared,

    /// <summary>Asked for now.</summary>
    Miss,

    /// <summary>Asked for now, because the caller wanted it so.</summary>
    Refresh,
}
