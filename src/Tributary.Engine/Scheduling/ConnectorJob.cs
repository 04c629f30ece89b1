using Quartz;
using Tributary.Engine.Runs;

namespace Tributary.Engine.Scheduling;

/// <summary>The job of a connector: does what is due, then arms what comes next.</summary>
[DisallowConcurrentExecution]
internal sealed class ConnectorJob(RunExecutor executor, ConnectorScheduler scheduler) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        var connectorId = context.MergedJobDataMap.GetLong(ConnectorScheduler.ConnectorId);
        await executor.RunDueAsync(connectorId, cancellationToken).ConfigureAwait(false);
        await scheduler.ArmAsync(connectorId, cancellationToken).ConfigureAwait(false);
    }
}
