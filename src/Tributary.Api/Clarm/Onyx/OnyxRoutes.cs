using Tributary.Api.Clarm.Push;
using Tributary.Api.Http;
using Tributary.Engine.Workspaces;

namespace Tributary.Api.Clarm.Onyx;

/// <summary>Onyx's management endpoints, with Onyx's names for things: a pair is a source, and has the same number.</summary>
internal static class OnyxRoutes
{
    public static void Map(DialectRoutes routes)
    {
        routes.Under("Push ingestion");
        IngestionEndpoints.Map(routes);
        routes.Under("Connectors");
        ConnectorEndpoints.Map(routes);
        ConnectorFileEndpoints.Map(routes);
        ConnectorStatusEndpoints.Map(routes);
        IndexingStatusEndpoint.Map(routes);
        routes.Under("Credentials");
        CredentialEndpoints.Map(routes);
        routes.Under("Pairs");
        PairEndpoints.Map(routes);
        PairHistoryEndpoints.Map(routes);
        DeletionEndpoint.Map(routes);
        routes.Under("Document sets");
        DocumentSetEndpoints.Map(routes);
        routes.Under("API keys");
        ApiKeyEndpoints.Map(routes);
    }

    /// <summary>Maps an endpoint for editors and admins: Onyx's curators and admins.</summary>
    public static EndpointDescription MapCurated(
        this DialectRoutes routes,
        string method,
        string pattern,
        Func<Exchange, Task> answer,
        string summary
    ) =>
        routes.Map(
            method,
            pattern,
            exchange =>
            {
                exchange.Caller.Demand(Role.Editor);
                return answer(exchange);
            },
            summary
        );
}

/// <summary>What Onyx answers when there is nothing else to tell.</summary>
internal sealed record StatusAnswer(bool Success, string? Message, long? Data);
