using System.Text;
using Tributary.Sdk.Http;

namespace Tributary.Integrations.Web;

/// <summary>Requests to sites: our name, the log-in for the start page's host alone, redirects handed back.</summary>
internal sealed class SiteHttp
{
    /// <summary>The largest page.</summary>
    public const long MaxPageBytes = 20 * 1024 * 1024;

    private const string Accept =
        "text/html,application/xhtml+xml,application/xml;q=0.9,application/pdf;q=0.9,*/*;q=0.5";

    private readonly HttpClient _http;
    private readonly string? _userAgent;
    private readonly List<KeyValuePair<string, string>> _logIn = [];
    private readonly Uri? _base;

    public SiteHttp(HttpClient http, WebConfig config, WebCredentials credentials)
    {
        _http = http;
        _userAgent = config.UserAgent;
        _base = config.WebConnectorType == WebConnectorType.Upload ? null : UrlNormalizer.ParseBase(config.BaseUrl);
        if (credentials is { HeaderName: { } name, HeaderValue: { } value })
        {
            _logIn.Add(new(name, value));
        }

        if (credentials.Cookie is { } cookie)
        {
            _logIn.Add(new("Cookie", cookie));
        }

        if (credentials is { Username: { } user, Password: { } password })
        {
            var pair = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
            _logIn.Add(new("Authorization", "Basic " + pair));
        }

        var agent = _userAgent ?? http.DefaultRequestHeaders.UserAgent.ToString();
        ProductToken = agent.Split('/', ' ')[0] is { Length: > 0 } token ? token : "Tributary";
    }

    /// <summary>The name that robots.txt rules are looked up by.</summary>
    public string ProductToken { get; }

    /// <summary>Whether there is a log-in to send.</summary>
    public bool HasLogIn => _logIn.Count > 0;

    /// <summary>Asks for an address and returns when the headers are there; redirects are not followed.</summary>
    public Task<HttpResponseMessage> GetAsync(Uri uri, SiteRequest options, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.TryAddWithoutValidation("Accept", Accept);
        if (_userAgent is not null)
        {
            request.Headers.TryAddWithoutValidation("User-Agent", _userAgent);
        }

        if (options.Known is { } known)
        {
            if (known.ETag is { } etag)
            {
                request.Headers.TryAddWithoutValidation("If-None-Match", etag);
            }

            if (known.LastModified is { } lastModified)
            {
                request.Headers.TryAddWithoutValidation("If-Modified-Since", lastModified);
            }
        }

        if (_logIn.Count > 0 && IsBaseHost(uri))
        {
            foreach (var (name, value) in _logIn)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        request.Options.Set(OutboundOptions.FollowRedirects, false);
        request.Options.Set(OutboundOptions.MaxBodyBytes, options.MaxBytes);
        if (options.HostDelay is { } delay)
        {
            request.Options.Set(OutboundOptions.HostDelay, delay);
        }

        return _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>As <see cref="GetAsync"/>, following redirects to any host; the last answer when there are too many.</summary>
    /// <returns>The answer and where it came from.</returns>
    public async Task<(HttpResponseMessage Response, Uri From)> FollowAsync(
        Uri uri,
        SiteRequest options,
        CancellationToken cancellationToken
    )
    {
        const int maxHops = 10;
        for (var hop = 0; ; hop++)
        {
            var response = await GetAsync(uri, options, cancellationToken);
            if (
                hop == maxHops
                || RedirectOf(response, uri) is not { } target
                || UrlNormalizer.Normalize(target) is null
            )
            {
                return (response, uri);
            }

            response.Dispose();
            uri = target;
        }
    }

    /// <summary>Where an answer redirects to; null when it does not.</summary>
    public static Uri? RedirectOf(HttpResponseMessage response, Uri from) =>
        (int)response.StatusCode is 301 or 302 or 303 or 307 or 308
        && response.Headers.Location is { } location
        && Uri.TryCreate(from, location, out var target)
            ? target
            : null;

    // The same host over https is at least as safe; over http it is not.
    private bool IsBaseHost(Uri uri) =>
        _base is not null
        && string.Equals(uri.IdnHost, _base.IdnHost, StringComparison.OrdinalIgnoreCase)
        && (
            (uri.Scheme == _base.Scheme && uri.Port == _base.Port)
            || (uri.Scheme == Uri.UriSchemeHttps && uri.IsDefaultPort && _base.IsDefaultPort)
        );
}

/// <summary>What a request wants beyond its address.</summary>
/// <param name="MaxBytes">The largest body.</param>
/// <param name="Known">The state that we have.</param>
/// <param name="HostDelay">The pause that robots.txt asks for.</param>
internal readonly record struct SiteRequest(long MaxBytes, Validators? Known = null, TimeSpan? HostDelay = null);
