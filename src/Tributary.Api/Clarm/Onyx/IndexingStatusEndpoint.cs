using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Api.Http;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;

namespace Tributary.Api.Clarm.Onyx;

/// <summary>POST /manage/admin/connector/indexing-status: how pairs stand, by type of source.</summary>
internal static class IndexingStatusEndpoint
{
    private const int PageSize = 10;

    public static void Map(DialectRoutes routes) =>
        routes
            .MapCurated(
                "POST",
                "/manage/admin/connector/indexing-status",
                AnswerAsync,
                "How pairs stand, by type of source"
            )
            .Takes<IndexingStatusBody>()
            .Answers<IReadOnlyList<SourceStatusAnswer>>();

    private static async Task AnswerAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<IndexingStatusBody>();
        var rows = new List<ConnectorOverview>();
        var filter = new ConnectorFilter(body.Source, body.NameFilter);
        await foreach (var row in AllConnectors.ReadAsync(exchange, filter, exchange.Aborted))
        {
            if (Fits(row, body))
            {
                rows.Add(row);
            }
        }

        IReadOnlyList<SourceStatusAnswer> answer =
        [
            .. rows.GroupBy(row => row.Connector.IntegrationSlug)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => Group(group.Key, [.. group], body)),
        ];
        await exchange.WriteAsync(answer, ClarmJson.Wire.IReadOnlyListSourceStatusAnswer);
    }

    private static bool Fits(ConnectorOverview row, IndexingStatusBody body) =>
        (body.AccessTypeFilters.Count == 0 || body.AccessTypeFilters.Contains("public"))
        && (
            body.LastStatusFilters.Count == 0
            || (row.LastRun is { } last && body.LastStatusFilters.Contains(AttemptAnswer.StatusOf(last.State)))
        )
        && (
            body.DocsCountValue is not { } count
            || body.DocsCountOperator switch
            {
                ">" => row.Connector.DocumentCount > count,
                "<" => row.Connector.DocumentCount < count,
                "=" => row.Connector.DocumentCount == count,
                _ => true,
            }
        );

    private static SourceStatusAnswer Group(
        string source,
        IReadOnlyList<ConnectorOverview> rows,
        IndexingStatusBody body
    )
    {
        var pages = Math.Max(1, (rows.Count + PageSize - 1) / PageSize);
        var page = Math.Clamp(body.SourceToPage.GetValueOrDefault(source, 1), 1, pages);
        var shown = body.GetAllConnectors ? rows : rows.Skip((page - 1) * PageSize).Take(PageSize);
        return new SourceStatusAnswer(
            source,
            new SourceSummaryAnswer(
                rows.Count,
                rows.Count(row => row.Connector.Status == ConnectorStatus.Active),
                rows.Count,
                rows.Sum(row => row.Connector.DocumentCount)
            ),
            page,
            pages,
            [.. shown.Select(PairStatusAnswer.Of)]
        );
    }
}

/// <summary>Which pairs to tell of.</summary>
internal sealed record IndexingStatusBody
{
    [Description("Only this type of source.")]
    public string? Source { get; init; }

    [Description("Only these kinds of access; everything here is public in its workspace."), MaxLength(10)]
    public IReadOnlyList<string> AccessTypeFilters { get; init; } = [];

    [Description("Only where the last attempt ended so."), MaxLength(10)]
    public IReadOnlyList<string> LastStatusFilters { get; init; } = [];

    [Description("How docs_count_value compares: >, < or =."), RegularExpression("[<>=]")]
    public string? DocsCountOperator { get; init; }

    [Description("Only with so many documents.")]
    public long? DocsCountValue { get; init; }

    [Description("Only with this in the name.")]
    public string? NameFilter { get; init; }

    [Description("Which page of which type, from 1."), MaxLength(100)]
    public IReadOnlyDictionary<string, int> SourceToPage { get; init; } = new Dictionary<string, int>();

    [Description("All pages at once.")]
    public bool GetAllConnectors { get; init; }
}

/// <summary>The pairs of a type.</summary>
internal sealed record SourceStatusAnswer(
    string Source,
    SourceSummaryAnswer Summary,
    int CurrentPage,
    int TotalPages,
    IReadOnlyList<PairStatusAnswer> IndexingStatuses
);

/// <summary>Sums over the pairs of a type.</summary>
internal sealed record SourceSummaryAnswer(
    int TotalConnectors,
    int ActiveConnectors,
    int PublicConnectors,
    long TotalDocsIndexed
);

/// <summary>How a pair stands.</summary>
internal sealed record PairStatusAnswer
{
    public required long CcPairId { get; init; }
    public required string Name { get; init; }
    public required string Source { get; init; }
    public string AccessType { get; init; } = "public";
    public required ConnectorStatus CcPairStatus { get; init; }
    public required bool InProgress { get; init; }
    public required bool InRepeatedErrorState { get; init; }
    public required string? LastFinishedStatus { get; init; }
    public required string? LastStatus { get; init; }
    public required DateTimeOffset? LastSuccess { get; init; }
    public bool IsEditable { get; init; } = true;
    public required long DocsIndexed { get; init; }
    public required long LatestIndexAttemptDocsIndexed { get; init; }

    public static PairStatusAnswer Of(ConnectorOverview row)
    {
        var connector = row.Connector;
        var latest = row.CurrentRun ?? row.LastRun;
        return new PairStatusAnswer
        {
            CcPairId = connector.Id,
            Name = connector.Name,
            Source = connector.IntegrationSlug,
            CcPairStatus = connector.Status,
            InProgress = row.CurrentRun is { State: RunState.Running },
            InRepeatedErrorState = connector.InRepeatedErrorState,
            LastFinishedStatus = row.LastRun is { } last ? AttemptAnswer.StatusOf(last.State) : null,
            LastStatus = latest is null ? null : AttemptAnswer.StatusOf(latest.State),
            LastSuccess = connector.LastSuccessAt,
            DocsIndexed = connector.DocumentCount,
            LatestIndexAttemptDocsIndexed = latest?.Counts.Added ?? 0,
        };
    }
}
