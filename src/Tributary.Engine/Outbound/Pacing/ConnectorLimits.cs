using Tributary.Sdk;

namespace Tributary.Engine.Outbound.Pacing;

/// <summary>
/// The limits of one connector: its own, its vendor's published ones, and what the vendor asks for in its answers.
/// Shared by all clients of the connector in this process.
/// </summary>
internal sealed class ConnectorLimits(TimeProvider time) : Gate(time)
{
    private List<RollingWindow> _windows = [];
    private volatile bool _hasAny;
    private HoldUntil _hold;
    private int _leaving;

    /// <summary>Until when everything is held back; null when a request could go now.</summary>
    public DateTimeOffset? WaitingUntil
    {
        get
        {
            if (!_hasAny)
            {
                return null;
            }

            lock (Sync)
            {
                var now = Time.GetTimestamp();
                var ready = ReadyAt(now, TimeSpan.Zero);
                return ready > now && ready != Unknown ? Time.GetUtcNow() + Time.GetElapsedTime(now, ready) : null;
            }
        }
    }

    /// <summary>Takes new limits; departures under limits with the same unit still count.</summary>
    public void Use(IReadOnlyList<RateLimit> limits)
    {
        lock (Sync)
        {
            if (!limits.SequenceEqual(_windows.Select(window => window.Limit)))
            {
                var old = _windows;
                _windows = [.. limits.Select(limit => Renewed(limit, old))];
                _hasAny = true;
                Pump();
            }
        }
    }

    /// <summary>Waits until one request may go; null when there is nothing to keep count of.</summary>
    public async ValueTask<Permit?> EnterAsync(CancellationToken cancellationToken)
    {
        if (!_hasAny)
        {
            return null;
        }

        await EnterAsync(TimeSpan.Zero, cancellationToken);
        return new Permit(this);
    }

    /// <summary>The vendor asks to be left alone: nothing goes before that has passed.</summary>
    public void Hold(TimeSpan delay, string host)
    {
        lock (Sync)
        {
            _hasAny = true;
            _hold = _hold.Extended(Time.GetTimestamp(), delay, host, Time);
            Pump();
        }
    }

    /// <summary>Whether forgetting it would change nothing.</summary>
    public bool IsIdle()
    {
        lock (Sync)
        {
            var now = Time.GetTimestamp();
            return !HasWaiters && _leaving == 0 && _hold.Instant <= now && _windows.All(window => window.IsIdle(now));
        }
    }

    /// <inheritdoc />
    protected override long ReadyAt(long now, TimeSpan gap)
    {
        var ready = _hold.Instant;
        foreach (var window in _windows)
        {
            ready = Math.Max(ready, window.ReadyAt(now, _leaving));
        }

        return ready;
    }

    /// <inheritdoc />
    protected override void Take(long now, bool waited)
    {
        _leaving++;
        foreach (var window in _windows)
        {
            window.Take(now, waited);
        }
    }

    /// <inheritdoc />
    protected override Exception? Closed(long now) => _hold.Refusal(now, Time);

    private RollingWindow Renewed(RateLimit limit, List<RollingWindow> old)
    {
        var window = new RollingWindow(limit, Time.TimestampFrequency);
        if (old.Find(candidate => candidate.Limit.Unit == limit.Unit) is { } predecessor)
        {
            window.Inherit(predecessor);
        }

        return window;
    }

    /// <summary>One request that was let go. Thread-safe; only the first call of either method counts.</summary>
    internal sealed class Permit(ConnectorLimits limits)
    {
        private int _ended;

        /// <summary>The request's first byte is being written.</summary>
        public void Left() => End(hasLeft: true);

        /// <summary>The request failed; when nothing of it was written, it costs nothing.</summary>
        public void Failed() => End(hasLeft: false);

        private void End(bool hasLeft)
        {
            if (Interlocked.Exchange(ref _ended, 1) != 0)
            {
                return;
            }

            lock (limits.Sync)
            {
                limits._leaving--;
                if (hasLeft)
                {
                    var now = limits.Time.GetTimestamp();
                    limits._windows.ForEach(window => window.Left(now));
                }

                limits.Pump();
            }
        }
    }
}
