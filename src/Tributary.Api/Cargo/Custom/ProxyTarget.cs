using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tributary.Api.Http;

namespace Tributary.Api.Cargo.Custom;

/// <summary>
/// What a caller has written behind <c>…/proxy/</c>, to the letter. The router's own path will not do: it is unescaped,
/// and a name with an escaped slash could not be told from two names.
/// </summary>
internal static class ProxyTarget
{
    private static readonly string[] _before = ["v1", "connection", "connectors"];

    /// <summary>Path (without a slash at its beginning) and query (with its question mark).</summary>
    /// <exception cref="RequestException">400: the path up to there is written in a way that could be read in two ways.</exception>
    public static (string Path, string Query) Of(HttpContext http)
    {
        var raw = http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var question = raw.IndexOf('?');
        var path = question < 0 ? raw : raw[..question];
        var segments = path.Split('/', 7);

        // "", v1, connection, connectors, the uuid, proxy, the rest
        var isPlain =
            segments.Length >= 6
            && segments[0].Length == 0
            && _before.SequenceEqual(segments.Skip(1).Take(3), StringComparer.OrdinalIgnoreCase)
            && segments[5].Equals("proxy", StringComparison.OrdinalIgnoreCase);
        return isPlain
            ? (segments.Length == 7 ? segments[6] : "", question < 0 ? "" : raw[question..])
            : throw new RequestException(
                400,
                "The path up to /proxy/ should be written plainly: /v1/connection/connectors/{uuid}/proxy/…",
                "invalidPath"
            );
    }
}
