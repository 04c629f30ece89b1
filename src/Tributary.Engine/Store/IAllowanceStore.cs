namespace Tributary.Engine.Store;

/// <summary>Counts what workspaces use of shared credentials.</summary>
public interface IAllowanceStore
{
    /// <summary>Counts one request, if there is room for it in the window that ends now.</summary>
    /// <param name="workspaceId">Whose allowance.</param>
    /// <param name="integration">Of which integration.</param>
    /// <param name="window">The window's length; at least a second.</param>
    /// <param name="max">Requests in any window.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when it was counted; otherwise when there may be room again.</returns>
    Task<DateTimeOffset?> TryUseAsync(
        long workspaceId,
        string integration,
        TimeSpan window,
        int max,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );
}
