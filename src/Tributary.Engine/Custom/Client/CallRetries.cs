using Tributary.Engine.Catalog;
using Tributary.Sdk;

namespace Tributary.Engine.Custom.Client;

/// <summary>Tries calls again as a manifest asks for it, within bounds of ours.</summary>
internal sealed class CallRetries(TimeProvider time)
{
    /// <summary>Nobody may have us try more often.</summary>
    public const int MostAttempts = 20;

    private const int UsualAttempts = 3;
    private const long UsualInterval = 1_000;
    private const int MostFreeAttempts = 20;
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(10);

    /// <summary>How long to wait after an attempt; the first is 1.</summary>
    public static TimeSpan WaitAfter(RetryDescription? policy, int attempt)
    {
        var first = policy?.InitialInterval ?? UsualInterval;
        var milliseconds = first * Math.Pow(policy?.BackoffCoefficient ?? 2, Math.Min(attempt - 1, 100));
        return milliseconds < _longest.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : _longest;
    }

    /// <summary>How often to try.</summary>
    public static int Attempts(RetryDescription? policy, int usual = UsualAttempts) =>
        Math.Clamp(policy?.MaximumAttempts ?? usual, 1, MostAttempts);

    /// <summary>
    /// Sends until it is answered for good. Without a policy it is sent once: what the way out does by itself is enough. An
    /// answer that asks to wait is no attempt: the connector's limits see to the wait.
    /// </summary>
    public async Task<CustomAnswer> SendAsync(
        RetryDescription? policy,
        Func<Task<CustomAnswer>> send,
        CancellationToken cancellationToken
    )
    {
        var free = 0;
        for (var attempt = 1; ; )
        {
            try
            {
                var answer = await send().ConfigureAwait(false);
                var waits = answer is { Status: 429, AsksToWait: true };
                if (
                    policy is null
                    || !answer.IsTransient
                    || (waits ? free == MostFreeAttempts : attempt >= Attempts(policy))
                )
                {
                    return answer;
                }

                if (waits)
                {
                    free++;
                    continue;
                }
            }
            catch (SourceException exception)
                when (policy is not null && exception.Kind == FailureKind.Transient && attempt < Attempts(policy)) { }

            await Task.Delay(WaitAfter(policy, attempt), time, cancellationToken).ConfigureAwait(false);
            attempt++;
        }
    }
}
