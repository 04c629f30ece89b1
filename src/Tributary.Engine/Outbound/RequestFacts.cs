using System.Net.Http.Json;
using Tributary.Sdk.Http;

namespace Tributary.Engine.Outbound;

/// <summary>What several links of the chain must agree on about a request.</summary>
internal static class RequestFacts
{
    /// <summary>Whether scheme, host and port are the same.</summary>
    public static bool IsSameOrigin(this Uri one, Uri other) =>
        one.Port == other.Port
        && one.Scheme == other.Scheme
        && string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a body gives the same bytes each time that it is sent. A stream does not.</summary>
    public static bool CanBeSentAgain(this HttpContent? content) =>
        content switch
        {
            null or ByteArrayContent or ReadOnlyMemoryContent or JsonContent => true,
            MultipartContent parts => parts.All(part => part.CanBeSentAgain()),
            _ => false,
        };

    /// <summary>Whether carrying the request out twice does no harm (RFC 9110, 9.2.2; WebDAV's reading methods).</summary>
    public static bool IsRepeatable(this HttpRequestMessage request) =>
        request.Method.Method
            is "GET"
                or "HEAD"
                or "OPTIONS"
                or "TRACE"
                or "PUT"
                or "DELETE"
                or "PROPFIND"
                or "REPORT"
                or "SEARCH"
                or "QUERY"
        || (request.Options.TryGetValue(OutboundOptions.OnlyReads, out var onlyReads) && onlyReads);
}
