using System.ComponentModel;
using System.Globalization;
using Tributary.Api.Clarm.Sources;
using Tributary.Api.Http;
using Tributary.Engine;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;

namespace Tributary.Api.Clarm.Onyx;

/// <summary>Pairs: look at, pause, resume, rename, re-time, prune.</summary>
internal static class PairEndpoints
{
    private const string Pattern = "/manage/admin/cc-pair/{cc_pair_id}";

    public static void Map(DialectRoutes routes)
    {
        routes.MapCurated("GET", Pattern, GetAsync, "One pair").Answers<PairInfoAnswer>();
        routes
            .MapCurated("PUT", Pattern + "/status", SetStatusAsync, "Pauses or resumes a pair")
            .Takes<PairStatusBody>()
            .Answers<MessageAnswer>();
        routes
            .MapCurated("PUT", Pattern + "/name", RenameAsync, "Renames a pair")
            .Asks<PairNameQuery>()
            .Answers<StatusAnswer>();
        routes
            .MapCurated("PUT", Pattern + "/property", SetPropertyAsync, "Sets how often a pair is refreshed or pruned")
            .Takes<PairPropertyBody>()
            .Answers<StatusAnswer>();
        routes
            .MapCurated("GET", Pattern + "/last_pruned", GetLastPrunedAsync, "When a pair was last pruned")
            .Answers<DateTimeOffset?>();
        routes.MapCurated("POST", Pattern + "/prune", PruneAsync, "Prunes a pair now").Answers<StatusAnswer>();
    }

    private static async Task GetAsync(Exchange exchange)
    {
        var id = exchange.PathId("cc_pair_id");
        var overview = await exchange.Get<IConnectorService>().GetOverviewAsync(exchange.Caller, id, exchange.Aborted);
        await exchange.WriteAsync(await PairInfoAnswer.OfAsync(exchange, overview), ClarmJson.Wire.PairInfoAnswer);
    }

    private static async Task SetStatusAsync(Exchange exchange)
    {
        var id = exchange.PathId("cc_pair_id");
        var body = await exchange.ReadAsync<PairStatusBody>();
        await GetPairAsync(exchange, id);
        var connectors = exchange.Get<IConnectorService>();
        _ = body.Status switch
        {
            "ACTIVE" => await connectors.ResumeAsync(exchange.Caller, id, exchange.Aborted),
            "PAUSED" => await connectors.PauseAsync(exchange.Caller, id, exchange.Aborted),
            _ => throw new RequestException(400, "The status can be set to ACTIVE or PAUSED only."),
        };
        await exchange.WriteAsync(new MessageAnswer("200"), ClarmJson.Wire.MessageAnswer);
    }

    private static async Task RenameAsync(Exchange exchange)
    {
        var id = exchange.PathId("cc_pair_id");
        var query = exchange.Query<PairNameQuery>();
        await GetPairAsync(exchange, id);
        await ChangeAsync(exchange, id, new ConnectorChange { Name = query.NewName }, "Name updated successfully");
    }

    private static async Task SetPropertyAsync(Exchange exchange)
    {
        var id = exchange.PathId("cc_pair_id");
        var body = await exchange.ReadAsync<PairPropertyBody>();
        await GetPairAsync(exchange, id);
        if (
            !long.TryParse(body.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds > CreateSource.MaxFrequency
        )
        {
            throw new RequestException(400, $"The value of {body.Name} must be a whole number of seconds.");
        }

        var change = body.Name switch
        {
            "refresh_frequency" => new ConnectorChange { RefreshFreq = new(seconds) },
            "pruning_frequency" => new ConnectorChange { PruneFreq = new(seconds) },
            _ => throw new RequestException(
                400,
                $"Property name {body.Name} is not valid: use refresh_frequency or pruning_frequency."
            ),
        };
        Frequencies.Demand(change.RefreshFreq?.Value, change.PruneFreq?.Value);
        await ChangeAsync(exchange, id, change, $"{body.Name} updated successfully");
    }

    private static async Task GetLastPrunedAsync(Exchange exchange)
    {
        var id = exchange.PathId("cc_pair_id");
        var connector = await exchange.Get<IConnectorService>().GetAsync(exchange.Caller, id, exchange.Aborted);
        await exchange.WriteAsync(connector.LastPrunedAt, ClarmJson.Wire.NullableDateTimeOffset);
    }

    private static async Task PruneAsync(Exchange exchange)
    {
        var id = exchange.PathId("cc_pair_id");
        var overview = await GetPairAsync(exchange, id);
        if (overview.CurrentRun is { Kind: RunKind.Prune })
        {
            throw new RequestException(409, "Pruning task already in progress.");
        }

        await exchange.Get<IRunService>().RequestAsync(exchange.Caller, id, RunKind.Prune, exchange.Aborted);
        await WriteStatusAsync(exchange, "Successfully created the pruning task.", id);
    }

    private static async Task ChangeAsync(Exchange exchange, long id, ConnectorChange change, string message)
    {
        await exchange.Get<IConnectorService>().UpdateAsync(exchange.Caller, id, change, exchange.Aborted);
        await WriteStatusAsync(exchange, message, id);
    }

    // Onyx answers 400 for pairs that do not exist when they are to be changed.
    private static async Task<ConnectorOverview> GetPairAsync(Exchange exchange, long id)
    {
        try
        {
            return await exchange.Get<IConnectorService>().GetOverviewAsync(exchange.Caller, id, exchange.Aborted);
        }
        catch (EngineException refusal) when (refusal.Kind == RefusalKind.NotFound)
        {
            throw new RequestException(400, "CC Pair not found for current user's permissions");
        }
    }

    private static Task WriteStatusAsync(Exchange exchange, string message, long id) =>
        exchange.WriteAsync(new StatusAnswer(true, message, id), ClarmJson.Wire.StatusAnswer);
}

/// <summary>A pair's new status.</summary>
internal sealed record PairStatusBody
{
    [Description("ACTIVE or PAUSED.")]
    public required string Status { get; init; }
}

/// <summary>A pair's new name.</summary>
internal sealed record PairNameQuery
{
    [Description("The name.")]
    [System.ComponentModel.DataAnnotations.MinLength(1), System.ComponentModel.DataAnnotations.MaxLength(200)]
    public required string NewName { get; init; }
}

/// <summary>A pair's new frequency.</summary>
internal sealed record PairPropertyBody
{
    [Description("refresh_frequency or pruning_frequency.")]
    public required string Name { get; init; }

    [Description("Seconds, as text.")]
    public required string Value { get; init; }
}

/// <summary>Onyx's shortest answer.</summary>
internal sealed record MessageAnswer(string Message);
