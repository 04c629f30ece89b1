using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using Tributary.Sdk.Http;

namespace Tributary.Engine.Outbound.Cache;

/// <summary>What makes a request different from others, and whether it may be answered from the cache at all.</summary>
internal static class RequestKey
{
    private const int MostBody = 64 << 10;
    private const int MostJudged = 1_000;

    // The same few names come with every request.
    private static readonly ConcurrentDictionary<string, bool> _judged = new(StringComparer.Ordinal);

    // Headers that decide about the answer without the source having to say so.
    private static readonly string[] _decisive = ["Accept", "Accept-Language", "Range", "If-Range"];

    private static readonly string[] _secretWords =
    [
        "authorization",
        "cookie",
        "token",
        "secret",
        "passw",
        "pwd",
        "apikey",
        "accesskey",
        "privatekey",
        "credential",
        "signature",
        "session",
        "jwt",
    ];
    private static readonly string[] _secretNames = ["key", "auth", "sig", "xauth", "appkey", "sid"];

    /// <summary>The key; null when the request must go out.</summary>
    public static async ValueTask<CacheKey?> OfAsync(
        long connectorId,
        HttpRequestMessage request,
        CacheRequest cache,
        CancellationToken cancellationToken
    )
    {
        if (
            !OnlyReads(request)
            || request.RequestUri is not { } uri
            || uri.UserInfo.Length > 0
            || !request.Content.CanBeSentAgain()
            || request.Headers.CacheControl is { NoStore: true }
            || HasForeignSecret(request.Headers, cache)
            || Address(uri, cache) is not { } address
        )
        {
            return null;
        }

        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        if (body.Length > MostBody)
        {
            return null;
        }

        using var question = new MemoryStream();
        using var writer = new BinaryWriter(question, Encoding.UTF8);
        writer.Write(request.Method.Method);
        writer.Write(address);
        foreach (var name in _decisive)
        {
            writer.Write(Value(request.Headers, name));
        }

        // Redirects that are handed back are other answers than those that are followed.
        writer.Write(!request.Options.TryGetValue(OutboundOptions.FollowRedirects, out var follows) || follows);
        writer.Write(request.Content?.Headers.ContentType?.ToString() ?? "");
        writer.Write(body);
        return CacheKey.Of(connectorId, question.GetBuffer().AsSpan(0, (int)question.Length));
    }

    /// <summary>A request's header as one text; empty when it is not there.</summary>
    public static string Value(HttpRequestHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? string.Join(", ", values) : "";

    /// <summary>Whether the source's naming it in Vary needs no second look, because it is in the key or never differs.</summary>
    public static bool IsInKey(string header) =>
        _decisive.Contains(header, StringComparer.OrdinalIgnoreCase)
        || header.Equals("Accept-Encoding", StringComparison.OrdinalIgnoreCase)
        || header.Equals("User-Agent", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a name is one that secrets go by.</summary>
    public static bool LooksSecret(string name)
    {
        if (_judged.TryGetValue(name, out var known))
        {
            return known;
        }

        var bare = new string([.. name.Where(char.IsAsciiLetterOrDigit).Select(char.ToLowerInvariant)]);
        var looksSecret = _secretNames.Contains(bare) || _secretWords.Any(bare.Contains);
        if (_judged.Count < MostJudged)
        {
            _judged[name] = looksSecret;
        }

        return looksSecret;
    }

    private static bool OnlyReads(HttpRequestMessage request) =>
        request.Method.Method is "GET" or "HEAD" or "QUERY" or "SEARCH" or "PROPFIND" or "REPORT"
        || (request.Options.TryGetValue(OutboundOptions.OnlyReads, out var onlyReads) && onlyReads);

    private static bool HasForeignSecret(HttpRequestHeaders headers, CacheRequest cache)
    {
        foreach (var header in headers.NonValidated)
        {
            if (IsForeignSecret(header.Key, cache))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsForeignSecret(string name, CacheRequest cache) =>
        LooksSecret(name) && !cache.OwnSecrets.Contains(name, StringComparer.OrdinalIgnoreCase);

    // Without the parts that hold the connector's secrets; null when there are secrets of somebody else.
    private static string? Address(Uri uri, CacheRequest cache)
    {
        var kept = new StringBuilder(uri.GetLeftPart(UriPartial.Path));
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = Uri.UnescapeDataString(pair.Split('=', 2)[0].Replace('+', ' '));
            if (IsForeignSecret(name, cache))
            {
                return null;
            }

            if (!cache.OwnSecrets.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                kept.Append('&').Append(pair);
            }
        }

        return kept.ToString();
    }
}
