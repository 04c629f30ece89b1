using System.Net.Http.Headers;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;

namespace Tributary.Integrations.MicrosoftGraph;

/// <summary>Files of libraries and pictures of messages.</summary>
internal static class GraphFile
{
    private const long SmallFile = 1024 * 1024;
    private const long UnknownFile = 16 * 1024 * 1024;

    /// <summary>
    /// A file's content. Small ones are taken at once, of others the first byte: that a file cannot be had has to be known
    /// here, since a feed of changes does not name it again.
    /// </summary>
    /// <param name="http">The source.</param>
    /// <param name="address">Graph's address of the content.</param>
    /// <param name="name">The file's name with its extension.</param>
    /// <param name="contentType">As Graph claims.</param>
    /// <param name="size">In bytes, as Graph claims; null when it does not.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SourceException">The file cannot be had, or something else came.</exception>
    public static async Task<FileContent> GraphFileAsync(
        this HttpClient http,
        Uri address,
        string name,
        string? contentType,
        long? size,
        CancellationToken cancellationToken
    )
    {
        var file = new FileContent
        {
            Name = name,
            ContentType = contentType,
            Length = size,
            OpenAsync = async cancellation =>
            {
                // Whoever disposes the stream gives the connection back.
                var whole = await OpenAsync(http, address, onlyFirst: false, null, cancellation);
                return await whole.Content.ReadAsStreamAsync(cancellation);
            },
        };
        if (size > SmallFile)
        {
            using var first = await OpenAsync(http, address, onlyFirst: true, null, cancellationToken);
            return file;
        }

        var bytes = await BytesAsync(http, address, cancellationToken);
        if (size is not null && bytes.Length != size && !IsOfficeFile(bytes))
        {
            // What is the same twice is what there is: sizes are not always kept.
            var again = await BytesAsync(http, address, cancellationToken);
            if (again.Length != size && (again.Length == 0 || !again.AsSpan().SequenceEqual(bytes)))
            {
                throw new SourceException(
                    FailureKind.Transient,
                    "The file has another size than it was listed with: it was cut off, or changed meanwhile. The next run tries again."
                );
            }

            bytes = again;
        }

        return file with
        {
            Length = bytes.Length,
            OpenAsync = _ => ValueTask.FromResult<Stream>(new MemoryStream(bytes, writable: false)),
        };
    }

    private static async Task<byte[]> BytesAsync(HttpClient http, Uri address, CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(http, address, onlyFirst: false, UnknownFile, cancellationToken);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    /// <summary>SharePoint writes its columns into Office files, which have another size then than it says.</summary>
    private static bool IsOfficeFile(byte[] bytes) =>
        bytes is [0x50, 0x4B, 0x03, 0x04, ..] or [0xD0, 0xCF, 0x11, 0xE0, ..];

    // Graph leads to an address that carries its own proof and is not to be shown ours.
    private static async Task<HttpResponseMessage> OpenAsync(
        HttpClient http,
        Uri address,
        bool onlyFirst,
        long? maxBytes,
        CancellationToken cancellationToken
    )
    {
        using var request = RequestOf(address, onlyFirst, maxBytes);
        request.Options.Set(OutboundOptions.FollowRedirects, false);
        var completion = maxBytes is null
            ? HttpCompletionOption.ResponseHeadersRead
            : HttpCompletionOption.ResponseContentRead;
        var response = await http.SendAnyAsync(request, cancellationToken, completion);
        if ((int)response.StatusCode is not (>= 300 and < 400) || response.Headers.Location is not { } location)
        {
            return Checked(request, response);
        }

        response.Dispose();
        using var download = RequestOf(new Uri(address, location), onlyFirst, maxBytes).WithoutCredentials();
        return Checked(download, await http.SendAnyAsync(download, cancellationToken, completion));
    }

    private static HttpRequestMessage RequestOf(Uri address, bool onlyFirst, long? maxBytes)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (onlyFirst)
        {
            request.Headers.Range = new RangeHeaderValue(0, 0);
        }

        if (maxBytes is { } max)
        {
            request.Options.Set(OutboundOptions.MaxBodyBytes, max);
        }

        return request;
    }

    private static HttpResponseMessage Checked(HttpRequestMessage request, HttpResponseMessage response)
    {
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw SourceHttp.FailureOf(request, response);
        }
    }
}
