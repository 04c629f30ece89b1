using System.Text.Json.Serialization;
using Tributary.Sdk.Incremental;

namespace Tributary.Integrations.Notion;

/// <summary>Where a pass stands; what it has found and not read yet is in the work list.</summary>
internal sealed record NotionPosition
{
    /// <summary>What is read: another selection begins afresh.</summary>
    public required string Selection { get; init; }

    /// <summary>By edits, in Notion's whole minutes.</summary>
    public Watermark Watermark { get; init; } = new();

    /// <summary>What is being listed.</summary>
    public NotionPhase Phase { get; init; }

    /// <summary>Where in the listing.</summary>
    public string? Next { get; init; }

    /// <summary>A pass was cut off here.</summary>
    [JsonIgnore]
    public bool IsMidway => Phase != NotionPhase.Begin;
}

internal enum NotionPhase
{
    Begin,

    /// <summary>The search for pages.</summary>
    Pages,

    /// <summary>The search for data sources.</summary>
    DataSources,

    /// <summary>What was found: rows, and what stands in pages.</summary>
    Found,
}
