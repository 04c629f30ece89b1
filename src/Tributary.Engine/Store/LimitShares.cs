namespace Tributary.Engine.Store;

/// <summary>
/// How a limit is divided. The rule that makes it hold: at any instant, what all holders have recorded within the
/// window and what they may still use without asking is together no more than the limit.
/// </summary>
public static class LimitShares
{
    /// <summary>What a claim gets beside what others have.</summary>
    public static LimitGrant Grant(LimitClaim claim, IReadOnlyCollection<LimitShare> others)
    {
        var now = claim.Now.ToUnixTimeMilliseconds();
        var window = (long)claim.Window.TotalMilliseconds;
        var (taken, moreAt) = Count(claim.Used, now, window);
        var (sharers, before) = (1, 0);
        long? last = null;
        foreach (var other in others)
        {
            var (used, ends) = Count(other.Used, now, window);
            taken += used;
            moreAt = Math.Min(moreAt, ends);
            if (other.Used is [.., var latest])
            {
                last = Math.Max(last ?? 0, Math.Min(latest.At, now));
            }

            var aliveUntil = other.AliveUntil.ToUnixTimeMilliseconds();
            if (aliveUntil > now)
            {
                taken += other.Reserve;
                if (other.Reserve > 0 || other.Wants)
                {
                    sharers++;
                    before += string.CompareOrdinal(other.Holder, claim.Holder) < 0 ? 1 : 0;
                }

                // It may die without a word.
                moreAt = other.Reserve > 0 ? Math.Min(moreAt, aliveUntil + window) : moreAt;
            }
            else if (other.Reserve > 0 && aliveUntil + window > now)
            {
                // It may have used everything at its last moment.
                taken += other.Reserve;
                moreAt = Math.Min(moreAt, aliveUntil + window);
                last = Math.Max(last ?? 0, aliveUntil);
            }
        }

        var reserve = Math.Max(claim.Kept, (int)Math.Min(claim.Wanted, claim.Max - taken));
        return new LimitGrant(
            reserve,
            sharers,
            before,
            moreAt == long.MaxValue ? null : DateTimeOffset.FromUnixTimeMilliseconds(moreAt),
            last is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null
        );
    }

    // A time to come is a clock that was set back meanwhile: it counts from now.
    private static (long Taken, long FirstEnds) Count(IReadOnlyList<LimitUse> uses, long now, long window)
    {
        var (taken, ends) = (0L, long.MaxValue);
        foreach (var use in uses)
        {
            var end = Math.Min(use.At, now) + window;
            if (end > now)
            {
                taken += use.Count;
                ends = Math.Min(ends, end);
            }
        }

        return (taken, ends);
    }
}
