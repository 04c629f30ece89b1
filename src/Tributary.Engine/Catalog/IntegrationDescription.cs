using System.Text.Json;
using Tributary.Sdk;

namespace Tributary.Engine.Catalog;

/// <summary>An integration as the catalogue shows it and as requests to its connectors are validated.</summary>
public sealed record IntegrationDescription
{
    /// <summary>Its slug.</summary>
    public required string Slug { get; init; }

    /// <summary>Its name for people.</summary>
    public required string Name { get; init; }

    /// <summary>What one gets, in a sentence.</summary>
    public required string Description { get; init; }

    /// <summary>Served by somebody else's program; see <see cref="Custom.IExtractorClient"/>.</summary>
    public required bool IsCustom { get; init; }

    /// <summary>The shelf of the catalogue.</summary>
    public required IntegrationCategory Category { get; init; }

    /// <summary>A URL, a data URL or SVG text; null for none.</summary>
    public string? Icon { get; init; }

    /// <summary>A CSS colour such as <c>#336699</c>; null for none.</summary>
    public string? Color { get; init; }

    /// <summary>The vendor's site; null when unknown.</summary>
    public string? Url { get; init; }

    /// <summary>A page of Markdown for people who set it up; empty for none.</summary>
    public string Documentation { get; init; } = "";

    /// <summary>The limit of connectors that set none of their own; null for none.</summary>
    public RateLimit? RateLimit { get; init; }

    /// <summary>
    /// What a connector is configured with. Of a built-in integration: its config members and, beside them,
    /// <c>credentials</c>.
    /// </summary>
    public required SchemaPair Config { get; init; }

    /// <summary>Answers may be kept for a connector's time to live.</summary>
    public bool CachingIsCompatible { get; init; }

    /// <summary>People can sign in at the vendor instead of pasting a secret.</summary>
    public bool OffersOAuth { get; init; }

    /// <summary>What can be done through a connector, by slug.</summary>
    public IReadOnlyDictionary<string, ActionDescription> Actions { get; init; } =
        new Dictionary<string, ActionDescription>();

    /// <summary>What can fill a model, by slug. Every built-in integration that can be read has <c>documents</c>.</summary>
    public IReadOnlyDictionary<string, ExtractorDescription> Extractors { get; init; } =
        new Dictionary<string, ExtractorDescription>();

    /// <summary>Look-ups for forms, by slug.</summary>
    public IReadOnlyDictionary<string, AutocompleteDescription> Autocompletes { get; init; } =
        new Dictionary<string, AutocompleteDescription>();

    /// <summary>The parameters of schemas that depend on the connector, by slug.</summary>
    public IReadOnlyDictionary<string, SchemaPair> DynamicSchemas { get; init; } = new Dictionary<string, SchemaPair>();
}

/// <summary>A JSON Schema, and how a form shows it.</summary>
public sealed record SchemaPair(JsonElement JsonSchema, JsonElement? UiSchema = null);

/// <summary>How often to try, and when. Before attempt n + 1 it waits InitialInterval × BackoffCoefficient^(n − 1).</summary>
/// <param name="MaximumAttempts">Attempts in all; at least 1.</param>
/// <param name="InitialInterval">Milliseconds.</param>
/// <param name="BackoffCoefficient">At least 1.</param>
public sealed record RetryDescription(int? MaximumAttempts, long? InitialInterval, double? BackoffCoefficient);

/// <summary>An action as the catalogue shows it.</summary>
public sealed record ActionDescription
{
    public required string Name { get; init; }
    public required string Description { get; init; }
    public required SchemaPair Config { get; init; }
    public bool IsRateLimited { get; init; } = true;
    public bool IsSerialized { get; init; }
    public bool CachingIsCompatible { get; init; }
    public RetryDescription? Retry { get; init; }
    public RetryDescription? ExecutingRetry { get; init; }
    public bool ExecutingWithRateLimit { get; init; } = true;

    /// <summary>As a custom integration's manifest has it, with whatever else it says; null for built-in ones.</summary>
    public JsonElement? Raw { get; init; }
}

/// <summary>An extractor as the catalogue shows it.</summary>
public sealed record ExtractorDescription
{
    /// <summary>The extractor of built-in integrations.</summary>
    public const string Documents = "documents";

    public required string Name { get; init; }
    public required string Description { get; init; }

    /// <summary><c>record</c>, <c>query</c> or <c>file</c>.</summary>
    public string Kind { get; init; } = "record";

    public required SchemaPair Config { get; init; }
    public required ExtractorMode Mode { get; init; }

    /// <summary><c>none</c>, <c>records</c> or <c>count</c>.</summary>
    public string Preview { get; init; } = "none";

    public RetryDescription? Retry { get; init; }
    public RetryDescription? FetchingRetry { get; init; }
    public bool FetchingWithRateLimit { get; init; } = true;

    /// <summary>As a custom integration's manifest has it, with whatever else it says; null for built-in ones.</summary>
    public JsonElement? Raw { get; init; }
}

/// <summary>How an extractor's model is filled.</summary>
/// <param name="IsFetch">We pull; otherwise the source pushes (<c>ingest</c>).</param>
/// <param name="IsIncremental">It keeps its position between runs.</param>
/// <param name="IsWatchable">A run that finds nothing new can be spared.</param>
/// <param name="MinIntervalInSeconds">The smallest interval of a schedule; null for none.</param>
/// <param name="AutoFetch">A new model is filled at once.</param>
/// <param name="Appends">Rows that were not seen again stay; otherwise a whole, not incremental, run removes them.</param>
/// <param name="AutoIngest">The integration sets its push up itself when a model is made.</param>
public sealed record ExtractorMode(
    bool IsFetch,
    bool IsIncremental = false,
    bool IsWatchable = false,
    int? MinIntervalInSeconds = null,
    bool AutoFetch = false,
    bool Appends = false,
    bool AutoIngest = false
);

/// <summary>A look-up for forms.</summary>
/// <param name="Params">The schema of its parameters.</param>
/// <param name="CacheExpirationInSeconds">How long results are kept; null for 30 minutes.</param>
public sealed record AutocompleteDescription(SchemaPair Params, int? CacheExpirationInSeconds = null);
