using System.Text.Json;
using Tributary.Engine.Catalog;
using Tributary.Engine.Runs;

namespace Tributary.Engine.Models;

/// <summary>A table that an extractor fills, or that is written through the API.</summary>
public sealed record Model
{
    /// <summary>Its id in the store.</summary>
    public required long Id { get; init; }

    /// <summary>Its id in the Cargo dialect.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>Whose it is.</summary>
    public required long WorkspaceId { get; init; }

    /// <summary>The dataset that holds it.</summary>
    public required Guid DatasetUuid { get; init; }

    /// <summary>That dataset's slug: its connector's, or <c>default</c>.</summary>
    public required string DatasetSlug { get; init; }

    /// <summary>The connector it reads through; null in the workspace's own dataset.</summary>
    public long? ConnectorId { get; init; }

    /// <summary>The same connector in the Cargo dialect.</summary>
    public Guid? ConnectorUuid { get; init; }

    /// <summary>What its rows are.</summary>
    public required ModelKind Kind { get; init; }

    /// <summary>Unique in its dataset.</summary>
    public required string Slug { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for; null for nothing said.</summary>
    public string? Description { get; init; }

    /// <summary>What fills it.</summary>
    public required string ExtractorSlug { get; init; }

    /// <summary>The extractor's config, an object.</summary>
    public required JsonElement Config { get; init; }

    /// <summary>Its place on a canvas.</summary>
    public (double X, double Y) Position { get; init; }

    /// <summary>A five-field cron expression or <c>@every …</c>; null reads on demand only.</summary>
    public string? Schedule { get; init; }

    /// <summary>The extractor's position; null at the beginning.</summary>
    public JsonElement? Meta { get; init; }

    /// <summary>The run that began the pass under way; null between passes.</summary>
    public long? Pass { get; init; }

    /// <summary>The pass under way has read its last page.</summary>
    public bool IsRead { get; init; }

    /// <summary>The columns that the extractor named last.</summary>
    public IReadOnlyList<ModelColumn> Columns { get; init; } = [];

    /// <summary>Columns that people added, an array of objects.</summary>
    public required JsonElement AdditionalColumns { get; init; }

    /// <summary>The column that tells rows apart; null until the first page.</summary>
    public string? IdColumn { get; init; }

    /// <summary>The column that names rows; null until the first page.</summary>
    public string? TitleColumn { get; init; }

    /// <summary>The column with a row's time; null for none.</summary>
    public string? TimeColumn { get; init; }

    /// <summary>As it was set; null for none.</summary>
    public JsonElement? Unification { get; init; }

    /// <summary>Its connector is paused or invalid: nothing runs.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Its connector is being deleted.</summary>
    public bool IsConnectorGone { get; init; }

    /// <summary>When a row was last added or changed; null for never.</summary>
    public DateTimeOffset? LastEmittedAt { get; init; }

    /// <summary>The run of it that was queued last; null for none.</summary>
    public Run? LastRun { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its settings were last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Whether a run of it is going on.</summary>
    public bool IsRefreshing => LastRun?.State == RunState.Running;
}

/// <summary>What the rows of a model are.</summary>
public enum ModelKind
{
    /// <summary>The documents of a built-in integration.</summary>
    Documents,

    /// <summary>Records that an extractor is asked for, or that its source pushes.</summary>
    Records,

    /// <summary>Rows that are written through the API alone.</summary>
    Native,
}

/// <summary>A column as the extractor named it.</summary>
/// <param name="Slug">Its name in rows.</param>
/// <param name="Type">See <see cref="Custom.ExtractorColumn"/>.</param>
/// <param name="Label">Its name for people.</param>
/// <param name="Description">What it holds; null for none.</param>
public sealed record ModelColumn(string Slug, string Type, string Label, string? Description = null)
{
    /// <summary>The columns of every documents model.</summary>
    public static IReadOnlyList<ModelColumn> OfDocuments { get; } =
    [
        new("id", "string", "Id"),
        new("title", "string", "Title"),
        new("link", "string", "Link"),
        new("updated_at", "date", "Updated at"),
        new("owners", "array", "Owners"),
        new("metadata", "object", "Metadata"),
        new("text", "string", "Text"),
    ];
}

/// <summary>What fills models of the workspace's own dataset.</summary>
public static class NativeExtractor
{
    /// <summary>The only one: rows are written through the API.</summary>
    public const string Slug = "object";

    /// <summary>As a catalogue shows it.</summary>
    public static ExtractorDescription Description { get; } =
        new()
        {
            Name = "Object",
            Description = "A table whose rows are written through the API.",
            Config = new SchemaPair(JsonElement.Parse("""{"type":"object"}""")),
            Mode = new ExtractorMode(IsFetch: false),
        };
}
