using System.ComponentModel;
using Tributary.Api.Http;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;

namespace Tributary.Api.Clarm.Runs;

/// <summary>Runs: ask for them, look at them, end them.</summary>
internal static class RunEndpoints
{
    public static void Map(DialectRoutes routes)
    {
        routes
            .Map("POST", "/v1/sources/{source_id}/run", RunAsync, "Reads a source now")
            .Takes<RunBody>(optional: true)
            .Answers<RunAnswer>();
        routes
            .Map("POST", "/v1/sources/{source_id}/prune", PruneAsync, "Removes now what is gone at the source")
            .Answers<RunAnswer>();
        routes
            .Map(
                "POST",
                "/v1/sources/{source_id}/prune/confirm",
                ConfirmAsync,
                "Lets a prune delete that waits because it would delete much"
            )
            .Answers<RunAnswer>();
        routes.Map("POST", "/v1/sources/{source_id}/cancel", CancelAsync, "Ends what goes on").Answers<RunAnswer>();
        routes
            .Map("GET", "/v1/sources/{source_id}/runs", ListAsync, "A source's runs, newest first")
            .Asks<PageQuery>()
            .Answers<Page<RunAnswer>>();
        routes.Map("GET", "/v1/runs/{run_id}", GetAsync, "One run").Answers<RunAnswer>();
    }

    private static async Task RunAsync(Exchange exchange)
    {
        var id = exchange.PathId("source_id");
        var body = await JsonBody.ReadOptionalAsync(exchange.Http) is { } json
            ? Exchange.Body<RunBody>(json)
            : new RunBody();
        await RequestAsync(exchange, id, body.FromBeginning ? RunKind.Reindex : RunKind.Refresh);
    }

    private static Task PruneAsync(Exchange exchange) =>
        RequestAsync(exchange, exchange.PathId("source_id"), RunKind.Prune);

    private static async Task RequestAsync(Exchange exchange, long id, RunKind kind) =>
        await WriteAsync(
            exchange,
            await exchange.Get<IRunService>().RequestAsync(exchange.Caller, id, kind, exchange.Aborted)
        );

    private static async Task ConfirmAsync(Exchange exchange) =>
        await WriteAsync(
            exchange,
            await exchange
                .Get<IRunService>()
                .ConfirmPruneAsync(exchange.Caller, exchange.PathId("source_id"), exchange.Aborted)
        );

    private static async Task CancelAsync(Exchange exchange)
    {
        var id = exchange.PathId("source_id");
        var overview = await exchange.Get<IConnectorService>().GetOverviewAsync(exchange.Caller, id, exchange.Aborted);
        if (overview.CurrentRun is not { } current)
        {
            throw new RequestException(409, $"Nothing is going on for source {id}, so there is nothing to cancel.");
        }

        await WriteAsync(
            exchange,
            await exchange.Get<IRunService>().CancelAsync(exchange.Caller, current.Id, exchange.Aborted)
        );
    }

    private static async Task ListAsync(Exchange exchange)
    {
        var query = exchange.Query<PageQuery>();
        var rows = await exchange
            .Get<IRunService>()
            .ListAsync(
                exchange.Caller,
                exchange.PathId("source_id"),
                query.AfterId(long.MaxValue),
                query.Limit + 1,
                exchange.Aborted
            );
        await exchange.WriteAsync(
            Page.Of(rows, query.Limit, RunAnswer.Of, row => Page.Cursor(row.Id)),
            ClarmJson.Wire.PageRunAnswer
        );
    }

    private static async Task GetAsync(Exchange exchange) =>
        await WriteAsync(
            exchange,
            await exchange.Get<IRunService>().GetAsync(exchange.Caller, exchange.PathId("run_id"), exchange.Aborted)
        );

    private static Task WriteAsync(Exchange exchange, Run run) =>
        exchange.WriteAsync(RunAnswer.Of(run), ClarmJson.Wire.RunAnswer);
}

/// <summary>How to read a source.</summary>
internal sealed record RunBody
{
    [Description("Reads everything again instead of what changed.")]
    public bool FromBeginning { get; init; }
}
