using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tributary.Api.Http;
using Tributary.Engine.Outbound;
using Tributary.Engine.Proxy;
using Tributary.Sdk;

namespace Tributary.Api.Cargo.Custom;

/// <summary>Requests to an integration's API through a connector: any method, any body, streamed both ways.</summary>
internal static class ProxyEndpoint
{
    private const string Path = "/v1/connection/connectors/{uuid}/proxy/{**path}";

    /// <summary>Bodies up to here are held, so that what may be tried again can be.</summary>
    private const int MostHeld = 64 * 1024;

    public static void Map(DialectRoutes routes)
    {
        foreach (var method in (string[])["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        {
            routes.Map(method, Path, SendAsync, "Sends a request to the integration's API through a connector");
        }
    }

    private static async Task SendAsync(Exchange exchange)
    {
        var http = exchange.Http;
        DemandOwnPage(http);
        JsonBody.Limit(http, null);
        var (path, query) = ProxyTarget.Of(http);
        using var content = await ContentAsync(http);
        var request = new ProxyRequest(
            http.Request.Method,
            path,
            query,
            http.Request.Headers.Select(header =>
                KeyValuePair.Create(header.Key, (IEnumerable<string?>)header.Value.ToArray())
            ),
            content
        );
        try
        {
            using var answer = await exchange
                .Get<IConnectorProxy>()
                .SendAsync(exchange.Caller, exchange.PathUuid("uuid"), request, exchange.Aborted);
            await WriteAsync(http, answer);
        }
        catch (ProxyBusyException busy)
        {
            var seconds = (long)Math.Ceiling(busy.RetryAfter.TotalSeconds);
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            throw new RequestException(429, busy.Message);
        }
    }

    private static async Task WriteAsync(HttpContext http, ProxyAnswer answer)
    {
        var status = (int)answer.Response.StatusCode;
        var headers = http.Response.Headers;
        foreach (var (name, values) in answer.Headers)
        {
            headers[name] = values;
        }

        // What comes from elsewhere must not act as a page of ours, whose cookie would be at hand.
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers["X-Upstream-Status"] = status.ToString(CultureInfo.InvariantCulture);
        http.TellCache(answer.IsFromCache);
        TellLimit(headers, answer.Limit, answer.Left);

        // To clients of this dialect 401 says that their own token is bad.
        http.Response.StatusCode = status == 401 ? 424 : status;
        if (http.Request.Method == "HEAD" || status is 204 or 304 or < 200)
        {
            return;
        }

        await using var body = await answer.Response.Content.ReadAsStreamAsync(http.RequestAborted);
        await CopyAsync(body, http.Response.BodyWriter, http.RequestAborted);
    }

    /// <summary>
    /// Hands on what is there at once, and keeps no reader waiting for what is not: a small answer leaves as a single piece,
    /// and of a slow one everything that has come.
    /// </summary>
    private static async Task CopyAsync(Stream from, PipeWriter to, CancellationToken aborted)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MostHeld);
        var unsent = 0;
        try
        {
            while (true)
            {
                var reading = from.ReadAsync(buffer, aborted);
                if (unsent >= MostHeld || (unsent > 0 && !reading.IsCompleted))
                {
                    await to.FlushAsync(aborted);
                    unsent = 0;
                }

                var count = await reading;
                if (count == 0)
                {
                    // Not after a failure: a read may still be going on then.
                    ArrayPool<byte>.Shared.Return(buffer);
                    return;
                }

                to.Write(buffer.AsSpan(0, count));
                unsent += count;
            }
        }
        catch when (unsent > 0)
        {
            // What has come belongs to an answer that has begun: nothing else may follow it.
            await to.FlushAsync(CancellationToken.None);
            throw;
        }
    }

    // draft-ietf-httpapi-ratelimit-headers; the vendor's own items stay beside ours.
    private static void TellLimit(IHeaderDictionary headers, RateLimit? limit, RateLimitLeft? left)
    {
        if (limit is null)
        {
            return;
        }

        var window = limit.Unit switch
        {
            RateUnit.Second => 1,
            RateUnit.Minute => 60,
            RateUnit.Hour => 3_600,
            _ => 86_400,
        };
        headers.Append(
            "RateLimit-Policy",
            string.Create(CultureInfo.InvariantCulture, $"\"connector\";q={limit.Max};w={window}")
        );
        if (left is { } now)
        {
            headers.Append(
                "RateLimit",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"\"connector\";r={now.Requests};t={Math.Ceiling(now.Until.TotalSeconds):F0}"
                )
            );
        }
    }

    private static async Task<HttpContent?> ContentAsync(HttpContext http)
    {
        var length = http.Request.ContentLength;
        if (length == 0 || http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false)
        {
            return null;
        }

        if (length <= MostHeld)
        {
            var held = new byte[(int)length];
            await http.Request.Body.ReadExactlyAsync(held, http.RequestAborted);
            return new ByteArrayContent(held);
        }

        var content = new StreamContent(http.Request.Body);
        content.Headers.ContentLength = length;
        return content;
    }

    // Browsers send the cookie with another site's links and pictures too, which elsewhere only look at our own data.
    private static void DemandOwnPage(HttpContext http)
    {
        var site = http.Request.Headers["Sec-Fetch-Site"].ToString();
        if (Authentication.IsByCookie(http) && site.Length > 0 && site is not ("same-origin" or "none"))
        {
            throw new RequestException(
                403,
                "A page of another site may not do this with your cookie. Use a bearer token instead."
            );
        }
    }
}
