using System.Net;
using Tributary.Sdk;

namespace Tributary.Engine.Outbound.Pacing;

/// <summary>
/// How one connector treats one host: a few requests at once, with pauses that follow the host's latency
/// (https://docs.scrapy.org/en/latest/topics/autothrottle.html), and what the host itself asks for.
/// </summary>
internal sealed class HostPace(HostPoliteness politeness, TimeProvider time) : Gate(time)
{
    // Pauses below what a timer can measure would only cost throughput; the bound on requests in flight holds anyway.
    private static readonly TimeSpan _shortestDelay = TimeSpan.FromMilliseconds(1);

    // Late timers may be made up for, but not with a volley.
    private static readonly TimeSpan _mostLag = TimeSpan.FromMilliseconds(50);

    // An answer that nobody goes on reading stops counting, so that it cannot block its own reader for ever.
    private static readonly TimeSpan _abandonedAfter = TimeSpan.FromSeconds(60);

    private HoldUntil _hold;
    private TimeSpan _delay;
    private int _inFlight;
    private bool _knowsLatency;
    private bool _hasStarted;
    private long _lastStart;
    private long _nextStart = long.MinValue;
    private long _lastProgress = long.MinValue;

    /// <summary>The pause that latency causes at present.</summary>
    public TimeSpan Delay => _delay;

    /// <summary>Until when the host asked to be left alone; null when it did not.</summary>
    public DateTimeOffset? HeldUntil
    {
        get
        {
            lock (Sync)
            {
                var now = Time.GetTimestamp();
                return _hold.Instant > now ? Time.GetUtcNow() + Time.GetElapsedTime(now, _hold.Instant) : null;
            }
        }
    }

    /// <summary>Whether requests to it stand in line or are under way.</summary>
    public bool IsBusy
    {
        get
        {
            lock (Sync)
            {
                return HasWaiters || _inFlight > 0;
            }
        }
    }

    /// <summary>The head of an answer has come.</summary>
    public void Answered(TimeSpan latency, HttpStatusCode status)
    {
        lock (Sync)
        {
            // AutoThrottle: the mean of the old delay and the one that this latency asks for, but never below the
            // latter. Errors come quickly and say nothing good, so that they cannot shorten it; "not modified" is no
            // error, and a refresh hears little else.
            var target = latency / Math.Max(politeness.TargetConcurrency, 0.01);
            var mean = (_delay + target) / 2;
            var delay = mean > target ? mean : target;
            delay = delay < politeness.MaxDelay ? delay : politeness.MaxDelay;
            if (
                status is (>= HttpStatusCode.OK and < HttpStatusCode.Ambiguous) or HttpStatusCode.NotModified
                || delay > _delay
            )
            {
                _delay = delay;
            }

            _knowsLatency = true;
            Pump();
        }
    }

    /// <summary>A request has ended: its answer was read, or failed.</summary>
    public void Ended()
    {
        lock (Sync)
        {
            _inFlight--;
            _lastProgress = Time.GetTimestamp();
            Pump();
        }
    }

    /// <summary>The host asks to be left alone.</summary>
    public void Hold(TimeSpan delay, string host)
    {
        lock (Sync)
        {
            _hold = _hold.Extended(Time.GetTimestamp(), delay, host, Time);
            Pump();
        }
    }

    /// <summary>Whether forgetting it would change nothing that matters.</summary>
    public bool IsIdle()
    {
        lock (Sync)
        {
            var now = Time.GetTimestamp();
            return !HasWaiters
                && _inFlight == 0
                && Math.Max(_hold.Instant, _nextStart) <= now
                && (!_hasStarted || now - _lastStart > Stamps(_abandonedAfter));
        }
    }

    /// <inheritdoc />
    protected override long ReadyAt(long now, TimeSpan gap)
    {
        var ready = Math.Max(_hold.Instant, _nextStart);
        if (_hasStarted && gap > TimeSpan.Zero)
        {
            ready = Math.Max(ready, _lastStart + Stamps(gap));
        }

        // One request alone until the first answer shows what the host can bear.
        var most = _knowsLatency ? Math.Max(politeness.MaxConcurrency, 1) : 1;
        return _inFlight < most ? ready : Math.Max(ready, _lastProgress + Stamps(_abandonedAfter));
    }

    /// <inheritdoc />
    protected override void Take(long now, bool waited)
    {
        var slot = waited ? Math.Max(_nextStart, now - Stamps(_mostLag)) : now;
        _nextStart = _delay < _shortestDelay ? now : slot + Stamps(_delay);
        _inFlight++;
        _hasStarted = true;
        _lastStart = now;
        _lastProgress = now;
    }

    /// <inheritdoc />
    protected override Exception? Closed(long now) => _hold.Refusal(now, Time);
}
