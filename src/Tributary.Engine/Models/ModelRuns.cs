using Tributary.Engine.Runs;
using Tributary.Engine.Scheduling;
using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Models;

/// <summary>Queues and ends runs that fill models.</summary>
internal sealed class ModelRuns(
    IModelStore store,
    IRunStore runs,
    IRunService runService,
    ModelContext context,
    IRunScheduler scheduler,
    TimeProvider time
)
{
    public async Task<ModelRun> StartAsync(
        Caller caller,
        Guid uuid,
        bool isReset,
        bool isForced,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Editor);
        var model = await context.ModelAsync(caller.WorkspaceId, uuid, cancellationToken).ConfigureAwait(false);
        var source = await context.SourceAsync(model, cancellationToken).ConfigureAwait(false);
        if (source is not { Extractor.Mode: { IsFetch: true } mode })
        {
            throw new EngineException(
                RefusalKind.Rejected,
                "This model can't be refreshed: it is not read but written to.",
                "modelNotCompatible"
            );
        }

        if (model.LastRun is { State: RunState.Queued or RunState.Running } open)
        {
            throw new EngineException(
                RefusalKind.Conflict,
                $"Run {open.Uuid} of this model is already going on.",
                "alreadyRunning"
            );
        }

        if (model.IsPaused)
        {
            throw new EngineException(
                RefusalKind.Conflict,
                "The connector of this model is paused or invalid: resume it first.",
                "modelIsPaused"
            );
        }

        var freshFor = TimeSpan.FromSeconds(mode.MinIntervalInSeconds ?? 0);
        if (
            !isReset
            && !isForced
            && model.LastRun is { State: RunState.Succeeded, FinishedAt: { } finished }
            && time.GetUtcNow() - finished < freshFor
        )
        {
            throw new EngineException(
                RefusalKind.Conflict,
                $"The model was read less than {freshFor.TotalSeconds:0} seconds ago, the least interval of its extractor; isForce reads it nevertheless.",
                "upToDate"
            );
        }

        var kind = isReset ? RunKind.Reindex : RunKind.Refresh;
        return new ModelRun(await EnqueueAsync(caller, model, kind, cancellationToken).ConfigureAwait(false), uuid);
    }

    public async Task<Run> EnqueueAsync(Caller caller, Model model, RunKind kind, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var connectorId = model.ConnectorId!.Value;
        var run = await runs.EnqueueAsync(
                new NewRun(Guid.NewGuid(), model.WorkspaceId, connectorId, kind, caller.Name, now)
                {
                    ModelId = model.Id,
                },
                new AuditDraft(
                    model.WorkspaceId,
                    now,
                    caller.Name,
                    $"run.{kind.ToString().ToLowerInvariant()}",
                    $"model \"{model.Slug}\""
                ),
                cancellationToken
            )
            .ConfigureAwait(false);
        await scheduler.WakeAsync(connectorId, cancellationToken).ConfigureAwait(false);
        return run;
    }

    public async Task CancelAsync(Caller caller, Guid uuid, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        var found =
            await store.FindRunAsync(caller.WorkspaceId, uuid, cancellationToken).ConfigureAwait(false)
            ?? throw EngineException.NotFound($"Run {uuid} does not exist.", "runNotFound");
        try
        {
            await runService.CancelAsync(caller, found.Run.Id, cancellationToken).ConfigureAwait(false);
        }
        catch (EngineException exception) when (exception.Kind == RefusalKind.Conflict)
        {
            throw new EngineException(RefusalKind.Conflict, $"Run {uuid} has already ended.", "runAlreadyFinished");
        }
    }
}
