using Tributary.Sdk;

namespace Tributary.Engine.Outbound.Pacing;

/// <summary>Where a connector's limits get what they may let go, when other processes share them.</summary>
internal interface ILimitSource
{
    /// <summary>Until when what was granted may be used, in timestamps: after that, others take it that this process is dead.</summary>
    long LeaseEnds { get; }

    /// <summary>Asks soon, elsewhere, what <see cref="ConnectorLimits.Prepare"/> says. Called under the connector's lock.</summary>
    void Wanted(ConnectorLimits limits);
}

/// <summary>What one window asks of the store.</summary>
/// <param name="Version">Of the connector's set of limits.</param>
/// <param name="Bucket">Which of the connector's limits: 16 × unit + number among those of the unit.</param>
/// <param name="Limit">The limit.</param>
/// <param name="Arrivals">All that is to be recorded.</param>
/// <param name="Mark">Up to where that is; null when nothing is recorded.</param>
/// <param name="Kept">What it keeps in any case, because it may be in use.</param>
/// <param name="Wanted">What it would like to have.</param>
internal sealed record WindowClaim(
    int Version,
    int Bucket,
    RateLimit Limit,
    IReadOnlyList<Arrivals> Arrivals,
    long? Mark,
    int Kept,
    int Wanted
);

/// <summary>What one window got.</summary>
/// <param name="Reserve">Requests that it may let go.</param>
/// <param name="Sharers">Processes that take from the limit, this one included.</param>
/// <param name="Before">How many of them come before it.</param>
/// <param name="MoreAt">When there will be more, in timestamps.</param>
/// <param name="LastOfOthers">When the last request of another process may have arrived, in timestamps; null for none.</param>
internal readonly record struct WindowGrant(int Reserve, int Sharers, int Before, long MoreAt, long? LastOfOthers);
