using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Tributary.Sdk;

namespace Tributary.Integrations.ObjectStorage;

/// <summary>One object as it is listed.</summary>
internal sealed record BucketObject(
    string Key,
    string? ETag,
    long? Size,
    DateTimeOffset? LastModified,
    string? StorageClass
)
{
    /// <summary>A place holder that consoles make for a folder.</summary>
    public bool IsFolder => Key.EndsWith('/');

    /// <summary>Why it is not read; null when it is. The same for reads and listings.</summary>
    public string? ReasonToSkip =>
        Size == 0 ? "it is empty"
        : StorageClass is "GLACIER" or "DEEP_ARCHIVE" or "ARCHIVE" or "Archive"
            ? "it is archived; restore it to have it read"
        : null;

    public string Name => Key[(Key.LastIndexOf('/') + 1)..];

    /// <summary>An ETag without its quotation marks, and without the mark of a weak one, which proxies add on the way.</summary>
    public static string MarkOf(string text) =>
        (text.StartsWith("W/", StringComparison.Ordinal) ? text[2..] : text).Trim('"');

    /// <summary>Copies with the same content keep it.</summary>
    public string Version => ETag is { } mark ? $"{mark} {Size}" : $"{LastModified:O} {Size}";
}

/// <summary>A page of a bucket's listing.</summary>
internal sealed record BucketListing(IReadOnlyList<BucketObject> Objects, string? Next)
{
    private const string Token = "token:";
    private const string After = "after:";
    private const string Marker = "marker:";

    /// <summary>The query parameter that a cursor stands for.</summary>
    public static (string Name, string Value)? ParameterOf(string? cursor) =>
        cursor is null ? null
        : cursor.StartsWith(Token, StringComparison.Ordinal) ? ("continuation-token", cursor[Token.Length..])
        : IsOfVersion1(cursor) ? ("marker", cursor[Marker.Length..])
        : ("start-after", cursor[After.Length..]);

    /// <summary>Whether a cursor goes on with a listing of version 1.</summary>
    public static bool IsOfVersion1(string? cursor) => cursor?.StartsWith(Marker, StringComparison.Ordinal) == true;

    /// <summary>The cursor that goes on after a key.</summary>
    public static string CursorAfter(string key) => After + key;

    /// <summary>Reads a listing.</summary>
    /// <exception cref="SourceException">It is none.</exception>
    public static async Task<BucketListing> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var root = await StoreXml.ReadAsync(response, cancellationToken);
        if (root?.Name.LocalName != "ListBucketResult")
        {
            throw new SourceException(
                FailureKind.Source,
                $"{response.RequestMessage?.RequestUri?.Host} answered something else than a listing of the bucket, or one that is cut off. Is this the address of the S3 API?"
            );
        }

        var isEncoded = StoreXml.Value(root, "EncodingType") == "url";
        var objects = root.Elements()
            .Where(element => element.Name.LocalName == "Contents")
            .Select(element => ObjectOf(element, isEncoded))
            .Where(item => item.Key.Length > 0)
            .ToList();
        return new BucketListing(objects, NextOf(root, objects, isEncoded));
    }

    private static string? NextOf(XElement root, List<BucketObject> objects, bool isEncoded)
    {
        var token = StoreXml.Value(root, "NextContinuationToken") is { Length: > 0 } given ? given : null;
        var marker = StoreXml.Value(root, "NextMarker") is { Length: > 0 } text ? Decoded(text, isEncoded) : null;
        var isTruncated = StoreXml.Value(root, "IsTruncated") is { } said
            ? said.Trim().Equals("true", StringComparison.OrdinalIgnoreCase)
            : token is not null || marker is not null;
        return !isTruncated ? null
            : token is not null ? Token + token
            : (marker ?? objects.LastOrDefault()?.Key) is not { } key
                ? throw new SourceException(
                    FailureKind.Source,
                    "The store says that its listing goes on, and not where. The next run tries again."
                )
            : marker is not null || StoreXml.Value(root, "Marker") is not null ? Marker + key
            : CursorAfter(key);
    }

    private static string Decoded(string text, bool isEncoded) =>
        isEncoded ? Uri.UnescapeDataString(text.Replace('+', ' ')) : text;

    private static BucketObject ObjectOf(XElement element, bool isEncoded)
    {
        var key = StoreXml.Value(element, "Key") ?? "";
        return new BucketObject(
            Decoded(key, isEncoded),
            StoreXml.Value(element, "ETag") is { Length: > 0 } mark ? BucketObject.MarkOf(mark) : null,
            long.TryParse(StoreXml.Value(element, "Size"), CultureInfo.InvariantCulture, out var size) ? size : null,
            DateTimeOffset.TryParse(
                StoreXml.Value(element, "LastModified"),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var time
            )
                ? time
                : null,
            StoreXml.Value(element, "StorageClass")
        );
    }
}

/// <summary>What a store says when it refuses.</summary>
internal sealed record StoreError(string Code, string? Region)
{
    public static async Task<StoreError> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var root = await StoreXml.ReadAsync(response, cancellationToken);
        var region =
            response.Headers.TryGetValues("x-amz-bucket-region", out var values) ? values.First()
            : root is null ? null
            : StoreXml.Value(root, "Region");
        var code = root is null ? null : StoreXml.Value(root, "Code");
        return new StoreError(
            code is { Length: > 0 and < 100 } && code.All(char.IsAsciiLetterOrDigit) ? code : "",
            region is not null && BucketRegion.IsName(region) ? region : null
        );
    }
}

/// <summary>XML from a store, which is not believed.</summary>
internal static class StoreXml
{
    private static readonly XmlReaderSettings Settings = new()
    {
        Async = true,
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,

        // Stores that do not encode keys write control characters as they are.
        CheckCharacters = false,
    };

    /// <summary>The root; null when this is no XML.</summary>
    public static async Task<XElement?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            using var reader = XmlReader.Create(body, Settings);
            return await XElement.LoadAsync(reader, LoadOptions.PreserveWhitespace, cancellationToken);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    public static string? Value(XElement parent, string name) =>
        parent.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value;
}
