using Tributary.Engine.Files;
using Tributary.Engine.Store;

namespace Tributary.Engine.Runs;

/// <summary>Removes a connector: its documents in small transactions, its uploads, then itself. A crash leaves it to go on.</summary>
internal sealed class DeleteRun(IPruneStore store, FileVault files, RunRegistry registry, TimeProvider time)
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

            await files.DeleteOnlyOfAsync(connector.WorkspaceId, connector.Id, shutdown).ConfigureAwait(false);
        } while (
            !await store.RemoveConnectorAsync(fence, connector.Id, time.GetUtcNow(), shutdown).ConfigureAwait(false)
        );

        registry.Signal(start.Run.Id);
    }
}
