using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tributary.Engine.Secrets;
using Tributary.Engine.Store;

namespace Tributary.Engine;

/// <summary>Opens store and key ring, and finds what a crash has left; to be awaited before anything else is asked of the engine.</summary>
public sealed partial class EngineStart(
    IStoreMaintenance store,
    IConnectorStore connectors,
    IRunStore runs,
    EngineOptions options,
    TimeProvider time,
    ILogger<EngineStart> logger
) : IHostedService
{
    private KeyRing? _keys;

    /// <summary>The key ring, once opened.</summary>
    public KeyRing Keys => _keys ?? throw new InvalidOperationException("The engine was not opened.");

    /// <summary>Opens, for a process that will run what is due.</summary>
    /// <returns>How many runs a crash had interrupted; they are queued again.</returns>
    /// <exception cref="StoreException">Store or key ring cannot be used; the message says why and what to do.</exception>
    public async Task<int> OpenAsync(CancellationToken cancellationToken)
    {
        await OpenIdleAsync(cancellationToken).ConfigureAwait(false);
        return await runs.RecoverAsync(time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens, for a command that runs nothing.</summary>
    /// <exception cref="StoreException">Store or key ring cannot be used; the message says why and what to do.</exception>
    public async Task OpenIdleAsync(CancellationToken cancellationToken)
    {
        await store.OpenAsync(cancellationToken).ConfigureAwait(false);
        var inUse = await connectors.ListKeyIdsInUseAsync(cancellationToken).ConfigureAwait(false);
        _keys = KeyRing.Load(options.DataFolder, inUse, Environment.GetEnvironmentVariable("TRIBUTARY_KEYS"));
    }

    /// <inheritdoc />
    async Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        var interrupted = await OpenAsync(cancellationToken).ConfigureAwait(false);
        if (interrupted > 0)
        {
            LogRecovered(interrupted);
        }
    }

    /// <inheritdoc />
    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(
        20,
        LogLevel.Warning,
        "{Count} runs were interrupted when the process last ended; they go on from their checkpoints."
    )]
    private partial void LogRecovered(int count);
}
