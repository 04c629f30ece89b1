using Microsoft.Extensions.Hosting;
using Tributary.Api.Clarm.Files;
using Tributary.Api.Http;
using Tributary.Engine;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;

namespace Tributary.Api.Clarm.Sources;

/// <summary>Creates one source and reads it to its end.</summary>
internal sealed class IngestSource(Exchange exchange, PlannedSource plan)
{
    // Not the request's token: a source that was begun is finished, whether its caller is still there or not.
    private readonly CancellationToken _stopping = exchange.Get<IHostApplicationLifetime>().ApplicationStopping;

    /// <summary>Does it; what goes wrong is in the result, so that the other sources go on.</summary>
    public async Task<IngestResult> RunAsync()
    {
        if (plan.Problem is { } problem)
        {
            await Uploads.DiscardAsync(exchange, plan.Files);
            return Failed(null, problem);
        }

        Connector connector;
        try
        {
            connector = await exchange
                .Get<IConnectorService>()
                .CreateAsync(
                    exchange.Caller,
                    new ConnectorDraft
                    {
                        Name = plan.Body.Name,
                        IntegrationSlug = plan.Body.Type,
                        Config = plan.Config,
                        Credentials = plan.Credentials,
                        RefreshFreq = plan.Body.RefreshFreq,
                        PruneFreq = plan.Body.PruneFreq,
                    },
                    _stopping
                );
        }
        catch (EngineException refusal)
        {
            await Uploads.DiscardAsync(exchange, plan.Files);
            return Failed(null, refusal.Message);
        }

        try
        {
            return await ResultAsync(connector, await WaitAsync(connector));
        }
        catch (EngineException refusal)
        {
            return Failed(connector.Id, refusal.Message);
        }
    }

    private async Task<Run> WaitAsync(Connector connector)
    {
        var runs = exchange.Get<IRunService>();
        var overview = await exchange
            .Get<IConnectorService>()
            .GetOverviewAsync(exchange.Caller, connector.Id, _stopping);

        // The first run was queued with the source, and may have ended already.
        var run =
            overview.CurrentRun
            ?? overview.LastRun
            ?? await runs.RequestAsync(exchange.Caller, connector.Id, RunKind.Refresh, _stopping);
        return await runs.WaitAsync(exchange.Caller, run.Id, _stopping);
    }

    private async Task<IngestResult> ResultAsync(Connector connector, Run run)
    {
        var counts = run.Counts;
        var indexed = counts.Added + counts.Updated + counts.Unchanged;
        var ended = run.State is RunState.Succeeded or RunState.SucceededWithFailures;

        // Who uploads a file wants that file; who names a site can do without one of its pages.
        var good = ended && (counts.Failed == 0 || (indexed > 0 && plan.Files.Count == 0));
        var message =
            !ended ? run.Error ?? $"The run was {run.State.ToString().ToLowerInvariant()}."
            : counts.Failed > 0 ? await TellFailuresAsync(connector, counts.Failed)
            : null;
        return new IngestResult(plan.Body.Name, plan.Body.Type, connector.Id, indexed, counts.Chunks, good, message);
    }

    private async Task<string> TellFailuresAsync(Connector connector, long count)
    {
        var failures = await exchange
            .Get<IRunService>()
            .ListFailuresAsync(exchange.Caller, connector.Id, includeResolved: false, long.MaxValue, 5, _stopping);
        var reasons = failures.Select(failure => $"{failure.ItemId}: {failure.Reason}");
        return $"{count} documents failed: {string.Join("; ", reasons)}";
    }

    private IngestResult Failed(long? connectorId, string message) =>
        new(plan.Body.Name, plan.Body.Type, connectorId, 0, 0, Success: false, message);
}
