using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Engine.Models;
using Tributary.Engine.Runs;

namespace Tributary.Api.Cargo.Storage;

/// <summary>A model.</summary>
internal sealed record ModelAnswer
{
    public required Guid Uuid { get; init; }
    public required Guid WorkspaceUuid { get; init; }
    public required string Slug { get; init; }
    public required string Name { get; init; }
    public required string? Description { get; init; }
    public required Guid DatasetUuid { get; init; }
    public required string ExtractorSlug { get; init; }

    /// <summary><c>connector</c> or <c>native</c>.</summary>
    public required string Kind { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required Guid? ConnectorUuid { get; init; }
    public required PositionAnswer Position { get; init; }
    public required JsonElement Config { get; init; }
    public required ScheduleAnswer? Schedule { get; init; }
    public required JsonElement? Meta { get; init; }
    public required IReadOnlyList<OriginalColumnAnswer> Columns { get; init; }
    public required JsonElement AdditionalColumns { get; init; }
    public required string? IdColumnSlug { get; init; }
    public required string? TitleColumnSlug { get; init; }
    public required string? TimeColumnSlug { get; init; }
    public required JsonElement? Unification { get; init; }
    public Guid? FolderUuid { get; }
    public int PlaysCount { get; }
    public int SegmentsCount { get; }
    public required bool IsPaused { get; init; }
    public required DateTimeOffset? LastEmittedAt { get; init; }
    public required LastRunAnswer? LastRun { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? DeletedAt { get; }

    public static ModelAnswer Of(Model model, Guid workspace) =>
        new()
        {
            Uuid = model.Uuid,
            WorkspaceUuid = workspace,
            Slug = model.Slug,
            Name = model.Name,
            Description = model.Description,
            DatasetUuid = model.DatasetUuid,
            ExtractorSlug = model.ExtractorSlug,
            Kind = model.Kind == ModelKind.Native ? "native" : "connector",
            ConnectorUuid = model.ConnectorUuid,
            Position = new PositionAnswer(model.Position.X, model.Position.Y),
            Config = model.Config,
            Schedule = model.Schedule is { } cron ? new ScheduleAnswer("cron", cron, model.Uuid.ToString()) : null,
            Meta = model.Meta,
            Columns =
            [
                .. model.Columns.Select(column => new OriginalColumnAnswer(
                    column.Slug,
                    column.Type,
                    column.Label,
                    "original",
                    column.Slug,
                    column.Description
                )),
            ],
            AdditionalColumns = model.AdditionalColumns,
            IdColumnSlug = model.IdColumn,
            TitleColumnSlug = model.TitleColumn,
            TimeColumnSlug = model.TimeColumn,
            Unification = model.Unification,
            IsPaused = model.IsPaused,
            LastEmittedAt = model.LastEmittedAt,
            LastRun = model.LastRun is { } run
                ? new LastRunAnswer(run.Uuid, RunStatus.Of(run), run.Error, run.QueuedAt, run.FinishedAt)
                : null,
            CreatedAt = model.CreatedAt,
            UpdatedAt = model.UpdatedAt,
        };
}

internal sealed record PositionAnswer(double X, double Y);

internal sealed record ScheduleAnswer(string Type, string Cron, string TemporalScheduleWorkflowId);

internal sealed record OriginalColumnAnswer(
    string Slug,
    string Type,
    string Label,
    string Kind,
    string OriginalSlug,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Description
);

internal sealed record LastRunAnswer(
    Guid Uuid,
    string Status,
    string? ErrorMessage,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt
);

internal sealed record ModelsEnvelope(IReadOnlyList<ModelAnswer> Models);

internal sealed record ModelEnvelope(ModelAnswer Model);

internal sealed record RefreshedModelEnvelope(ModelAnswer Model, bool IsRefreshing);

internal sealed record DdlAnswer(string Ddl, string Language);

internal sealed record CountAnswer(long Count);

/// <summary>A first page of an extractor.</summary>
internal sealed record PreviewAnswer(
    IReadOnlyList<JsonElement> Records,
    IReadOnlyList<OriginalColumnAnswer> Columns,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Count
);

/// <summary>How the dialect calls the states of runs.</summary>
internal static class RunStatus
{
    public static string Of(Run run) =>
        run.State switch
        {
            RunState.Queued => "pending",
            RunState.Running => run.IsCancelRequested ? "cancelling" : "running",
            RunState.Succeeded or RunState.SucceededWithFailures => "success",
            RunState.Canceled => "cancelled",
            _ => "error",
        };

    /// <summary>The states behind a status; null when there is no such status.</summary>
    public static IReadOnlyList<RunState>? States(string status) =>
        status switch
        {
            "pending" => [RunState.Queued],
            "running" or "cancelling" => [RunState.Running],
            "success" => [RunState.Succeeded, RunState.SucceededWithFailures],
            "cancelled" => [RunState.Canceled],
            "error" => [RunState.Failed, RunState.Interrupted],
            _ => null,
        };
}
