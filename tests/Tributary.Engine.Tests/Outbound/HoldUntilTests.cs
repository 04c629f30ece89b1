using Tributary.Engine.Outbound.Pacing;
using Tributary.Sdk;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

public sealed class HoldUntilTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void The_later_of_two_holds_counts_with_who_asked()
    {
        var hold = Held(TimeSpan.FromSeconds(10), "first");

        hold.Extended(Now, TimeSpan.FromSeconds(10), "second", _time).ShouldBe(hold);
        hold.Extended(Now, TimeSpan.FromSeconds(11), "second", _time)
            .ShouldBe(new HoldUntil(Now + 11 * TimeSpan.TicksPerSecond, "second"));
    }

    [Fact]
    public void No_hold_is_longer_than_a_day() =>
        Held(TimeSpan.FromDays(1) + TimeSpan.FromTicks(1), "vendor")
            .ShouldBe(new HoldUntil(Now + TimeSpan.TicksPerDay, "vendor"));

    [Fact]
    public void A_wait_of_an_hour_is_sat_out_and_a_longer_one_is_refused_in_words()
    {
        Held(TimeSpan.FromHours(1), "vendor").Refusal(Now, _time).ShouldBeNull();
        var refusal = Held(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1), "vendor").Refusal(Now, _time);

        refusal!.Kind.ShouldBe(FailureKind.Transient);
        refusal.Message.ShouldBe(
            "vendor asks not to be called before 2025-01-15 09:00:01Z, because its limit is used up."
        );
        default(HoldUntil).Refusal(Now, _time).ShouldBeNull();
    }

    private long Now => _time.GetTimestamp();

    private HoldUntil Held(TimeSpan delay, string host) => default(HoldUntil).Extended(Now, delay, host, _time);
}
