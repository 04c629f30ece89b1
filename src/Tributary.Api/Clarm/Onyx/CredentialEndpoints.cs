using Tributary.Api.Http;
using Tributary.Engine;
using Tributary.Engine.Connectors;

namespace Tributary.Api.Clarm.Onyx;

/// <summary>Credentials, masked. They are made and changed with their connector.</summary>
internal static class CredentialEndpoints
{
    public static void Map(DialectRoutes routes)
    {
        routes
            .MapCurated("GET", "/manage/credential", ListAsync, "All credentials, masked")
            .Answers<IReadOnlyList<CredentialSnapshot>>();
        routes
            .MapCurated("GET", "/manage/admin/credential", ListAsync, "All credentials, masked")
            .Answers<IReadOnlyList<CredentialSnapshot>>();
        routes
            .MapCurated("GET", "/manage/credential/{credential_id}", GetAsync, "One credential, masked")
            .Answers<CredentialSnapshot>();
        routes
            .MapCurated(
                "GET",
                "/manage/admin/similar-credentials/{source}",
                ListSimilarAsync,
                "The credentials of one type of source, masked"
            )
            .Answers<IReadOnlyList<CredentialSnapshot>>();
    }

    private static Task ListAsync(Exchange exchange) => WriteAsync(exchange, new ConnectorFilter());

    private static Task ListSimilarAsync(Exchange exchange) =>
        WriteAsync(exchange, new ConnectorFilter(exchange.PathText("source")));

    private static async Task WriteAsync(Exchange exchange, ConnectorFilter filter)
    {
        var credentials = new List<CredentialSnapshot>();
        await foreach (var row in AllConnectors.ReadAsync(exchange, filter, exchange.Aborted))
        {
            credentials.Add(await CredentialSnapshot.OfAsync(exchange, row.Connector));
        }

        await exchange.WriteAsync(credentials, ClarmJson.Wire.IReadOnlyListCredentialSnapshot);
    }

    private static async Task GetAsync(Exchange exchange)
    {
        var id = exchange.PathId("credential_id");
        await foreach (var row in AllConnectors.ReadAsync(exchange, new ConnectorFilter(), exchange.Aborted))
        {
            if (row.Connector.CredentialId == id)
            {
                var credential = await CredentialSnapshot.OfAsync(exchange, row.Connector);
                await exchange.WriteAsync(credential, ClarmJson.Wire.CredentialSnapshot);
                return;
            }
        }

        throw EngineException.NotFound($"Credential {id} does not exist or does not belong to user");
    }
}
