using System.IO.Compression;
using System.Net;
using Tributary.Sdk.Http;

namespace Tributary.Engine.Outbound.Body;

/// <summary>
/// Asks for packed answers and unpacks them, within bounds. The framework's own unpacking would not tell how much came
/// over the wire, and so could not tell a bomb.
/// </summary>
internal sealed class BodyHandler(TimeSpan patience, TimeProvider time, OutboundTelemetry telemetry) : DelegatingHandler
{
    private const long DefaultMaxBytes = 100_000_000;

    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        // A range counts bytes of the packed form, which is of no use to anybody who asked for a part.
        if (
            !request.Headers.NonValidated.Contains("Accept-Encoding") && !request.Headers.NonValidated.Contains("Range")
        )
        {
            request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip, deflate, br");
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (HasBody(request, response))
        {
            response.Content = await WrapAsync(request, response.Content, cancellationToken);
        }

        return response;
    }

    private static bool HasBody(HttpRequestMessage request, HttpResponseMessage response) =>
        request.Method != HttpMethod.Head
        && response.StatusCode is not (HttpStatusCode.NoContent or HttpStatusCode.NotModified)
        && response.Content.Headers.ContentLength != 0;

    private async Task<BodyContent> WrapAsync(
        HttpRequestMessage request,
        HttpContent content,
        CancellationToken cancellationToken
    )
    {
        var host = request.RequestUri!.IdnHost;
        var most = request.Options.TryGetValue(OutboundOptions.MaxBodyBytes, out var asked) ? asked : DefaultMaxBytes;
        var network = new PatientStream(await content.ReadAsStreamAsync(cancellationToken), host, patience, time);

        Stream unpacked = network;
        var encodings = content.Headers.ContentEncoding.Reverse().ToList();
        while (encodings.Count > 0 && Unpacker(encodings[0], unpacked) is { } unpacker)
        {
            unpacked = unpacker;
            encodings.RemoveAt(0);
        }

        var isPacked = unpacked != network;
        var body = new BodyStream(
            network,
            unpacked,
            most,
            isPacked ? null : content.Headers.ContentLength,
            host,
            telemetry.Received
        );
        var wrapped = new BodyContent(body);
        foreach (var (name, values) in content.Headers.NonValidated)
        {
            var isAboutPacking =
                name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
                || name.Equals("Content-Encoding", StringComparison.OrdinalIgnoreCase);
            if (!isPacked || !isAboutPacking)
            {
                wrapped.Headers.TryAddWithoutValidation(name, values);
            }
        }

        if (isPacked)
        {
            foreach (var left in encodings.AsEnumerable().Reverse())
            {
                wrapped.Headers.ContentEncoding.Add(left);
            }
        }

        return wrapped;
    }

    private static Stream? Unpacker(string encoding, Stream packed) =>
        encoding.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(packed, CompressionMode.Decompress),
            "br" => new BrotliStream(packed, CompressionMode.Decompress),
            "deflate" => new DeflateBodyStream(packed),
            "identity" => packed,
            _ => null,
        };
}
