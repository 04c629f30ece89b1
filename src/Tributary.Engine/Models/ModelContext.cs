using Tributary.Engine.Catalog;
using Tributary.Engine.Connectors;
using Tributary.Engine.Store;

namespace Tributary.Engine.Models;

/// <summary>Finds what stands around a model, in the order in which the Cargo dialect names what is missing.</summary>
internal sealed class ModelContext(IModelStore models, IConnectorStore connectors, IIntegrationDirectory integrations)
{
    /// <summary>A dataset of the workspace.</summary>
    public async Task<Dataset> DatasetAsync(long workspaceId, Guid uuid, CancellationToken cancellationToken) =>
        await models.FindDatasetAsync(workspaceId, uuid, cancellationToken).ConfigureAwait(false)
        ?? throw EngineException.NotFound($"Dataset {uuid} does not exist.", "datasetNotFound");

    /// <summary>A model whose dataset is there.</summary>
    public async Task<Model> ModelAsync(long workspaceId, Guid uuid, CancellationToken cancellationToken)
    {
        var model =
            await models.FindAsync(workspaceId, uuid, cancellationToken).ConfigureAwait(false)
            ?? throw EngineException.NotFound($"Model {uuid} does not exist.", "modelNotFound");
        return model.IsConnectorGone
            ? throw EngineException.NotFound(
                $"The connector of model '{model.Slug}' is being deleted, and its dataset with it.",
                "datasetNotFound"
            )
            : model;
    }

    /// <summary>A model's connector and extractor; none for a model that is only written through the API.</summary>
    public async Task<(Connector Connector, ExtractorDescription Extractor)?> SourceAsync(
        Model model,
        CancellationToken cancellationToken
    )
    {
        if (model.ConnectorId is not { } id)
        {
            return null;
        }

        var connector =
            await connectors.FindAsync(model.WorkspaceId, id, cancellationToken).ConfigureAwait(false)
            ?? throw EngineException.NotFound(
                $"The connector of model '{model.Slug}' does not exist any more.",
                "connectorNotFound"
            );
        return (
            connector,
            await ExtractorAsync(connector, model.ExtractorSlug, cancellationToken).ConfigureAwait(false)
        );
    }

    /// <summary>An extractor of a connector's integration.</summary>
    public async Task<ExtractorDescription> ExtractorAsync(
        Connector connector,
        string slug,
        CancellationToken cancellationToken
    )
    {
        var integration = await IntegrationAsync(connector, cancellationToken).ConfigureAwait(false);
        if (integration.Extractors.Count == 0)
        {
            throw new EngineException(
                RefusalKind.Rejected,
                $"The integration '{integration.Slug}' has no extractors: it cannot fill a model.",
                "integrationNotCompatible"
            );
        }

        return integration.Extractors.GetValueOrDefault(slug)
            ?? throw new EngineException(
                RefusalKind.Rejected,
                $"The integration '{integration.Slug}' has no extractor '{slug}'; it has {string.Join(", ", integration.Extractors.Keys)}.",
                "modelNotCompatible"
            );
    }

    /// <summary>Whether a connector's models are filled by somebody else's program.</summary>
    public async Task<bool> IsCustomAsync(Connector connector, CancellationToken cancellationToken) =>
        (await IntegrationAsync(connector, cancellationToken).ConfigureAwait(false)).IsCustom;

    private async Task<IntegrationDescription> IntegrationAsync(
        Connector connector,
        CancellationToken cancellationToken
    ) =>
        await integrations
            .FindAsync(connector.WorkspaceId, connector.IntegrationSlug, cancellationToken)
            .ConfigureAwait(false)
        ?? throw EngineException.NotFound(
            $"The integration '{connector.IntegrationSlug}' does not exist any more.",
            "integrationNotFound"
        );
}
