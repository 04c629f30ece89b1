using Tributary.Engine.Outbound;
using Tributary.Engine.Workspaces;
using Tributary.Sdk;

namespace Tributary.Engine.Proxy;

/// <summary>Sends requests to an integration's API on a user's behalf, with a connector's credentials and within its limits.</summary>
public interface IConnectorProxy
{
    /// <summary>Sends one. Needs the role editor, since the connector's credentials may do anything there.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="connectorUuid">Through which connector.</param>
    /// <param name="request">What to send.</param>
    /// <param name="cancellationToken">The user has gone away: ends the request too.</param>
    /// <returns>Whatever the API answers; the body is still on its way. To be disposed.</returns>
    /// <exception cref="EngineException">
    /// NotFound (<c>connectorNotFound</c>); Rejected: <c>proxyNotSupported</c>, <c>invalidPath</c>, <c>failedToReachApi</c>.
    /// </exception>
    /// <exception cref="ProxyBusyException">The limit lets nothing through for long.</exception>
    Task<ProxyAnswer> SendAsync(
        Caller caller,
        Guid connectorUuid,
        ProxyRequest request,
        CancellationToken cancellationToken
    );
}

/// <summary>A request to be sent on.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">Below the API's address, escaped as it was received, without a slash at its beginning.</param>
/// <param name="Query">With its question mark; empty for none.</param>
/// <param name="Headers">As received; what must not be sent on is left out here.</param>
/// <param name="Content">The body; null for none. A stream is sent once, and never again.</param>
public sealed record ProxyRequest(
    string Method,
    string Path,
    string Query,
    IEnumerable<KeyValuePair<string, IEnumerable<string?>>> Headers,
    HttpContent? Content
);

/// <summary>What an API answers.</summary>
/// <param name="Response">The answer; its body is read from the wire.</param>
/// <param name="Headers">Those that may be handed on, the body's among them.</param>
/// <param name="Limit">The connector's own limit; null for none.</param>
/// <param name="IsFromCache">It was, or could have been, kept from before; null when nothing is kept.</param>
public sealed record ProxyAnswer(
    HttpResponseMessage Response,
    IReadOnlyList<KeyValuePair<string, string[]>> Headers,
    RateLimit? Limit,
    bool? IsFromCache
) : IDisposable
{
    internal IDisposable? Client { get; init; }

    /// <summary>What is left of <see cref="Limit"/>; null for none.</summary>
    public RateLimitLeft? Left { get; init; }

    /// <inheritdoc />
    public void Dispose()
    {
        Response.Dispose();
        Client?.Dispose();
    }
}

/// <summary>The connector's limit, or its vendor's, lets nothing through for longer than a caller would wait.</summary>
public sealed class ProxyBusyException(TimeSpan retryAfter)
    : Exception("The connector's limit is used up. Try again later.")
{
    /// <summary>How long to wait.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
