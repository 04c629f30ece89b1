using System.ComponentModel;
using Tributary.Api.Http;
using Tributary.Engine;
using Tributary.Engine.Connectors;

namespace Tributary.Api.Clarm.Onyx;

/// <summary>The deletion of a pair: POST /manage/admin/deletion-attempt, and the same by its two numbers.</summary>
internal static class DeletionEndpoint
{
    public static void Map(DialectRoutes routes)
    {
        routes
            .MapCurated(
                "POST",
                "/manage/admin/deletion-attempt",
                BeginAsync,
                "Starts deleting a pair with its documents"
            )
            .Takes<DeletionBody>()
            .AnswersNothing(200);
        routes
            .MapCurated(
                "DELETE",
                "/manage/connector/{connector_id}/credential/{credential_id}",
                DissolveAsync,
                "Starts deleting a pair with its documents"
            )
            .Answers<StatusAnswer>();
    }

    private static async Task BeginAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<DeletionBody>();
        await DeleteAsync(exchange, body.ConnectorId, body.CredentialId);
        await exchange.WriteNullAsync();
    }

    private static async Task DissolveAsync(Exchange exchange)
    {
        var id = exchange.PathId("connector_id");
        await DeleteAsync(exchange, id, exchange.PathId("credential_id"));
        await exchange.WriteAsync(
            new StatusAnswer(true, "Connector deletion started", id),
            ClarmJson.Wire.StatusAnswer
        );
    }

    private static async Task DeleteAsync(Exchange exchange, long connectorId, long credentialId)
    {
        var connectors = exchange.Get<IConnectorService>();
        try
        {
            var connector = await connectors.GetAsync(exchange.Caller, connectorId, exchange.Aborted);
            if (connector.CredentialId != credentialId)
            {
                throw new RequestException(
                    404,
                    $"Connector with ID '{connectorId}' and credential ID '{credentialId}' does not exist. Has it already been deleted?"
                );
            }

            await connectors.DeleteAsync(exchange.Caller, connectorId, exchange.Aborted);
        }
        catch (EngineException refusal) when (refusal.Kind == RefusalKind.NotFound)
        {
            throw new RequestException(
                404,
                $"Connector with ID '{connectorId}' does not exist. Has it already been deleted?"
            );
        }
    }
}

/// <summary>The pair to delete.</summary>
internal sealed record DeletionBody
{
    [Description("The connector.")]
    public required long ConnectorId { get; init; }

    [Description("Its credential.")]
    public required long CredentialId { get; init; }
}
