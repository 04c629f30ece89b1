using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Api.Http;
using Tributary.Engine;
using Tributary.Engine.Catalog;
using Tributary.Engine.Connectors;
using Tributary.Engine.Workspaces;
using Tributary.Sdk;

namespace Tributary.Api.Cargo.Connection;

/// <summary>Connectors: create, look at, list, change, remove.</summary>
internal static class ConnectorEndpoints
{
    private const string Root = "/v1/connection/connectors";
    private const int PageSize = 500;
    private static readonly JsonElement Empty = JsonElement.Parse("{}");

    public static void Map(DialectRoutes routes)
    {
        routes
            .Map("POST", Root, CreateAsync, "Creates a connector and its dataset")
            .Takes<CreateConnectorBody>()
            .Answers<CreatedConnectorEnvelope>();
        routes
            .Map("GET", Root + "/list", ListAsync, "The workspace's connectors, oldest first")
            .Asks<ConnectorQuery>()
            .Answers<ConnectorsEnvelope>();
        routes
            .Map("GET", Root + "/existsBySlug", ExistsAsync, "Whether a slug is taken")
            .Asks<SlugQuery>()
            .Answers<ExistsAnswer>();
        routes.Map("GET", Root + "/{uuid}", GetAsync, "One connector").Answers<ConnectorEnvelope>();
        routes
            .Map("PUT", Root + "/{uuid}", UpdateAsync, "Changes a connector; members that are left out stay")
            .Takes<UpdateConnectorBody>()
            .Answers<ConnectorEnvelope>();
        routes.Map("DELETE", Root + "/{uuid}", RemoveAsync, "Removes a connector without models").AnswersNothing();
        routes
            .Map("GET", Root + "/{uuid}/languageModels", ListLanguageModelsAsync, "The language models behind it")
            .Answers<LanguageModelsEnvelope>();
    }

    /// <summary>The connector that a path names.</summary>
    /// <exception cref="EngineException">NotFound: <c>connectorNotFound</c>.</exception>
    public static Task<Connector> FindAsync(Exchange exchange) =>
        exchange.Get<IConnectorService>().GetAsync(exchange.Caller, exchange.PathUuid("uuid"), exchange.Aborted);

    private static async Task CreateAsync(Exchange exchange)
    {
        exchange.Caller.Demand(Role.Editor);
        var json = await JsonBody.ReadAsync(exchange.Http);
        var body = Exchange.Body<CreateConnectorBody>(json);
        var integration = await FindIntegrationAsync(exchange, body.IntegrationSlug);
        var (config, credentials) = body.Config is null
            ? (Empty, null)
            : ConnectorBody.Split(json.GetProperty("config"), integration.IsCustom);
        var connector = await exchange
            .Get<IConnectorService>()
            .CreateAsync(
                exchange.Caller,
                new ConnectorDraft
                {
                    Name = body.Name,
                    AllowsSameName = true,
                    Slug = body.Slug,
                    IntegrationSlug = body.IntegrationSlug,
                    Config = config,
                    Credentials = credentials ?? Empty,
                    PrefersSharedCredentials = body.Config is null,
                    RateLimit = body.RateLimit?.ToLimit(),
                    CacheTtlMilliseconds = body.CacheTtlMilliseconds,
                    StartNow = false,
                },
                exchange.Aborted
            );
        await exchange.WriteAsync(
            new CreatedConnectorEnvelope(
                await AnswerAsync(exchange, connector, models: 0),
                DatasetAnswer.Of(connector, exchange.Caller.WorkspaceUuid)
            ),
            CargoJson.Wire.CreatedConnectorEnvelope
        );
    }

    private static async Task GetAsync(Exchange exchange) => await WriteAsync(exchange, await FindAsync(exchange));

    private static async Task ListAsync(Exchange exchange)
    {
        var query = exchange.Query<ConnectorQuery>();
        var answer = await ListWithDatasetsAsync(exchange, query.IntegrationSlug);
        await exchange.WriteAsync(
            new ConnectorsEnvelope([.. answer.Select(pair => pair.Connector)]),
            CargoJson.Wire.ConnectorsEnvelope
        );
    }

    /// <summary>The connectors of the caller's workspace, of one integration or all, oldest first.</summary>
    public static async Task<IReadOnlyList<(ConnectorAnswer Connector, DatasetAnswer Dataset)>> ListWithDatasetsAsync(
        Exchange exchange,
        string? integrationSlug = null
    )
    {
        var connectors = exchange.Get<IConnectorService>();
        var models = await connectors.CountModelsAsync(exchange.Caller, exchange.Aborted);
        var filter = new ConnectorFilter(integrationSlug, OnlyLive: true);
        var answer = new List<(ConnectorAnswer, DatasetAnswer)>();
        for (var after = 0L; ; )
        {
            var page = await connectors.ListAsync(exchange.Caller, filter, after, PageSize, exchange.Aborted);
            foreach (var (connector, _, _, _) in page)
            {
                answer.Add(
                    (
                        await AnswerAsync(exchange, connector, models.GetValueOrDefault(connector.Id)),
                        DatasetAnswer.Of(connector, exchange.Caller.WorkspaceUuid)
                    )
                );
                after = connector.Id;
            }

            if (page.Count < PageSize)
            {
                return answer;
            }
        }
    }

    private static async Task ExistsAsync(Exchange exchange)
    {
        var slug = exchange.Query<SlugQuery>().Slug;
        var exists = await exchange.Get<IConnectorService>().IsSlugTakenAsync(exchange.Caller, slug, exchange.Aborted);
        await exchange.WriteAsync(new ExistsAnswer(exists), CargoJson.Wire.ExistsAnswer);
    }

    private static async Task UpdateAsync(Exchange exchange)
    {
        exchange.Caller.Demand(Role.Editor);
        var json = await JsonBody.ReadOptionalAsync(exchange.Http) ?? Empty;
        var body = Exchange.Body<UpdateConnectorBody>(json);
        var connector = await FindAsync(exchange);
        var integration = await FindIntegrationAsync(exchange, connector.IntegrationSlug);
        var sent = body.Config is null ? (JsonElement?)null : json.GetProperty("config");
        var (config, credentials) = sent is { } whole
            ? ConnectorBody.Split(whole, integration.IsCustom)
            : default((JsonElement? Config, JsonElement? Credentials));
        var updated = await exchange
            .Get<IConnectorService>()
            .UpdateAsync(
                exchange.Caller,
                connector.Id,
                new ConnectorChange
                {
                    Name = body.Name,
                    AllowsSameName = true,
                    IsDefault = body.IsDefault,
                    Config = config,
                    Credentials = credentials,
                    ToSharedCredentials = body.Config is null && json.TryGetProperty("config", out _),
                    RateLimit = json.TryGetProperty("rateLimit", out _)
                        ? new Change<RateLimit?>(body.RateLimit?.ToLimit())
                        : null,
                    CacheTtlMilliseconds = json.TryGetProperty("cacheTtlMilliseconds", out _)
                        ? new Change<long?>(body.CacheTtlMilliseconds)
                        : null,
                },
                exchange.Aborted
            );
        await WriteAsync(exchange, updated);
    }

    private static async Task RemoveAsync(Exchange exchange)
    {
        exchange.Caller.Demand(Role.Editor);
        var connector = await FindAsync(exchange);
        await exchange.Get<IConnectorService>().DeleteUnusedAsync(exchange.Caller, connector.Id, exchange.Aborted);
        exchange.Http.Response.StatusCode = 204;
    }

    private static async Task ListLanguageModelsAsync(Exchange exchange)
    {
        var connector = await FindAsync(exchange);
        throw new RequestException(
            400,
            $"Integrations of type {connector.IntegrationSlug} offer no language models.",
            "languageModelsNotSupported"
        );
    }

    private static async Task<IntegrationDescription> FindIntegrationAsync(Exchange exchange, string slug) =>
        await exchange.Get<IIntegrationDirectory>().FindAsync(exchange.Caller.WorkspaceId, slug, exchange.Aborted)
        ?? throw IntegrationEndpoints.Missing(slug);

    private static async Task WriteAsync(Exchange exchange, Connector connector)
    {
        var models = await exchange.Get<IConnectorService>().CountModelsAsync(exchange.Caller, exchange.Aborted);
        var answer = await AnswerAsync(exchange, connector, models.GetValueOrDefault(connector.Id));
        await exchange.WriteAsync(new ConnectorEnvelope(answer), CargoJson.Wire.ConnectorEnvelope);
    }

    private static async Task<ConnectorAnswer> AnswerAsync(Exchange exchange, Connector connector, long models)
    {
        var config = await exchange
            .Get<IConnectorService>()
            .GetMaskedSettingsAsync(exchange.Caller, connector, exchange.Aborted);
        return ConnectorAnswer.Of(connector, exchange.Caller.WorkspaceUuid, models, config);
    }
}

/// <summary>Which connectors to list.</summary>
internal sealed record ConnectorQuery
{
    [JsonPropertyName("integrationSlug"), Description("Only connectors of this integration.")]
    public string? IntegrationSlug { get; init; }
}

/// <summary>A slug to look for.</summary>
internal sealed record SlugQuery
{
    [Description("The slug.")]
    public required string Slug { get; init; }
}
