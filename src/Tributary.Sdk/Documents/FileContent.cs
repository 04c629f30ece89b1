namespace Tributary.Sdk.Documents;

/// <summary>A file as a stream that is opened once, when somebody needs it.</summary>
public sealed record FileContent
{
    /// <summary>The file's name with its extension, as people know it. Never used as a path.</summary>
    public required string Name { get; init; }

    /// <summary>Opens the content. Called at most once; the caller disposes the stream.</summary>
    public required Func<CancellationToken, ValueTask<Stream>> OpenAsync { get; init; }

    /// <summary>The media type that the source claims, with its parameters; null when it claims none. Not believed.</summary>
    public string? ContentType { get; init; }

    /// <summary>The size in bytes that the source claims; null when unknown. Not believed.</summary>
    public long? Length { get; init; }

    /// <summary>A password to try when the file is encrypted.</summary>
    public string? Password { get; init; }
}
