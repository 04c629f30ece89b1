namespace Tributary.Integrations.Tests;

internal static class TestWait
{
    /// <summary>Waits until something is so; fails after 20 seconds saying what it waited for.</summary>
    public static async Task Until(Func<bool> condition, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"Waited 20 seconds until {what}.");
            }

            await Task.Yield();
        }
    }
}
