using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Tributary.Api.Clarm.Runs;
using Tributary.Api.Http;
using Tributary.Engine.Connectors;
using Tributary.Engine.Ingestion;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Clarm.Sources;

/// <summary>Sources: list, look at, change, pause, resume, delete.</summary>
internal static class SourceEndpoints
{
    public static void Map(DialectRoutes routes)
    {
        routes
            .Map("GET", "/v1/sources", ListAsync, "Sources in order of id")
            .Asks<SourceQuery>()
            .Answers<Page<SourceAnswer>>();
        routes.Map("GET", "/v1/sources/{source_id}", GetAsync, "One source with what goes on").Answers<SourceAnswer>();
        routes
            .Map("PATCH", "/v1/sources/{source_id}", ChangeAsync, "Changes a source; members that are left out stay")
            .Takes<ChangeSourceBody>()
            .Answers<SourceAnswer>();
        routes
            .Map("DELETE", "/v1/sources/{source_id}", DeleteAsync, "Starts deleting a source with its documents")
            .Answers<RunAnswer>();
        routes
            .Map("POST", "/v1/sources/{source_id}/pause", PauseAsync, "Stops what goes on and schedules nothing more")
            .Answers<SourceAnswer>();
        routes
            .Map("POST", "/v1/sources/{source_id}/resume", ResumeAsync, "Goes on from the last checkpoint")
            .Answers<SourceAnswer>();
        routes
            .Map("GET", "/v1/sources/{source_id}/documents", ListDocumentsAsync, "A source's documents in order of id")
            .Asks<PageQuery>()
            .Answers<Page<DocumentAnswer>>();
    }

    private static async Task ListAsync(Exchange exchange)
    {
        var query = exchange.Query<SourceQuery>();
        var rows = await exchange
            .Get<IConnectorService>()
            .ListAsync(
                exchange.Caller,
                new ConnectorFilter(query.Type, query.Name, Status(query.Status)),
                query.AfterId(0),
                query.Limit + 1,
                exchange.Aborted
            );
        await exchange.WriteAsync(
            Page.Of(
                rows,
                query.Limit,
                row => SourceAnswer.Of(row, maskedCredentials: null),
                row => Page.Cursor(row.Connector.Id)
            ),
            ClarmJson.Wire.PageSourceAnswer
        );
    }

    private static Task GetAsync(Exchange exchange) => WriteAsync(exchange, exchange.PathId("source_id"));

    private static async Task ChangeAsync(Exchange exchange)
    {
        var id = exchange.PathId("source_id");
        var json = await JsonBody.ReadAsync(exchange.Http);
        var body = Exchange.Body<ChangeSourceBody>(json);
        Frequencies.Demand(body.RefreshFreq, body.PruneFreq);
        await exchange
            .Get<IConnectorService>()
            .UpdateAsync(
                exchange.Caller,
                id,
                new ConnectorChange
                {
                    Name = body.Name,
                    Config = body.Config is null ? null : json.GetProperty("config"),
                    Credentials =
                        body.Credential is not null ? json.GetProperty("credential").GetProperty("credentials")
                        : body.Credentials is not null ? json.GetProperty("credentials")
                        : null,
                    RefreshFreq = json.TryGetProperty("refresh_freq", out _) ? new(body.RefreshFreq) : null,
                    PruneFreq = json.TryGetProperty("prune_freq", out _) ? new(body.PruneFreq) : null,
                },
                exchange.Aborted
            );
        await WriteAsync(exchange, id);
    }

    private static async Task DeleteAsync(Exchange exchange)
    {
        var run = await exchange
            .Get<IConnectorService>()
            .DeleteAsync(exchange.Caller, exchange.PathId("source_id"), exchange.Aborted);
        await exchange.WriteAsync(RunAnswer.Of(run), ClarmJson.Wire.RunAnswer);
    }

    private static async Task PauseAsync(Exchange exchange)
    {
        var id = exchange.PathId("source_id");
        await exchange.Get<IConnectorService>().PauseAsync(exchange.Caller, id, exchange.Aborted);
        await WriteAsync(exchange, id);
    }

    private static async Task ResumeAsync(Exchange exchange)
    {
        var id = exchange.PathId("source_id");
        await exchange.Get<IConnectorService>().ResumeAsync(exchange.Caller, id, exchange.Aborted);
        await WriteAsync(exchange, id);
    }

    private static async Task ListDocumentsAsync(Exchange exchange)
    {
        var query = exchange.Query<PageQuery>();
        var rows = await exchange
            .Get<IPushService>()
            .ListAsync(
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
                row => new DocumentAnswer(row.Id, row.Title, row.Link, row.SourceType, row.UpdatedAt),
                row => Page.Cursor(row.Key)
            ),
            ClarmJson.Wire.PageDocumentAnswer
        );
    }

    private static async Task WriteAsync(Exchange exchange, long id)
    {
        var connectors = exchange.Get<IConnectorService>();
        var overview = await connectors.GetOverviewAsync(exchange.Caller, id, exchange.Aborted);
        var credentials = await connectors.GetMaskedCredentialsAsync(exchange.Caller, id, exchange.Aborted);
        await exchange.WriteAsync(SourceAnswer.Of(overview, credentials), ClarmJson.Wire.SourceAnswer);
    }

    private static ConnectorStatus? Status(string? text)
    {
        if (text is null)
        {
            return null;
        }

        foreach (var (name, value) in SettingsReader.EnumValues(typeof(ConnectorStatus)))
        {
            if (name.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return (ConnectorStatus)value;
            }
        }

        throw RequestException.Of(
            ["query", "status"],
            "enum",
            "Input should be 'SCHEDULED', 'INITIAL_INDEXING', 'ACTIVE', 'PAUSED', 'INVALID' or 'DELETING'"
        );
    }
}

/// <summary>Which sources to list.</summary>
internal sealed record SourceQuery : PageQuery
{
    [Description("Only sources of this type.")]
    public string? Type { get; init; }

    [Description("Only sources whose name holds this, without regard to case.")]
    public string? Name { get; init; }

    [Description("Only sources in this state: SCHEDULED, INITIAL_INDEXING, ACTIVE, PAUSED, INVALID or DELETING.")]
    public string? Status { get; init; }
}

/// <summary>What to change of a source.</summary>
internal sealed record ChangeSourceBody
{
    [Description("A new name."), MinLength(1), MaxLength(200)]
    public string? Name { get; init; }

    [Description("New settings, whole; checked against the source.")]
    public IReadOnlyDictionary<string, JsonElement>? Config { get; init; }

    [Description("New credentials, wrapped as when creating; masked values stay as they are.")]
    public CredentialBody? Credential { get; init; }

    [Description("New credentials, as GET shows them; masked values stay as they are.")]
    public IReadOnlyDictionary<string, JsonElement>? Credentials { get; init; }

    [
        Description("Seconds between refreshes, at least 60; null refreshes no more."),
        Range(0, CreateSource.MaxFrequency)
    ]
    public long? RefreshFreq { get; init; }

    [Description("Seconds between prunes, at least 300; null or 0 never."), Range(0, CreateSource.MaxFrequency)]
    public long? PruneFreq { get; init; }
}

/// <summary>A document in a list.</summary>
internal sealed record DocumentAnswer(
    string Id,
    string Title,
    string? Link,
    string SourceType,
    DateTimeOffset? UpdatedAt
);
