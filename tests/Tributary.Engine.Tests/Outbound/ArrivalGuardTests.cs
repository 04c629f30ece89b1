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
    public void What_all_answers_take_is_left_out_as_soon_as_it_is_known_but_for_what_the_credit_pays()
    {
        var guard = new ArrivalGuard(Second, 100, Second);
        for (var i = 1; i < ArrivalGuard.KnownAfter; i++)
        {
            guard.Answered(i * Second, i * Second + 100 * Millisecond);
            guard.Usual.ShouldBe(0);
        }

        guard.Answered(64 * Second, 64 * Second + 100 * Millisecond).ShouldBe(64 * Second + 3 * Millisecond);
        guard.Usual.ShouldBe(97 * Millisecond);
        guard.Answered(65 * Second, 65 * Second + 130 * Millisecond).ShouldBe(65 * Second + 33 * Millisecond);
        guard.Answered(66 * Second, 66 * Second + 90 * Millisecond).ShouldBe(66 * Second + 3 * Millisecond);
    }

    [Fact]
    public void One_volley_says_nothing_of_what_all_answers_take()
    {
        var guard = new ArrivalGuard(Second, 1_000, Second);
        for (var i = 0; i < 1_000; i++)
        {
            guard.Answered(1_000 * Second + i, 1_000 * Second + (500 + i) * Millisecond);
        }

        guard.Usual.ShouldBe(0);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(60, 150)]
    [InlineData(3600, 4_000)]
    public void Quick_answers_are_proof_and_nothing_is_left_out_of_them(int window, int milliseconds)
    {
        var guard = new ArrivalGuard(window * Second, 10, Second);
        for (var i = 0; i < 5_000; i++)
        {
            var answered = i * Second + milliseconds * Millisecond;
            guard.Answered(i * Second, answered).ShouldBe(answered);
        }
    }

    [Fact]
    public void The_quickest_answer_is_forgotten_when_it_was_long_ago()
    {
        var guard = new ArrivalGuard(Second, 1_000, Second);
        guard.Answered(0, 10 * Millisecond);
        for (var i = 1; i < 2_047; i++)
        {
            guard.Answered(i * Second / 10, i * Second / 10 + 100 * Millisecond);
        }

        guard.Usual.ShouldBe(7 * Millisecond);
        guard.Answered(2_048 * Second / 10, 2_048 * Second / 10 + 100 * Millisecond);
        guard.Usual.ShouldBe(97 * Millisecond);
    }

    [Fact]
    public void Many_answers_of_a_moment_do_not_make_an_earlier_one_forgotten()
    {
        var guard = new ArrivalGuard(Second, 1_000, Second);
        for (var i = 0; i < 50_000; i++)
        {
            var written = 1_000 * Second + i * Millisecond;
            guard.Answered(written, written + (i == 0 ? 20 : 120) * Millisecond);
        }

        guard.Usual.ShouldBe(17 * Millisecond);
    }

    [Fact]
    public void A_server_that_is_always_slow_costs_half_a_percent_at_most()
    {
        var guard = new ArrivalGuard(Second, 10, Second);
        var random = new Random(1);
        long extra = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var latency = random.NextInt64(5, 500) * Millisecond;
            extra += guard.Answered(i * Second, i * Second + latency) - i * Second;
        }

        ((double)extra / 50_000 / Second).ShouldBeInRange(0.0038, 0.0047);
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
