using System.Text;
using Tributary.Extraction.Formats;
using Tributary.Extraction.Office;
using Tributary.Extraction.Spooling;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Archives;

/// <summary>A document that is a zip inside (OOXML, OpenDocument, EPUB): its parts by name, under one budget.</summary>
internal sealed class ZipPackage(SourceFile file, ExtractionLimits limits, CancellationToken cancellationToken)
{
    private readonly ZipDirectory _zip = file.Probe.Zip ?? throw new InvalidDataException("it is not a zip");
    private readonly UnpackBudget _budget = new(limits, cancellationToken);

    public ExtractionLimits Limits => limits;

    public bool Has(string name) => _zip.Find(name) is not null;

    /// <summary>The part as XML; null when there is none of that name.</summary>
    public SafeXml? OpenXml(string name) => Open(name) is { } content ? new SafeXml(content, limits) : null;

    /// <summary>The part's bytes; null when there is none of that name.</summary>
    public Stream? Open(string name) => _zip.Find(name) is { } entry ? _zip.Open(entry, _budget) : null;

    /// <summary>A short part as text.</summary>
    public string? ReadText(string name, int maxBytes)
    {
        using var content = Open(name);
        if (content is null)
        {
            return null;
        }

        var buffer = new byte[maxBytes];
        var read = content.ReadAtLeast(buffer, maxBytes, throwOnEndOfStream: false);
        return Encoding.UTF8.GetString(buffer, 0, read);
    }

    /// <summary>The name of a part that another part refers to (OPC part names, RFC 3986 relative references).</summary>
    public static string Resolve(string from, string target)
    {
        if (target.StartsWith('/'))
        {
            return target[1..];
        }

        var parts = new List<string>(from.Split('/')[..^1]);
        foreach (var part in target.Split('/'))
        {
            if (part == "..")
            {
                parts.RemoveRange(Math.Max(0, parts.Count - 1), Math.Min(1, parts.Count));
            }
            else if (part is not ("." or ""))
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }
}
