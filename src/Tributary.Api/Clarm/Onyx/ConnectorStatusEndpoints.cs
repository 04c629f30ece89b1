using Tributary.Api.Http;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;

namespace Tributary.Api.Clarm.Onyx;

/// <summary>How connectors stand, in lists.</summary>
internal static class ConnectorStatusEndpoints
{
    public static void Map(DialectRoutes routes)
    {
        routes
            .MapCurated("GET", "/manage/admin/connector/status", ListAsync, "All pairs")
            .Answers<IReadOnlyList<PairAnswer>>();
        routes
            .MapCurated(
                "GET",
                "/manage/admin/connector/failed-indexing-status",
                ListFailedAsync,
                "Pairs whose last run failed"
            )
            .Answers<IReadOnlyList<FailedPairAnswer>>();
        routes
            .Map("GET", "/manage/connector-status", ListBriefAsync, "Which pairs have been read")
            .Answers<IReadOnlyList<BriefPairAnswer>>();
        routes
            .Map("GET", "/manage/indexed-sources", ListSourcesAsync, "The types of source that there are")
            .Answers<IndexedSourcesAnswer>();
    }

    private static async Task ListAsync(Exchange exchange)
    {
        var catalog = exchange.Get<IIntegrationCatalog>();
        var pairs = new List<PairAnswer>();
        await foreach (var row in ReadAsync(exchange))
        {
            var connector = row.Connector;
            pairs.Add(
                new PairAnswer(
                    connector.Id,
                    connector.Name,
                    ConnectorSnapshot.Of(connector, catalog),
                    await CredentialSnapshot.OfAsync(exchange, connector)
                )
            );
        }

        await exchange.WriteAsync(pairs, ClarmJson.Wire.IReadOnlyListPairAnswer);
    }

    private static async Task ListFailedAsync(Exchange exchange)
    {
        var pairs = new List<FailedPairAnswer>();
        await foreach (var row in ReadAsync(exchange))
        {
            if (row.LastRun is { State: RunState.Failed } run)
            {
                var connector = row.Connector;
                pairs.Add(
                    new FailedPairAnswer(
                        connector.Id,
                        connector.Name,
                        run.Error,
                        IsDeletable: connector.Status != ConnectorStatus.Deleting,
                        connector.Id,
                        connector.CredentialId
                    )
                );
            }
        }

        await exchange.WriteAsync(pairs, ClarmJson.Wire.IReadOnlyListFailedPairAnswer);
    }

    private static async Task ListBriefAsync(Exchange exchange)
    {
        var pairs = new List<BriefPairAnswer>();
        await foreach (var row in ReadAsync(exchange))
        {
            var connector = row.Connector;
            pairs.Add(
                new BriefPairAnswer(connector.LastSuccessAt is not null, connector.IntegrationSlug, connector.Status)
            );
        }

        await exchange.WriteAsync(pairs, ClarmJson.Wire.IReadOnlyListBriefPairAnswer);
    }

    private static async Task ListSourcesAsync(Exchange exchange)
    {
        var sources = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var row in ReadAsync(exchange))
        {
            sources.Add(row.Connector.IntegrationSlug);
        }

        await exchange.WriteAsync(new IndexedSourcesAnswer([.. sources]), ClarmJson.Wire.IndexedSourcesAnswer);
    }

    private static IAsyncEnumerable<ConnectorOverview> ReadAsync(Exchange exchange) =>
        AllConnectors.ReadAsync(exchange, new ConnectorFilter(), exchange.Aborted);
}

/// <summary>A pair.</summary>
internal sealed record PairAnswer(
    long CcPairId,
    string Name,
    ConnectorSnapshot Connector,
    CredentialSnapshot Credential
)
{
    public string AccessType { get; init; } = "public";
    public IReadOnlyList<long> Groups { get; init; } = [];
}

/// <summary>A pair whose last run failed.</summary>
internal sealed record FailedPairAnswer(
    long CcPairId,
    string Name,
    string? ErrorMsg,
    bool IsDeletable,
    long ConnectorId,
    long CredentialId
);

/// <summary>Whether a pair was read.</summary>
internal sealed record BriefPairAnswer(bool HasSuccessfulRun, string Source, ConnectorStatus Status);

/// <summary>Types of source, sorted.</summary>
internal sealed record IndexedSourcesAnswer(IReadOnlyList<string> Sources);
