using Tributary.Engine.Connectors;
using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;
using Tributary.Sdk.Documents;

namespace Tributary.Engine.Ingestion;

/// <inheritdoc cref="IPushService"/>
internal sealed class PushService(
    IDocumentStore documents,
    IConnectorStore connectors,
    BuiltInConnectors builtIn,
    DocumentPreparer preparer,
    TimeProvider time
) : IPushService
{
    private const int MaxBatch = 1_000;

    public async Task<IReadOnlyList<PushedDocument>> PushAsync(
        Caller caller,
        long? connectorId,
        IReadOnlyList<Document> pushed,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Editor);
        if (pushed.Count > MaxBatch)
        {
            throw new EngineException(
                RefusalKind.Rejected,
                $"At most {MaxBatch} documents a call; these are {pushed.Count}. Send them in several."
            );
        }

        var connector = connectorId is { } id
            ? await connectors.FindAsync(caller.WorkspaceId, id, cancellationToken).ConfigureAwait(false)
            : await builtIn.GetPushConnectorAsync(caller, cancellationToken).ConfigureAwait(false);
        if (connector is null)
        {
            throw EngineException.NotFound($"Connector {connectorId} does not exist");
        }

        var prepared = new List<PreparedDocument>(pushed.Count);
        foreach (var document in pushed)
        {
            prepared.Add(
                await preparer
                    .PrepareAsync(document, connector.IntegrationSlug, cancellationToken)
                    .ConfigureAwait(false)
            );
        }

        var outcome = await documents
            .CommitAsync(
                new DocumentBatch
                {
                    WorkspaceId = caller.WorkspaceId,
                    ConnectorId = connector.Id,
                    Now = time.GetUtcNow(),
                    Documents = prepared,
                    IsPush = true,
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        var result = new PushedDocument[prepared.Count];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = new PushedDocument(
                prepared[i].ExternalId,
                outcome.Results[i] != DocumentResult.Added,
                prepared[i].Passages.Count
            );
        }

        return result;
    }

    public async Task DeleteAsync(Caller caller, string documentId, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        switch (await documents.IsPushedAsync(caller.WorkspaceId, documentId, cancellationToken).ConfigureAwait(false))
        {
            case null:
                throw EngineException.NotFound("Document not found");
            case false:
                throw new EngineException(RefusalKind.Rejected, "Document was not created via the ingestion API");
            default:
                await documents
                    .DeleteAsync(caller.WorkspaceId, [documentId], time.GetUtcNow(), cancellationToken)
                    .ConfigureAwait(false);
                break;
        }
    }

    public async Task<IReadOnlyList<DocumentSummary>> ListAsync(
        Caller caller,
        long? connectorId,
        long afterKey,
        int limit,
        CancellationToken cancellationToken
    )
    {
        if (
            connectorId is { } id
            && await connectors.FindAsync(caller.WorkspaceId, id, cancellationToken).ConfigureAwait(false) is null
        )
        {
            throw EngineException.NotFound($"Connector {id} does not exist");
        }

        return await documents
            .ListAsync(caller.WorkspaceId, connectorId, afterKey, limit, cancellationToken)
            .ConfigureAwait(false);
    }
}
