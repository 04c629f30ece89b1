using Tributary.Engine.Outbound.Pacing;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Content;

namespace Tributary.Engine.Outbound;

/// <summary>The one way out of the process: retry → limits and politeness → address guard → socket.</summary>
public interface IOutboundHttp
{
    /// <summary>The client of one connector. Limits and what is known of hosts are shared by all clients of the same connector.</summary>
    OutboundClient For(OutboundProfile profile);

    /// <summary>
    /// What was sent while a connector was checked counts against its limits: before it existed nobody knew its id.
    /// Null counts nothing.
    /// </summary>
    void Count(long connectorId, OutboundClient? checkedWith);
}

/// <summary>How a connector's requests leave.</summary>
/// <param name="ConnectorId">Whose requests; 0 for the check of one that does not exist yet.</param>
/// <param name="Limits">The connector's own limit and its vendor's; all hold.</param>
/// <param name="Politeness">See <see cref="HostPoliteness"/>; null for an API.</param>
public sealed record OutboundProfile(long ConnectorId, IReadOnlyList<RateLimit> Limits, HostPoliteness? Politeness)
{
    /// <summary>Sends its requests with its credentials; null sends them as they are.</summary>
    public AuthenticatingHandler? Authenticator { get; init; }

    /// <summary>What each attempt passes before anything else holds it back; null for nothing.</summary>
    public RequestMeter? Meter { get; init; }
}

/// <summary>Counts one request; waits, or throws, when there is no room for it.</summary>
public delegate ValueTask RequestMeter(CancellationToken cancellationToken);

/// <summary>What a reader is handed, and what the run shows of it.</summary>
public sealed class OutboundClient(
    HttpClient http,
    IPageRenderer? renderer,
    Func<DateTimeOffset?> waitingUntil,
    Func<RateLimitLeft?>? left = null
) : IDisposable
{
    /// <summary>What was let go through it.</summary>
    internal ConnectorLimits? Limits { get; init; }

    /// <summary>The client.</summary>
    public HttpClient Http { get; } = http;

    /// <summary>A browser whose requests leave through <see cref="Http"/>; null when none is installed.</summary>
    public IPageRenderer? Renderer { get; } = renderer;

    /// <summary>Until when a limit holds all requests back; null when none does.</summary>
    public DateTimeOffset? WaitingUntil => waitingUntil();

    /// <summary>What is left of the first of its limits; null without any.</summary>
    public RateLimitLeft? Left => left?.Invoke();

    /// <inheritdoc />
    public void Dispose() => Http.Dispose();
}

/// <summary>What is left of a rate limit.</summary>
/// <param name="Requests">That could go now.</param>
/// <param name="Until">How long until one more can; zero when none has gone lately.</param>
public readonly record struct RateLimitLeft(int Requests, TimeSpan Until);
