using Tributary.Sdk;

namespace Tributary.Engine.Outbound.Pacing;

/// <summary>
/// The limits of one connector: its own, its vendor's published ones, and what the vendor asks for in its answers.
/// Shared by all clients of the connector in this process, and, through its <see cref="ILimitSource"/>, by all processes.
/// Pure: it does no I/O, and says only that it wants some.
/// </summary>
internal sealed class ConnectorLimits(TimeProvider time, ILimitSource? source = null) : Gate(time)
{
    private static readonly TimeSpan _betweenFailures = TimeSpan.FromSeconds(1);

    private List<RollingWindow> _windows = [];
    private volatile bool _hasAny;
    private HoldUntil _hold;
    private int _leaving;
    private long _departures;
    private int _version;
    private bool _isAsked;
    private long _askFrom = long.MinValue;
    private long _lastUsed;

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

    /// <summary>What is left of the first limit, the connector's own where it has one; null without any.</summary>
    public RateLimitLeft? Left
    {
        get
        {
            lock (Sync)
            {
                if (_windows.Count == 0)
                {
                    return null;
                }

                var now = Time.GetTimestamp();
                var (left, moreAt) = _windows[0].Remaining(now, _leaving);
                return new RateLimitLeft(
                    left,
                    moreAt == long.MaxValue ? TimeSpan.Zero : Time.GetElapsedTime(now, Math.Max(moreAt, now))
                );
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
                var old = _windows.ToList();
                _windows = [.. limits.Select(limit => Renewed(limit, old))];
                _version++;
                _hasAny = true;
                Pump();
            }
        }
    }

    /// <summary>What was let go under other limits, which nobody uses any more, counts under these too.</summary>
    public void Count(ConnectorLimits others)
    {
        lock (others.Sync)
        {
            Use([.. others._windows.Select(window => window.Limit)]);
            lock (Sync)
            {
                var now = Time.GetTimestamp();
                foreach (var (window, other) in _windows.Zip(others._windows))
                {
                    window.Count(other, now);
                }
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

    /// <summary>Whether nothing was let go for so long, and nothing waits.</summary>
    public bool HasRestedFor(TimeSpan rest)
    {
        lock (Sync)
        {
            return !HasWaiters && _leaving == 0 && Time.GetElapsedTime(_lastUsed) > rest;
        }
    }

    /// <summary>What to ask the store for; empty when there is nothing. <c>Apply</c> must follow.</summary>
    /// <param name="isLeaving">This process gives all up that it does not need any more.</param>
    public List<WindowClaim> Prepare(bool isLeaving)
    {
        lock (Sync)
        {
            var now = Time.GetTimestamp();
            return [.. _windows.Select((window, i) => Claim(window, i, now, isLeaving))];
        }
    }

    /// <summary>What the store has granted, in the order of the claims; null when it could not be asked.</summary>
    public void Apply(IReadOnlyList<WindowClaim> claims, IReadOnlyList<WindowGrant>? grants)
    {
        lock (Sync)
        {
            _isAsked = false;
            _askFrom = grants is null ? Time.GetTimestamp() + Stamps(_betweenFailures) : long.MinValue;
            for (var i = 0; grants is not null && i < claims.Count; i++)
            {
                // The windows may have been exchanged meanwhile: those will ask for themselves.
                if (claims[i].Version == _version)
                {
                    Take(_windows[i], claims[i], grants[i]);
                }
            }

            Pump();
        }
    }

    /// <summary>Asks again although nothing says that it would help: others may have left.</summary>
    public void AskAgain(int bucket, int sharers)
    {
        lock (Sync)
        {
            for (var i = 0; i < _windows.Count; i++)
            {
                if (BucketOf(i) == bucket && _windows[i] is var window && NeedsAnotherLook(window, sharers))
                {
                    window.Sharers = sharers;
                    window.MoreAt = long.MinValue;
                    Ask();
                }
            }
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

        if (source is null || _windows.Count == 0)
        {
            return ready;
        }

        var isLeased = source.LeaseEnds > now;
        if (!_isAsked && _askFrom <= now && (!isLeased || WantsMore(now)))
        {
            Ask();
        }

        return (isLeased, _askFrom > now) switch
        {
            (true, true) when ready == Unknown => _askFrom,
            (true, _) => ready,
            (false, var hasFailed) => hasFailed ? _askFrom : Unknown,
        };
    }

    /// <inheritdoc />
    protected override void Take(long now, bool waited)
    {
        _leaving++;
        _lastUsed = now;
        foreach (var window in _windows)
        {
            window.Take(now, waited);
        }
    }

    /// <inheritdoc />
    protected override Exception? Closed(long now) => _hold.Refusal(now, Time);

    private bool WantsMore(long now)
    {
        foreach (var window in _windows)
        {
            if (window.WantsMore(now, _leaving, Math.Max(Waiting, 1)))
            {
                return true;
            }
        }

        return false;
    }

    private bool NeedsAnotherLook(RollingWindow window, int sharers) =>
        window.Sharers != sharers || window.Stored > window.Reserve || (sharers > 1 && HasWaiters);

    private void Ask()
    {
        if (!_isAsked)
        {
            _isAsked = true;
            source!.Wanted(this);
        }
    }

    // Limits of one unit are told apart by their order.
    private int BucketOf(int index)
    {
        var unit = _windows[index].Limit.Unit;
        return (int)unit * 16 + _windows.Take(index).Count(other => other.Limit.Unit == unit);
    }

    private WindowClaim Claim(RollingWindow window, int index, long now, bool isLeaving)
    {
        var (all, mark) = window.Snapshot(now);
        var records = window.Records || isLeaving || window.Recorded > 0;
        var rest = window.Unrecorded(_leaving) - (records ? window.Recording(mark) : 0);
        var wanted = (isLeaving, records) switch
        {
            (true, _) => rest,
            (_, true) => rest + Math.Max(window.Slice, Waiting),
            _ => window.Share,
        };
        var kept = records ? window.Reserve - window.Recording(mark) : Math.Min(window.Reserve, wanted);
        kept = Math.Max(isLeaving ? 0 : kept, rest);

        // What others may have is given up before they can take it; what is in use beyond that follows when it ends.
        window.Reserve = records ? kept + window.Recording(mark) : Math.Min(kept, wanted);
        return new WindowClaim(
            _version,
            BucketOf(index),
            window.Limit,
            records ? all : [],
            records ? mark : null,
            kept,
            wanted
        );
    }

    private static void Take(RollingWindow window, WindowClaim claim, WindowGrant grant)
    {
        if (claim.Mark is { } mark)
        {
            window.RecordedThrough(mark);
        }

        (window.Sharers, window.Before) = (grant.Sharers, grant.Before);
        window.Reserve = Math.Min(grant.Reserve, window.Records ? window.Limit.Max : window.Share);
        window.Stored = grant.Reserve;
        window.MoreAt = grant.Reserve >= claim.Wanted ? long.MinValue : grant.MoreAt;
        if (grant.LastOfOthers is { } last)
        {
            window.KeepAwayFrom(last);
        }
    }

    private RollingWindow Renewed(RateLimit limit, List<RollingWindow> old)
    {
        var window = new RollingWindow(limit, Time.TimestampFrequency, _departures);
        if (old.Find(candidate => candidate.Limit.Unit == limit.Unit) is { } predecessor)
        {
            old.Remove(predecessor);
            window.Inherit(predecessor, Time.GetTimestamp());
        }
        else if (source is not null)
        {
            window.Reserve = 0;
        }

        return window;
    }

    /// <summary>One request that was let go. Thread-safe; each instant is taken at the first call only.</summary>
    internal sealed class Permit(ConnectorLimits limits) : Departure
    {
        private object? _connection;
        private bool _isAnswered;
        private bool _hasEnded;

        /// <summary>The request's first byte is being written to this connection.</summary>
        public void Left(object connection)
        {
            if (ReferenceEquals(Volatile.Read(ref _connection), connection))
            {
                return;
            }

            lock (limits.Sync)
            {
                var now = limits.Time.GetTimestamp();
                if (_connection is null)
                {
                    (WrittenAt, Number) = (now, ++limits._departures);
                    limits._leaving -= _hasEnded ? 0 : 1;
                    foreach (var window in limits._windows)
                    {
                        window.Written(this);
                    }
                }
                else if (!ReferenceEquals(_connection, connection))
                {
                    // The framework sends again what a connection swallowed that was closing: that is another request.
                    var again = At(now, number: ++limits._departures);
                    foreach (var window in limits._windows)
                    {
                        window.Written(again);
                    }
                }

                _connection = connection;
                limits.Pump();
            }
        }

        /// <summary>Its answer has begun: it had arrived.</summary>
        public void Answered()
        {
            if (Volatile.Read(ref _isAnswered))
            {
                return;
            }

            lock (limits.Sync)
            {
                if (_connection is not null && !_isAnswered)
                {
                    _isAnswered = true;
                    AnsweredAt = limits.Time.GetTimestamp();
                    foreach (var window in limits._windows)
                    {
                        window.Answered(this);
                    }

                    limits.Pump();
                }
            }
        }

        /// <summary>
        /// Nobody waits for its answer any more. When nothing of it was written, it costs nothing; when no answer has come,
        /// it may still be on its way.
        /// </summary>
        public void Ended()
        {
            if (Volatile.Read(ref _isAnswered))
            {
                return;
            }

            lock (limits.Sync)
            {
                if (_hasEnded)
                {
                    return;
                }

                _hasEnded = true;
                if (_connection is null)
                {
                    limits._leaving--;
                    limits.Pump();
                }
            }
        }
    }
}
