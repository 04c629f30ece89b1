using Tributary.Engine.Store;

namespace Tributary.Engine.Runs;

/// <summary>Removes a connector: its documents in small transactions, then itself. A crash leaves it to go on.</summary>
internal sealed class DeleteRun(IPruneStore store, RunRegistry registry, TimeProvider time)
{
    private const int BatchSize = 500;

    public async Task ExecuteAsync(StartedRun start, CancellationToken shutdown)
    {
        var (fence, connector) = (start.Fence, start.Connector);
        do
        {
            while (
                await store
                    .ReleaseDocumentsAsync(
                        fence,
                        connector.WorkspaceId,
                        connector.Id,
                        BatchSize,
                        time.GetUtcNow(),
                        shutdown
                    )
                    .ConfigureAwait(false) > 0
            )
            {
                shutdown.ThrowIfCancellationRequested();
            }
        } while (
            !await store.RemoveConnectorAsync(fence, connector.Id, time.GetUtcNow(), shutdown).ConfigureAwait(false)
        );

        registry.Signal(start.Run.Id);
    }
}
