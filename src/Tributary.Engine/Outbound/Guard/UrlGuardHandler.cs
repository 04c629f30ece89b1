using Tributary.Sdk;

namespace Tributary.Engine.Outbound.Guard;

/// <summary>Refuses addresses that no request should have, before anything waits for them.</summary>
internal sealed class UrlGuardHandler : DelegatingHandler
{
    /// <inheritdoc />
    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var uri = request.RequestUri!;
        if (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
        {
            throw Refused($"Addresses that start with {uri.Scheme}: cannot be read; use http: or https:.");
        }

        if (uri.UserInfo.Length > 0)
        {
            throw Refused(
                $"The address at {uri.IdnHost} holds a user name (the part before @). Remove it, and give credentials in their own fields."
            );
        }

        if (uri.OriginalString.AsSpan().IndexOfAny('\r', '\n') >= 0)
        {
            throw Refused($"The address at {uri.IdnHost} holds a line break. Remove it.");
        }

        return base.SendAsync(request, cancellationToken);
    }

    private static SourceException Refused(string message) => new(FailureKind.Configuration, message);
}
