namespace Tributary.Engine.Outbound.Pacing;

/// <summary>
/// A line of requests, first come, first served, that are let through when the rules of a deriving class say so.
/// One timer wakes the line at the instant at which its head may go; nothing polls.
/// </summary>
internal abstract class Gate(TimeProvider time)
{
    // The pool carries out what one piece of work has set free before it looks at what sockets have to say: a volley
    // would keep its own answers waiting, from which its places are counted.
    private const int MostAtOnce = 8;

    private readonly LinkedList<Waiter> _line = new();
    private ITimer? _timer;
    private bool _goesOn;

    /// <summary>Never: the head waits for another request to end.</summary>
    protected const long Unknown = long.MaxValue;

    /// <summary>Guards this gate's state; the abstract members are called under it.</summary>
    protected Lock Sync { get; } = new();

    /// <summary>The clock, in whose timestamps all instants here are given.</summary>
    protected TimeProvider Time { get; } = time;

    /// <summary>When the next request may go: now or earlier, later, or <see cref="Unknown"/>.</summary>
    /// <param name="now">The present.</param>
    /// <param name="gap">The least time since the previous request that the one in question asks for.</param>
    protected abstract long ReadyAt(long now, TimeSpan gap);

    /// <summary>Notes that a request goes.</summary>
    /// <param name="now">The present.</param>
    /// <param name="waited">It stood in line, so that a late timer and not a lack of demand may have delayed it.</param>
    protected abstract void Take(long now, bool waited);

    /// <summary>Why nothing may even wait at present; null when waiting makes sense.</summary>
    protected virtual Exception? Closed(long now) => null;

    /// <summary>Whether somebody stands in line. Read under <see cref="Sync"/>.</summary>
    protected bool HasWaiters => _line.Count > 0;

    /// <summary>How many stand in line. Read under <see cref="Sync"/>.</summary>
    protected int Waiting => _line.Count;

    /// <summary>Waits until the request may go. Canceling leaves the line and costs nothing of the allowance.</summary>
    public ValueTask EnterAsync(TimeSpan gap, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (Sync)
        {
            var now = Time.GetTimestamp();
            if (Closed(now) is { } reason)
            {
                return ValueTask.FromException(reason);
            }

            if (_line.Count == 0 && ReadyAt(now, gap) <= now)
            {
                Take(now, waited: false);
                return ValueTask.CompletedTask;
            }

            waiter = new Waiter(gap);
            waiter.Place = _line.AddLast(waiter);
            if (_line.Count == 1)
            {
                Pump();
            }
        }

        return new ValueTask(WaitAsync(waiter, cancellationToken));
    }

    /// <summary>Lets go whoever may go, and sets the timer for the next. Call under <see cref="Sync"/> after every change.</summary>
    protected void Pump()
    {
        for (var gone = 0; !_goesOn && _line.First is { } head; gone++)
        {
            var now = Time.GetTimestamp();
            if (Closed(now) is { } reason)
            {
                _line.Remove(head);
                head.Value.TrySetException(reason);
                continue;
            }

            var ready = ReadyAt(now, head.Value.Gap);
            if (ready > now)
            {
                SetTimer(ready == Unknown ? Timeout.InfiniteTimeSpan : Time.GetElapsedTime(now, ready));
                return;
            }

            if (gone == MostAtOnce)
            {
                _goesOn = true;
                ThreadPool.UnsafeQueueUserWorkItem(static gate => gate.GoOn(), this, preferLocal: false);
                return;
            }

            _line.Remove(head);
            Take(now, waited: true);
            head.Value.TrySetResult();
        }
    }

    /// <summary>A duration in this clock's timestamps.</summary>
    protected long Stamps(TimeSpan duration) => (long)(duration.TotalSeconds * Time.TimestampFrequency);

    private async Task WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        await using var leaving = cancellationToken.UnsafeRegister(
            (_, token) =>
            {
                lock (Sync)
                {
                    if (waiter.Place!.List is not null)
                    {
                        _line.Remove(waiter.Place);
                        waiter.TrySetCanceled(token);
                        Pump();
                    }
                }
            },
            null
        );
        await waiter.Task;
    }

    private void SetTimer(TimeSpan due)
    {
        _timer ??= Time.CreateTimer(
            static gate => ((Gate)gate!).OnTimer(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );

        // Timers count whole milliseconds and cut the rest off: too early would mean to come again at once, in a spin.
        _timer.Change(
            due < TimeSpan.Zero ? due : TimeSpan.FromMilliseconds(Math.Ceiling(Math.Min(due.TotalMilliseconds, 1e9))),
            Timeout.InfiniteTimeSpan
        );
    }

    private void GoOn()
    {
        lock (Sync)
        {
            _goesOn = false;
            Pump();
        }
    }

    private void OnTimer()
    {
        lock (Sync)
        {
            Pump();
        }
    }

    private sealed class Waiter(TimeSpan gap) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public TimeSpan Gap { get; } = gap;

        public LinkedListNode<Waiter>? Place { get; set; }
    }
}
