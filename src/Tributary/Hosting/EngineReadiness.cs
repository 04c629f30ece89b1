using Quartz;
using Tributary.Engine.Store;

namespace Tributary.Hosting;

/// <summary>The store answers.</summary>
internal sealed class StoreReadiness(IStoreMaintenance store) : IReadinessPart
{
    public string Name => "store";

    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken) =>
        await store.IsHealthyAsync(cancellationToken) ? null : "The database does not answer.";
}

/// <summary>The scheduler runs.</summary>
internal sealed class SchedulerReadiness(ISchedulerFactory schedulers) : IReadinessPart
{
    public string Name => "scheduler";

    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        var status = await scheduler.GetStatus(cancellationToken);
        return status == SchedulerStatus.Running ? null : $"It does not run; its state is {status}.";
    }
}
