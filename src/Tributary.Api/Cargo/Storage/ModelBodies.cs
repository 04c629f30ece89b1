using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Api.Http;
using Tributary.Engine;

namespace Tributary.Api.Cargo.Storage;

/// <summary>A new model.</summary>
internal sealed record CreateModelBody
{
    [Description("Unique in its dataset, never changes; letters, digits, _ and -.")]
    public required string Slug { get; init; }

    [Description("What people call it.")]
    public required string Name { get; init; }

    [JsonPropertyName("datasetUuid"), Description("The dataset that holds it.")]
    public required Guid DatasetUuid { get; init; }

    [JsonPropertyName("extractorSlug"), Description("What fills it.")]
    public required string ExtractorSlug { get; init; }

    [Description("The extractor's config.")]
    public required JsonElement Config { get; init; }

    [Description("What it is for.")]
    public string? Description { get; init; }

    [Description("When it is read: {type: cron, cron}; five fields or @every 1h30m.")]
    public JsonElement? Schedule { get; init; }

    [JsonPropertyName("folderUuid"), Description("A folder; there are none.")]
    public Guid? FolderUuid { get; init; }
}

/// <summary>What to change of a model. A member that is left out stays; null clears it.</summary>
internal sealed record UpdateModelBody
{
    [Description("A new name.")]
    public string? Name { get; init; }

    [Description("What it is for.")]
    public string? Description { get; init; }

    [Description("Its place on a canvas.")]
    public PositionBody? Position { get; init; }

    [Description("A new config; everything is read again with it.")]
    public JsonElement? Config { get; init; }

    [Description("How its rows are matched with those of others; kept, not acted upon.")]
    public JsonElement? Unification { get; init; }

    [Description("When it is read.")]
    public JsonElement? Schedule { get; init; }

    [JsonPropertyName("folderUuid"), Description("A folder; there are none.")]
    public Guid? FolderUuid { get; init; }

    [JsonPropertyName("extractorSlug"), Description("Accepted when it is what it was.")]
    public string? ExtractorSlug { get; init; }
}

/// <summary>A place on a canvas.</summary>
internal sealed record PositionBody
{
    [Description("From the left.")]
    public required double X { get; init; }

    [Description("From the top.")]
    public required double Y { get; init; }
}

/// <summary>What to preview.</summary>
internal sealed record PreviewBody
{
    [JsonPropertyName("datasetUuid"), Description("The dataset of the connector.")]
    public required Guid DatasetUuid { get; init; }

    [Description("The extractor's slug.")]
    public required string Slug { get; init; }

    [Description("The extractor's config.")]
    public required JsonElement Config { get; init; }
}

/// <summary>A slug to look for.</summary>
internal sealed record ModelSlugQuery
{
    [Description("The slug.")]
    public required string Slug { get; init; }

    [JsonPropertyName("datasetUuid"), Description("The dataset.")]
    public required string DatasetUuid { get; init; }
}

/// <summary>Schedules and folders as requests have them.</summary>
internal static class ModelBody
{
    /// <summary>The expression of a schedule; null for none.</summary>
    public static string? Schedule(JsonElement? schedule)
    {
        if (schedule is not { ValueKind: not JsonValueKind.Null } json)
        {
            return null;
        }

        var type = json.ValueKind == JsonValueKind.Object && json.TryGetProperty("type", out var name) ? name : default;
        if (type.ValueKind == JsonValueKind.String && type.ValueEquals("dbt"))
        {
            throw new EngineException(
                RefusalKind.Rejected,
                "This server runs no dbt jobs: use a schedule of the type cron.",
                "scheduleNotCompatible"
            );
        }

        return
            type.ValueKind == JsonValueKind.String
            && type.ValueEquals("cron")
            && json.TryGetProperty("cron", out var cron)
            && cron.ValueKind == JsonValueKind.String
            ? cron.GetString()
            : throw RequestException.Of(
                ["body", "schedule"],
                "value_error",
                "Input should be {\"type\": \"cron\", \"cron\": \"…\"} or null"
            );
    }

    /// <summary>There are no folders, so that each that is named does not exist.</summary>
    public static void DemandNoFolder(Guid? folder)
    {
        if (folder is { } uuid)
        {
            throw EngineException.NotFound($"Folder {uuid} does not exist.", "folderNotFound");
        }
    }
}
