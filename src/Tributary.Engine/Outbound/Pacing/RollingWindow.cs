using Tributary.Sdk;

namespace Tributary.Engine.Outbound.Pacing;

/// <summary>
/// One <see cref="RateLimit"/>: remembers when the last <c>max</c> requests left, so that in any window of one unit no
/// more than those do, wherever the window begins. Not thread-safe.
/// </summary>
/// <remarks>
/// A request counts from the moment in which it is let go until it has left; only then is it known which windows it
/// is in (a new connection may take hundreds of milliseconds). Memory is bounded: above a thousand requests in a
/// window, those that leave within a thousandth of it are remembered as one, at the time of the last.
/// </remarks>
internal sealed class RollingWindow
{
    private const int MostEntries = 1000;

    // A window is taken a little longer than it is, since the network does not keep distances to the microsecond:
    // without it, the vendor would now and then count one window's requests twice. Costs less than half a percent.
    private const double Margin = 0.003;
    private static readonly TimeSpan _mostMargin = TimeSpan.FromMilliseconds(100);

    // How far evenly spaced departures may fall behind and still catch up: a late timer costs no allowance.
    private static readonly TimeSpan _mostLag = TimeSpan.FromMilliseconds(20);

    private readonly Queue<Departures> _older = new();
    private readonly long _window;
    private readonly long _merge;
    private readonly long _interval;
    private readonly long _lag;
    private Departures _latest;
    private int _left;
    private long _nextSlot = long.MinValue;

    public RollingWindow(RateLimit limit, long timestampFrequency)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit.Max, 1);
        Limit = limit;
        var unit = SecondsOf(limit.Unit) * timestampFrequency;
        var margin = Math.Min((long)(unit * Margin), (long)(_mostMargin.TotalSeconds * timestampFrequency));
        var isSpread = limit.Strategy == RateStrategy.Spread;

        // Spread departures have the margin between their slots; the window itself then only catches the unforeseen.
        _window = isSpread ? unit : unit + margin;
        _interval = isSpread ? (unit + margin + limit.Max - 1) / limit.Max : 0;
        _lag = (long)(_mostLag.TotalSeconds * timestampFrequency);
        _merge = limit.Max > MostEntries ? unit / MostEntries : 0;
    }

    /// <summary>What it keeps to.</summary>
    public RateLimit Limit { get; }

    /// <summary>How many entries it holds: what its memory grows with.</summary>
    public int Entries => _older.Count + (_latest.Count > 0 ? 1 : 0);

    /// <summary>When the next request may go; <see cref="long.MaxValue"/> when that depends on others leaving first.</summary>
    /// <param name="now">The present.</param>
    /// <param name="leaving">Requests that were let go and of which it is not known yet when they left.</param>
    public long ReadyAt(long now, int leaving)
    {
        Expire(now);
        var ready = _interval > 0 ? Math.Max(now, _nextSlot) : now;
        if (_left + leaving < Limit.Max)
        {
            return ready;
        }

        return _left == 0 ? long.MaxValue : Math.Max(ready, Oldest.Last + _window);
    }

    /// <summary>A request is let go.</summary>
    public void Take(long now, bool waited)
    {
        if (_interval > 0)
        {
            var slot = waited ? Math.Max(_nextSlot, now - _lag) : now;
            _nextSlot = Math.Max(_nextSlot, slot) + _interval;
        }
    }

    /// <summary>A request has left the process.</summary>
    public void Left(long now) => Record(now, 1);

    /// <summary>Takes over what another window of the same length remembers, after the limit was changed.</summary>
    public void Inherit(RollingWindow other)
    {
        foreach (var entry in other._older.Append(other._latest).Where(entry => entry.Count > 0))
        {
            Record(entry.Last, entry.Count);
        }
    }

    /// <summary>Whether it remembers nothing that still matters.</summary>
    public bool IsIdle(long now)
    {
        Expire(now);
        return _left == 0;
    }

    private Departures Oldest => _older.TryPeek(out var oldest) ? oldest : _latest;

    private static int SecondsOf(RateUnit unit) =>
        unit switch
        {
            RateUnit.Second => 1,
            RateUnit.Minute => 60,
            RateUnit.Hour => 3_600,
            _ => 86_400,
        };

    private void Record(long now, int count)
    {
        _left += count;
        if (_latest.Count > 0 && (now - _latest.First < _merge || now == _latest.Last))
        {
            _latest = _latest with { Last = now, Count = _latest.Count + count };
            return;
        }

        if (_latest.Count > 0)
        {
            _older.Enqueue(_latest);
        }

        _latest = new Departures(now, now, count);
    }

    private void Expire(long now)
    {
        while (_left > 0 && Oldest.Last + _window <= now)
        {
            _left -= Oldest.Count;
            if (!_older.TryDequeue(out _))
            {
                _latest = default;
            }
        }
    }

    private readonly record struct Departures(long First, long Last, int Count);
}
