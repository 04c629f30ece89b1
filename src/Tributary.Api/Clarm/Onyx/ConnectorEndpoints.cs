using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Tributary.Api.Clarm.Sources;
using Tributary.Api.Http;
using Tributary.Engine;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;

namespace Tributary.Api.Clarm.Onyx;

/// <summary>Connectors: list, create, change, run, delete.</summary>
internal static class ConnectorEndpoints
{
    private const long SevenDays = 604_800;
    private static readonly JsonElement NoCredentials = JsonElement.Parse("{}");

    public static void Map(DialectRoutes routes)
    {
        routes
            .MapCurated("GET", "/manage/admin/connector", ListAsync, "All connectors")
            .Answers<IReadOnlyList<ConnectorSnapshot>>();
        routes.Map("GET", "/manage/connector", ListAsync, "All connectors").Answers<IReadOnlyList<ConnectorSnapshot>>();
        routes.Map("GET", "/manage/connector/{connector_id}", GetAsync, "One connector").Answers<ConnectorSnapshot>();
        routes
            .MapCurated(
                "POST",
                "/manage/admin/connector-with-mock-credential",
                CreateAsync,
                "Creates a connector of a type that needs no credentials"
            )
            .Takes<ConnectorBody>()
            .Answers<StatusAnswer>();
        routes
            .MapCurated(
                "PATCH",
                "/manage/admin/connector/{connector_id}",
                ReplaceAsync,
                "Replaces a connector's settings"
            )
            .Takes<ConnectorBody>()
            .Answers<ConnectorSnapshot>();
        routes
            .MapCurated("DELETE", "/manage/admin/connector/{connector_id}", DeleteAsync, "Starts deleting a connector")
            .Answers<StatusAnswer>();
        routes
            .MapCurated("POST", "/manage/admin/connector/run-once", RunOnceAsync, "Reads a connector now")
            .Takes<RunOnceBody>()
            .Answers<StatusAnswer>();
    }

    private static async Task ListAsync(Exchange exchange)
    {
        var catalog = exchange.Get<IIntegrationCatalog>();
        var connectors = new List<ConnectorSnapshot>();
        await foreach (var row in AllConnectors.ReadAsync(exchange, new ConnectorFilter(), exchange.Aborted))
        {
            connectors.Add(ConnectorSnapshot.Of(row.Connector, catalog));
        }

        await exchange.WriteAsync(connectors, ClarmJson.Wire.IReadOnlyListConnectorSnapshot);
    }

    private static async Task GetAsync(Exchange exchange)
    {
        var id = exchange.PathId("connector_id");
        var connector =
            await FindAsync(exchange, id) ?? throw EngineException.NotFound($"Connector {id} does not exist");
        await WriteAsync(exchange, connector);
    }

    private static async Task CreateAsync(Exchange exchange)
    {
        var json = await JsonBody.ReadAsync(exchange.Http);
        var body = Body(exchange, json);
        var connector = await exchange
            .Get<IConnectorService>()
            .CreateAsync(
                exchange.Caller,
                new ConnectorDraft
                {
                    Name = body.Name,
                    IntegrationSlug = body.Source,
                    Config = json.GetProperty("connector_specific_config"),
                    Credentials = NoCredentials,
                    RefreshFreq = body.RefreshFreq,
                    PruneFreq = body.PruneFreq,
                },
                exchange.Aborted
            );
        await WriteStatusAsync(exchange, "Connector created successfully", connector.Id);
    }

    private static async Task ReplaceAsync(Exchange exchange)
    {
        var id = exchange.PathId("connector_id");
        var json = await JsonBody.ReadAsync(exchange.Http);
        var body = Body(exchange, json);
        Frequencies.Demand(body.RefreshFreq, body.PruneFreq);
        var connector =
            await FindAsync(exchange, id) ?? throw EngineException.NotFound($"Connector {id} does not exist");
        if (connector.IntegrationSlug != body.Source)
        {
            throw new RequestException(400, "The source of a connector cannot be changed: create another connector.");
        }

        await WriteAsync(
            exchange,
            await exchange
                .Get<IConnectorService>()
                .UpdateAsync(
                    exchange.Caller,
                    id,
                    new ConnectorChange
                    {
                        Name = body.Name,
                        Config = json.GetProperty("connector_specific_config"),
                        RefreshFreq = new(body.RefreshFreq),
                        PruneFreq = new(body.PruneFreq ?? SevenDays),
                    },
                    exchange.Aborted
                )
        );
    }

    private static async Task DeleteAsync(Exchange exchange)
    {
        var id = exchange.PathId("connector_id");
        if (await FindAsync(exchange, id) is not null)
        {
            await exchange.Get<IConnectorService>().DeleteAsync(exchange.Caller, id, exchange.Aborted);
        }

        await WriteStatusAsync(exchange, "Connector deletion started", id);
    }

    private static async Task RunOnceAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<RunOnceBody>();
        if (await FindAsync(exchange, body.ConnectorId) is not { } connector)
        {
            throw EngineException.NotFound($"Connector by id {body.ConnectorId} does not exist.");
        }

        if (body.CredentialIds is { Count: > 0 } ids && ids.Any(id => id != connector.CredentialId))
        {
            throw new RequestException(400, "Not all specified credentials are associated with connector");
        }

        var overview = await exchange
            .Get<IConnectorService>()
            .GetOverviewAsync(exchange.Caller, connector.Id, exchange.Aborted);
        var triggers = 0;
        if (overview.CurrentRun is not { State: RunState.Running })
        {
            var kind = body.FromBeginning ? RunKind.Reindex : RunKind.Refresh;
            await exchange.Get<IRunService>().RequestAsync(exchange.Caller, connector.Id, kind, exchange.Aborted);
            triggers = 1;
        }

        await WriteStatusAsync(exchange, $"Marked {triggers} index attempts with indexing triggers.", triggers);
    }

    private static ConnectorBody Body(Exchange exchange, JsonElement json)
    {
        var catalog = exchange.Get<IIntegrationCatalog>();
        var body = Exchange.Body<ConnectorBody>(json, SourceTypes.Check(json, catalog, "source"));
        SourceTypes.DemandReadable(body.Source, catalog);
        return body;
    }

    private static async Task<Connector?> FindAsync(Exchange exchange, long id)
    {
        try
        {
            return await exchange.Get<IConnectorService>().GetAsync(exchange.Caller, id, exchange.Aborted);
        }
        catch (EngineException refusal) when (refusal.Kind == RefusalKind.NotFound)
        {
            return null;
        }
    }

    private static Task WriteAsync(Exchange exchange, Connector connector) =>
        exchange.WriteAsync(
            ConnectorSnapshot.Of(connector, exchange.Get<IIntegrationCatalog>()),
            ClarmJson.Wire.ConnectorSnapshot
        );

    private static Task WriteStatusAsync(Exchange exchange, string message, long data) =>
        exchange.WriteAsync(new StatusAnswer(true, message, data), ClarmJson.Wire.StatusAnswer);
}

/// <summary>A connector to create or change.</summary>
internal sealed record ConnectorBody
{
    [Description("What people call it."), MinLength(1), MaxLength(200)]
    public required string Name { get; init; }

    [Description("The source type.")]
    public required string Source { get; init; }

    [Description("Accepted; it follows from the source type.")]
    public string? InputType { get; init; }

    [Description("The settings of the source.")]
    public required IReadOnlyDictionary<string, JsonElement> ConnectorSpecificConfig { get; init; }

    [Description("Seconds between refreshes; null reads the source once."), Range(0, CreateSource.MaxFrequency)]
    public long? RefreshFreq { get; init; }

    [Description("Seconds between prunes."), Range(0, CreateSource.MaxFrequency)]
    public long? PruneFreq { get; init; }
}

/// <summary>What to read now.</summary>
internal sealed record RunOnceBody
{
    [Description("The connector.")]
    public required long ConnectorId { get; init; }

    [Description("The connector's credential, or left out."), MaxLength(1_000)]
    public IReadOnlyList<long>? CredentialIds { get; init; }

    [Description("Reads everything again instead of what changed.")]
    public bool FromBeginning { get; init; }
}
