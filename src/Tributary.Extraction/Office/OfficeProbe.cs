using Tributary.Extraction.Formats;

namespace Tributary.Extraction.Office;

/// <summary>Tells documents that are zips inside from archives.</summary>
internal static class OfficeProbe
{
    /// <summary>"docx", "pptx", "xlsx", "xlsb", "odt", "ods", "odp", "epub", or null for an archive.</summary>
    public static string? KindOf(FileProbe probe)
    {
        if (probe.Zip is not { } zip)
        {
            return null;
        }

        // OpenDocument and EPUB keep their media type first and unpacked, at a fixed place, so that it can be told by bytes.
        if (MediaTypeOf(probe) is { } type)
        {
            return type switch
            {
                _ when type.StartsWith("application/epub+zip", StringComparison.Ordinal) => "epub",
                _ when type.StartsWith("application/vnd.oasis.opendocument.text", StringComparison.Ordinal) => "odt",
                _ when type.StartsWith("application/vnd.oasis.opendocument.spreadsheet", StringComparison.Ordinal) =>
                    "ods",
                _ when type.StartsWith("application/vnd.oasis.opendocument.presentation", StringComparison.Ordinal) =>
                    "odp",
                _ when type.StartsWith("application/vnd.oasis.opendocument.graphics", StringComparison.Ordinal) =>
                    "odp",
                _ => null,
            };
        }

        if (
            zip.Find("META-INF/container.xml") is not null
            && zip.Entries.Any(entry => entry.Name.EndsWith(".opf", StringComparison.OrdinalIgnoreCase))
        )
        {
            return "epub";
        }

        if (zip.Find("[Content_Types].xml") is null)
        {
            return zip.Find("content.xml") is not null && zip.Find("META-INF/manifest.xml") is not null
                ? probe.Extension is "ods" or "odp"
                    ? probe.Extension
                    : "odt"
                : null;
        }

        foreach (var entry in zip.Entries)
        {
            var kind = entry.Name.ToLowerInvariant() switch
            {
                "xl/workbook.bin" => "xlsb",
                _ when entry.Name.StartsWith("word/document", StringComparison.OrdinalIgnoreCase) => "docx",
                _ when entry.Name.StartsWith("ppt/presentation", StringComparison.OrdinalIgnoreCase) => "pptx",
                _ when entry.Name.StartsWith("xl/workbook", StringComparison.OrdinalIgnoreCase) => "xlsx",
                _ => null,
            };
            if (kind is not null)
            {
                return kind;
            }
        }

        return null;
    }

    private static string? MediaTypeOf(FileProbe probe)
    {
        var head = probe.Head.Span;
        if (!probe.HasAt(30, "mimetype"u8))
        {
            return null;
        }

        var start = 38 + head[28] + (head[29] << 8);
        return start >= head.Length
            ? null
            : System.Text.Encoding.ASCII.GetString(head[start..Math.Min(start + 80, head.Length)]);
    }
}
