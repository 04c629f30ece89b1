using Tributary.Sdk.Content;

namespace Tributary.Extraction.Formats;

/// <summary>One family of files: how to tell it, and how to read it. Stateless.</summary>
internal interface IFormat
{
    /// <summary>What people call it, for messages: "a PDF".</summary>
    string Name { get; }

    /// <summary>Whether the file is one of these, by its bytes first.</summary>
    bool Recognises(FileProbe probe);

    /// <summary>Reads it.</summary>
    /// <exception cref="ContentException">No text is to be had. Any other exception means that the file is broken.</exception>
    Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken);
}

/// <summary>A file that is being read.</summary>
/// <param name="Probe">What it looks like.</param>
/// <param name="Content">Seekable; owned by the caller.</param>
/// <param name="Password">Given by the source's owner; null when none was.</param>
internal sealed record SourceFile(FileProbe Probe, Stream Content, string? Password);
