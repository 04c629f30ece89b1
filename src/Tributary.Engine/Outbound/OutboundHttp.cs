using System.Net;
using Microsoft.Extensions.Logging;
using Tributary.Engine.Outbound.Body;
using Tributary.Engine.Outbound.Browser;
using Tributary.Engine.Outbound.Cache;
using Tributary.Engine.Outbound.Guard;
using Tributary.Engine.Outbound.Pacing;
using Tributary.Engine.Outbound.Retry;
using Tributary.Engine.Store;

namespace Tributary.Engine.Outbound;

/// <inheritdoc cref="IOutboundHttp"/>
/// <remarks>
/// A client's requests pass the cache (those that ask for it) → redirects → address rules → credentials → retry → pace of
/// the host and limits of the connector → time-out
/// → body caps → guarded connection. Connections are shared by all; they hold no cookies and no credentials.
/// What fails comes out as <see cref="Sdk.SourceException"/>, or as <see cref="Sdk.Content.ContentException"/> when it is
/// a body's size. Dispose it with the process: it stops the browser.
/// </remarks>
public sealed class OutboundHttp : IOutboundHttp, IAsyncDisposable, IDisposable
{
    private const int MostRestingConnectors = 1_000;

    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly OutboundTimes _times;
    private readonly ILogger _logger;
    private readonly SocketsHttpHandler _sockets;
    private readonly ResponseCache? _cache;
    private readonly LimitKeeper? _keeper;
    private readonly Chromium? _browser;
    private readonly Lock _sync = new();
    private readonly Dictionary<long, ConnectorState> _connectors = [];

    /// <summary>Makes the one of this process.</summary>
    /// <exception cref="ArgumentException">An entry of <see cref="EngineOptions.AllowedNetworks"/> is not a network.</exception>
    public OutboundHttp(
        EngineOptions options,
        TimeProvider time,
        ILoggerFactory loggers,
        ILimitStore? limits = null,
        ResponseCache? cache = null
    )
        : this(options, time, loggers, Dns.GetHostAddressesAsync, new OutboundTimes(), limits, cache) { }

    internal OutboundHttp(
        EngineOptions options,
        TimeProvider time,
        ILoggerFactory loggers,
        NameResolver resolver,
        OutboundTimes times,
        ILimitStore? limits = null,
        ResponseCache? cache = null
    )
    {
        _options = options;
        _time = time;
        _times = times;
        _logger = loggers.CreateLogger(OutboundTelemetry.Name);
        _cache = cache;
        _keeper = limits is null ? null : new LimitKeeper(limits, time, _logger);
        var connector = new GuardedConnector(AllowedNetworks.Parse(options.AllowedNetworks), resolver, time);
#pragma warning disable RS0030 // the one place that the ban points to
        _sockets = new SocketsHttpHandler
#pragma warning restore RS0030
        {
            ConnectCallback = (context, cancellationToken) =>
                connector.ConnectAsync(context.DnsEndPoint, cancellationToken),
            PlaintextStreamFilter = (context, _) =>
                ValueTask.FromResult(DepartureSignal.Watch(context.PlaintextStream)),
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None, // BodyHandler's, which counts
            ConnectTimeout = times.Connect,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            MaxResponseHeadersLength = 64, // KiB
            ActivityHeadersPropagator = null, // our trace ids are nobody else's business
        };
        _browser = Chromium.Find(time, loggers);
    }

    /// <inheritdoc />
    public OutboundClient For(OutboundProfile profile)
    {
        var state = StateOf(profile.ConnectorId);
        state.Limits.Use(profile.Limits);
        if (profile.Politeness is { } politeness)
        {
            state.Hosts.Use(politeness);
        }

        var chain = Chain(profile, state);
        var client = Client(chain, state);
        var renderer = _browser is null ? null : new ChromiumRenderer(_browser, client, Client(chain, null), _time);
        return new OutboundClient(
            client,
            renderer,
            () => profile.Politeness is null ? state.Limits.WaitingUntil : Later(state),
            () => state.Limits.Left
        )
        {
            Limits = state.Limits,
        };
    }

    /// <inheritdoc />
    public void Count(long connectorId, OutboundClient? checkedWith)
    {
        if (checkedWith?.Limits is { } limits)
        {
            var state = StateOf(connectorId);
            state.Limits.Count(limits);
            state.Leave();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        if (_keeper is not null)
        {
            await _keeper.DisposeAsync();
        }

        _sockets.Dispose();
    }

    /// <inheritdoc />
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static DateTimeOffset? Later(ConnectorState state)
    {
        var (limits, hosts) = (state.Limits.WaitingUntil, state.Hosts.WaitingUntil);
        return limits is null || hosts > limits ? hosts : limits;
    }

    private ConnectorState StateOf(long connectorId)
    {
        // 0 is a connector that does not exist yet: what it learns concerns nobody else.
        if (connectorId == 0)
        {
            return new ConnectorState(0, _time);
        }

        lock (_sync)
        {
            if (!_connectors.TryGetValue(connectorId, out var state))
            {
                if (_connectors.Count >= MostRestingConnectors)
                {
                    foreach (var (id, candidate) in _connectors.Where(entry => entry.Value.IsIdle()))
                    {
                        _connectors.Remove(id);
                    }
                }

                state = _connectors[connectorId] = new ConnectorState(connectorId, _time, _keeper);
            }

            state.Enter();
            return state;
        }
    }

    private CacheHandler Chain(OutboundProfile profile, ConnectorState state)
    {
        var telemetry = new OutboundTelemetry(profile.ConnectorId, _logger);
        var isPolite = profile.Politeness is not null;
        var first = new CacheHandler(profile.ConnectorId, _cache, telemetry);
        DelegatingHandler[] links =
        [
            first,
            new RedirectHandler(),
            new UrlGuardHandler(),
            .. profile.Authenticator is { } authenticator ? [authenticator] : Array.Empty<DelegatingHandler>(),
            new RetryHandler(state, isPolite, _time, telemetry),
            new MeterHandler(profile.Meter),
            new PacingHandler(state, isPolite, _time, telemetry),
            new AttemptHandler(_times.Headers, _time, telemetry),
            new BodyHandler(_times.Idle, _time, telemetry),
        ];
        for (var i = 0; i < links.Length; i++)
        {
            links[i].InnerHandler = i + 1 < links.Length ? links[i + 1] : _sockets;
        }

        return first;
    }

    private HttpClient Client(HttpMessageHandler chain, ConnectorState? state)
    {
#pragma warning disable RS0030 // the one place that the ban points to
        var client = new HttpClient(new ClientHandler(chain, state), disposeHandler: true)
        {
            // Waiting for limits may take long; what may not has time-outs of its own further down.
            Timeout = Timeout.InfiniteTimeSpan,
        };
#pragma warning restore RS0030
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", _options.UserAgent);
        return client;
    }

    /// <summary>The end of a client's own part of the chain: disposing the client must not close everybody's connections.</summary>
    private sealed class ClientHandler(HttpMessageHandler shared, ConnectorState? state) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _shared = new(shared, disposeHandler: false);
        private int _isDisposed;

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        ) => _shared.SendAsync(request, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            {
                state?.Leave();
            }

            base.Dispose(disposing);
        }
    }
}
