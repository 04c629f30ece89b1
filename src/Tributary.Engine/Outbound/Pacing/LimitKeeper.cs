using Microsoft.Extensions.Logging;
using Tributary.Engine.Store;

namespace Tributary.Engine.Outbound.Pacing;

/// <summary>
/// Brings the limits of this process and the store together: fetches reserves, records what was used, keeps the lease,
/// and hears what the other processes do. Works only while there are requests to connectors with limits.
/// </summary>
internal sealed partial class LimitKeeper : IAsyncDisposable
{
    /// <summary>How long others wait for a process that says nothing before they take it for dead.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    // What is left of the lease for requests that were let go at its end to be on their way.
    private static readonly TimeSpan _leaseGuard = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _beat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _almostOne = TimeSpan.FromTicks(TimeSpan.TicksPerMillisecond - 1);

    private readonly ILimitStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _holder = Guid.NewGuid().ToString("N");
    private readonly Lock _sync = new();
    private readonly Dictionary<long, ConnectorState> _active = [];
    private readonly HashSet<Task> _running = [];
    private readonly ITimer _timer;
    private long _leaseEnds = long.MinValue;
    private bool _isBeating;
    private bool _hasSwept;
    private bool _isClosed;

    public LimitKeeper(ILimitStore store, TimeProvider time, ILogger logger)
    {
        (_store, _time, _logger) = (store, time, logger);
        _timer = time.CreateTimer(_ => Begin(BeatAsync), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The source of one connector's limits.</summary>
    public ILimitSource SourceOf(ConnectorState state) => new Source(this, state);

    /// <summary>Takes over what was asked of a connector before this process began to work for it.</summary>
    public async Task OpenAsync(ConnectorState state)
    {
        try
        {
            foreach (var hold in await _store.GetHoldsAsync(state.ConnectorId, _time.GetUtcNow(), default))
            {
                state.Held(hold, _time.GetUtcNow());
            }
        }
        catch (Exception e)
        {
            LogFailed(_logger, e);
        }
    }

    /// <summary>Tells the others that a vendor asks to be left alone; returns when that would survive the process.</summary>
    public async Task HoldAsync(LimitHold hold)
    {
        try
        {
            await _store.HoldAsync(hold, default);
        }
        catch (Exception e)
        {
            LogFailed(_logger, e);
        }
    }

    /// <summary>Records everything and gives up what is left, so that the next process need not wait for this one's lease.</summary>
    public async ValueTask DisposeAsync()
    {
        List<ConnectorState> active;
        lock (_sync)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            active = [.. _active.Values];
        }

        await _timer.DisposeAsync();
        await Task.WhenAll(Running());
        await Task.WhenAll(active.Select(state => ExchangeAsync(state, isLeaving: true)));
        _leaseEnds = long.MinValue;
    }

    private Task[] Running()
    {
        lock (_sync)
        {
            return [.. _running];
        }
    }

    private void Begin(Func<Task> work)
    {
        lock (_sync)
        {
            if (_isClosed)
            {
                return;
            }

            var task = Task.Run(work);
            _running.Add(task);
            _ = task.ContinueWith(
                done =>
                {
                    lock (_sync)
                    {
                        _running.Remove(done);
                    }
                },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
        }
    }

    private void Wanted(ConnectorState state)
    {
        lock (_sync)
        {
            _active[state.ConnectorId] = state;
            if (!_isBeating)
            {
                _isBeating = true;
                _timer.Change(_beat, Timeout.InfiniteTimeSpan);
            }
        }

        Begin(() => ExchangeAsync(state, isLeaving: false));
    }

    private async Task ExchangeAsync(ConnectorState state, bool isLeaving)
    {
        await state.Exchanging.WaitAsync();
        var claims = state.Limits.Prepare(isLeaving);
        List<WindowGrant>? grants = [];
        try
        {
            foreach (var claim in claims)
            {
                grants.Add(await ExchangeAsync(state.ConnectorId, claim, isLeaving));
            }
        }
        catch (Exception e)
        {
            LogFailed(_logger, e);
            grants = null;
        }
        finally
        {
            state.Limits.Apply(claims, grants);
            state.Exchanging.Release();
        }
    }

    private async Task<WindowGrant> ExchangeAsync(long connectorId, WindowClaim claim, bool isLeaving)
    {
        var stamp = _time.GetTimestamp();
        var now = _time.GetUtcNow();
        var grant = await _store.ExchangeAsync(
            new LimitClaim
            {
                ConnectorId = connectorId,
                Bucket = claim.Bucket,
                Holder = _holder,
                Max = claim.Limit.Max,
                Window = TimeSpan.FromSeconds(RollingWindow.SecondsOf(claim.Limit.Unit)),
                Used = [.. claim.Arrivals.Select(arrivals => new LimitUse(Wall(arrivals.Last), arrivals.Count))],
                Kept = claim.Kept,
                Wanted = isLeaving ? 0 : claim.Wanted,
                Now = now,
                AliveUntil = now + Lease,
            },
            CancellationToken.None
        );
        Renewed(stamp);

        // Whatever the store says, the next beat looks again: others may have given something up by then.
        return new WindowGrant(
            grant.Reserve,
            grant.Sharers,
            grant.Before,
            Stamp(grant.MoreAt ?? now + _beat),
            grant.LastOfOthers is { } last ? Stamp(last) : null
        );

        // Rounded up: counting a little longer is safe.
        long Wall(long instant) => (now + _time.GetElapsedTime(stamp, instant) + _almostOne).ToUnixTimeMilliseconds();

        long Stamp(DateTimeOffset at) => stamp + (long)((at - now).TotalSeconds * _time.TimestampFrequency);
    }

    private void Renewed(long asked)
    {
        lock (_sync)
        {
            var ends = asked + (long)((Lease - _leaseGuard).TotalSeconds * _time.TimestampFrequency);
            _leaseEnds = Math.Max(_leaseEnds, ends);
        }
    }

    private async Task BeatAsync()
    {
        try
        {
            await BeatOnceAsync();
        }
        catch (Exception e)
        {
            LogFailed(_logger, e);
        }
        finally
        {
            lock (_sync)
            {
                _isBeating = _active.Count > 0 && !_isClosed;
                if (_isBeating)
                {
                    _timer.Change(_beat, Timeout.InfiniteTimeSpan);
                }
            }
        }
    }

    private async Task BeatOnceAsync()
    {
        var stamp = _time.GetTimestamp();
        var now = _time.GetUtcNow();
        if (!_hasSwept)
        {
            await _store.SweepAsync(now, default);
            _hasSwept = true;
        }

        await _store.RenewAsync(_holder, now + Lease, default);
        Renewed(stamp);
        var news = await _store.GetNewsAsync(_holder, now, default);
        List<ConnectorState> active;
        lock (_sync)
        {
            active = [.. _active.Values];
        }

        var holds = news.Holds.ToLookup(hold => hold.ConnectorId);
        var shared = news.Sharers.ToLookup(one => one.ConnectorId);
        foreach (var state in active)
        {
            foreach (var hold in holds[state.ConnectorId])
            {
                state.Held(hold, now);
            }

            foreach (var (_, bucket, sharers) in shared[state.ConnectorId])
            {
                state.Limits.AskAgain(bucket, sharers);
            }

            if (state.Limits.HasRestedFor(_rest))
            {
                lock (_sync)
                {
                    _active.Remove(state.ConnectorId);
                }

                await ExchangeAsync(state, isLeaving: true);
            }
        }
    }

    [LoggerMessage(
        3010,
        LogLevel.Warning,
        "The store cannot be asked about rate limits; requests of connectors that have one wait until it can"
    )]
    private static partial void LogFailed(ILogger logger, Exception exception);

    private sealed class Source(LimitKeeper keeper, ConnectorState state) : ILimitSource
    {
        public long LeaseEnds => Volatile.Read(ref keeper._leaseEnds);

        public void Wanted(ConnectorLimits limits) => keeper.Wanted(state);
    }
}
