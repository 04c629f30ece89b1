using Tributary.Extraction.Archives;
using Tributary.Extraction.Compound;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Formats;

/// <summary>What a file looks like: its first bytes, then what it calls itself.</summary>
internal sealed class FileProbe
{
    private const int HeadBytes = 4096;
    private readonly Lazy<ZipDirectory?> _zip;
    private readonly Lazy<CompoundFile?> _compound;

    private FileProbe(string name, string? contentType, Stream content, byte[] head, ExtractionLimits limits)
    {
        Name = name;
        Head = head;
        Length = content.Length;
        Extension = Path.GetExtension(name.Replace('\\', '/').TrimEnd()).TrimStart('.').ToLowerInvariant();
        (MediaType, Charset) = ParseContentType(contentType);
        _zip = new Lazy<ZipDirectory?>(() =>
            StartsWith("PK\x3\x4"u8) || StartsWith("PK\x5\x6"u8) ? ZipDirectory.Read(content, limits) : null
        );
        _compound = new Lazy<CompoundFile?>(() =>
            StartsWith(CompoundFile.Signature) ? CompoundFile.Read(content) : null
        );
    }

    public string Name { get; }

    /// <summary>Lower case, without the dot; empty when there is none.</summary>
    public string Extension { get; }

    /// <summary>As claimed, lower case, without parameters; empty when none.</summary>
    public string MediaType { get; }

    /// <summary>The charset parameter of the claimed media type.</summary>
    public string? Charset { get; }

    public long Length { get; }

    /// <summary>The first 4 KB.</summary>
    public ReadOnlyMemory<byte> Head { get; }

    /// <summary>The directory when the file is a zip.</summary>
    /// <exception cref="ContentException">It begins like a zip and is none, or is a bomb.</exception>
    public ZipDirectory? Zip => _zip.Value;

    /// <summary>The directory when the file is an OLE compound file (the old Office formats).</summary>
    public CompoundFile? Compound => _compound.Value;

    public static FileProbe Read(string name, string? contentType, Stream content, ExtractionLimits limits)
    {
        content.Position = 0;
        var head = new byte[(int)Math.Min(HeadBytes, content.Length)];
        content.ReadExactly(head);
        content.Position = 0;
        return new FileProbe(name, contentType, content, head, limits);
    }

    public bool StartsWith(ReadOnlySpan<byte> signature) => Head.Span.StartsWith(signature);

    public bool HasAt(int offset, ReadOnlySpan<byte> signature) =>
        Head.Length >= offset + signature.Length && Head.Span.Slice(offset, signature.Length).SequenceEqual(signature);

    private static (string MediaType, string? Charset) ParseContentType(string? contentType)
    {
        var parts = (contentType ?? "").Split(';', StringSplitOptions.TrimEntries);
        var charset = parts
            .Skip(1)
            .Where(part => part.StartsWith("charset=", StringComparison.OrdinalIgnoreCase))
            .Select(part => part["charset=".Length..].Trim('"', '\''))
            .FirstOrDefault();
        return (parts[0].ToLowerInvariant(), charset);
    }
}
