using Microsoft.AspNetCore.Http;

namespace Tributary.Api.Http;

/// <summary>
/// Keeps other sites' pages from acting with a person's cookie. Browsers say where a request comes from in
/// <c>Sec-Fetch-Site</c> and <c>Origin</c>; programs send neither and are let through.
/// </summary>
internal static class SameOrigin
{
    /// <summary>Refuses a state-changing request that another site's page sends.</summary>
    /// <exception cref="RequestException">403.</exception>
    public static void Demand(HttpContext http)
    {
        var request = http.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        {
            return;
        }

        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0 && site is not ("same-origin" or "none"))
        {
            throw Refusal();
        }

        // Only host and port are compared: behind a proxy that ends TLS the schemes differ.
        var origin = request.Headers.Origin.ToString();
        if (
            origin.Length > 0
            && !(
                Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                && uri.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)
            )
        )
        {
            throw Refusal();
        }
    }

    private static RequestException Refusal() =>
        new(403, "A page of another site may not do this with your cookie. Use a bearer token instead.");
}
