using Tributary.Api.Http;

namespace Tributary.Api.Clarm.Sources;

/// <summary>The least time between runs. It holds when a source is changed; when it is created, less is accepted and counts as this.</summary>
internal static class Frequencies
{
    /// <summary>Refuses what is too often, in seconds.</summary>
    public static void Demand(long? refreshFreq, long? pruneFreq)
    {
        if (refreshFreq < 60)
        {
            throw new RequestException(400, "refresh_freq must be ≥ 1 minute (60 seconds).");
        }

        if (pruneFreq is > 0 and < 300)
        {
            throw new RequestException(400, "prune_freq must be ≥ 5 minutes (300 seconds), or 0 for no pruning.");
        }
    }
}
