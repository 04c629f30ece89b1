using System.Text.Json.Nodes;
using Tributary.Api.Http;
using Tributary.Engine;
using Tributary.Engine.Connectors;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Clarm.Catalog;

/// <summary>The integrations of this version, with the schemas that forms are made of.</summary>
internal static class IntegrationEndpoints
{
    public static void Map(DialectRoutes routes)
    {
        routes
            .Map("GET", "/v1/integrations", ListAsync, "The catalogue of integrations")
            .Answers<Page<IntegrationAnswer>>();
        routes
            .Map("GET", "/v1/integrations/{slug}", GetAsync, "One integration, with documentation")
            .Answers<IntegrationAnswer>();
    }

    private static Task ListAsync(Exchange exchange) =>
        exchange.WriteAsync(
            Page.Whole(
                exchange
                    .Get<IIntegrationCatalog>()
                    .All.Where(integration => !integration.Manifest.IsHidden)
                    .Select(integration => IntegrationAnswer.Of(integration, documented: false))
            ),
            ClarmJson.Wire.PageIntegrationAnswer
        );

    private static Task GetAsync(Exchange exchange)
    {
        var slug = exchange.PathText("slug");
        var integration =
            exchange.Get<IIntegrationCatalog>().Find(slug)
            ?? throw EngineException.NotFound($"There is no integration '{slug}'. GET /v1/integrations lists them.");
        return exchange.WriteAsync(
            IntegrationAnswer.Of(integration, documented: true),
            ClarmJson.Wire.IntegrationAnswer
        );
    }
}

/// <summary>An integration.</summary>
internal sealed record IntegrationAnswer
{
    public required string Slug { get; init; }
    public required IReadOnlyList<string> Aliases { get; init; }
    public required string Name { get; init; }
    public required string Description { get; init; }
    public required IntegrationCategory Category { get; init; }
    public required IntegrationKind Kind { get; init; }
    public required IntegrationCapabilities Capabilities { get; init; }
    public required IReadOnlyList<string> AuthKinds { get; init; }

    /// <summary>JSON Schema (2020-12).</summary>
    public required JsonObject ConfigSchema { get; init; }

    /// <summary>JSON Schema (2020-12); secrets are <c>writeOnly</c>.</summary>
    public required JsonObject CredentialsSchema { get; init; }

    /// <summary>Markdown; null in lists.</summary>
    public required string? Documentation { get; init; }

    public static IntegrationAnswer Of(Integration integration, bool documented)
    {
        var manifest = integration.Manifest;
        return new IntegrationAnswer
        {
            Slug = manifest.Slug,
            Aliases = manifest.Aliases,
            Name = manifest.Name,
            Description = manifest.Description,
            Category = manifest.Category,
            Kind = manifest.Kind,
            Capabilities = manifest.Capabilities,
            AuthKinds = manifest.AuthKinds,
            ConfigSchema = JsonSchemaWriter.Write(integration.ConfigType),
            CredentialsSchema = JsonSchemaWriter.Write(integration.CredentialsType),
            Documentation = documented ? manifest.Documentation : null,
        };
    }
}
