namespace Tributary.Engine.Outbound.Cache;

/// <summary>How a request made on a user's behalf asks for the cache, and how the caller tells what came of it.</summary>
public static class OutboundCache
{
    /// <summary>Set on <see cref="HttpRequestMessage.Options"/>: the request may be answered from the cache.</summary>
    public static readonly HttpRequestOptionsKey<CacheRequest> Request = new("tributary.cache");

    private static readonly HttpRequestOptionsKey<CacheOutcome> _outcome = new("tributary.cache-outcome");

    /// <summary>Where an answer is from.</summary>
    public static CacheOutcome OutcomeOf(HttpResponseMessage response) =>
        response.RequestMessage is { } request && request.Options.TryGetValue(_outcome, out var outcome)
            ? outcome
            : CacheOutcome.Bypass;

    internal static void SetOutcome(HttpRequestMessage request, CacheOutcome outcome) =>
        request.Options.Set(_outcome, outcome);
}

/// <summary>What a request asks of the cache.</summary>
/// <param name="Ttl">How old an answer may be: the connector's <c>cacheTtlMilliseconds</c>.</param>
/// <param name="Refresh">Asks the source in any case, and keeps its answer in place of the old one.</param>
public sealed record CacheRequest(TimeSpan Ttl, bool Refresh = false)
{
    /// <summary>
    /// Headers and query parameters that hold the connector's own credentials: they make no difference, since a
    /// connector's answers are its own. A request with other members that look like secrets is not cached.
    /// </summary>
    public IReadOnlyCollection<string> OwnSecrets { get; init; } = ["Authorization"];
}
