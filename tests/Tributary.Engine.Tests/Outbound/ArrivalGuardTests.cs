using Tributary.Engine.Outbound.Pacing;

namespace Tributary.Engine.Tests.Outbound;

public sealed class ArrivalGuardTests
{
    private const long Second = TimeSpan.TicksPerSecond;
    private const long Millisecond = TimeSpan.TicksPerMillisecond;

    [Fact]
    public void A_request_counts_from_its_answer_while_nothing_is_known() =>
        new ArrivalGuard(Second, 10, Second).Answered(1000, 1000 + 30 * Millisecond).ShouldBe(1000 + 30 * Millisecond);

    [Fact]
    public void What_all_answers_take_is_left_out_as_soon_as_it_is_known()
    {
        var guard = new ArrivalGuard(60 * Second, 100, Second);
        for (var i = 1; i < ArrivalGuard.KnownAfter; i++)
        {
            guard.Answered(i * Second, i * Second + 100 * Millisecond);
            guard.Usual.ShouldBe(0);
        }

        guard.Answered(0, 100 * Millisecond).ShouldBe(0);
        guard.Usual.ShouldBe(100 * Millisecond);
        guard.Answered(Second, Second + 130 * Millisecond).ShouldBe(Second + 30 * Millisecond);
        guard.Answered(Second, Second + 90 * Millisecond).ShouldBe(Second);
    }

    [Fact]
    public void The_quickest_answer_is_forgotten_when_it_was_long_ago()
    {
        var guard = new ArrivalGuard(60 * Second, 100, Second);
        guard.Answered(0, Millisecond);
        for (var i = 0; i < 1022; i++)
        {
            guard.Answered(0, 100 * Millisecond);
        }

        guard.Usual.ShouldBe(Millisecond);
        for (var i = 0; i < 1024; i++)
        {
            guard.Answered(0, 100 * Millisecond);
            guard.Usual.ShouldBe(Millisecond);
        }

        guard.Answered(0, 100 * Millisecond);
        guard.Usual.ShouldBe(100 * Millisecond);
    }

    [Fact]
    public void A_server_that_is_always_slow_costs_half_a_percent_at_most()
    {
        var guard = new ArrivalGuard(Second, 10, Second);
        var random = new Random(1);
        long extra = 0;
        for (var i = 0; i < 5_000; i++)
        {
            var latency = random.NextInt64(5, 500) * Millisecond;
            extra += guard.Answered(i * Second, i * Second + latency) - i * Second;
        }

        ((double)extra / 5_000 / Second).ShouldBeInRange(0.0038, 0.0047);
    }

    [Theory]
    [InlineData(1, 900)]
    [InlineData(60, 5000)]
    [InlineData(3600, 5000)]
    public void One_answer_is_waited_for_nine_tenths_of_the_window_and_five_seconds_at_most(
        int seconds,
        int milliseconds
    )
    {
        var guard = new ArrivalGuard(seconds * Second, 100, Second);

        guard.Most.ShouldBe(milliseconds * Millisecond);
        guard.Answered(7, 7 + 3600 * Second).ShouldBe(7 + milliseconds * Millisecond);
        guard.GivenUp(9).ShouldBe(9 + milliseconds * Millisecond);
    }

    [Fact]
    public void The_credit_of_a_window_is_bounded()
    {
        var guard = new ArrivalGuard(Second, 1, Second);
        for (var i = 0; i < 1_000; i++)
        {
            guard.Answered(0, 0);
        }

        (guard.GivenUp(0) + guard.GivenUp(0)).ShouldBe(1004 * Millisecond);
    }
}
