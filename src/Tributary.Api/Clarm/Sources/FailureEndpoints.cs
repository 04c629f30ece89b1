using System.ComponentModel;
using Tributary.Api.Clarm.Runs;
using Tributary.Api.Http;
using Tributary.Engine.Runs;

namespace Tributary.Api.Clarm.Sources;

/// <summary>What a source's runs could not read, and what they left out.</summary>
internal static class FailureEndpoints
{
    public static void Map(DialectRoutes routes)
    {
        routes
            .Map("GET", "/v1/sources/{source_id}/errors", ListFailuresAsync, "Documents that failed, newest first")
            .Asks<FailureQuery>()
            .Answers<Page<FailureAnswer>>();
        routes
            .Map("POST", "/v1/sources/{source_id}/errors/retry", RetryAsync, "Tries the failed documents again now")
            .Answers<RunAnswer>();
        routes
            .Map("GET", "/v1/sources/{source_id}/skipped", ListSkippedAsync, "What the last refresh left out, and why")
            .Asks<PageQuery>()
            .Answers<Page<SkippedAnswer>>();
    }

    private static async Task ListFailuresAsync(Exchange exchange)
    {
        var query = exchange.Query<FailureQuery>();
        var rows = await exchange
            .Get<IRunService>()
            .ListFailuresAsync(
                exchange.Caller,
                exchange.PathId("source_id"),
                query.IncludeResolved,
                query.AfterId(long.MaxValue),
                query.Limit + 1,
                exchange.Aborted
            );
        await exchange.WriteAsync(
            Page.Of(rows, query.Limit, FailureAnswer.Of, row => Page.Cursor(row.Id)),
            ClarmJson.Wire.PageFailureAnswer
        );
    }

    private static async Task RetryAsync(Exchange exchange)
    {
        var run = await exchange
            .Get<IRunService>()
            .RetryFailuresAsync(exchange.Caller, exchange.PathId("source_id"), exchange.Aborted);
        await exchange.WriteAsync(RunAnswer.Of(run), ClarmJson.Wire.RunAnswer);
    }

    private static async Task ListSkippedAsync(Exchange exchange)
    {
        var query = exchange.Query<PageQuery>();
        var rows = await exchange
            .Get<IRunService>()
            .ListSkippedAsync(
                exchange.Caller,
                exchange.PathId("source_id"),
                query.AfterId(0),
                query.Limit + 1,
                exchange.Aborted
            );
        await exchange.WriteAsync(
            Page.Of(
                rows,
                query.Limit,
                row => new SkippedAnswer(row.Id, row.ItemId, row.Reason),
                row => Page.Cursor(row.Id)
            ),
            ClarmJson.Wire.PageSkippedAnswer
        );
    }
}

/// <summary>Which failures to list.</summary>
internal sealed record FailureQuery : PageQuery
{
    [Description("Also documents that have succeeded since.")]
    public bool IncludeResolved { get; init; }
}

/// <summary>A failed document, in Onyx's words.</summary>
internal sealed record FailureAnswer
{
    public required long Id { get; init; }
    public required long ConnectorCredentialPairId { get; init; }
    public required long IndexAttemptId { get; init; }
    public required string? DocumentId { get; init; }
    public required string? DocumentLink { get; init; }
    public string? EntityId { get; init; }
    public DateTimeOffset? FailedTimeRangeStart { get; init; }
    public DateTimeOffset? FailedTimeRangeEnd { get; init; }
    public required string FailureMessage { get; init; }
    public string? ErrorType { get; init; }
    public required bool IsResolved { get; init; }
    public required DateTimeOffset TimeCreated { get; init; }

    /// <summary>How often it was tried.</summary>
    public required int Attempts { get; init; }
    public required DateTimeOffset LastFailedAt { get; init; }

    public static FailureAnswer Of(DocumentFailure failure) =>
        new()
        {
            Id = failure.Id,
            ConnectorCredentialPairId = failure.ConnectorId,
            IndexAttemptId = failure.RunId,
            DocumentId = failure.ItemId,
            DocumentLink = failure.Link,
            FailureMessage = failure.Reason,
            IsResolved = failure.ResolvedAt is not null,
            TimeCreated = failure.FirstFailedAt,
            Attempts = failure.Attempts,
            LastFailedAt = failure.LastFailedAt,
        };
}

/// <summary>An item that was left out on purpose.</summary>
internal sealed record SkippedAnswer(long Id, string ItemId, string Reason);
