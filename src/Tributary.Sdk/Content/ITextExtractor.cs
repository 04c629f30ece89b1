using Tributary.Sdk.Documents;

namespace Tributary.Sdk.Content;

/// <summary>Takes the text out of a file: bytes in, sections out.</summary>
public interface ITextExtractor
{
    /// <summary>Extracts. The kind of file is told by its bytes; name and media type only help where these leave it open.</summary>
    /// <param name="file">Opened, read under the caps, and disposed here.</param>
    /// <param name="cancellationToken">Ends the extraction, child processes included.</param>
    /// <exception cref="ContentException">There is no text to be had; says why.</exception>
    Task<ExtractedText> ExtractAsync(FileContent file, CancellationToken cancellationToken);
}

/// <summary>What a file says.</summary>
public sealed record ExtractedText
{
    /// <summary>The title that the file gives itself; null when none.</summary>
    public string? Title { get; init; }

    /// <summary>Its parts (pages, sheets, slides, chapters) in order; at least one with text.</summary>
    public required IReadOnlyList<Section> Sections { get; init; }

    /// <summary>When the file says that it was last changed.</summary>
    public DateTimeOffset? ModifiedAt { get; init; }

    /// <summary>Authors that the file names.</summary>
    public IReadOnlyList<Owner> Authors { get; init; } = [];

    /// <summary>Other facts, e.g. <c>sender</c>, <c>language</c>, <c>truncated</c>.</summary>
    public IReadOnlyDictionary<string, MetadataValue> Metadata { get; init; } = new Dictionary<string, MetadataValue>();
}
