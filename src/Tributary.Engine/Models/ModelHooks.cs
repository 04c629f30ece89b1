using Microsoft.Extensions.Logging;
using Tributary.Engine.Connectors;
using Tributary.Engine.Custom;

namespace Tributary.Engine.Models;

/// <summary>Models that a custom integration pushes into, with what it has set up for them at the source.</summary>
internal sealed partial class ModelHooks(
    IModelStore store,
    ModelContext context,
    IExtractorClient extractors,
    ILogger<ModelHooks> logger
)
{
    /// <summary>Whether the integration has set something up at the source for the model. What is gone has set nothing up.</summary>
    public async Task<bool> IsHookAsync(Model model, CancellationToken cancellationToken)
    {
        try
        {
            var source = await context.SourceAsync(model, cancellationToken).ConfigureAwait(false);
            return source is { Extractor.Mode: { IsFetch: false, AutoIngest: true } };
        }
        catch (EngineException)
        {
            return false;
        }
    }

    /// <summary>Tells the integration that a connector rests, or goes on. The connector does so whatever the integration answers.</summary>
    public async Task TellAsync(Connector connector, bool isPaused, CancellationToken cancellationToken)
    {
        var models = await store.ListAsync(connector.WorkspaceId, cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(
                models
                    .Where(model => model.ConnectorId == connector.Id)
                    .Select(model => TellAsync(connector, model, isPaused, cancellationToken))
            )
            .ConfigureAwait(false);
    }

    private async Task TellAsync(Connector connector, Model model, bool isPaused, CancellationToken cancellationToken)
    {
        if (!await IsHookAsync(model, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var call = new ExtractorCall(connector, model.ExtractorSlug, model.Uuid, model.Config);
        try
        {
            await (
                isPaused
                    ? extractors.PauseAsync(call, cancellationToken)
                    : extractors.ResumeAsync(call, cancellationToken)
            ).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is Sdk.SourceException or EngineException)
        {
            LogNotTold(logger, exception, model.Uuid, isPaused ? "paused" : "resumed");
        }
    }

    [LoggerMessage(3301, LogLevel.Warning, "The integration of model {Model} could not be told that it is {State}")]
    private static partial void LogNotTold(ILogger logger, Exception exception, Guid model, string state);
}
