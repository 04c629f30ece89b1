using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Tributary.Engine.Outbound.Cache;

namespace Tributary.Engine.Outbound;

/// <summary>
/// What can be seen of a connector's requests from outside: the meter and the activity source
/// <c>Tributary.Outbound</c>, and logs. Hosts are named; paths and query strings are not, since both hold secrets with
/// some vendors.
/// </summary>
internal sealed partial class OutboundTelemetry(long connectorId, ILogger logger)
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Tributary.Outbound";

    private static readonly Meter _meter = new(Name);
    private static readonly ActivitySource _activities = new(Name);
    private static readonly Counter<long> _requests = _meter.CreateCounter<long>(
        "tributary.outbound.requests",
        "{request}",
        "Requests that were tried, by connector, host and outcome"
    );
    private static readonly Counter<long> _retries = _meter.CreateCounter<long>(
        "tributary.outbound.retries",
        "{request}",
        "Requests that were tried again"
    );
    private static readonly Counter<double> _waits = _meter.CreateCounter<double>(
        "tributary.outbound.wait",
        "s",
        "Time that requests waited for limits and politeness"
    );
    private static readonly Counter<long> _bytes = _meter.CreateCounter<long>(
        "tributary.outbound.received",
        "By",
        "Bytes of bodies received, as they came over the wire"
    );

    private static readonly Counter<long> _cached = _meter.CreateCounter<long>(
        "tributary.outbound.cache",
        "{request}",
        "Requests on a user's behalf, by connector, host and what the cache had for them"
    );
    private static readonly UpDownCounter<long> _waiting = _meter.CreateUpDownCounter<long>(
        "tributary.outbound.waiting",
        "{request}",
        "Requests that wait at present for limits and politeness"
    );

    private readonly KeyValuePair<string, object?> _connector = new(
        "connector.id",
        connectorId.ToString(CultureInfo.InvariantCulture)
    );

    /// <summary>A request begins; null when nobody listens.</summary>
    public Activity? Start(string method, Uri uri)
    {
        var activity = _activities.StartActivity("outbound request", ActivityKind.Client);
        activity
            ?.SetTag("connector.id", _connector.Value)
            .SetTag("http.request.method", method)
            .SetTag("server.address", uri.IdnHost)
            .SetTag("server.port", uri.Port);
        return activity;
    }

    /// <summary>It was answered.</summary>
    public void Answered(Activity? activity, string method, Uri uri, int status)
    {
        activity?.SetTag("http.response.status_code", status);
        if (_requests.Enabled)
        {
            _requests.Add(1, _connector, new("server.address", uri.IdnHost), new("outcome", $"{status / 100}xx"));
        }

        LogAnswered(logger, connectorId, method, uri.IdnHost, status);
    }

    /// <summary>It was not answered.</summary>
    public void Failed(Activity? activity, string method, Uri uri, string outcome)
    {
        activity?.SetStatus(ActivityStatusCode.Error, outcome);
        if (_requests.Enabled)
        {
            _requests.Add(1, _connector, new("server.address", uri.IdnHost), new("outcome", outcome));
        }

        LogFailed(logger, connectorId, method, uri.IdnHost, outcome);
    }

    /// <summary>It is tried again.</summary>
    public void Retried(Uri uri, int attempt)
    {
        _retries.Add(1, _connector, new("server.address", uri.IdnHost));
        LogRetried(logger, connectorId, uri.IdnHost, attempt);
    }

    /// <summary>It was looked for in the cache.</summary>
    public void Cached(Uri uri, CacheOutcome outcome)
    {
        if (_cached.Enabled)
        {
            _cached.Add(
                1,
                _connector,
                new("server.address", uri.IdnHost),
                new("outcome", outcome.ToString().ToLowerInvariant())
            );
        }

        LogCached(logger, connectorId, uri.IdnHost, outcome);
    }

    /// <summary>It begins (+1) or ends (-1) to wait.</summary>
    public void Waits(int change) => _waiting.Add(change, _connector);

    /// <summary>It waited before it left.</summary>
    public void Waited(TimeSpan time)
    {
        if (_waits.Enabled)
        {
            _waits.Add(time.TotalSeconds, _connector);
        }
    }

    /// <summary>The other side asked to be left alone.</summary>
    public void HeldBack(Uri uri, TimeSpan time) => LogHeldBack(logger, connectorId, uri.IdnHost, time.TotalSeconds);

    /// <summary>A body ended.</summary>
    public void Received(long bytes) => _bytes.Add(bytes, _connector);

    [LoggerMessage(3001, LogLevel.Debug, "Connector {Connector}: {Method} {Host} answered {Status}")]
    private static partial void LogAnswered(ILogger logger, long connector, string method, string host, int status);

    [LoggerMessage(3002, LogLevel.Debug, "Connector {Connector}: {Method} {Host} was not answered: {Outcome}")]
    private static partial void LogFailed(ILogger logger, long connector, string method, string host, string outcome);

    [LoggerMessage(
        3003,
        LogLevel.Warning,
        "Connector {Connector}: request to {Host} is tried again (attempt {Attempt} failed)"
    )]
    private static partial void LogRetried(ILogger logger, long connector, string host, int attempt);

    [LoggerMessage(3005, LogLevel.Debug, "Connector {Connector}: {Host}: {Outcome} of the cache")]
    private static partial void LogCached(ILogger logger, long connector, string host, CacheOutcome outcome);

    [LoggerMessage(3004, LogLevel.Debug, "Connector {Connector}: {Host} asks for a pause of {Seconds} s")]
    private static partial void LogHeldBack(ILogger logger, long connector, string host, double seconds);
}
