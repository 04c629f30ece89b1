using System.ComponentModel;
using System.Text.Json.Serialization;
using Tributary.Api.Http;
using Tributary.Engine;
using Tributary.Engine.Catalog;

namespace Tributary.Api.Cargo.Connection;

/// <summary>The catalogue: what a workspace can connect to.</summary>
internal static class IntegrationEndpoints
{
    private const string Root = "/v1/connection/integrations";

    public static void Map(DialectRoutes routes)
    {
        routes
            .Map("GET", Root + "/list", ListAsync, "The integrations, the workspace's own among them")
            .Asks<IntegrationQuery>()
            .Answers<IntegrationsEnvelope>();
        routes.Map("GET", Root + "/{slug}", GetAsync, "One integration").Answers<IntegrationEnvelope>();
        routes.Map(
            "GET",
            Root + "/{slug}/documentation",
            DocumentAsync,
            "An integration's page for people, as Markdown"
        );
        foreach (var path in (string[])["/v1/connection/nativeIntegrations", "/v1/connection/nativeIntegration"])
        {
            routes.Map("GET", path, GetNativeAsync, "What needs no connector").Answers<NativeIntegrationEnvelope>();
        }
    }

    /// <summary>404, <c>integrationNotFound</c>.</summary>
    public static EngineException Missing(string slug) =>
        EngineException.NotFound(
            $"There is no integration '{slug}'. GET /v1/connection/integrations/list shows those that there are.",
            "integrationNotFound"
        );

    private static async Task ListAsync(Exchange exchange)
    {
        var query = exchange.Query<IntegrationQuery>();
        var all = await exchange.Get<IIntegrationDirectory>().ListAsync(exchange.Caller.WorkspaceId, exchange.Aborted);
        await exchange.WriteAsync(
            new IntegrationsEnvelope([.. all.Where(query.Wants).Select(IntegrationAnswer.Of)]),
            CargoJson.Wire.IntegrationsEnvelope
        );
    }

    private static async Task GetAsync(Exchange exchange) =>
        await exchange.WriteAsync(
            new IntegrationEnvelope(IntegrationAnswer.Of(await FindAsync(exchange))),
            CargoJson.Wire.IntegrationEnvelope
        );

    private static async Task DocumentAsync(Exchange exchange)
    {
        var integration = await FindAsync(exchange);
        exchange.Http.Response.ContentType = "text/markdown; charset=utf-8";
        var bytes = System.Text.Encoding.UTF8.GetBytes(integration.Documentation);
        await exchange.Http.Response.Body.WriteAsync(bytes, exchange.Aborted);
    }

    private static Task GetNativeAsync(Exchange exchange) =>
        exchange.WriteAsync(
            new NativeIntegrationEnvelope(new NativeIntegrationAnswer(new(), new())),
            CargoJson.Wire.NativeIntegrationEnvelope
        );

    /// <summary>The integration that a path names.</summary>
    /// <exception cref="EngineException">NotFound: <c>integrationNotFound</c>.</exception>
    public static async Task<IntegrationDescription> FindAsync(Exchange exchange)
    {
        var slug = exchange.PathText("slug");
        return await exchange
                .Get<IIntegrationDirectory>()
                .FindAsync(exchange.Caller.WorkspaceId, slug, exchange.Aborted)
            ?? throw Missing(slug);
    }
}

/// <summary>Which integrations to list; all conditions hold together.</summary>
internal sealed record IntegrationQuery
{
    [Description("Exact.")]
    public string? Category { get; init; }

    [Description("Exact.")]
    public string? Slug { get; init; }

    [Description("Part of name, slug or description, without regard to case.")]
    public string? Search { get; init; }

    [JsonPropertyName("hasActions"), Description("Whether it has any action.")]
    public bool? HasActions { get; init; }

    [JsonPropertyName("hasExtractors"), Description("Whether it has any extractor.")]
    public bool? HasExtractors { get; init; }

    public bool Wants(IntegrationDescription integration) =>
        (Category is null || Category == IntegrationAnswer.CategoryOf(integration))
        && (Slug is null || Slug == integration.Slug)
        && (Search is null || Holds(integration.Name) || Holds(integration.Slug) || Holds(integration.Description))
        && (HasActions is null || HasActions == integration.Actions.Count > 0)
        && (HasExtractors is null || HasExtractors == integration.Extractors.Count > 0);

    private bool Holds(string text) => text.Contains(Search!, StringComparison.OrdinalIgnoreCase);
}
