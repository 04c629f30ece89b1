using Tributary.Engine.Outbound.Pacing;
using Tributary.Sdk;

namespace Tributary.Engine.Tests.Outbound;

/// <summary>The promise of a rate limit, checked on departures of a simulated, always hungry connector.</summary>
public sealed class RollingWindowTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    public static TheoryData<RateUnit, int, RateStrategy> Limits
    {
        get
        {
            var data = new TheoryData<RateUnit, int, RateStrategy>();
            foreach (var strategy in Enum.GetValues<RateStrategy>())
            {
                data.Add(RateUnit.Second, 1, strategy);
                data.Add(RateUnit.Second, 10, strategy);
                data.Add(RateUnit.Second, 100, strategy);
                data.Add(RateUnit.Second, 1_000, strategy);
                data.Add(RateUnit.Second, 5_000, strategy);
                data.Add(RateUnit.Minute, 7, strategy);
                data.Add(RateUnit.Minute, 3_000, strategy);
                data.Add(RateUnit.Hour, 5_000, strategy);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public void In_no_window_leave_more_than_the_limit(RateUnit unit, int max, RateStrategy strategy)
    {
        var random = new Random(max);

        // Connections that take up to 300 ms to open, timers that are up to 15 ms late.
        var left = Run(
            new RateLimit(unit, max, strategy),
            Math.Min(max * 6, 12_000),
            () => random.NextDouble() < 0.1 ? random.NextInt64(3 * Second / 10) : random.NextInt64(Second / 1000),
            () => random.NextInt64(Second * 15 / 1000)
        );

        for (var i = max; i < left.Count; i++)
        {
            (left[i] - left[i - max]).ShouldBeGreaterThanOrEqualTo(Ticks(unit));
        }
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public void With_demand_the_allowance_is_used(RateUnit unit, int max, RateStrategy strategy)
    {
        var random = new Random(max);
        const int windows = 20;
        var left = Run(
            new RateLimit(unit, max, strategy),
            max * windows + 1,
            () => 0,
            () => random.NextInt64(Second * 4 / 1000) // what timers are late by on an ordinary Linux
        );

        // From the first departure to the one that opens the window after the last: exactly so many windows.
        var rate = (double)Ticks(unit) * windows / (left[^1] - left[0]);
        rate.ShouldBeInRange(0.99, 1.0);
    }

    [Fact]
    public void Spread_departures_keep_their_distance()
    {
        var left = Run(new RateLimit(RateUnit.Second, 10, RateStrategy.Spread), 100, () => 0, () => 0);

        foreach (var (one, next) in left.Zip(left.Skip(1)))
        {
            (next - one).ShouldBeInRange(Second / 10, Second / 10 * 101 / 100);
        }
    }

    [Fact]
    public void Burst_departures_go_at_once_until_the_window_is_full()
    {
        var left = Run(new RateLimit(RateUnit.Minute, 50), 51, () => 0, () => 0);

        left[49].ShouldBe(left[0]);
        (left[50] - left[0]).ShouldBeInRange(60 * Second, 60 * Second + Second / 5);
    }

    [Theory]
    [InlineData(5, 2, RateStrategy.Burst)]
    [InlineData(7, 2, RateStrategy.Spread)]
    [InlineData(11, 4, RateStrategy.Burst)]
    [InlineData(11, 4, RateStrategy.Spread)]
    [InlineData(3, 3, RateStrategy.Spread)]
    public void Sharers_use_all_of_a_limit_that_does_not_divide_evenly(int max, int sharers, RateStrategy strategy)
    {
        var together = 0.0;
        for (var before = 0; before < sharers; before++)
        {
            var window = new RollingWindow(new RateLimit(RateUnit.Second, max, strategy), Second)
            {
                Sharers = sharers,
                Before = before,
            };
            window.Reserve = window.Share;
            var left = Run(window, 20 * window.Share + 1, () => 0, () => 0);
            together += (left.Count - 1) / ((left[^1] - left[0]) / (double)Second);
        }

        together.ShouldBeInRange(0.99 * max, max);
    }

    [Fact]
    public void After_a_pause_spread_departures_do_not_catch_up()
    {
        var window = new RollingWindow(new RateLimit(RateUnit.Second, 10, RateStrategy.Spread), Second);
        window.Take(0, waited: false);
        window.Written(Departure.At(0, 0));
        window.Take(60 * Second, waited: false);
        window.Written(Departure.At(60 * Second, 60 * Second));

        window.ReadyAt(60 * Second, 0).ShouldBeGreaterThanOrEqualTo(60 * Second + Second / 10);
    }

    [Fact]
    public void After_a_late_timer_spread_departures_catch_up_at_twice_their_pace()
    {
        var window = new RollingWindow(new RateLimit(RateUnit.Second, 10, RateStrategy.Spread), Second);
        window.Take(0, waited: true);

        // It wakes two intervals late.
        var now = 3 * Second / 10;
        window.ReadyAt(now, 0).ShouldBe(now);
        window.Take(now, waited: true);

        window.ReadyAt(now, 0).ShouldBeInRange(now + Second / 20, now + Second / 19);
    }

    [Fact]
    public void After_a_very_late_timer_they_make_up_for_a_quarter_of_a_second_and_no_more()
    {
        var window = new RollingWindow(new RateLimit(RateUnit.Second, 10, RateStrategy.Spread), Second);
        window.Take(0, waited: true);
        var now = 5 * Second;
        var gone = 0;
        for (var i = 0; i < 20; i++)
        {
            window.Take(now, waited: true);
            gone++;
            var next = window.ReadyAt(now, 0);
            if (next - now > Second * 9 / 100)
            {
                break;
            }

            now = next;
        }

        // Two and a half intervals, made up for at twice the pace.
        gone.ShouldBeInRange(5, 6);
    }

    [Fact]
    public void A_slow_answer_delays_no_other_place()
    {
        var window = new RollingWindow(new RateLimit(RateUnit.Second, 2), Second);
        window.Written(Departure.At(0, number: 1));
        var quick = Departure.At(0, Second / 1000, number: 2);
        window.Written(quick);

        window.ReadyAt(Second / 2, 0).ShouldBe(Second + Second / 1000);
    }

    [Fact]
    public void An_answer_after_it_was_given_up_counts_nothing_twice()
    {
        var window = new RollingWindow(new RateLimit(RateUnit.Second, 2), Second);
        window.Written(Departure.At(0, number: 1));
        window.Remaining(Second * 95 / 100, 0).Left.ShouldBe(1);

        window.Answered(Departure.At(0, Second * 96 / 100, number: 1));

        window.Remaining(Second * 97 / 100, 0).Left.ShouldBe(1);
        window.Remaining(2 * Second, 0).Left.ShouldBe(2);
    }

    [Fact]
    public void A_limit_that_is_added_counts_nothing_that_was_written_before()
    {
        var window = new RollingWindow(new RateLimit(RateUnit.Second, 2), Second, passed: 7);

        window.Answered(Departure.At(0, 1, number: 7));

        window.Remaining(1, 0).Left.ShouldBe(2);
    }

    [Fact]
    public void Memory_does_not_grow_with_the_limit()
    {
        var window = new RollingWindow(new RateLimit(RateUnit.Day, 10_000_000), Second);
        var most = 0;
        for (var i = 0; i < 1_000_000; i++)
        {
            window.Written(Departure.At(i * Second / 10 + 1, i * Second / 10 + 1));
            window.ReadyAt(i * Second / 10, 0);
            most = Math.Max(most, window.Entries);
        }

        most.ShouldBeLessThan(1_100);
    }

    [Fact]
    public void A_limit_of_nothing_is_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new RollingWindow(new RateLimit(RateUnit.Second, 0), Second));

    [Theory]
    [InlineData(RateUnit.Second, 1)]
    [InlineData(RateUnit.Minute, 60)]
    [InlineData(RateUnit.Hour, 3_600)]
    [InlineData(RateUnit.Day, 86_400)]
    public void A_window_is_as_long_as_its_unit(RateUnit unit, int seconds)
    {
        RollingWindow.SecondsOf(unit).ShouldBe(seconds);
        var window = new RollingWindow(new RateLimit(unit, 1), Second);
        window.Written(Departure.At(0, 0));

        window.IsIdle(seconds * Second - 1).ShouldBeFalse();
        window.IsIdle(seconds * Second).ShouldBeTrue();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(99, 1)]
    [InlineData(100, 2)]
    [InlineData(10_000, 200)]
    [InlineData(1_000_000, 200)]
    public void A_fiftieth_of_a_limit_is_reserved_at_a_time_and_200_at_most(int max, int slice) =>
        new RollingWindow(new RateLimit(RateUnit.Day, max), Second).Slice.ShouldBe(slice);

    [Fact]
    public void Only_a_second_s_limit_with_something_for_each_is_not_recorded()
    {
        new RollingWindow(new RateLimit(RateUnit.Minute, 9), Second).Records.ShouldBeTrue();
        var window = new RollingWindow(new RateLimit(RateUnit.Second, 2), Second) { Sharers = 2 };
        window.Records.ShouldBeFalse();
        window.Sharers = 3;
        window.Records.ShouldBeTrue();
        window.Share.ShouldBe(1);
    }

    [Fact]
    public void What_remains_is_told_with_when_there_is_more()
    {
        var window = new RollingWindow(new RateLimit(RateUnit.Second, 3), Second);
        window.Remaining(0, leaving: 0).ShouldBe((3, long.MaxValue));
        window.Remaining(0, leaving: 1).ShouldBe((2, long.MaxValue));
        window.Remaining(0, leaving: 5).ShouldBe((0, long.MaxValue));

        window.Written(Departure.At(10, number: 1));
        window.Remaining(10, leaving: 0).ShouldBe((2, 10 + Second));
        window.Written(Departure.At(20, 30));
        window.Remaining(30, leaving: 0).ShouldBe((1, 30 + Second));
    }

    [Fact]
    public void A_reserve_that_is_used_up_waits_for_the_store_and_a_share_renews_itself()
    {
        var minute = new RollingWindow(new RateLimit(RateUnit.Minute, 10), Second) { Reserve = 1 };
        minute.ReadyAt(0, leaving: 0).ShouldBe(0);
        minute.Written(Departure.At(0, 0));
        minute.ReadyAt(5, leaving: 0).ShouldBe(long.MaxValue);
        minute.MoreAt = 7;
        minute.ReadyAt(5, leaving: 0).ShouldBe(7);
        minute.ReadyAt(7, leaving: 0).ShouldBe(long.MaxValue);

        var second = new RollingWindow(new RateLimit(RateUnit.Second, 10), Second) { Reserve = 1 };
        second.Written(Departure.At(0, 0));
        second.ReadyAt(5, leaving: 0).ShouldBe(Second);
        second.Reserve = 0;
        second.MoreAt = 9;
        second.ReadyAt(5, leaving: 0).ShouldBe(9);
    }

    [Theory]
    [InlineData(0, 1, true)] // nothing is left for the one who waits
    [InlineData(1, 1, true)] // half of a slice is left
    [InlineData(2, 1, false)]
    [InlineData(2, 2, false)]
    [InlineData(2, 3, true)]
    public void More_is_wanted_when_little_is_left(int reserve, int waiting, bool wants)
    {
        var window = new RollingWindow(new RateLimit(RateUnit.Minute, 100), Second) { Reserve = reserve };

        window.WantsMore(0, leaving: 0, waiting).ShouldBe(wants);
        window.MoreAt = 1;
        window.WantsMore(0, leaving: 0, waiting).ShouldBeFalse();
        window.WantsMore(1, leaving: 0, waiting).ShouldBe(wants);
    }

    [Fact]
    public void What_is_recorded_takes_nothing_of_the_reserve()
    {
        var window = new RollingWindow(new RateLimit(RateUnit.Minute, 100), Second) { Reserve = 4 };
        for (var i = 0; i < 8; i++)
        {
            window.Written(Departure.At(0, 0));
        }

        window.RecordedThrough(window.Snapshot(0).Mark);

        window.WantsMore(0, leaving: 0, waiting: 4).ShouldBeFalse();
        window.WantsMore(0, leaving: 0, waiting: 5).ShouldBeTrue();
        window.ReadyAt(0, leaving: 3).ShouldBe(0);
        window.ReadyAt(0, leaving: 4).ShouldBe(long.MaxValue);
    }

    [Fact]
    public void Two_processes_that_record_leave_each_other_every_second_slot()
    {
        var window = new RollingWindow(new RateLimit(RateUnit.Minute, 60, RateStrategy.Spread), Second) { Sharers = 2 };
        window.Take(0, waited: false);

        window.ReadyAt(0, leaving: 0).ShouldBeInRange(2 * Second, 2 * Second * 101 / 100);
    }

    [Fact]
    public void A_new_window_takes_over_nothing_that_has_ended()
    {
        var old = new RollingWindow(new RateLimit(RateUnit.Second, 3), Second);
        old.Written(Departure.At(0, 0));
        old.Written(Departure.At(Second / 2, Second / 2));
        var inheriting = new RollingWindow(new RateLimit(RateUnit.Second, 4), Second);
        inheriting.Inherit(old, Second);
        var counting = new RollingWindow(new RateLimit(RateUnit.Second, 4), Second);
        counting.Count(old, Second);

        inheriting.Remaining(Second, leaving: 0).ShouldBe((3, Second * 3 / 2));
        counting.Remaining(Second, leaving: 0).ShouldBe((3, Second * 3 / 2));
    }

    [Fact]
    public void A_slice_of_one_is_fetched_when_somebody_waits_and_not_in_advance() =>
        new RollingWindow(new RateLimit(RateUnit.Minute, 9), Second) { Reserve = 1 }
            .WantsMore(0, leaving: 0, waiting: 1)
            .ShouldBeFalse();

    [Fact]
    public void Of_a_second_s_limit_the_share_is_wanted()
    {
        var window = new RollingWindow(new RateLimit(RateUnit.Second, 4), Second) { Reserve = 3 };
        window.WantsMore(0, leaving: 0, waiting: 1).ShouldBeTrue();
        window.Reserve = 4;
        window.WantsMore(0, leaving: 4, waiting: 9).ShouldBeFalse();
    }

    [Theory]
    [InlineData(RateStrategy.Burst, 0)]
    [InlineData(RateStrategy.Spread, 1_000 + Second * 1_003 / 10_000)]
    public void Evenly_spaced_ones_keep_their_distance_to_somebody_else_s(RateStrategy strategy, long ready)
    {
        var window = new RollingWindow(new RateLimit(RateUnit.Second, 10, strategy), Second);
        window.KeepAwayFrom(1_000);
        window.KeepAwayFrom(500);

        window.ReadyAt(0, leaving: 0).ShouldBe(ready);
    }

    [Fact]
    public void What_is_recorded_is_known_until_it_leaves_the_window()
    {
        var window = new RollingWindow(new RateLimit(RateUnit.Minute, 10), Second) { Reserve = 5 };
        window.Written(Departure.At(0, 0));
        window.Written(Departure.At(Second, Second));
        var (all, mark) = window.Snapshot(Second);
        all.ShouldBe([new Arrivals(0, 1), new Arrivals(Second, 1)]);
        window.Recording(mark).ShouldBe(2);
        window.RecordedThrough(mark);
        window.RecordedThrough(0);
        (window.Recorded, window.Recording(mark), window.Unrecorded(leaving: 3)).ShouldBe((2, 0, 3));

        // What comes after it is never added to what was recorded.
        window.Written(Departure.At(Second, Second));
        window.Entries.ShouldBe(3);
        window.IsIdle(60 * Second).ShouldBeFalse();
        (window.Recorded, window.Unrecorded(leaving: 0)).ShouldBe((1, 1));
    }

    private static long Ticks(RateUnit unit) =>
        unit switch
        {
            RateUnit.Second => Second,
            RateUnit.Minute => 60 * Second,
            RateUnit.Hour => 3_600 * Second,
            _ => 86_400 * Second,
        };

    private static List<long> Run(RateLimit limit, int count, Func<long> toLeave, Func<long> late) =>
        Run(new RollingWindow(limit, Second), count, toLeave, late);

    /// <summary>When each of <paramref name="count"/> requests left that were all asked for at the beginning.</summary>
    private static List<long> Run(RollingWindow window, int count, Func<long> toLeave, Func<long> late)
    {
        var leaving = new PriorityQueue<long, long>();
        var left = new List<long>();
        long now = 0;
        for (var i = 0; i < count; i++)
        {
            while (true)
            {
                var ready = window.ReadyAt(now, leaving.Count);
                if (ready <= now)
                {
                    break;
                }

                var timer = ready == long.MaxValue ? long.MaxValue : ready + late();
                if (leaving.TryPeek(out var next, out _) && next <= timer)
                {
                    now = Math.Max(now, leaving.Dequeue());
                    Leave();
                }
                else
                {
                    now = timer;
                }
            }

            window.Take(now, waited: i > 0);
            var leaves = now + toLeave();
            leaving.Enqueue(leaves, leaves);
            while (leaving.TryPeek(out var next, out _) && next <= now)
            {
                leaving.Dequeue();
                Leave();
            }
        }

        while (leaving.TryDequeue(out var next, out _))
        {
            now = Math.Max(now, next);
            Leave();
        }

        return left;

        void Leave()
        {
            window.Written(Departure.At(now + 1, now + 1));
            left.Add(now);
        }
    }
}
