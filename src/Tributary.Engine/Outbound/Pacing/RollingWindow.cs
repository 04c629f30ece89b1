using System.Runtime.InteropServices;
using Tributary.Sdk;

namespace Tributary.Engine.Outbound.Pacing;

/// <summary>
/// One <see cref="RateLimit"/>: remembers when the last <c>max</c> requests arrived, so that in any window of one unit no
/// more than those do, wherever the window begins. Pure; not thread-safe.
/// </summary>
/// <remarks>
/// <para>A request counts from the moment in which it is let go until one unit after the latest moment at which it can
/// have arrived (<see cref="ArrivalGuard"/>). Memory is bounded: above 256 requests in a window, those that leave within
/// a 256th of it are remembered as one, at the time of the last.</para>
/// <para>Where other processes share the limit, this one lets go what it has reserved in the store, and what it has
/// recorded there no longer counts against its reserve (<see cref="LimitKeeper"/>).</para>
/// </remarks>
internal sealed class RollingWindow
{
    private const int MostEntries = 256;

    // Spread departures have a little more between them than they need: a late timer is made up for within a window.
    private const double Margin = 0.003;
    private static readonly TimeSpan _mostMargin = TimeSpan.FromMilliseconds(100);

    // How far evenly spaced departures may fall behind and still catch up, so that a late timer costs no allowance: at
    // twice their pace where timers can tell that, and a few at once where they cannot.
    private static readonly TimeSpan _mostLag = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _mostVolley = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _leastPace = TimeSpan.FromMilliseconds(4);

    private readonly Queue<Departure> _written = new(); // in order; those that were answered meanwhile are done with
    private readonly Queue<Arrivals> _older = new();
    private readonly ArrivalGuard _guard;
    private readonly long _window;
    private readonly long _merge;
    private readonly long _interval;
    private readonly long _lag;
    private readonly long _leastGap;
    private Arrivals _latest;
    private long _latestFirst;
    private bool _latestIsClosed;
    private int _arrived;
    private int _unanswered;
    private long _passed;
    private long _nextSlot = long.MinValue;
    private long _earliest = long.MinValue;
    private long _appended;
    private long _expired;
    private long _recordedThrough;

    /// <param name="limit">What to keep to.</param>
    /// <param name="timestampFrequency">Timestamps a second.</param>
    /// <param name="passed">The number of the last departure that it has nothing to do with.</param>
    public RollingWindow(RateLimit limit, long timestampFrequency, long passed = 0)
    {
        _passed = passed;
        ArgumentOutOfRangeException.ThrowIfLessThan(limit.Max, 1);
        Limit = limit;
        _window = SecondsOf(limit.Unit) * timestampFrequency;
        var margin = Math.Min((long)(_window * Margin), (long)(_mostMargin.TotalSeconds * timestampFrequency));
        _interval = limit.Strategy == RateStrategy.Spread ? (_window + margin + limit.Max - 1) / limit.Max : 0;
        var hasPace = _interval >= _leastPace.TotalSeconds * timestampFrequency;
        _lag = (long)((hasPace ? _mostLag : _mostVolley).TotalSeconds * timestampFrequency);
        _leastGap = hasPace ? _interval / 2 : 0;
        _merge = limit.Max > MostEntries ? _window / MostEntries : 0;
        _guard = new ArrivalGuard(_window, limit.Max, timestampFrequency);
    }

    /// <summary>What it keeps to.</summary>
    public RateLimit Limit { get; }

    /// <summary>Requests that may be under way or in the window without being recorded in the store; without a store, any number.</summary>
    public int Reserve { get; set; } = int.MaxValue;

    /// <summary>What the store takes to be reserved; more than <see cref="Reserve"/> while others wait for the difference.</summary>
    public int Stored { get; set; }

    /// <summary>How many processes take from this limit.</summary>
    public int Sharers { get; set; } = 1;

    /// <summary>How many of them come before this one, and get of what does not divide evenly first.</summary>
    public int Before { get; set; }

    /// <summary>When asking the store for more makes sense, in timestamps; one that has passed = now.</summary>
    public long MoreAt { get; set; } = long.MinValue;

    /// <summary>
    /// Whether departures are recorded in the store. Those of a short window are not worth it: a process keeps its share
    /// as a reserve that renews itself, and dies with it.
    /// </summary>
    public bool Records => Limit.Unit != RateUnit.Second || Sharers > Limit.Max;

    /// <summary>What is reserved at a time where departures are recorded: what a process that dies loses.</summary>
    public int Slice => Math.Clamp(Limit.Max / 50, 1, 200);

    /// <summary>This process's part of a limit whose departures are not recorded; all parts together are the limit.</summary>
    public int Share => Math.Max(Limit.Max / Sharers + (Before < Limit.Max % Sharers ? 1 : 0), 1);

    /// <summary>How many entries it holds: what its memory grows with.</summary>
    public int Entries => _older.Count + (_latest.Count > 0 ? 1 : 0);

    /// <summary>Requests in the window that stand in the store.</summary>
    public int Recorded => (int)Math.Max(_recordedThrough - _expired, 0);

    /// <summary>When the next request may go; <see cref="long.MaxValue"/> when that depends on others or on the store.</summary>
    /// <param name="now">The present.</param>
    /// <param name="leaving">Requests that were let go and are not written yet.</param>
    public long ReadyAt(long now, int leaving)
    {
        Settle(now);
        var ready = _interval > 0 ? Math.Max(now, Math.Max(_nextSlot, _earliest)) : now;
        var used = Used(leaving);
        if (used >= Limit.Max)
        {
            ready = Math.Max(ready, OldestEnds);
        }

        if (used - Recorded >= Reserve)
        {
            ready = Math.Max(ready, Records || Reserve == 0 ? (MoreAt > now ? MoreAt : long.MaxValue) : OldestEnds);
        }

        return ready;
    }

    /// <summary>What this process knows to be left of the window, and when the oldest request that counts leaves it.</summary>
    /// <param name="now">The present.</param>
    /// <param name="leaving">As above.</param>
    /// <returns>The time is <see cref="long.MaxValue"/> while nothing counts.</returns>
    public (int Left, long MoreAt) Remaining(long now, int leaving)
    {
        Settle(now);
        return (Math.Max(Limit.Max - Used(leaving), 0), OldestEnds);
    }

    /// <summary>Whether the store should be asked for more.</summary>
    /// <param name="now">The present.</param>
    /// <param name="leaving">As above.</param>
    /// <param name="waiting">Requests that stand in line.</param>
    public bool WantsMore(long now, int leaving, int waiting)
    {
        if (MoreAt > now)
        {
            return false;
        }

        var left = Reserve - (Used(leaving) - Recorded);
        return Records ? waiting > left || (Slice > 1 && left <= Slice / 2) : Reserve < Share;
    }

    /// <summary>A request is let go.</summary>
    public void Take(long now, bool waited)
    {
        if (_interval > 0)
        {
            var slot = waited ? Math.Max(_nextSlot, now - _lag) : now;
            _nextSlot = Math.Max(_nextSlot, slot) + (Records ? _interval * Sharers : _interval * Limit.Max / Share);
            _earliest = now + _leastGap;
        }
    }

    /// <summary>Somebody else's request arrived at <paramref name="last"/>: evenly spaced ones keep their distance to it.</summary>
    public void KeepAwayFrom(long last)
    {
        if (_interval > 0)
        {
            _nextSlot = Math.Max(_nextSlot, last + _interval);
        }
    }

    /// <summary>A request is being written; it may have been answered already.</summary>
    public void Written(Departure departure)
    {
        if (departure.AnsweredAt is { } answered)
        {
            Record(_guard.Answered(departure.WrittenAt, answered), 1);
            return;
        }

        _unanswered++;
        _written.Enqueue(departure);
    }

    /// <summary>A request's answer has begun. Each counts from its own: one that is slow delays no other's place.</summary>
    public void Answered(Departure departure)
    {
        // It was given up before, or written before this limit was there.
        if (departure.Number > _passed && departure.AnsweredAt is { } answered)
        {
            _unanswered--;
            Record(_guard.Answered(departure.WrittenAt, answered), 1);
        }
    }

    /// <summary>Takes over what another window of the same length remembers, after the limit was changed.</summary>
    public void Inherit(RollingWindow other, long now)
    {
        other.Settle(now);
        foreach (var entry in other._older.Append(other._latest).Where(entry => entry.Count > 0))
        {
            Record(entry.Last, entry.Count);
        }

        while (other._written.TryDequeue(out var departure))
        {
            _written.Enqueue(departure);
        }

        (_unanswered, _passed) = (other._unanswered, other._passed);
        (_recordedThrough, Sharers, Before) = (other.Recorded, other.Sharers, other.Before);
        Reserve = other.Reserve;
    }

    /// <summary>Counts what was let go under the same limit elsewhere; what has no answer yet arrives now at the latest.</summary>
    public void Count(RollingWindow other, long now)
    {
        other.Settle(now);
        foreach (var entry in other._older.Append(other._latest).Where(entry => entry.Count > 0))
        {
            Record(entry.Last, entry.Count);
        }

        if (other._unanswered > 0)
        {
            Record(now, other._unanswered);
        }

        if (_arrived > 0)
        {
            KeepAwayFrom(_latest.Last);
        }
    }

    /// <summary>Begins to record: what is to stand in the store, and the mark to hand to <see cref="Recording"/>.</summary>
    public (IReadOnlyList<Arrivals> All, long Mark) Snapshot(long now)
    {
        Settle(now);
        _latestIsClosed = true;
        return ([.. _older.Append(_latest).Where(entry => entry.Count > 0)], _appended);
    }

    /// <summary>How many arrivals up to a mark are not recorded yet.</summary>
    public int Recording(long mark) => (int)Math.Max(mark - Math.Max(_recordedThrough, _expired), 0);

    /// <summary>Arrivals up to a mark stand in the store.</summary>
    public void RecordedThrough(long mark) => _recordedThrough = Math.Max(_recordedThrough, mark);

    /// <summary>Requests that count and are not recorded.</summary>
    public int Unrecorded(int leaving) => Used(leaving) - Recorded;

    /// <summary>Whether it remembers nothing that still matters.</summary>
    public bool IsIdle(long now)
    {
        Settle(now);
        return _arrived == 0 && _unanswered == 0;
    }

    private long OldestEnds =>
        _older.TryPeek(out var oldest) ? oldest.Last + _window
        : _latest.Count > 0 ? _latest.Last + _window
        : _written.TryPeek(out var written) ? written.WrittenAt + _window
        : long.MaxValue;

    /// <summary>The length of a unit.</summary>
    public static int SecondsOf(RateUnit unit) =>
        unit switch
        {
            RateUnit.Second => 1,
            RateUnit.Minute => 60,
            RateUnit.Hour => 3_600,
            _ => 86_400,
        };

    private int Used(int leaving) => _arrived + _unanswered + leaving;

    /// <summary>Gives up waiting for answers that do not come, and forgets what has left the window.</summary>
    private void Settle(long now)
    {
        var patience = Math.Min(_guard.Usual + _guard.Most, _window / 10 * 9);
        while (_written.TryPeek(out var departure))
        {
            if (departure.AnsweredAt is null)
            {
                if (now - departure.WrittenAt < patience)
                {
                    break;
                }

                _unanswered--;
                Record(_guard.GivenUp(departure.WrittenAt), 1);
            }

            _passed = departure.Number;
            _written.Dequeue();
        }

        while (
            _arrived > 0
            && (_older.TryPeek(out var oldest) ? oldest : _latest) is var first
            && first.Last + _window <= now
        )
        {
            _arrived -= first.Count;
            _expired += first.Count;
            if (!_older.TryDequeue(out _))
            {
                _latest = default;
            }
        }
    }

    private void Record(long at, int count)
    {
        _arrived += count;
        _appended += count;
        at = Math.Max(at, _latest.Last);
        if (_latest.Count > 0 && !_latestIsClosed && (at - _latestFirst < _merge || at == _latest.Last))
        {
            _latest = new Arrivals(at, _latest.Count + count);
            return;
        }

        if (_latest.Count > 0)
        {
            _older.Enqueue(_latest);
        }

        (_latest, _latestFirst, _latestIsClosed) = (new Arrivals(at, count), at, false);
    }
}

/// <summary>Requests that are remembered as one.</summary>
/// <param name="Last">When the last of them had arrived, in timestamps.</param>
/// <param name="Count">How many they are.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct Arrivals(long Last, int Count);
