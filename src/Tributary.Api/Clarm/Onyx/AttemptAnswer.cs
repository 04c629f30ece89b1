using Tributary.Engine.Runs;

namespace Tributary.Api.Clarm.Onyx;

/// <summary>A run as Onyx's index attempt. Prunes are among them: they show as attempts that only removed documents.</summary>
internal sealed record AttemptAnswer
{
    public required long Id { get; init; }
    public required string Status { get; init; }
    public required bool FromBeginning { get; init; }
    public required long NewDocsIndexed { get; init; }
    public required long TotalDocsIndexed { get; init; }
    public required long DocsRemovedFromIndex { get; init; }
    public required string? ErrorMsg { get; init; }
    public required long ErrorCount { get; init; }
    public string? FullExceptionTrace { get; init; }
    public required DateTimeOffset? TimeStarted { get; init; }
    public required DateTimeOffset TimeUpdated { get; init; }
    public DateTimeOffset? PollRangeStart { get; init; }
    public DateTimeOffset? PollRangeEnd { get; init; }

    public static AttemptAnswer Of(Run run) =>
        new()
        {
            Id = run.Id,
            Status = StatusOf(run.State),
            FromBeginning = run.Kind == RunKind.Reindex,
            NewDocsIndexed = run.Counts.Added,
            TotalDocsIndexed = run.Counts.Added + run.Counts.Updated,
            DocsRemovedFromIndex = run.Counts.Deleted,
            ErrorMsg = run.Error,
            ErrorCount = run.Counts.Failed,
            TimeStarted = run.StartedAt,
            TimeUpdated = run.FinishedAt ?? run.HeartbeatAt ?? run.StartedAt ?? run.QueuedAt,
        };

    /// <summary>A run's state in Onyx's words.</summary>
    public static string StatusOf(RunState state) =>
        state switch
        {
            RunState.Queued => "not_started",
            RunState.Running or RunState.NeedsConfirmation => "in_progress",
            RunState.Succeeded => "success",
            RunState.SucceededWithFailures => "completed_with_errors",
            RunState.Canceled => "canceled",
            RunState.Interrupted => "interrupted",
            _ => "failed",
        };
}
