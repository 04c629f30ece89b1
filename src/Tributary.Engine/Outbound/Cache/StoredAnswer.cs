using System.Net;
using System.Text;

namespace Tributary.Engine.Outbound.Cache;

/// <summary>An answer as it is kept: status, headers, what it varies by, body.</summary>
internal static class StoredAnswer
{
    private const byte Format = 1;

    private static readonly string[] _ofTheConnection =
    [
        "Connection",
        "Keep-Alive",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "Content-Length",
        "Alt-Svc",
    ];

    /// <summary>Whether an answer may be kept for others who ask the same.</summary>
    /// <remarks>
    /// Not <c>private</c>, which asks not to share between the source's users: a connector is one user of the source,
    /// and its answers are kept for it alone (RFC 9111, 5.2.2.7).
    /// </remarks>
    public static bool MayBeKept(HttpResponseMessage response) =>
        response.StatusCode
            is HttpStatusCode.OK
                or HttpStatusCode.NonAuthoritativeInformation
                or HttpStatusCode.NoContent
                or HttpStatusCode.PartialContent
        && MayBeShared(response);

    /// <summary>Whether an answer, even an error, may be given to those who asked the same at the same time.</summary>
    public static bool MayBeShared(HttpResponseMessage response) =>
        response.Headers.CacheControl is not { NoStore: true }
        && !response.Headers.NonValidated.Contains("Set-Cookie")
        && !response.Headers.Vary.Contains("*");

    /// <summary>As bytes.</summary>
    public static byte[] Write(HttpRequestMessage request, HttpResponseMessage response, ReadOnlySpan<byte> body)
    {
        using var stream = new MemoryStream(body.Length + 1024);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Format);
        writer.Write((int)response.StatusCode);
        writer.Write(response.ReasonPhrase ?? "");
        var varying = response.Headers.Vary.Where(name => !RequestKey.IsInKey(name)).ToList();
        writer.Write(varying.Count);
        foreach (var name in varying)
        {
            writer.Write(name);
            writer.Write(Mark(request, name));
        }

        var headers = response
            .Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
            .Where(header => !_ofTheConnection.Contains(header.Key, StringComparer.OrdinalIgnoreCase))
            .SelectMany(header => header.Value.Select(value => (header.Key, value)))
            .ToList();
        writer.Write(headers.Count);
        foreach (var (name, value) in headers)
        {
            writer.Write(name);
            writer.Write(value);
        }

        writer.Write(body);
        return stream.ToArray();
    }

    /// <summary>Whether it answers a request with the same key: what it varies by must be the same too.</summary>
    public static bool Fits(byte[] stored, HttpRequestMessage request)
    {
        using var reader = Open(stored);
        reader.ReadInt32();
        reader.ReadString();
        for (var i = reader.ReadInt32(); i > 0; i--)
        {
            var name = reader.ReadString();
            if (!reader.ReadBytes(32).AsSpan().SequenceEqual(Mark(request, name)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>As an answer to a request.</summary>
    public static HttpResponseMessage Read(byte[] stored, HttpRequestMessage request)
    {
        using var reader = Open(stored);
        var response = new HttpResponseMessage((HttpStatusCode)reader.ReadInt32())
        {
            ReasonPhrase = reader.ReadString(),
            RequestMessage = request,
        };
        for (var i = reader.ReadInt32(); i > 0; i--)
        {
            reader.ReadString();
            reader.ReadBytes(32);
        }

        var headers = new List<(string Name, string Value)>();
        for (var i = reader.ReadInt32(); i > 0; i--)
        {
            headers.Add((reader.ReadString(), reader.ReadString()));
        }

        var start = (int)reader.BaseStream.Position;
        response.Content = new ByteArrayContent(stored, start, stored.Length - start);
        foreach (var (name, value) in headers)
        {
            if (!response.Headers.TryAddWithoutValidation(name, value))
            {
                response.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return response;
    }

    private static BinaryReader Open(byte[] stored)
    {
        var reader = new BinaryReader(new MemoryStream(stored), Encoding.UTF8);
        return reader.ReadByte() == Format
            ? reader
            : throw new InvalidDataException("The cached answer is of another version of Tributary.");
    }

    // A hash, since the header may hold a secret of the connector's.
    private static byte[] Mark(HttpRequestMessage request, string name) =>
        System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(RequestKey.Value(request.Headers, name)));
}
