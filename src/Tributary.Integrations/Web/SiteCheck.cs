using System.Net;
using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Web;

/// <summary>Does a site let itself be read? Asks for as little as shows it.</summary>
internal sealed class SiteCheck(ReaderContext context, WebConfig config, WebCredentials credentials)
{
    private const int MaxHops = 10;

    private readonly SiteHttp _http = new(context.Http, config, credentials);

    /// <summary>Checks.</summary>
    /// <exception cref="SourceException">It does not; says what to do.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var start = CrawlPass.StartOf(config);
        if (config.WebConnectorType == WebConnectorType.Upload)
        {
            _ = await context.Files.FindAsync(start, cancellationToken) ?? throw StartFailure.NoFile(start);
            return;
        }

        var robots = new RobotsCache(_http, config.RespectRobots, context.Time);
        var rules = await robots.ForAsync(start, cancellationToken);
        if (rules.Outage is { } outage)
        {
            throw outage;
        }

        if (config.WebConnectorType == WebConnectorType.Sitemap)
        {
            await new SitemapFinder(_http, robots).FindAsync(start, cancellationToken);
            return;
        }

        try
        {
            await ReachAsync(start, rules, cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SourceException(FailureKind.Transient, $"{start} did not answer in time. Try again later.");
        }
        catch (Exception error)
            when (error is HttpRequestException or IOException or TimeoutException or ContentException)
        {
            throw error.InnerException as SourceException
                ?? new SourceException(
                    FailureKind.Transient,
                    $"{start} could not be reached: {error.Message}. Check the host name in base_url.",
                    error
                );
        }
    }

    private async Task ReachAsync(string start, HostRules rules, CancellationToken cancellationToken)
    {
        var scope = new SiteScope(config, [start], isConfined: false);
        var known = await KnownStateAsync(start, cancellationToken);
        var url = start;
        for (var hop = 0; ; hop++)
        {
            if (!rules.Allows(url))
            {
                throw StartFailure.Disallowed(url);
            }

            var uri = new Uri(url);
            var wish = new SiteRequest(SiteHttp.MaxPageBytes, hop == 0 ? known : null, rules.Rules.CrawlDelay);
            using var response = await _http.GetAsync(uri, wish, cancellationToken);
            if (wish.Known is not null && response.StatusCode == HttpStatusCode.NotModified)
            {
                return;
            }

            if (SiteHttp.RedirectOf(response, uri) is not { } target)
            {
                if (!response.IsSuccessStatusCode)
                {
                    throw StartFailure.OfStatus(url, (int)response.StatusCode, _http.HasLogIn);
                }

                return;
            }

            if (UrlNormalizer.Normalize(target) is not { } to || to == url || hop == MaxHops)
            {
                throw StartFailure.Loop(url);
            }

            if (PageReading.IsLogIn(url, to))
            {
                throw StartFailure.LogIn(url, to);
            }

            if (scope.MoveRefusal(url, to) == SkipReasons.RedirectsOffSite)
            {
                throw StartFailure.MovedAway(start, to);
            }

            url = to;
        }
    }

    private async Task<Validators?> KnownStateAsync(string start, CancellationToken cancellationToken)
    {
        var id = UrlRewriting.Apply(config.UrlRewrites, start);
        var known = await context.Known.GetAsync([id], cancellationToken);
        return Validators.Unpack(
            Fingerprint.Of(Fingerprint.Of(config), start, id),
            known.GetValueOrDefault(id)?.Version
        );
    }
}
