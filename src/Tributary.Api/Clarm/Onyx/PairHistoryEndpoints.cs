using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Api.Clarm.Sources;
using Tributary.Api.Http;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;

namespace Tributary.Api.Clarm.Onyx;

/// <summary>What was done for pairs, and what failed.</summary>
internal static class PairHistoryEndpoints
{
    public static void Map(DialectRoutes routes)
    {
        routes
            .MapCurated(
                "GET",
                "/manage/admin/cc-pair/{cc_pair_id}/index-attempts",
                ListAttemptsAsync,
                "A pair's attempts, newest first"
            )
            .Asks<NumberedQuery>()
            .Answers<NumberedPage<AttemptAnswer>>();
        routes
            .MapCurated(
                "GET",
                "/manage/admin/cc-pair/{cc_pair_id}/errors",
                ListErrorsAsync,
                "A pair's failed documents"
            )
            .Asks<PairErrorsQuery>()
            .Answers<NumberedPage<FailureAnswer>>();
        routes
            .MapCurated(
                "GET",
                "/manage/admin/indexing/failed-documents",
                ListFailedDocumentsAsync,
                "Failed documents of all pairs"
            )
            .Asks<FailedDocumentsQuery>()
            .Answers<NumberedPage<FailureAnswer>>();
    }

    /// <summary>The same list under the name that the source has.</summary>
    public static void MapAttempts(DialectRoutes routes) =>
        routes
            .Map("GET", "/v1/sources/{cc_pair_id}/attempts", ListAttemptsAsync, "A source's runs as Onyx's attempts")
            .Asks<NumberedQuery>()
            .Answers<NumberedPage<AttemptAnswer>>();

    private static async Task ListAttemptsAsync(Exchange exchange)
    {
        var id = exchange.PathId("cc_pair_id");
        var query = exchange.Query<NumberedQuery>();
        var runs = exchange.Get<IRunService>();
        var (items, total) = await NumberedPages.FindAsync(
            (before, limit) => runs.ListAsync(exchange.Caller, id, before, limit, exchange.Aborted),
            run => run.Id,
            query,
            _ => true,
            await runs.CountAsync(exchange.Caller, id, exchange.Aborted)
        );
        await exchange.WriteAsync(
            new NumberedPage<AttemptAnswer>([.. items.Select(AttemptAnswer.Of)], total),
            ClarmJson.Wire.NumberedPageAttemptAnswer
        );
    }

    private static async Task ListErrorsAsync(Exchange exchange)
    {
        var id = exchange.PathId("cc_pair_id");
        var query = exchange.Query<PairErrorsQuery>();
        var overview = await exchange.Get<IConnectorService>().GetOverviewAsync(exchange.Caller, id, exchange.Aborted);
        await WriteAsync(
            exchange,
            id,
            query.IncludeResolved,
            query,
            _ => true,
            query.IncludeResolved ? null : overview.OpenFailures
        );
    }

    private static async Task ListFailedDocumentsAsync(Exchange exchange)
    {
        var query = exchange.Query<FailedDocumentsQuery>();
        var start = query.StartTime ?? exchange.Get<TimeProvider>().GetUtcNow().AddDays(-30);
        await WriteAsync(
            exchange,
            query.CcPairId,
            query.IncludeResolved,
            query,
            failure =>
                // Ids grow with time: what comes after the first one that is too old is older still.
                failure.FirstFailedAt < start
                    ? null
                    : failure.FirstFailedAt <= (query.EndTime ?? DateTimeOffset.MaxValue) && query.ErrorType is null,
            total: null
        );
    }

    private static async Task WriteAsync(
        Exchange exchange,
        long? connectorId,
        bool includeResolved,
        NumberedQuery query,
        Func<DocumentFailure, bool?> keep,
        long? total
    )
    {
        var runs = exchange.Get<IRunService>();
        var (items, count) = await NumberedPages.FindAsync(
            (before, limit) =>
                runs.ListFailuresAsync(exchange.Caller, connectorId, includeResolved, before, limit, exchange.Aborted),
            failure => failure.Id,
            query,
            keep,
            total
        );
        await exchange.WriteAsync(
            new NumberedPage<FailureAnswer>([.. items.Select(FailureAnswer.Of)], count),
            ClarmJson.Wire.NumberedPageFailureAnswer
        );
    }
}

/// <summary>Which failed documents of a pair.</summary>
internal record PairErrorsQuery : NumberedQuery
{
    [Description("Also documents that have succeeded since.")]
    public bool IncludeResolved { get; init; }
}

/// <summary>Which failed documents of all pairs.</summary>
internal sealed record FailedDocumentsQuery : PairErrorsQuery
{
    [Description("Only of this pair.")]
    public long? CcPairId { get; init; }

    [Description("Accepted; failures have no types here, so naming one finds nothing.")]
    public string? ErrorType { get; init; }

    [Description("Only those that first failed at or after this; 30 days ago when left out.")]
    public DateTimeOffset? StartTime { get; init; }

    [Description("Only those that first failed until then.")]
    public DateTimeOffset? EndTime { get; init; }
}
