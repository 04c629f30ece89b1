using Tributary.Engine.Runs;
using Tributary.Sdk;

namespace Tributary.Api.Clarm.Runs;

/// <summary>A run.</summary>
internal sealed record RunAnswer
{
    public required long Id { get; init; }
    public required Guid Uuid { get; init; }
    public required long SourceId { get; init; }
    public required RunKind Kind { get; init; }
    public required RunState Status { get; init; }
    public required string RequestedBy { get; init; }
    public required string? Phase { get; init; }
    public required string? CurrentItem { get; init; }
    public required DateTimeOffset? WaitingUntil { get; init; }
    public required DateTimeOffset QueuedAt { get; init; }
    public required DateTimeOffset? StartedAt { get; init; }
    public required DateTimeOffset? FinishedAt { get; init; }
    public required RunCounts Counts { get; init; }
    public required RunErrorAnswer? Error { get; init; }

    /// <summary>As the Clarm dialect tells of it.</summary>
    public static RunAnswer Of(Run run) =>
        new()
        {
            Id = run.Id,
            Uuid = run.Uuid,
            SourceId = run.ConnectorId,
            Kind = run.Kind,
            Status = run.State,
            RequestedBy = run.RequestedBy,
            Phase = run.Phase,
            CurrentItem = run.CurrentItem,
            WaitingUntil = run.WaitingUntil,
            QueuedAt = run.QueuedAt,
            StartedAt = run.StartedAt,
            FinishedAt = run.FinishedAt,
            Counts = run.Counts,
            Error = run.Error is { } message ? new RunErrorAnswer(run.ErrorKind, message) : null,
        };
}

/// <summary>Why a run failed, or what it waits for.</summary>
/// <param name="Kind">Who can mend it; null when nothing is broken.</param>
/// <param name="Message">What is wrong and what to do.</param>
internal sealed record RunErrorAnswer(FailureKind? Kind, string Message);
