using System.ComponentModel;
using System.Text.Json;
using Tributary.Api.Http;
using Tributary.Engine.Actions;

namespace Tributary.Api.Cargo.Custom;

/// <summary>What forms ask a connector: options for a field, and schemas that depend on the connector.</summary>
internal static class LookupEndpoints
{
    private const string Root = "/v1/connection/connectors/{uuid}";

    public static void Map(DialectRoutes routes)
    {
        routes
            .Map("POST", Root + "/autocomplete", AutocompleteAsync, "The options of a form's field")
            .Takes<AutocompleteBody>()
            .Answers<AutocompleteResultsAnswer>();
        routes
            .Map("POST", Root + "/dynamicSchemas/{slug}", SchemaAsync, "A schema that depends on the connector")
            .Takes<DynamicSchemaBody>()
            .Answers<DynamicSchemaAnswer>();
    }

    private static async Task AutocompleteAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<AutocompleteBody>();
        var answer = await exchange
            .Get<IConnectorActions>()
            .AutocompleteAsync(
                exchange.Caller,
                exchange.PathUuid("uuid"),
                new AutocompleteRequest(body.Slug, body.Params, body.Value, body.Refresh),
                exchange.Aborted
            );
        exchange.Http.TellCache(answer.IsFromCache);
        await exchange.WriteAsync(
            new AutocompleteResultsAnswer(answer.Results),
            CustomJson.Wire.AutocompleteResultsAnswer
        );
    }

    private static async Task SchemaAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<DynamicSchemaBody>();
        var (schema, ui) = await exchange
            .Get<IConnectorActions>()
            .GetDynamicSchemaAsync(
                exchange.Caller,
                exchange.PathUuid("uuid"),
                exchange.PathText("slug"),
                body.Params,
                exchange.Aborted
            );
        await exchange.WriteAsync(new DynamicSchemaAnswer(schema, ui), CustomJson.Wire.DynamicSchemaAnswer);
    }
}

/// <summary>Which options.</summary>
internal sealed record AutocompleteBody
{
    [Description("The autocomplete's slug.")]
    public required string Slug { get; init; }

    [Description("By the autocomplete's schema; an empty object when it has none.")]
    public required JsonElement Params { get; init; }

    [Description("Text to search for.")]
    public string? Value { get; init; }

    [Description("Ask again, whatever is kept.")]
    public bool Refresh { get; init; }
}

/// <summary>For which parameters.</summary>
internal sealed record DynamicSchemaBody
{
    [Description("By the schema's own parameters' schema; an empty object when it has none.")]
    public required JsonElement Params { get; init; }
}

/// <summary>Options.</summary>
internal sealed record AutocompleteResultsAnswer(IReadOnlyList<AutocompleteOption> Results);

/// <summary>A schema; either half may be null.</summary>
internal sealed record DynamicSchemaAnswer(JsonElement? Schema, JsonElement? UiSchema);
