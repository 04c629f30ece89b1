using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Tributary.Engine.Connectors;
using Tributary.Engine.Models;
using Tributary.Engine.Store;
using Tributary.Sdk;

namespace Tributary.Engine.Runs;

/// <summary>Does what a connector is to do, one run after the other, and says how each ended.</summary>
internal sealed partial class RunExecutor(
    IRunStore runs,
    IConnectorStore connectors,
    ConnectorSettings connectorSettings,
    ReadRun read,
    PruneRun prune,
    DeleteRun delete,
    ExtractorRun extract,
    ClearRun clear,
    IModelStore models,
    RunRegistry registry,
    TimeProvider time,
    ILogger<RunExecutor> logger
)
{
    private static readonly TimeSpan EndAgain = TimeSpan.FromSeconds(10);

    /// <summary>Runs everything that is due for the connector. Ends early, leaving a run as it is, when the process shuts down.</summary>
    public async Task RunDueAsync(long connectorId, CancellationToken shutdown)
    {
        while (
            !shutdown.IsCancellationRequested
            && await runs.TryBeginAsync(connectorId, time.GetUtcNow(), shutdown).ConfigureAwait(false) is { } start
        )
        {
            await ExecuteAsync(start, shutdown).ConfigureAwait(false);
        }
    }

    private async Task ExecuteAsync(StartedRun start, CancellationToken shutdown)
    {
        var connector = start.Connector;
        var stop = registry.Begin(connector.Id, start.Run.Id, shutdown);
        LogStarted(start.Run.Kind, start.Run.Id, connector.Id, connector.Name);
        try
        {
            var outcome = await OutcomeAsync(start, stop.Token, shutdown).ConfigureAwait(false);
            if (outcome is null || (outcome.IsStopped && shutdown.IsCancellationRequested))
            {
                // Left as running: the next start finds it, says that it was interrupted, and goes on from its checkpoint.
                return;
            }

            if (await EndAsync(start, outcome, shutdown).ConfigureAwait(false) is { } run)
            {
                LogEnded(run.Kind, run.Id, connector.Id, connector.Name, run.State, Summary(run));
            }
        }
        catch (FencedException)
        {
            LogFenced(start.Run.Id, connector.Id);
        }
        finally
        {
            registry.End(connector.Id, start.Run.Id);
        }
    }

    /// <summary>How the run ended; null when it has ended itself, or the process is shutting down.</summary>
    private async Task<RunOutcome?> OutcomeAsync(StartedRun start, CancellationToken stop, CancellationToken shutdown)
    {
        try
        {
            if (start.Run.Kind == RunKind.Delete)
            {
                await delete.ExecuteAsync(start, shutdown).ConfigureAwait(false);
                return null;
            }

            var model = await ModelAsync(start.Run, stop).ConfigureAwait(false);
            if (start.Run.Kind == RunKind.Clear)
            {
                return await clear.ExecuteAsync(start, model!, shutdown).ConfigureAwait(false);
            }

            if (model is { Kind: ModelKind.Records })
            {
                return await extract.ExecuteAsync(start, model, stop).ConfigureAwait(false);
            }

            var settings = await connectorSettings.OpenAsync(start.Connector, stop).ConfigureAwait(false);
            if (!settings.HasRuns)
            {
                return new RunOutcome(RunState.Succeeded);
            }

            return start.Run.Kind == RunKind.Prune
                ? await prune.ExecuteAsync(start, settings, stop).ConfigureAwait(false)
                : await read.ExecuteAsync(start, settings, stop).ConfigureAwait(false);
        }
        catch (Exception) when (shutdown.IsCancellationRequested)
        {
            return null;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return RunOutcome.Stopped;
        }
        catch (FencedException)
        {
            throw;
        }
        catch (SourceException exception)
        {
            return RunOutcome.Failed(exception.Kind, exception.Message);
        }
        catch (EngineException exception)
        {
            return RunOutcome.Failed(FailureKind.Configuration, exception.Message);
        }
        catch (HttpRequestException exception)
        {
            return RunOutcome.Failed(FailureKind.Transient, exception.Message);
        }
        catch (JsonException exception)
        {
            return RunOutcome.Failed(
                FailureKind.Source,
                $"The source answered with JSON that is not valid: {exception.Message}"
            );
        }
        catch (Exception exception)
        {
            LogBug(exception, start.Run.Id, start.Connector.Id);
            return RunOutcome.Failed(
                FailureKind.Bug,
                $"An error of ours, which the log of the server explains (run {start.Run.Id}): {exception.GetType().Name}"
            );
        }
    }

    /// <summary>
    /// Stores the end, however long the store cannot take it (a full disk): a run that stayed behind as running would keep
    /// its connector from ever running again. Null when the process shuts down before.
    /// </summary>
    private async Task<Run?> EndAsync(StartedRun start, RunOutcome outcome, CancellationToken shutdown)
    {
        while (true)
        {
            try
            {
                return await FinishAsync(start, outcome).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not FencedException)
            {
                LogEndNotStored(exception, start.Run.Id, start.Connector.Id);
            }

            await Task.Delay(EndAgain, time, shutdown).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (shutdown.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    private async Task<Run> FinishAsync(StartedRun start, RunOutcome outcome)
    {
        var connector =
            await connectors
                .FindAsync(start.Connector.WorkspaceId, start.Connector.Id, CancellationToken.None)
                .ConfigureAwait(false)
            ?? start.Connector;
        var model = await ModelAsync(start.Run, CancellationToken.None).ConfigureAwait(false);
        var now = time.GetUtcNow();
        var regular = ModelSchedule.Next(model, now);
        var state = outcome.State;
        if (outcome.IsStopped)
        {
            // Stopped by a pause or a deletion it goes on another day; stopped by itself it was cancelled.
            state = connector.Status is ConnectorStatus.Paused or ConnectorStatus.Deleting
                ? RunState.Interrupted
                : RunState.Canceled;
        }

        return await runs.FinishAsync(
                new RunEnd
                {
                    Fence = start.Fence,
                    ConnectorId = connector.Id,
                    Kind = start.Run.Kind,
                    RecordsModelId = model is { Kind: ModelKind.Records } ? model.Id : null,
                    State = state,
                    Now = now,
                    ErrorKind = outcome.ErrorKind,
                    Error = outcome.Error,
                    CheckFailed = outcome.CheckFailed,
                    MissingCount = outcome.MissingCount,
                    NextRefreshAt = failures =>
                        start.Run.Kind is RunKind.Delete or RunKind.Clear ? Schedule.RetryDeletion(failures, now)
                        : state == RunState.Failed && outcome.ErrorKind == FailureKind.Transient
                            ? Schedule.Retry(regular, failures, now)
                        : regular,
                    NextPruneAt =
                        start.Run.Kind == RunKind.Prune
                            ? new Change<DateTimeOffset?>(Schedule.NextPrune(connector.PruneFreq, now))
                            : null,
                },
                CancellationToken.None
            )
            .ConfigureAwait(false);
    }

    private async ValueTask<Model?> ModelAsync(Run run, CancellationToken cancellationToken) =>
        run.ModelId is { } id ? await models.FindAsync(id, cancellationToken).ConfigureAwait(false) : null;

    private static string Summary(Run run)
    {
        var counts = run.Counts;
        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"{counts.Read} read, {counts.Added} added, {counts.Updated} updated, {counts.Deleted} deleted, {counts.Failed} failed."
        );
        return run.Error is null ? summary : $"{summary} {run.Error}";
    }

    [LoggerMessage(1, LogLevel.Information, "{Kind} {RunId} of connector {ConnectorId} ({Name}) has begun.")]
    private partial void LogStarted(RunKind kind, long runId, long connectorId, string name);

    [LoggerMessage(
        2,
        LogLevel.Information,
        "{Kind} {RunId} of connector {ConnectorId} ({Name}) has ended: {State}. {Summary}"
    )]
    private partial void LogEnded(
        RunKind kind,
        long runId,
        long connectorId,
        string name,
        RunState state,
        string summary
    );

    [LoggerMessage(
        3,
        LogLevel.Warning,
        "Run {RunId} of connector {ConnectorId} is not the one that counts any more (its connector was changed, or another run has begun): it writes nothing."
    )]
    private partial void LogFenced(long runId, long connectorId);

    [LoggerMessage(4, LogLevel.Error, "Run {RunId} of connector {ConnectorId} has failed by an error of ours.")]
    private partial void LogBug(Exception exception, long runId, long connectorId);

    [LoggerMessage(
        5,
        LogLevel.Warning,
        "The end of run {RunId} of connector {ConnectorId} could not be stored; it is tried again every ten seconds."
    )]
    private partial void LogEndNotStored(Exception exception, long runId, long connectorId);
}

/// <summary>How a run ended.</summary>
internal sealed record RunOutcome(RunState State)
{
    public FailureKind? ErrorKind { get; init; }

    public string? Error { get; init; }

    public bool CheckFailed { get; init; }

    public long? MissingCount { get; init; }

    public bool IsStopped { get; init; }

    public static RunOutcome Stopped { get; } = new(RunState.Canceled) { IsStopped = true };

    public static RunOutcome Failed(FailureKind kind, string error) =>
        new(RunState.Failed) { ErrorKind = kind, Error = error };
}
