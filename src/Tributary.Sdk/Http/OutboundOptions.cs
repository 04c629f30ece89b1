namespace Tributary.Sdk.Http;

/// <summary>What a single request may ask of the outbound pipeline, set on <see cref="HttpRequestMessage.Options"/>.</summary>
/// <remarks>
/// Requests that get no answer end with a <see cref="SourceException"/> in words for people, never with the framework's
/// exceptions: <see cref="FailureKind.Transient"/> for the network and time-outs, also while a body is read;
/// <see cref="FailureKind.Configuration"/> for a host that does not exist, has no valid certificate or may not be
/// reached. Answers with an error status are handed back, after the retries that they allow.
/// </remarks>
public static class OutboundOptions
{
    /// <summary>False hands 3xx answers back instead of following them. Default true: at most 10 hops, each through the address guard, credentials only to the first host.</summary>
    public static readonly HttpRequestOptionsKey<bool> FollowRedirects = new("tributary.follow-redirects");

    /// <summary>The largest body in bytes, after decompression; reading beyond it throws <see cref="Content.ContentException"/> (too large), as does the first read of one that is announced to be larger. Default 100 MB.</summary>
    public static readonly HttpRequestOptionsKey<long> MaxBodyBytes = new("tributary.max-body-bytes");

    /// <summary>The least time between two requests to this request's host, e.g. a robots.txt's Crawl-delay.</summary>
    public static readonly HttpRequestOptionsKey<TimeSpan> HostDelay = new("tributary.host-delay");

    /// <summary>How often to try in all when failures are transient. Default 4; 1 = do not retry.</summary>
    public static readonly HttpRequestOptionsKey<int> MaxAttempts = new("tributary.max-attempts");

    /// <summary>True for a POST that changes nothing, such as a search or a GraphQL query: it is retried like a GET. Default false.</summary>
    public static readonly HttpRequestOptionsKey<bool> OnlyReads = new("tributary.only-reads");
}
