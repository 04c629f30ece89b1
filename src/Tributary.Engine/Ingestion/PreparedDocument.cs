using Tributary.Engine.Search;

namespace Tributary.Engine.Ingestion;

/// <summary>A document ready to be written: extracted, cut into passages, hashed.</summary>
public sealed record PreparedDocument
{
    /// <summary>Its id.</summary>
    public required string ExternalId { get; init; }

    /// <summary>Its title, never empty.</summary>
    public required string Title { get; init; }

    /// <summary>Its link.</summary>
    public string? Link { get; init; }

    /// <summary>Its source type.</summary>
    public required string SourceType { get; init; }

    /// <summary>When it changed.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Owners as JSON; null when none.</summary>
    public string? Owners { get; init; }

    /// <summary>Tags as JSON; null when none.</summary>
    public string? Metadata { get; init; }

    /// <summary>Access list as JSON; null when unknown.</summary>
    public string? Access { get; init; }

    /// <summary>Over everything that people see; equal means unchanged. 16 bytes.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>The source's mark of this state.</summary>
    public string? Version { get; init; }

    /// <summary>The reader's note.</summary>
    public string? Note { get; init; }

    /// <summary>The passages, at least one.</summary>
    public required IReadOnlyList<Passage> Passages { get; init; }

    /// <summary>The title as the index takes it.</summary>
    public string IndexedTitle => TextQuery.Segment(Title);
}

/// <summary>A passage: what search indexes and finds.</summary>
/// <param name="Text">Its text, not empty.</param>
/// <param name="Link">Where it is; null means the document's link.</param>
/// <param name="Heading">The heading it stands under.</param>
public readonly record struct Passage(string Text, string? Link, string? Heading)
{
    /// <summary>Heading and text as the index takes them.</summary>
    public string IndexedText => TextQuery.Segment(Heading is null ? Text : $"{Heading}\n{Text}");
}
