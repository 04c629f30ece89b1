using System.Text.Json.Nodes;
using Tributary.Engine.Catalog;
using Tributary.Sdk;

namespace Tributary.Api.Cargo.Connection;

/// <summary>An integration of the catalogue.</summary>
internal sealed record IntegrationAnswer
{
    public required string Slug { get; init; }
    public required string Name { get; init; }
    public required string Description { get; init; }

    /// <summary>SVG text, a URL or a data URL.</summary>
    public required string? Icon { get; init; }
    public required string? Color { get; init; }
    public required string? Url { get; init; }
    public required string Category { get; init; }
    public required IReadOnlyList<string> SubCategories { get; init; }

    /// <summary>Below the API's root; null when there is no page.</summary>
    public required string? DocumentationPath { get; init; }
    public required JsonObject Connector { get; init; }

    /// <summary>By slug.</summary>
    public required JsonObject Actions { get; init; }

    /// <summary>By slug.</summary>
    public required JsonObject Extractors { get; init; }

    /// <summary>By slug.</summary>
    public required JsonObject DynamicSchemas { get; init; }
    public required IReadOnlyList<JsonObject> Autocompletes { get; init; }

    public static IntegrationAnswer Of(IntegrationDescription integration) =>
        new()
        {
            Slug = integration.Slug,
            Name = integration.Name,
            Description = integration.Description,
            Icon = integration.Icon,
            Color = integration.Color,
            Url = integration.Url,
            Category = CategoryOf(integration),
            SubCategories = integration.Slug == "web" ? ["webScraper"] : [],
            DocumentationPath =
                integration.Documentation.Length > 0
                    ? $"/v1/connection/integrations/{integration.Slug}/documentation"
                    : null,
            Connector = IntegrationParts.Connector(integration),
            Actions = IntegrationParts.Map(integration.Actions, IntegrationParts.Action),
            Extractors = IntegrationParts.Map(integration.Extractors, IntegrationParts.Extractor),
            DynamicSchemas = IntegrationParts.Map(
                integration.DynamicSchemas,
                schema => new JsonObject { ["params"] = IntegrationParts.Schema(schema) }
            ),
            Autocompletes =
            [
                .. integration.Autocompletes.Select(pair => IntegrationParts.Autocomplete(pair.Key, pair.Value)),
            ],
        };

    /// <summary>Our shelves in the dialect's words.</summary>
    public static string CategoryOf(IntegrationDescription integration) =>
        integration.IsCustom
            ? "custom"
            : integration.Category switch
            {
                IntegrationCategory.Storage => "storage",
                IntegrationCategory.Communication => "engagement",
                IntegrationCategory.Projects => "success",
                IntegrationCategory.Support => "support",
                IntegrationCategory.Sales => "sales",
                IntegrationCategory.Custom => "custom",
                _ => "freeform",
            };
}

internal sealed record IntegrationEnvelope(IntegrationAnswer Integration);

internal sealed record IntegrationsEnvelope(IReadOnlyList<IntegrationAnswer> Integrations);

/// <summary>What works without a connector: nothing here.</summary>
internal sealed record NativeIntegrationAnswer(
    Dictionary<string, JsonObject> Extractors,
    Dictionary<string, JsonObject> Actions
);

internal sealed record NativeIntegrationEnvelope(NativeIntegrationAnswer NativeIntegration);
