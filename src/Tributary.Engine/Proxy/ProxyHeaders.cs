namespace Tributary.Engine.Proxy;

/// <summary>Which headers pass through, on the way there and back.</summary>
internal static class ProxyHeaders
{
    /// <summary>RFC 9110, 7.6.1: about this connection only.</summary>
    private static readonly HashSet<string> _hopByHop = Names(
        "Connection",
        "Keep-Alive",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "Proxy-Authentication-Info",
        "Proxy-Connection",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "HTTP2-Settings"
    );

    /// <summary>Meant for us (who asks), about the way to us, or the connector's to say.</summary>
    private static readonly HashSet<string> _ours = Names(
        "Host",
        "Authorization",
        "X-Onyx-Authorization",
        "Cookie",
        "Cookie2",
        "Selected-Workspace-Uuid",
        "Origin",
        "Referer",
        "Forwarded",
        "Via",
        "X-Real-IP",
        "True-Client-IP",
        "CF-Connecting-IP",
        "X-Client-IP",
        "X-Cluster-Client-IP",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Method-Override",
        "X-HTTP-Method",
        "X-Method-Override",
        "Expect",
        "Content-Length",
        "Accept-Encoding",
        "User-Agent",
        "Traceparent",
        "Tracestate",
        "Baggage",
        "Upgrade-Insecure-Requests",
        "DNT"
    );

    private static readonly HashSet<string> _none = [];

    private static readonly string[] _ourPrefixes =
    [
        "X-Forwarded-",
        "X-Cargo-",
        "X-Tributary-",
        "Sec-",
        "Access-Control-",
    ];

    /// <summary>
    /// They would act on our own origin in a browser (cookies, policies of the whole host), or say what is not true of our
    /// answer any more.
    /// </summary>
    private static readonly HashSet<string> _theirs = Names(
        "Set-Cookie",
        "Set-Cookie2",
        "Content-Security-Policy",
        "Content-Security-Policy-Report-Only",
        "Strict-Transport-Security",
        "Public-Key-Pins",
        "Expect-CT",
        "Clear-Site-Data",
        "Service-Worker-Allowed",
        "Alt-Svc",
        "NEL",
        "Report-To",
        "Reporting-Endpoints",
        "SourceMap",
        "X-SourceMap",
        "Refresh",
        "Server",
        "Via",
        "Date",
        "X-Content-Type-Options",
        "X-Cache",
        "X-Upstream-Status",
        "WWW-Authenticate",
        "Cross-Origin-Opener-Policy",
        "Cross-Origin-Embedder-Policy",
        "Cross-Origin-Resource-Policy",
        "Cache-Control",
        "Pragma",
        "Expires",
        "Age"
    );

    /// <summary>Copies what may be sent on.</summary>
    public static void Copy(IEnumerable<KeyValuePair<string, IEnumerable<string?>>> from, HttpRequestMessage to)
    {
        var headers = from.ToList();
        var named = Named(headers.Where(header => Is(header.Key, "Connection")).SelectMany(header => header.Value));
        foreach (var (name, values) in headers)
        {
            var stays =
                _hopByHop.Contains(name)
                || _ours.Contains(name)
                || named.Contains(name)
                || name.StartsWith(':')
                || _ourPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
            if (!stays && !to.Headers.TryAddWithoutValidation(name, values))
            {
                to.Content?.Headers.TryAddWithoutValidation(name, values);
            }
        }
    }

    /// <summary>What may be handed back.</summary>
    public static IReadOnlyList<KeyValuePair<string, string[]>> Of(HttpResponseMessage response)
    {
        var named = Named(
            response.Headers.NonValidated.TryGetValues("Connection", out var connection) ? connection : []
        );
        return
        [
            .. response
                .Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
                .Where(header =>
                    !_hopByHop.Contains(header.Key)
                    && !_theirs.Contains(header.Key)
                    && !named.Contains(header.Key)
                    && !header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)
                )
                .Select(header => KeyValuePair.Create(header.Key, header.Value.ToArray())),
        ];
    }

    private static HashSet<string> Named(IEnumerable<string?> values)
    {
        HashSet<string>? named = null;
        foreach (var value in values)
        {
            named ??= Names();
            named.UnionWith(
                value?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? []
            );
        }

        return named ?? _none;
    }

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static HashSet<string> Names(params IEnumerable<string> names) =>
        new(names, StringComparer.OrdinalIgnoreCase);
}
