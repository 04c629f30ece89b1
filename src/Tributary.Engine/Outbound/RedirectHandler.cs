using System.Net;
using Tributary.Sdk;
using Tributary.Sdk.Http;

namespace Tributary.Engine.Outbound;

/// <summary>
/// Follows redirects. Each hop goes through the whole rest of the chain as a request of its own; one that leads to
/// another scheme, host or port takes nothing along that only the first may know.
/// </summary>
internal sealed class RedirectHandler : DelegatingHandler
{
    private const int MaxHops = 10;

    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var follows = !request.Options.TryGetValue(OutboundOptions.FollowRedirects, out var asked) || asked;
        for (var hop = 0; ; hop++)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (!follows || TargetOf(request, response) is not { } target)
            {
                return response;
            }

            using (response)
            {
                if (hop == MaxHops)
                {
                    throw new SourceException(
                        FailureKind.Source,
                        $"{request.RequestUri!.IdnHost} redirects more than {MaxHops} times, probably in a circle."
                    );
                }

                request = Next(request, response.StatusCode, target);
            }
        }
    }

    private static Uri? TargetOf(HttpRequestMessage request, HttpResponseMessage response)
    {
        if (
            response.StatusCode
                is not (
                    HttpStatusCode.MovedPermanently
                    or HttpStatusCode.Found
                    or HttpStatusCode.SeeOther
                    or HttpStatusCode.TemporaryRedirect
                    or HttpStatusCode.PermanentRedirect
                )
            || response.Headers.Location is not { } location
        )
        {
            return null;
        }

        var target = location.IsAbsoluteUri ? location : new Uri(request.RequestUri!, location);

        // RFC 9110, 10.2.2: a target without a fragment inherits that of the request.
        return target.Fragment.Length == 0 && request.RequestUri!.Fragment.Length > 0
            ? new UriBuilder(target) { Fragment = request.RequestUri.Fragment }.Uri
            : target;
    }

    private static HttpRequestMessage Next(HttpRequestMessage request, HttpStatusCode status, Uri target)
    {
        var from = request.RequestUri!;
        if (from.Scheme == Uri.UriSchemeHttps && target.Scheme == Uri.UriSchemeHttp)
        {
            throw new SourceException(
                FailureKind.Source,
                $"{from.IdnHost} redirects from https to http ({target.IdnHost}), which is refused because others could read along."
            );
        }

        var keepsMethod =
            status is HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
            || request.Method == HttpMethod.Get
            || request.Method == HttpMethod.Head
            || (status != HttpStatusCode.SeeOther && request.Method != HttpMethod.Post);
        var isSameOrigin = from.IsSameOrigin(target);
        var next = new HttpRequestMessage(keepsMethod ? request.Method : HttpMethod.Get, target);
        if (keepsMethod && request.Content is { } content)
        {
            next.Content = isSameOrigin && content.CanBeSentAgain() ? content : throw BodyStays(from, target);
        }

        foreach (var (name, values) in request.Headers.NonValidated)
        {
            if (isSameOrigin ? !name.Equals("Host", StringComparison.OrdinalIgnoreCase) : MayCrossOrigins(name))
            {
                next.Headers.TryAddWithoutValidation(name, values);
            }
        }

        foreach (var (key, value) in (IDictionary<string, object?>)request.Options)
        {
            ((IDictionary<string, object?>)next.Options)[key] = value;
        }

        return next;
    }

    // A list of what may pass, since vendors keep inventing headers that hold keys.
    private static bool MayCrossOrigins(string header) =>
        header.StartsWith("Accept", StringComparison.OrdinalIgnoreCase)
        || header.StartsWith("If-", StringComparison.OrdinalIgnoreCase)
        || header.Equals("User-Agent", StringComparison.OrdinalIgnoreCase)
        || header.Equals("Range", StringComparison.OrdinalIgnoreCase);

    private static SourceException BodyStays(Uri from, Uri target) =>
        new(
            FailureKind.Source,
            from.IsSameOrigin(target)
                ? $"{from.IdnHost} redirects an upload that was a stream and cannot be sent twice."
                : $"{from.IdnHost} redirects a request with a body to {target.IdnHost}, which is refused because the body may "
                    + "hold credentials. If that host is right, use its address in the configuration."
        );
}
