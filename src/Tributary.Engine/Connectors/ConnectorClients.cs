using Tributary.Engine.Outbound;

namespace Tributary.Engine.Connectors;

/// <summary>
/// The ways out of connectors through which requests are sent one after the other on users' behalf: unsealing credentials
/// and building a pipeline for each request would take longer than sending it. One is kept for a single version of its
/// connector, and only while it is used, since it holds credentials in the clear.
/// </summary>
internal sealed class ConnectorClients(ConnectorSettings settings, ReaderFactory readers, TimeProvider time)
    : IDisposable
{
    /// <summary>How many connectors' are kept; the one that was used longest ago goes first.</summary>
    public const int MostKept = 100;

    /// <summary>How long one is kept that nobody uses.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(15);

    /// <summary>How long one is kept at all, so that nothing is used for long that was taken back somewhere else.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan _sweep = TimeSpan.FromSeconds(5);

    private readonly Lock _sync = new();
    private readonly Dictionary<long, Way> _ways = [];
    private ITimer? _timer;
    private bool _isDisposed;

    /// <summary>How many are kept.</summary>
    public int Count
    {
        get
        {
            lock (_sync)
            {
                return _ways.Count;
            }
        }
    }

    /// <summary>A connector's way out, to be disposed when the answer has been read; null when it has no API.</summary>
    /// <param name="connector">As it stands in the store now: what was kept for an older version is not used.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="EngineException">Its settings are no longer right.</exception>
    public async ValueTask<ConnectorClient?> RentAsync(Connector connector, CancellationToken cancellationToken)
    {
        lock (_sync)
        {
            if (_ways.TryGetValue(connector.Id, out var kept) && kept.IsOf(connector) && !IsOld(kept))
            {
                return Rent(kept);
            }
        }

        var typed = await settings.OpenAsync(connector, cancellationToken).ConfigureAwait(false);
        if (typed.Integration.ApiBaseFor(typed.Config, typed.Credentials) is not { } api)
        {
            return null;
        }

        var made = new Way(connector, api, readers.OpenClient(typed, connector)) { BuiltAt = time.GetTimestamp() };
        lock (_sync)
        {
            var rented = Rent(made);
            Keep(made);
            return rented;
        }
    }

    /// <summary>Keeps nothing of a connector any more. Requests that are under way go on.</summary>
    public void Forget(long connectorId)
    {
        lock (_sync)
        {
            if (_ways.TryGetValue(connectorId, out var way))
            {
                Drop(way);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_sync)
        {
            _isDisposed = true;
            _timer?.Dispose();
            foreach (var way in _ways.Values.ToList())
            {
                Drop(way);
            }
        }
    }

    private void Keep(Way way)
    {
        if (_ways.TryGetValue(way.ConnectorId, out var older))
        {
            Drop(older);
        }
        else if (_ways.Count >= MostKept)
        {
            Drop(_ways.Values.MinBy(candidate => candidate.UsedAt)!);
        }

        if (_isDisposed)
        {
            way.IsDropped = true;
            return;
        }

        _ways[way.ConnectorId] = way;
        _timer ??= time.CreateTimer(_ => Sweep(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (_ways.Count == 1)
        {
            _timer.Change(_sweep, _sweep);
        }
    }

    private void Sweep()
    {
        lock (_sync)
        {
            var idle = _ways.Values.Where(way => way.Users == 0 && time.GetElapsedTime(way.UsedAt) >= Idle);
            foreach (var way in idle.Concat(_ways.Values.Where(IsOld)).Distinct().ToList())
            {
                Drop(way);
            }

            if (_ways.Count == 0 && !_isDisposed)
            {
                _timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private bool IsOld(Way way) => time.GetElapsedTime(way.BuiltAt) >= Longest;

    private ConnectorClient Rent(Way way)
    {
        way.Users++;
        way.UsedAt = time.GetTimestamp();
        return new ConnectorClient(way.Api, way.Client, () => Return(way));
    }

    private void Return(Way way)
    {
        lock (_sync)
        {
            way.UsedAt = time.GetTimestamp();
            if (--way.Users == 0 && way.IsDropped)
            {
                way.Client.Dispose();
            }
        }
    }

    private void Drop(Way way)
    {
        _ways.Remove(way.ConnectorId);
        way.IsDropped = true;
        if (way.Users == 0)
        {
            way.Client.Dispose();
        }
    }

    private sealed class Way(Connector connector, Uri api, OutboundClient client)
    {
        private readonly DateTimeOffset _version = connector.UpdatedAt;
        private readonly long _credential = connector.CredentialId;

        public long ConnectorId { get; } = connector.Id;

        public Uri Api { get; } = api;

        public OutboundClient Client { get; } = client;

        public long BuiltAt { get; init; }

        public long UsedAt { get; set; }

        public int Users { get; set; }

        public bool IsDropped { get; set; }

        public bool IsOf(Connector connector) =>
            connector.UpdatedAt == _version && connector.CredentialId == _credential;
    }
}

/// <summary>A connector's way out, for one request.</summary>
/// <param name="Api">The address below which its requests may go.</param>
/// <param name="Client">Sends them with its credentials, within its limits.</param>
/// <param name="Return">Gives it back.</param>
internal sealed record ConnectorClient(Uri Api, OutboundClient Client, Action Return) : IDisposable
{
    private Action? _return = Return;

    /// <inheritdoc />
    public void Dispose() => Interlocked.Exchange(ref _return, null)?.Invoke();
}
