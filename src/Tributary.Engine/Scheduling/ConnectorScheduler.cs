using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Quartz;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;

namespace Tributary.Engine.Scheduling;

/// <summary>
/// One Quartz job a connector, with concurrent execution disallowed: its schedule, and every "run now", are triggers of the
/// same job. The tables are the truth: a trigger only makes the job look at them, at start all are armed from them, and
/// every minute they are compared with them, so that nothing waits for ever because a trigger was lost.
/// </summary>
internal sealed partial class ConnectorScheduler(
    ISchedulerFactory schedulers,
    IRunStore runs,
    TimeProvider time,
    ILogger<ConnectorScheduler> logger
) : BackgroundService, IRunScheduler
{
    private const string JobGroup = "connectors";
    private const string NowGroup = "now";
    private const string DueGroup = "due";
    private static readonly TimeSpan ReconcileEvery = TimeSpan.FromMinutes(1);

    /// <summary>The name of the connector's id in a job's data.</summary>
    public const string ConnectorId = "connector";

    public async Task WakeAsync(long connectorId, CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken).ConfigureAwait(false);
        await EnsureJobAsync(scheduler, connectorId, cancellationToken).ConfigureAwait(false);

        // A second wake while one waits adds nothing: the job looks at everything that is to be done.
        await PlaceAsync(scheduler, connectorId, NowGroup, time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Fires the job when the connector has something to do next; nothing when it never has.</summary>
    public async Task ArmAsync(long connectorId, CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken).ConfigureAwait(false);
        var next = await runs.FindNextDueAsync(connectorId, cancellationToken).ConfigureAwait(false);
        if (next is { } at)
        {
            await EnsureJobAsync(scheduler, connectorId, cancellationToken).ConfigureAwait(false);
            await PlaceAsync(scheduler, connectorId, DueGroup, at, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await scheduler.UnscheduleJob(TriggerOf(connectorId, DueGroup), cancellationToken).ConfigureAwait(false);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(ReconcileEvery, time);
        do
        {
            try
            {
                await ReconcileAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogReconcileFailed(exception);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken).ConfigureAwait(false);
        foreach (var due in await runs.ListDueAsync(cancellationToken).ConfigureAwait(false))
        {
            await EnsureJobAsync(scheduler, due.ConnectorId, cancellationToken).ConfigureAwait(false);
            await PlaceAsync(
                    scheduler,
                    due.ConnectorId,
                    due.At <= time.GetUtcNow() ? NowGroup : DueGroup,
                    due.At,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
    }

    private static async Task EnsureJobAsync(
        IScheduler scheduler,
        long connectorId,
        CancellationToken cancellationToken
    )
    {
        if (!await scheduler.Exists(JobOf(connectorId), cancellationToken).ConfigureAwait(false))
        {
            var job = JobBuilder
                .Create<ConnectorJob>()
                .WithIdentity(JobOf(connectorId))
                .UsingJobData(ConnectorId, connectorId)
                .StoreDurably()
                .Build();
            await scheduler.AddJob(job, AddJobOptions.Replacing, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Puts the one trigger of a group at an instant.</summary>
    private static async Task PlaceAsync(
        IScheduler scheduler,
        long connectorId,
        string group,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        var trigger = TriggerBuilder
            .Create()
            .WithIdentity(TriggerOf(connectorId, group))
            .ForJob(JobOf(connectorId))
            .StartAt(at)
            .WithSchedule(
                SimpleScheduleBuilder.Create().WithMisfireInstruction(SimpleTriggerMisfireInstruction.FireNow)
            )
            .Build();
        var conflict = group == NowGroup ? TriggerConflict.Keep : TriggerConflict.Replace;
        await scheduler.ScheduleTrigger(trigger, conflict, cancellationToken).ConfigureAwait(false);
    }

    private static JobKey JobOf(long connectorId) =>
        new(connectorId.ToString(System.Globalization.CultureInfo.InvariantCulture), JobGroup);

    private static TriggerKey TriggerOf(long connectorId, string group) =>
        new(connectorId.ToString(System.Globalization.CultureInfo.InvariantCulture), group);

    [LoggerMessage(
        10,
        LogLevel.Warning,
        "The schedule could not be compared with the tables; it will be again in a minute."
    )]
    private partial void LogReconcileFailed(Exception exception);
}
