using Tributary.Engine;
using Tributary.Engine.Runs;
using Tributary.Engine.Workspaces;

namespace Tributary.Api.Tests.Fakes;

internal sealed class FakeRuns(FakeEngine engine) : IRunService
{
    public Task<Run> RequestAsync(Caller caller, long connectorId, RunKind kind, CancellationToken cancellationToken)
    {
        engine.Demand(caller, Role.Editor);
        engine.Connector(caller, connectorId);
        if (Open(connectorId).Any(run => run.Kind == kind && run.State == RunState.Running))
        {
            throw new EngineException(RefusalKind.Conflict, $"A {kind} is going on already.");
        }

        return Task.FromResult(
            Open(connectorId).FirstOrDefault(run => run.Kind == kind)
                ?? engine.AddRun(connectorId, kind, RunState.Queued)
        );
    }

    public Task<Run> GetAsync(Caller caller, long runId, CancellationToken cancellationToken) =>
        Task.FromResult(Find(caller, runId));

    public Task<IReadOnlyList<Run>> ListAsync(
        Caller caller,
        long connectorId,
        long beforeId,
        int limit,
        CancellationToken cancellationToken
    )
    {
        engine.Connector(caller, connectorId);
        return Task.FromResult<IReadOnlyList<Run>>([
            .. engine
                .Runs.Values.Where(run => run.ConnectorId == connectorId && run.Id < beforeId)
                .OrderByDescending(run => run.Id)
                .Take(limit),
        ]);
    }

    public Task<long> CountAsync(Caller caller, long connectorId, CancellationToken cancellationToken)
    {
        engine.Connector(caller, connectorId);
        return Task.FromResult((long)engine.Runs.Values.Count(run => run.ConnectorId == connectorId));
    }

    public Task<Run> CancelAsync(Caller caller, long runId, CancellationToken cancellationToken)
    {
        engine.Demand(caller, Role.Editor);
        return Task.FromResult(
            engine.Runs[runId] = Find(caller, runId) with
            {
                State = RunState.Canceled,
                FinishedAt = engine.Time.GetUtcNow(),
            }
        );
    }

    public Task<Run> ConfirmPruneAsync(Caller caller, long connectorId, CancellationToken cancellationToken)
    {
        engine.Demand(caller, Role.Editor);
        engine.Connector(caller, connectorId);
        var waiting =
            Open(connectorId).FirstOrDefault(run => run.State == RunState.NeedsConfirmation)
            ?? throw new EngineException(RefusalKind.Conflict, "No prune waits for confirmation.");
        return Task.FromResult(engine.Runs[waiting.Id] = waiting with { State = RunState.Running });
    }

    public Task<Run> WaitAsync(Caller caller, long runId, CancellationToken cancellationToken)
    {
        var run = Find(caller, runId);
        return Task.FromResult(
            run.FinishedAt is null
                ? engine.Runs[runId] = run with { State = RunState.Succeeded, FinishedAt = engine.Time.GetUtcNow() }
                : run
        );
    }

    public Task<IReadOnlyList<DocumentFailure>> ListFailuresAsync(
        Caller caller,
        long? connectorId,
        bool includeResolved,
        long beforeId,
        int limit,
        CancellationToken cancellationToken
    )
    {
        if (connectorId is { } id)
        {
            engine.Connector(caller, id);
        }

        return Task.FromResult<IReadOnlyList<DocumentFailure>>([
            .. engine
                .Failures.Values.Where(failure =>
                    failure.Id < beforeId
                    && (connectorId is null || failure.ConnectorId == connectorId)
                    && (includeResolved || failure.ResolvedAt is null)
                )
                .OrderByDescending(failure => failure.Id)
                .Take(limit),
        ]);
    }

    public Task<Run> RetryFailuresAsync(Caller caller, long connectorId, CancellationToken cancellationToken) =>
        RequestAsync(caller, connectorId, RunKind.Refresh, cancellationToken);

    public Task<IReadOnlyList<SkippedItem>> ListSkippedAsync(
        Caller caller,
        long connectorId,
        long afterId,
        int limit,
        CancellationToken cancellationToken
    )
    {
        engine.Connector(caller, connectorId);
        return Task.FromResult<IReadOnlyList<SkippedItem>>([
            .. Enumerable
                .Range(1, 3)
                .Select(id => new SkippedItem(id, $"item {id}", "off the site"))
                .Where(item => item.Id > afterId)
                .Take(limit),
        ]);
    }

    private IEnumerable<Run> Open(long connectorId) =>
        engine.Runs.Values.Where(run => run.ConnectorId == connectorId && run.FinishedAt is null);

    private Run Find(Caller caller, long runId)
    {
        if (!engine.Runs.TryGetValue(runId, out var run))
        {
            throw EngineException.NotFound($"There is no run {runId}.");
        }

        engine.Connector(caller, run.ConnectorId);
        return run;
    }
}
