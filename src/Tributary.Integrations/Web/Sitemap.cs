using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Xml;
using Tributary.Sdk.Content;

namespace Tributary.Integrations.Web;

/// <summary>
/// A sitemap (protocol 0.9), read as a stream: a set of addresses or an index of sitemaps in XML, RSS, Atom, or a text
/// with an address a line; each may be gzipped. What it is, its bytes say.
/// </summary>
internal sealed class Sitemap : IAsyncDisposable
{
    /// <summary>The protocol's cap, unpacked.</summary>
    public const long MaxBytes = 50 * 1024 * 1024;

    private readonly Stream _stream;
    private readonly XmlReader? _xml;

    private Sitemap(Stream stream, XmlReader? xml)
    {
        _stream = stream;
        _xml = xml;
    }

    /// <summary>Opens one; null when the content is something else (say, a page). Owns the stream from then on.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="isList">A text with addresses is expected, however they look.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidDataException">The content is broken.</exception>
    public static async Task<Sitemap?> OpenAsync(Stream content, bool isList, CancellationToken cancellationToken)
    {
        var (start, stream) = await PeekAsync(content, cancellationToken);
        if (start.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
        {
            (start, stream) = await PeekAsync(new GZipStream(stream, CompressionMode.Decompress), cancellationToken);
        }

        stream = new ByteLimitStream(
            stream,
            MaxBytes,
            static () => new InvalidDataException($"It unpacks to more than {MaxBytes / (1024 * 1024)} MB.")
        );
        if (isList)
        {
            return new Sitemap(stream, null);
        }

        // Zero bytes are those of UTF-16, which XML readers know.
        var text = Encoding.Latin1.GetString(start).Replace("\0", "", StringComparison.Ordinal);
        text = text.TrimStart('\u00ef', '\u00bb', '\u00bf', '\u00ff', '\u00fe', ' ', '\t', '\r', '\n');
        if (text.StartsWith('<'))
        {
            return await OpenXmlAsync(stream);
        }

        if (
            text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
        )
        {
            return new Sitemap(stream, null);
        }

        await stream.DisposeAsync();
        return null;
    }

    /// <summary>Its entries, in order.</summary>
    /// <exception cref="InvalidDataException">It is broken; entries seen before stay good.</exception>
    public async IAsyncEnumerable<SitemapEntry> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var entries = _xml is null ? LinesAsync(cancellationToken) : ElementsAsync(_xml, cancellationToken);
        await foreach (var entry in entries)
        {
            yield return entry;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _xml?.Dispose();
        await _stream.DisposeAsync();
    }

    private static async Task<Sitemap?> OpenXmlAsync(Stream stream)
    {
        var xml = XmlReader.Create(
            stream,
            new XmlReaderSettings
            {
                Async = true,
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                IgnoreComments = true,
                IgnoreWhitespace = true,
                MaxCharactersInDocument = MaxBytes,
            }
        );
        try
        {
            while (await xml.ReadAsync() && xml.NodeType != XmlNodeType.Element) { }

            if (xml.LocalName is "urlset" or "sitemapindex" or "rss" or "feed")
            {
                return new Sitemap(stream, xml);
            }
        }
        catch (XmlException)
        {
            // HTML, mostly: a DTD, or no XML at all.
        }

        xml.Dispose();
        await stream.DisposeAsync();
        return null;
    }

    private async IAsyncEnumerable<SitemapEntry> LinesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var reader = new StreamReader(_stream, Encoding.UTF8, leaveOpen: true);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            line = line.Trim();
            if (line.Length > 0 && !line.StartsWith('#'))
            {
                yield return new SitemapEntry(line, null, IsSitemap: false);
            }
        }
    }

    // One loop for all the dialects: each wraps an entry in one element, and names address and time inside.
    private static async IAsyncEnumerable<SitemapEntry> ElementsAsync(
        XmlReader xml,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // Elements of other namespaces (images, videos, news) have addresses of their own.
        var root = xml.NamespaceURI;
        string? location = null;
        DateTimeOffset? modifiedAt = null;
        while (await NextAsync(xml, cancellationToken))
        {
            if (xml.NamespaceURI != root)
            {
                continue;
            }

            if (xml.NodeType == XmlNodeType.EndElement && IsEntry(xml.LocalName))
            {
                if (location is not null)
                {
                    yield return new SitemapEntry(location, modifiedAt, xml.LocalName == "sitemap");
                }

                (location, modifiedAt) = (null, null);
            }
            else if (xml.NodeType == XmlNodeType.Element && !xml.IsEmptyElement)
            {
                switch (xml.LocalName)
                {
                    case "loc" or "link" when xml.GetAttribute("href") is null:
                        location = await TextAsync(xml, cancellationToken) is { Length: > 0 } text ? text : location;
                        break;
                    case "lastmod" or "pubDate" or "updated":
                        modifiedAt = TimeOf(await TextAsync(xml, cancellationToken)) ?? modifiedAt;
                        break;
                    case "item" or "entry" or "url" or "sitemap":
                        (location, modifiedAt) = (null, null);
                        break;
                }
            }

            if (
                xml is { NodeType: XmlNodeType.Element, LocalName: "link" }
                && xml.GetAttribute("href") is { Length: > 0 } href
                && xml.GetAttribute("rel") is null or "alternate"
            )
            {
                location = href;
            }
        }
    }

    private static bool IsEntry(string name) => name is "url" or "sitemap" or "item" or "entry";

    private static async Task<bool> NextAsync(XmlReader xml, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await xml.ReadAsync();
        }
        catch (XmlException error)
        {
            throw new InvalidDataException($"The sitemap is not well-formed: {error.Message}", error);
        }
    }

    // Stops at the end tag, so that the loop's next read does not skip what follows it.
    private static async Task<string> TextAsync(XmlReader xml, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var depth = xml.Depth;
        while (await NextAsync(xml, cancellationToken) && xml.Depth > depth)
        {
            if (xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA && text.Length < 4_000)
            {
                text.Append(await xml.GetValueAsync());
            }
        }

        return text.ToString().Trim();
    }

    private static DateTimeOffset? TimeOf(string text) =>
        DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time
        )
            ? time
            : null;

    private static async Task<(byte[] Start, Stream Stream)> PeekAsync(
        Stream stream,
        CancellationToken cancellationToken
    )
    {
        var pipe = PipeReader.Create(stream);
        var read = await pipe.ReadAtLeastAsync(256, cancellationToken);
        var slice = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, 1_024));
        var start = new byte[slice.Length];
        var at = 0;
        foreach (var segment in slice)
        {
            segment.Span.CopyTo(start.AsSpan(at));
            at += segment.Length;
        }

        pipe.AdvanceTo(read.Buffer.Start);
        return (start, pipe.AsStream());
    }
}

/// <summary>An entry of a sitemap.</summary>
/// <param name="Location">As written there.</param>
/// <param name="ModifiedAt">lastmod, pubDate or updated.</param>
/// <param name="IsSitemap">It names another sitemap.</param>
internal sealed record SitemapEntry(string Location, DateTimeOffset? ModifiedAt, bool IsSitemap);
