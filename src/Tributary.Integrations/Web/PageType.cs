using System.Collections.Frozen;
using System.Net.Http.Headers;

namespace Tributary.Integrations.Web;

/// <summary>What an answer is, by its Content-Type; by its name only where the type says nothing.</summary>
internal static class PageType
{
    internal enum Kind
    {
        Page,
        File,
        Other,
    }

    private static readonly FrozenSet<string> FileTypes = new[]
    {
        "application/pdf",
        "application/x-pdf",
        "application/rtf",
        "text/rtf",
        "application/epub+zip",
        "application/msword",
        "text/plain",
        "text/markdown",
        "text/x-markdown",
        "text/csv",
        "text/tab-separated-values",
        "message/rfc822",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] FileTypePrefixes =
    [
        "application/vnd.openxmlformats-officedocument.",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/vnd.ms-word",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.presentation",
    ];

    private static readonly FrozenSet<string> FileExtensions = new[]
    {
        ".pdf",
        ".doc",
        ".docx",
        ".xls",
        ".xlsx",
        ".ppt",
        ".pptx",
        ".odt",
        ".ods",
        ".odp",
        ".rtf",
        ".epub",
        ".md",
        ".txt",
        ".csv",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static Kind Of(HttpContentHeaders headers, Uri uri)
    {
        var type = headers.ContentType?.MediaType;
        if (type is null || type is "application/octet-stream" or "binary/octet-stream" or "application/force-download")
        {
            return FileExtensions.Contains(Path.GetExtension(FileNameOf(headers, uri))) ? Kind.File
                : type is null ? Kind.Page
                : Kind.Other;
        }

        if (
            type.Equals("text/html", StringComparison.OrdinalIgnoreCase)
            || type.Equals("application/xhtml+xml", StringComparison.OrdinalIgnoreCase)
        )
        {
            return Kind.Page;
        }

        return
            FileTypes.Contains(type)
            || Array.Exists(FileTypePrefixes, prefix => type.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            ? Kind.File
            : Kind.Other;
    }

    /// <summary>The name under which a person would save it.</summary>
    public static string FileNameOf(HttpContentHeaders headers, Uri uri)
    {
        var name = headers.ContentDisposition?.FileNameStar ?? headers.ContentDisposition?.FileName?.Trim('"');
        name = Path.GetFileName(string.IsNullOrWhiteSpace(name) ? Uri.UnescapeDataString(uri.Segments[^1]) : name);
        return name.Trim('/').Length > 0 ? name : uri.Host;
    }
}
