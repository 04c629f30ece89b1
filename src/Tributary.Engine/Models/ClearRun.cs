using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Engine.Models;

/// <summary>Removes what a model held, in small transactions. A crash leaves it to go on; nobody can stop it half-way.</summary>
internal sealed class ClearRun(IRecordStore records, IPruneStore documents, TimeProvider time)
{
    private const int BatchSize = 500;

    public async Task<RunOutcome> ExecuteAsync(StartedRun start, Model model, CancellationToken shutdown)
    {
        int removed;
        do
        {
            shutdown.ThrowIfCancellationRequested();
            removed =
                model.Kind == ModelKind.Documents
                    ? await documents
                        .ReleaseDocumentsAsync(
                            start.Fence,
                            model.WorkspaceId,
                            start.Connector.Id,
                            BatchSize,
                            time.GetUtcNow(),
                            shutdown
                        )
                        .ConfigureAwait(false)
                    : await records
                        .ClearAsync(start.Fence, model, BatchSize, time.GetUtcNow(), shutdown)
                        .ConfigureAwait(false);
        } while (removed > 0);

        return new RunOutcome(RunState.Succeeded);
    }
}
