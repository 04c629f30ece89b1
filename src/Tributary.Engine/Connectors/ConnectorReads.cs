using Tributary.Engine.Runs;
using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Connectors;

/// <summary>Reads of connectors that a change or a pause makes due.</summary>
internal sealed class ConnectorReads(IRunStore runs, TimeProvider time)
{
    /// <summary>Queues a read, when the connector has a documents model to be filled.</summary>
    public async Task EnqueueAsync(
        Caller caller,
        Connector connector,
        RunKind kind,
        CancellationToken cancellationToken
    )
    {
        if (await runs.HasDocumentsModelAsync(connector.Id, cancellationToken).ConfigureAwait(false))
        {
            await runs.EnqueueAsync(
                    new NewRun(Guid.NewGuid(), caller.WorkspaceId, connector.Id, kind, caller.Name, time.GetUtcNow()),
                    null,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
    }
}
