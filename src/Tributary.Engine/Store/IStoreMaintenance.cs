namespace Tributary.Engine.Store;

/// <summary>The store as a whole.</summary>
public interface IStoreMaintenance
{
    /// <summary>Opens it, takes its lock, and brings it to this version's schema.</summary>
    /// <exception cref="StoreException">It cannot be used; the message says why and what to do.</exception>
    Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Whether it answers.</summary>
    ValueTask<bool> IsHealthyAsync(CancellationToken cancellationToken);
}

/// <summary>The store cannot be used.</summary>
public sealed class StoreException(string message, Exception? inner = null) : Exception(message, inner);
