using Tributary.Engine.Store;

namespace Tributary.Engine.Tests.Outbound;

public sealed class LimitSharesTests
{
    private static readonly DateTimeOffset _now = new(2025, 1, 15, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Alone_one_gets_what_one_wants_up_to_the_limit()
    {
        LimitShares.Grant(Claim(wanted: 4), []).ShouldBe(new LimitGrant(4, 1, 0, null, null));
        LimitShares.Grant(Claim(wanted: 40), []).Reserve.ShouldBe(10);
    }

    [Fact]
    public void What_was_used_within_the_window_is_taken_until_it_ends()
    {
        var grant = LimitShares.Grant(Claim(wanted: 10, used: [Use(-60_000, 5), Use(-59_999, 2), Use(-10_000, 1)]), []);

        grant.Reserve.ShouldBe(7);
        grant.MoreAt.ShouldBe(_now.AddMilliseconds(1));
    }

    [Fact]
    public void What_others_have_used_and_reserved_is_taken()
    {
        var grant = LimitShares.Grant(Claim(wanted: 10), [Share(3, aliveFor: 5_000, used: [Use(-1_000, 4)])]);

        grant.Reserve.ShouldBe(3);
        grant.Sharers.ShouldBe(2);
        grant.MoreAt.ShouldBe(_now.AddMilliseconds(59_000));
        grant.LastOfOthers.ShouldBe(_now.AddMilliseconds(-1_000));
    }

    [Fact]
    public void A_dead_process_may_have_used_all_it_had_at_its_last_moment()
    {
        LimitShare[] dead = [Share(3, aliveFor: -20_000)];
        var grant = LimitShares.Grant(Claim(wanted: 10), dead);

        grant.ShouldBe(new LimitGrant(7, 1, 0, _now.AddMilliseconds(40_000), _now.AddMilliseconds(-20_000)));
        LimitShares
            .Grant(Claim(wanted: 10), [Share(3, aliveFor: -60_000)])
            .ShouldBe(new LimitGrant(10, 1, 0, null, null));
        LimitShares.Grant(Claim(wanted: 10), [Share(3, aliveFor: -59_999)]).Reserve.ShouldBe(7);
        LimitShares.Grant(Claim(wanted: 10), [Share(3, aliveFor: 0)]).Sharers.ShouldBe(1);
    }

    [Fact]
    public void A_living_process_may_die_without_a_word() =>
        LimitShares
            .Grant(Claim(wanted: 10), [Share(10, aliveFor: 5_000)])
            .ShouldBe(new LimitGrant(0, 2, 0, _now.AddMilliseconds(65_000), null));

    [Fact]
    public void One_that_wants_something_counts_as_a_sharer_and_one_that_rests_does_not()
    {
        LimitShares.Grant(Claim(wanted: 1), [Share(0, aliveFor: 1, wants: true)]).Sharers.ShouldBe(2);
        LimitShares.Grant(Claim(wanted: 1), [Share(0, aliveFor: 1)]).Sharers.ShouldBe(1);
    }

    [Fact]
    public void Sharers_have_an_order_that_all_of_them_see_alike()
    {
        LimitShare[] others =
        [
            Share(1, aliveFor: 1) with
            {
                Holder = "a",
            },
            Share(1, aliveFor: 1) with
            {
                Holder = "z",
            },
            Share(0, aliveFor: 1) with
            {
                Holder = "b rests",
            },
            Share(1, aliveFor: -1) with
            {
                Holder = "c is dead",
            },
        ];

        var grant = LimitShares.Grant(Claim(wanted: 1), others);

        (grant.Before, grant.Sharers).ShouldBe((1, 3));
    }

    [Fact]
    public void What_may_be_in_use_is_kept_even_when_the_limit_was_lowered() =>
        LimitShares.Grant(Claim(wanted: 10, kept: 4), [Share(20, aliveFor: 1)]).Reserve.ShouldBe(4);

    [Fact]
    public void A_clock_that_was_set_back_gives_no_fresh_allowance()
    {
        var grant = LimitShares.Grant(Claim(wanted: 10), [Share(0, aliveFor: -1, used: [Use(3_600_000, 10)])]);

        grant.Reserve.ShouldBe(0);
        grant.MoreAt.ShouldBe(_now.AddMinutes(1));
        grant.LastOfOthers.ShouldBe(_now);
    }

    private static LimitUse Use(long milliseconds, int count) =>
        new(_now.ToUnixTimeMilliseconds() + milliseconds, count);

    private static LimitShare Share(int reserve, long aliveFor, bool wants = false, params LimitUse[] used) =>
        new("other", reserve, wants, _now.AddMilliseconds(aliveFor), used);

    private static LimitClaim Claim(int wanted, int kept = 0, params LimitUse[] used) =>
        new()
        {
            ConnectorId = 1,
            Bucket = 16,
            Holder = "me",
            Max = 10,
            Window = TimeSpan.FromMinutes(1),
            Used = used,
            Kept = kept,
            Wanted = wanted,
            Now = _now,
            AliveUntil = _now.AddSeconds(5),
        };
}
