namespace Tributary.Engine.Outbound.Retry;

/// <summary>
/// Bounds the retries of one connector in proportion to its successes, so that a source that is down is not hit with
/// a multiple of the usual load. Waits that the source itself asked for are free.
/// </summary>
internal sealed class RetryBudget
{
    private const int Full = 500;
    private const int Price = 10;

    private int _tokens = Full;

    /// <summary>An attempt was answered well: a tenth of a retry is earned.</summary>
    public void Succeeded()
    {
        if (Volatile.Read(ref _tokens) < Full)
        {
            Interlocked.Increment(ref _tokens);
        }
    }

    /// <summary>Takes one retry out of the budget; false when it is used up.</summary>
    public bool TrySpend()
    {
        if (Interlocked.Add(ref _tokens, -Price) >= 0)
        {
            return true;
        }

        Interlocked.Add(ref _tokens, Price);
        return false;
    }
}
