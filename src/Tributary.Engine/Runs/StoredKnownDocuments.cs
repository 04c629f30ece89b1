using Tributary.Engine.Store;
using Tributary.Sdk.Reading;

namespace Tributary.Engine.Runs;

/// <summary>What the store knows of a connector's documents.</summary>
internal sealed class StoredKnownDocuments(IDocumentStore store, long workspaceId, long connectorId) : IKnownDocuments
{
    public async ValueTask<IReadOnlyDictionary<string, KnownDocument>> GetAsync(
        IReadOnlyCollection<string> ids,
        CancellationToken cancellationToken
    )
    {
        var stored = await store.LookUpAsync(workspaceId, connectorId, ids, cancellationToken).ConfigureAwait(false);
        return stored
            .Where(pair => pair.Value.IsHeld)
            .ToDictionary(
                pair => pair.Key,
                pair => new KnownDocument(pair.Value.Version, pair.Value.Note),
                StringComparer.Ordinal
            );
    }
}
