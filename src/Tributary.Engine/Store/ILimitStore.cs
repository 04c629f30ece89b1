namespace Tributary.Engine.Store;

/// <summary>
/// What all processes on a store must agree on about rate limits: what each has used, and what each may still use
/// without asking. Nothing here is written for a single request when there are many.
/// </summary>
public interface ILimitStore
{
    /// <summary>
    /// In one transaction: renews the holder's lease, records what it has used of a limit, and gives it as much as
    /// <see cref="LimitShares.Grant"/> says.
    /// </summary>
    Task<LimitGrant> ExchangeAsync(LimitClaim claim, CancellationToken cancellationToken);

    /// <summary>Renews a holder's lease.</summary>
    Task RenewAsync(string holder, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>Who else takes from the limits that a holder takes from, and all holds.</summary>
    ValueTask<LimitNews> GetNewsAsync(string holder, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Holds that have not passed; <paramref name="connectorId"/> null = of all connectors.</summary>
    ValueTask<IReadOnlyList<LimitHold>> GetHoldsAsync(
        long? connectorId,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>Keeps a hold; a later one of the same connector and origin wins.</summary>
    Task HoldAsync(LimitHold hold, CancellationToken cancellationToken);

    /// <summary>Forgets what can no longer matter: holders dead for more than a day with all they had, holds that have passed.</summary>
    Task SweepAsync(DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>One holder's claim on one limit of a connector.</summary>
public sealed record LimitClaim
{
    /// <summary>Whose limit.</summary>
    public required long ConnectorId { get; init; }

    /// <summary>Which of the connector's limits.</summary>
    public required int Bucket { get; init; }

    /// <summary>The process.</summary>
    public required string Holder { get; init; }

    /// <summary>Requests in any window.</summary>
    public required int Max { get; init; }

    /// <summary>The length of the window.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>What the holder has used, in order of time; replaces what it recorded before.</summary>
    public required IReadOnlyList<LimitUse> Used { get; init; }

    /// <summary>What the holder keeps in any case: it may be in use already.</summary>
    public required int Kept { get; init; }

    /// <summary>What the holder would like to have; 0 when it is going to rest.</summary>
    public required int Wanted { get; init; }

    /// <summary>The present.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Until when the holder promises to have used what it gets, or to have renewed.</summary>
    public required DateTimeOffset AliveUntil { get; init; }
}

/// <summary>Requests that count from one instant.</summary>
/// <param name="At">Milliseconds since 1970.</param>
/// <param name="Count">How many.</param>
public readonly record struct LimitUse(long At, int Count);

/// <summary>What another holder has of a limit.</summary>
/// <param name="Holder">Who.</param>
/// <param name="Reserve">What it may use without asking.</param>
/// <param name="Wants">It would take more.</param>
/// <param name="AliveUntil">Its lease.</param>
/// <param name="Used">What it has recorded.</param>
public sealed record LimitShare(
    string Holder,
    int Reserve,
    bool Wants,
    DateTimeOffset AliveUntil,
    IReadOnlyList<LimitUse> Used
);

/// <summary>What a holder gets.</summary>
/// <param name="Reserve">Requests that it may let go without asking again.</param>
/// <param name="Sharers">Living holders that take from the limit, itself included.</param>
/// <param name="Before">How many of them come before it, in an order that all see alike: who gets what does not divide evenly.</param>
/// <param name="MoreAt">When more will be free by the passing of time alone; null when nothing is taken.</param>
/// <param name="LastOfOthers">When the last request of another holder may have left; null when none did lately.</param>
public sealed record LimitGrant(
    int Reserve,
    int Sharers,
    int Before,
    DateTimeOffset? MoreAt,
    DateTimeOffset? LastOfOthers
);

/// <summary>Somebody on the other side asks to be left alone.</summary>
/// <param name="ConnectorId">By which connector.</param>
/// <param name="Origin">Scheme, host and port when only requests to them are meant; empty for all.</param>
/// <param name="Host">Who asked.</param>
/// <param name="Until">Until when.</param>
public sealed record LimitHold(long ConnectorId, string Origin, string Host, DateTimeOffset Until);

/// <summary>What has happened elsewhere.</summary>
/// <param name="Sharers">For each limit of the holder's that others take from too: connector, bucket, holders.</param>
/// <param name="Holds">All that have not passed.</param>
public sealed record LimitNews(
    IReadOnlyList<(long ConnectorId, int Bucket, int Sharers)> Sharers,
    IReadOnlyList<LimitHold> Holds
);
