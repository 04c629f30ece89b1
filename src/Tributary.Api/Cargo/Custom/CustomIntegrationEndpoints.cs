using Tributary.Api.Http;
using Tributary.Engine.Connectors;
using Tributary.Engine.Custom;

namespace Tributary.Api.Cargo.Custom;

/// <summary>Custom integrations: make, look at, list, change, remove.</summary>
internal static class CustomIntegrationEndpoints
{
    private const string Root = "/v1/connection/customIntegrations";

    public static void Map(DialectRoutes routes)
    {
        routes
            .Map("POST", Root, CreateAsync, "Makes a custom integration from its server's manifest")
            .Takes<CreateCustomIntegrationBody>()
            .Answers<CustomIntegrationEnvelope>();
        routes
            .Map("GET", Root + "/list", ListAsync, "The workspace's custom integrations, oldest first")
            .Answers<CustomIntegrationsEnvelope>();
        routes
            .Map("GET", Root + "/{uuid}", GetAsync, "One custom integration")
            .Answers<FoundCustomIntegrationEnvelope>();
        routes
            .Map("PUT", Root + "/{uuid}", UpdateAsync, "Changes a custom integration, and asks for its manifest again")
            .Takes<UpdateCustomIntegrationBody>()
            .Answers<CustomIntegrationEnvelope>();
        routes
            .Map("DELETE", Root + "/{uuid}", RemoveAsync, "Removes a custom integration that no connector uses")
            .AnswersNothing();
    }

    private static async Task CreateAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<CreateCustomIntegrationBody>();
        if (body.Kind == "worker" || (body.Kind is null && body.BaseUrl is null && body.WorkerUuid is not null))
        {
            throw NoWorker();
        }

        if (body.Kind is not (null or "external"))
        {
            throw RequestException.Of(["body", "kind"], "enum", "Should be external or worker");
        }

        var baseUrl = body.BaseUrl ?? throw RequestException.Of(["body", "baseUrl"], "missing", "Field required");
        var made = await exchange
            .Get<ICustomIntegrationService>()
            .CreateAsync(exchange.Caller, new CustomIntegrationDraft(baseUrl, body.Secret), exchange.Aborted);
        await WriteAsync(exchange, made);
    }

    private static async Task ListAsync(Exchange exchange)
    {
        var all = await exchange.Get<ICustomIntegrationService>().ListAsync(exchange.Caller, exchange.Aborted);
        await exchange.WriteAsync(
            new CustomIntegrationsEnvelope([.. all.Select(CustomIntegrationAnswer.Of)]),
            CustomJson.Wire.CustomIntegrationsEnvelope
        );
    }

    private static async Task GetAsync(Exchange exchange)
    {
        var found = CustomIntegrationAnswer.Of(
            await exchange
                .Get<ICustomIntegrationService>()
                .GetAsync(exchange.Caller, exchange.PathUuid("uuid"), exchange.Aborted)
        );
        await exchange.WriteAsync(
            new FoundCustomIntegrationEnvelope(found, found),
            CustomJson.Wire.FoundCustomIntegrationEnvelope
        );
    }

    private static async Task UpdateAsync(Exchange exchange)
    {
        var json = await JsonBody.ReadAsync(exchange.Http);
        var body = Exchange.Body<UpdateCustomIntegrationBody>(json);
        var service = exchange.Get<ICustomIntegrationService>();
        var uuid = exchange.PathUuid("uuid");
        if (body.WorkerUuid is not null)
        {
            await service.GetAsync(exchange.Caller, uuid, exchange.Aborted);
            throw new RequestException(
                400,
                "This custom integration has a server of its own: change its baseUrl instead of a worker.",
                "customIntegrationNotWorker"
            );
        }

        var secret = json.TryGetProperty("secret", out _) ? new Change<string?>(body.Secret) : null;
        var change = new CustomIntegrationChange(body.BaseUrl, secret);
        await WriteAsync(exchange, await service.UpdateAsync(exchange.Caller, uuid, change, exchange.Aborted));
    }

    private static async Task RemoveAsync(Exchange exchange)
    {
        await exchange
            .Get<ICustomIntegrationService>()
            .DeleteAsync(exchange.Caller, exchange.PathUuid("uuid"), exchange.Aborted);
        exchange.Http.Response.StatusCode = 204;
    }

    private static Task WriteAsync(Exchange exchange, CustomIntegration integration) =>
        exchange.WriteAsync(
            new CustomIntegrationEnvelope(CustomIntegrationAnswer.Of(integration)),
            CustomJson.Wire.CustomIntegrationEnvelope
        );

    private static RequestException NoWorker() =>
        new(
            404,
            "Worker not found: workers are programs that the vendor hosts. Run the integration as a server, and give its baseUrl.",
            "workerNotFound"
        );
}
