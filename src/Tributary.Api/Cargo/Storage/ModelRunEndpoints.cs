using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Tributary.Api.Http;
using Tributary.Engine.Models;
using Tributary.Engine.Runs;

namespace Tributary.Api.Cargo.Storage;

/// <summary>Runs that fill models.</summary>
internal static class ModelRunEndpoints
{
    private const string Root = "/v1/storage/runs";
    private const int DefaultLimit = 50;
    private const int MaxLimit = 1_000;

    public static void Map(DialectRoutes routes)
    {
        routes
            .Map("GET", Root + "/list", ListAsync, "Runs of models, newest first")
            .Asks<RunQuery>()
            .Answers<RunsEnvelope>();
        routes.Map("POST", Root, StartAsync, "Reads a model").Takes<StartRunBody>().Answers<RunEnvelope>();
        routes.Map("POST", Root + "/{uuid}/cancel", CancelAsync, "Ends a run").AnswersNothing();
    }

    private static async Task StartAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<StartRunBody>();
        var run = await exchange
            .Get<IModelService>()
            .StartRunAsync(exchange.Caller, body.ModelUuid, body.IsReset, body.IsForce, exchange.Aborted);
        await exchange.WriteAsync(
            new RunEnvelope(ModelRunAnswer.Of(run, exchange.Caller.WorkspaceUuid)),
            StorageJson.Wire.RunEnvelope
        );
    }

    private static async Task ListAsync(Exchange exchange)
    {
        var query = exchange.Query<RunQuery>();
        Guid? model =
            query.ModelUuid is null ? null
            : Guid.TryParse(query.ModelUuid, out var uuid) ? uuid
            : Guid.Empty;
        var statuses = Statuses(exchange.Http.Request.Query);
        var runs = await exchange
            .Get<IModelService>()
            .ListRunsAsync(
                exchange.Caller,
                model,
                [.. statuses.SelectMany(status => RunStatus.States(status)!).Distinct()],
                Math.Clamp(query.Limit ?? DefaultLimit, 1, MaxLimit),
                Math.Max(query.Offset ?? 0, 0),
                exchange.Aborted
            );
        await exchange.WriteAsync(
            new RunsEnvelope([.. runs.Select(run => ModelRunAnswer.Of(run, exchange.Caller.WorkspaceUuid))]),
            StorageJson.Wire.RunsEnvelope
        );
    }

    private static async Task CancelAsync(Exchange exchange)
    {
        await exchange
            .Get<IModelService>()
            .CancelRunAsync(exchange.Caller, exchange.PathUuid("uuid"), exchange.Aborted);
        await exchange.DoneAsync();
    }

    /// <summary><c>statuses[]=a</c>, <c>statuses=a</c> and <c>statuses[0]=a</c> alike.</summary>
    private static List<string> Statuses(IQueryCollection query)
    {
        var result = new List<string>();
        foreach (var (name, values) in query.Where(pair => IsStatuses(pair.Key)))
        {
            foreach (var value in values.OfType<string>())
            {
                result.Add(
                    RunStatus.States(value) is not null
                        ? value
                        : throw RequestException.Of(
                            ["query", name],
                            "enum",
                            "Input should be pending, running, success, error, cancelling or cancelled"
                        )
                );
            }
        }

        return result;
    }

    private static bool IsStatuses(string name) =>
        name is "statuses" or "statuses[]"
        || (
            name.StartsWith("statuses[", StringComparison.Ordinal)
            && name.EndsWith(']')
            && int.TryParse(name[9..^1], NumberStyles.None, CultureInfo.InvariantCulture, out _)
        );
}

/// <summary>A model to read.</summary>
internal sealed record StartRunBody
{
    [JsonPropertyName("modelUuid"), Description("The model.")]
    public required Guid ModelUuid { get; init; }

    [JsonPropertyName("isReset"), Description("Forget the position and read everything again.")]
    public bool IsReset { get; init; }

    [JsonPropertyName("isForce"), Description("Also when the least interval of the extractor has not gone by.")]
    public bool IsForce { get; init; }
}

/// <summary>Which runs to list; also statuses[], one or more of pending, running, success, error, cancelling, cancelled.</summary>
internal sealed record RunQuery
{
    [JsonPropertyName("modelUuid"), Description("Of one model.")]
    public string? ModelUuid { get; init; }

    [Description("At most this many; 50 when not sent.")]
    public int? Limit { get; init; }

    [Description("Leaves out the newest.")]
    public int? Offset { get; init; }
}

/// <summary>A run that fills a model.</summary>
internal sealed record ModelRunAnswer
{
    public required Guid Uuid { get; init; }
    public required Guid WorkspaceUuid { get; init; }
    public required Guid ModelUuid { get; init; }
    public required string Status { get; init; }
    public required string TemporalWorkflowId { get; init; }
    public required string? ErrorMessage { get; init; }
    public IReadOnlyList<string> S3Filenames { get; } = [];
    public required DateTimeOffset? FinishedAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    public static ModelRunAnswer Of(ModelRun found, Guid workspace)
    {
        var run = found.Run;
        return new ModelRunAnswer
        {
            Uuid = run.Uuid,
            WorkspaceUuid = workspace,
            ModelUuid = found.ModelUuid,
            Status = RunStatus.Of(run),
            TemporalWorkflowId = run.Uuid.ToString(),
            ErrorMessage = run.State == RunState.Canceled ? null : run.Error,
            FinishedAt = run.FinishedAt,
            CreatedAt = run.QueuedAt,
            UpdatedAt = run.FinishedAt ?? run.HeartbeatAt ?? run.StartedAt ?? run.QueuedAt,
        };
    }
}

internal sealed record RunsEnvelope(IReadOnlyList<ModelRunAnswer> Runs);

internal sealed record RunEnvelope(ModelRunAnswer Run);
