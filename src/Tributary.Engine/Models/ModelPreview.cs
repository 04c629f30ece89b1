using System.Text.Json;
using Tributary.Engine.Connectors;
using Tributary.Engine.Custom;
using Tributary.Engine.Workspaces;
using Tributary.Sdk;

namespace Tributary.Engine.Models;

/// <summary>Looks at what an extractor would give. Nothing is stored.</summary>
internal sealed class ModelPreview(ModelContext context, IExtractorClient extractors)
{
    private const string None = "none";
    private const string Records = "records";

    public async Task<ExtractorPage> RecordsAsync(
        Caller caller,
        Guid dataset,
        string extractor,
        JsonElement config,
        CancellationToken cancellationToken
    )
    {
        var call = await CallAsync(caller, dataset, extractor, config, demand: Records, cancellationToken)
            .ConfigureAwait(false);
        return await AskAsync(() => extractors.FetchAsync(call, meta: null, isDry: true, cancellationToken))
            .ConfigureAwait(false);
    }

    public async Task<long> CountAsync(
        Caller caller,
        Guid dataset,
        string extractor,
        JsonElement config,
        CancellationToken cancellationToken
    )
    {
        var call = await CallAsync(caller, dataset, extractor, config, demand: null, cancellationToken)
            .ConfigureAwait(false);
        return await AskAsync(() => extractors.CountAsync(call, cancellationToken)).ConfigureAwait(false);
    }

    private async Task<ExtractorCall> CallAsync(
        Caller caller,
        Guid uuid,
        string extractor,
        JsonElement config,
        string? demand,
        CancellationToken cancellationToken
    )
    {
        // It spends the connector's allowance at the source.
        caller.Demand(Role.Editor);
        ModelRules.DemandShape(slug: null, name: null, config);
        var dataset = await context.DatasetAsync(caller.WorkspaceId, uuid, cancellationToken).ConfigureAwait(false);
        var connector =
            dataset.Connector
            ?? throw new EngineException(
                RefusalKind.Rejected,
                "The dataset 'default' belongs to no connector: there is nothing to preview.",
                "modelNotCompatible"
            );
        var description = await context.ExtractorAsync(connector, extractor, cancellationToken).ConfigureAwait(false);
        if (description.Preview == None || (demand is not null && description.Preview != demand))
        {
            throw new EngineException(
                RefusalKind.Rejected,
                $"The extractor '{extractor}' has no preview of its {demand ?? "count"}.",
                "integrationNotCompatible"
            );
        }

        ModelRules.DemandConfig(config, description.Config.JsonSchema);
        return new ExtractorCall(connector, extractor, Guid.NewGuid(), config);
    }

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (SourceException exception)
        {
            throw new EngineException(RefusalKind.Rejected, exception.Message, "failedToGetIntegration");
        }
    }
}
