using Tributary.Engine.Secrets;
using Tributary.Engine.Store;

namespace Tributary.Engine;

/// <summary>Opens store and key ring, and finds what a crash has left; to be awaited before anything else is asked of the engine.</summary>
public sealed class EngineStart(
    IStoreMaintenance store,
    IConnectorStore connectors,
    IRunStore runs,
    EngineOptions options,
    TimeProvider time
)
{
    private KeyRing? _keys;

    /// <summary>The key ring, once opened.</summary>
    public KeyRing Keys => _keys ?? throw new InvalidOperationException("The engine was not opened.");

    /// <summary>Opens.</summary>
    /// <returns>How many runs a crash had interrupted; they are queued again.</returns>
    /// <exception cref="StoreException">Store or key ring cannot be used; the message says why and what to do.</exception>
    public async Task<int> OpenAsync(CancellationToken cancellationToken)
    {
        await store.OpenAsync(cancellationToken).ConfigureAwait(false);
        var inUse = await connectors.ListKeyIdsInUseAsync(cancellationToken).ConfigureAwait(false);
        _keys = KeyRing.Load(options.DataFolder, inUse, Environment.GetEnvironmentVariable("TRIBUTARY_KEYS"));
        return await runs.RecoverAsync(time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
    }
}
