using Tributary.Engine.Outbound.Pacing;
using Tributary.Sdk;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

/// <summary>What a connector's limits ask of the store that they share, and what they do with the answer.</summary>
public sealed class LimitReservesTests
{
    private static readonly RateLimit _second = new(RateUnit.Second, 3);
    private static readonly RateLimit _minute = new(RateUnit.Minute, 100);

    private readonly ManualTime _time = new();
    private readonly FakeSource _source = new();

    [Fact]
    public async Task Nothing_goes_before_the_store_has_granted_something_and_it_is_asked_once()
    {
        var limits = Limits(_second);
        var first = EnterAsync(limits);
        var second = EnterAsync(limits);

        (first.IsCompleted || second.IsCompleted).ShouldBeFalse();
        _source.Asked.ShouldBe(1);
        limits.WaitingUntil.ShouldBeNull();
        Grant(limits, 3);
        await Task.WhenAll(first, second, EnterAsync(limits));
        EnterAsync(limits).IsCompleted.ShouldBeFalse();
        _source.Asked.ShouldBe(1);
    }

    [Fact]
    public void A_second_s_limit_asks_for_its_share_and_records_nothing()
    {
        var claim = Limits(_second).Prepare(isLeaving: false).ShouldHaveSingleItem();

        (claim.Bucket, claim.Limit, claim.Mark, claim.Kept, claim.Wanted).ShouldBe((0, _second, null, 0, 3));
        claim.Arrivals.ShouldBeEmpty();
    }

    [Fact]
    public void Limits_of_one_unit_are_told_apart_by_their_order() =>
        Limits(_minute, _second, new RateLimit(RateUnit.Minute, 7), new RateLimit(RateUnit.Day, 1))
            .Prepare(isLeaving: false)
            .Select(claim => claim.Bucket)
            .ShouldBe([16, 0, 17, 48]);

    [Fact]
    public async Task What_was_granted_may_be_used_until_the_lease_ends()
    {
        var limits = Limits(_second);
        limits.Prepare(isLeaving: false);
        Grant(limits, 3);
        _source.LeaseEnds = _time.GetTimestamp() + 1;
        await EnterAsync(limits);
        _source.LeaseEnds = _time.GetTimestamp();
        var waiting = EnterAsync(limits);

        waiting.IsCompleted.ShouldBeFalse();
        _source.Asked.ShouldBe(1);
        _source.LeaseEnds = long.MaxValue;
        Grant(limits, 3);
        await waiting;
    }

    [Fact]
    public void A_store_that_fails_is_asked_again_a_second_later()
    {
        var limits = Limits(_second);
        var waiting = EnterAsync(limits);
        limits.Apply(limits.Prepare(isLeaving: false), null);

        limits.WaitingUntil.ShouldBe(_time.GetUtcNow().AddSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(0.999));
        _source.Asked.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(0.001));
        _source.Asked.ShouldBe(2);
        waiting.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void A_store_that_fails_when_the_lease_is_over_is_asked_again_a_second_later()
    {
        var limits = Limits(_second);
        _source.LeaseEnds = long.MinValue;
        _ = EnterAsync(limits);
        limits.Apply(limits.Prepare(isLeaving: false), null);

        limits.WaitingUntil.ShouldBe(_time.GetUtcNow().AddSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        _source.Asked.ShouldBe(2);
        limits.WaitingUntil.ShouldBeNull();
    }

    [Fact]
    public async Task Departures_of_a_long_window_are_recorded_and_no_longer_count_against_the_reserve()
    {
        var limits = Limits(_minute);
        var entering = Enumerable.Range(0, 5).Select(_ => limits.EnterAsync(CancellationToken.None).AsTask()).ToList();
        var asked = limits.Prepare(isLeaving: false).ShouldHaveSingleItem();
        (asked.Mark, asked.Kept, asked.Wanted).ShouldBe((0L, 0, 5));
        limits.Apply([asked], [new WindowGrant(5, 1, 0, long.MinValue, null)]);
        var permits = await Task.WhenAll(entering);
        foreach (var permit in permits.Take(3))
        {
            permit!.Left(permit);
            permit.Answered();
        }

        var claim = limits.Prepare(isLeaving: false).ShouldHaveSingleItem();
        claim.Arrivals.Sum(arrivals => arrivals.Count).ShouldBe(3);
        (claim.Mark, claim.Kept, claim.Wanted).ShouldBe((3L, 2, 4));
        limits.Apply([claim], [new WindowGrant(4, 1, 0, long.MinValue, null)]);
        await EnterAsync(limits);
        await EnterAsync(limits);
        EnterAsync(limits).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task One_that_leaves_keeps_only_what_is_under_way()
    {
        var limits = Limits(_minute);
        var entering = limits.EnterAsync(CancellationToken.None).AsTask();
        Grant(limits, 10);
        await entering;

        var claim = limits.Prepare(isLeaving: true).ShouldHaveSingleItem();

        (claim.Mark, claim.Kept, claim.Wanted).ShouldBe((0L, 1, 1));
    }

    [Fact]
    public void A_grant_for_limits_that_were_exchanged_meanwhile_is_not_taken()
    {
        var limits = Limits(_second);
        var claims = limits.Prepare(isLeaving: false);
        limits.Use([new RateLimit(RateUnit.Second, 1)]);
        limits.Apply(claims, [new WindowGrant(3, 1, 0, long.MinValue, null)]);

        EnterAsync(limits).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Each_of_two_limits_of_one_unit_takes_over_its_own_predecessor_s_reserve()
    {
        var limits = Limits(_minute, _minute with { Max = 50 });
        var claims = limits.Prepare(isLeaving: false);
        limits.Apply(claims, [.. new[] { 3, 1 }.Select(to => new WindowGrant(to, 1, 0, long.MinValue, null))]);

        limits.Use([_minute with { Max = 90 }, _minute with { Max = 40 }]);

        await EnterAsync(limits);
        EnterAsync(limits).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void When_others_come_or_go_the_store_is_asked_anew_for_the_share()
    {
        var limits = Limits(_second);
        Grant(limits, 3);
        limits.AskAgain(bucket: 0, sharers: 1);
        limits.AskAgain(bucket: 1, sharers: 2);
        _source.Asked.ShouldBe(0);

        limits.AskAgain(bucket: 0, sharers: 2);
        _source.Asked.ShouldBe(1);
        var claim = limits.Prepare(isLeaving: false).ShouldHaveSingleItem();
        (claim.Kept, claim.Wanted).ShouldBe((2, 2));
    }

    [Fact]
    public async Task What_is_under_way_of_a_share_that_became_smaller_is_given_up_when_it_ends()
    {
        var limits = Limits(_second);
        Grant(limits, 3);
        await LeaveAsync(limits);
        await LeaveAsync(limits);
        await LeaveAsync(limits);
        limits.AskAgain(bucket: 0, sharers: 2);

        var claim = limits.Prepare(isLeaving: false).ShouldHaveSingleItem();
        (claim.Kept, claim.Wanted).ShouldBe((3, 2));
        limits.Apply([claim], [new WindowGrant(3, 2, 1, long.MinValue, null)]);
        limits.AskAgain(bucket: 0, sharers: 2);
        _source.Asked.ShouldBe(2);
        _time.Advance(TimeSpan.FromSeconds(1.1));
        (limits.Prepare(isLeaving: false)[0].Kept).ShouldBe(1);
    }

    [Fact]
    public async Task Those_who_wait_beside_others_look_again_at_each_beat()
    {
        var limits = Limits(_minute);
        Grant(limits, 1, sharers: 2, moreAt: _time.GetTimestamp() + TimeSpan.TicksPerMinute);
        await LeaveAsync(limits);
        limits.AskAgain(bucket: 16, sharers: 2);
        _source.Asked.ShouldBe(0);

        var waiting = EnterAsync(limits);
        limits.WaitingUntil.ShouldBe(_time.GetUtcNow().AddMinutes(1));
        limits.AskAgain(bucket: 16, sharers: 2);
        _source.Asked.ShouldBe(1);
        Grant(limits, 5, sharers: 2);
        await waiting;
    }

    [Fact]
    public async Task What_is_left_is_that_of_the_first_limit()
    {
        new ConnectorLimits(_time).Left.ShouldBeNull();
        var limits = new ConnectorLimits(_time);
        limits.Use([_second, new RateLimit(RateUnit.Day, 1)]);
        limits.Left.ShouldBe(new(3, TimeSpan.Zero));

        await LeaveAsync(limits);
        _time.Advance(TimeSpan.FromSeconds(0.25));
        limits.Left.ShouldBe(new(2, TimeSpan.FromSeconds(0.75)));
    }

    [Fact]
    public async Task It_is_idle_when_nothing_counts_any_more()
    {
        var limits = new ConnectorLimits(_time);
        limits.Use([_second]);
        limits.IsIdle().ShouldBeTrue();
        var permit = (await limits.EnterAsync(CancellationToken.None))!;
        limits.IsIdle().ShouldBeFalse();
        permit.Left(this);
        limits.IsIdle().ShouldBeFalse();
        permit.Answered();
        _time.Advance(TimeSpan.FromSeconds(0.9));
        limits.IsIdle().ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.1));
        limits.IsIdle().ShouldBeTrue();

        limits.Hold(TimeSpan.FromSeconds(5), "vendor");
        limits.IsIdle().ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(5));
        limits.IsIdle().ShouldBeTrue();
    }

    [Fact]
    public async Task It_has_rested_when_nothing_was_let_go_for_so_long_and_nothing_is_under_way()
    {
        var limits = new ConnectorLimits(_time);
        limits.Use([_second]);
        var permit = (await limits.EnterAsync(CancellationToken.None))!;
        _time.Advance(TimeSpan.FromSeconds(11));
        limits.HasRestedFor(TimeSpan.FromSeconds(10)).ShouldBeFalse();
        permit.Left(this);
        permit.Answered();

        limits.HasRestedFor(TimeSpan.FromSeconds(10)).ShouldBeTrue();
        limits.HasRestedFor(TimeSpan.FromSeconds(11)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_permit_counts_once_whatever_is_said_of_it_twice()
    {
        var limits = new ConnectorLimits(_time);
        limits.Use([_second]);
        var never = (await limits.EnterAsync(CancellationToken.None))!;
        never.Answered();
        never.Ended();
        never.Ended();
        limits.Left!.Value.Requests.ShouldBe(3);

        var permit = (await limits.EnterAsync(CancellationToken.None))!;
        permit.Left(this);
        permit.Left(this);
        permit.Answered();
        permit.Answered();
        permit.Ended();
        limits.Left!.Value.Requests.ShouldBe(2);

        // Swallowed by a connection that was closing, and sent again on another one.
        var twice = (await limits.EnterAsync(CancellationToken.None))!;
        twice.Left(this);
        twice.Left(limits);
        limits.Left!.Value.Requests.ShouldBe(0);
    }

    [Fact]
    public async Task One_that_is_written_after_its_end_counts_all_the_same()
    {
        var limits = new ConnectorLimits(_time);
        limits.Use([_second]);
        var permit = (await limits.EnterAsync(CancellationToken.None))!;
        permit.Ended();
        permit.Left(this);

        limits.Left!.Value.Requests.ShouldBe(2);
    }

    private ConnectorLimits Limits(params RateLimit[] limits)
    {
        var made = new ConnectorLimits(_time, _source);
        made.Use(limits);
        return made;
    }

    private static void Grant(ConnectorLimits limits, int reserve, int sharers = 1, long moreAt = long.MinValue)
    {
        var claims = limits.Prepare(isLeaving: false);
        limits.Apply(claims, [.. claims.Select(_ => new WindowGrant(reserve, sharers, 0, moreAt, null))]);
    }

    private static Task EnterAsync(ConnectorLimits limits) => limits.EnterAsync(CancellationToken.None).AsTask();

    private static async Task LeaveAsync(ConnectorLimits limits)
    {
        var permit = (await limits.EnterAsync(CancellationToken.None))!;
        permit.Left(permit);
        permit.Answered();
    }

    private sealed class FakeSource : ILimitSource
    {
        public long LeaseEnds { get; set; } = long.MaxValue;

        public int Asked { get; private set; }

        public void Wanted(ConnectorLimits limits) => Asked++;
    }
}
