using Tributary.Sdk;
using Tributary.Sdk.Content;

namespace Tributary.Integrations.Web;

/// <summary>Finds the sitemaps of a site, and opens them.</summary>
internal sealed class SitemapFinder(SiteHttp http, RobotsCache robots)
{
    private static readonly string[] UsualPlaces = ["/sitemap.xml", "/sitemap_index.xml"];

    /// <summary>base_url when it is a sitemap, else those that robots.txt names, else one in the usual places.</summary>
    /// <exception cref="SourceException">base_url cannot be had, or there is no sitemap.</exception>
    public async Task<(IReadOnlyList<string> Sitemaps, bool IsItself)> FindAsync(
        string baseUrl,
        CancellationToken cancellationToken
    )
    {
        var (status, isSitemap) = await ProbeAsync(baseUrl, cancellationToken);
        if (isSitemap)
        {
            return ([baseUrl], true);
        }

        // A site whose front page is missing may well have a sitemap; one that is locked or out of order is not asked on.
        if (status is not (>= 200 and < 300 or 404 or 410))
        {
            throw StartFailure.OfStatus(baseUrl, status, http.HasLogIn);
        }

        var rules = await robots.NamedSitemapsAsync(baseUrl, cancellationToken);
        if (rules.Outage is { } outage)
        {
            throw outage;
        }

        var named = rules.Rules.Sitemaps.Select(text =>
            Uri.TryCreate(new Uri(baseUrl), text, out var uri) ? uri : null
        );
        var sitemaps = named.OfType<Uri>().Select(UrlNormalizer.Normalize).OfType<string>().Distinct().ToList();
        if (sitemaps.Count > 0)
        {
            return (sitemaps, false);
        }

        var origin = new UrlParts(baseUrl).Origin.ToString();
        foreach (var place in UsualPlaces)
        {
            var (placeStatus, isThere) = await ProbeAsync(origin + place, cancellationToken);
            if (isThere)
            {
                return ([origin + place], false);
            }

            if (placeStatus is 429 or >= 500)
            {
                throw StartFailure.OfStatus(origin + place, placeStatus, http.HasLogIn);
            }
        }

        throw new SourceException(
            FailureKind.Configuration,
            $"There is no sitemap at {baseUrl}, in robots.txt of its host, or at {string.Join(" and ", UsualPlaces)}. "
                + "Put the sitemap's address into base_url, or use the type recursive."
        )
        {
            Member = "config.base_url",
        };
    }

    /// <summary>Opens the sitemap at an address.</summary>
    /// <exception cref="SourceException">It cannot be had, or is none.</exception>
    public async Task<Sitemap> OpenAsync(string url, CancellationToken cancellationToken)
    {
        var response = await GetAsync(url, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            using (response)
            {
                throw StartFailure.OfStatus(url, (int)response.StatusCode, http.HasLogIn);
            }
        }

        var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return await Sitemap.OpenAsync(body, isList: false, cancellationToken)
            ?? throw new SourceException(FailureKind.Source, $"{url} should be a sitemap, but is something else.");
    }

    private async Task<(int Status, bool IsSitemap)> ProbeAsync(string url, CancellationToken cancellationToken)
    {
        using var response = await GetAsync(url, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            return ((int)response.StatusCode, false);
        }

        try
        {
            var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            await using var sitemap = await Sitemap.OpenAsync(body, isList: false, cancellationToken);
            return ((int)response.StatusCode, sitemap is not null);
        }
        catch (InvalidDataException)
        {
            return ((int)response.StatusCode, false);
        }
    }

    private async Task<HttpResponseMessage> GetAsync(string url, CancellationToken cancellationToken)
    {
        var rules = await robots.ForAsync(url, cancellationToken);
        if (rules.Outage is { } outage)
        {
            throw outage;
        }

        try
        {
            var wish = new SiteRequest(Sitemap.MaxBytes, HostDelay: rules.Rules.CrawlDelay);
            var (response, _) = await http.FollowAsync(new Uri(url), wish, cancellationToken);
            return response;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SourceException(FailureKind.Transient, $"{url} did not answer in time.");
        }
        catch (Exception error)
            when (error is HttpRequestException or IOException or TimeoutException or ContentException)
        {
            throw error.InnerException as SourceException
                ?? new SourceException(FailureKind.Transient, $"{url} could not be reached: {error.Message}", error);
        }
    }
}
