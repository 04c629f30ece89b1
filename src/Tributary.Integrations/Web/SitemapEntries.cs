using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Web;

/// <summary>Brings the entries of one sitemap (or list) into the frontier, a few hundred at a time.</summary>
/// <param name="scope">What belongs to the crawl.</param>
/// <param name="robots">For hosts that have to name the sitemap.</param>
/// <param name="frontier">Where the entries go.</param>
/// <param name="sitemapUrl">Normalised.</param>
/// <param name="level">1 for the outermost.</param>
/// <param name="isList">An uploaded list, which may name any host.</param>
/// <param name="isNeeded">Whether this pass must not leave out an address for lack of its host's robots.txt.</param>
internal sealed class SitemapEntries(
    SiteScope scope,
    RobotsCache robots,
    Frontier frontier,
    string sitemapUrl,
    int level,
    bool isList,
    Func<string, ValueTask<bool>> isNeeded
)
{
    private const int BatchSize = 500;
    private const int MaxLevel = 3;

    private readonly List<(string Url, FrontierData? Data, int Depth)> _batch = [];

    /// <summary>Adds all of them.</summary>
    public async Task AddAllAsync(Sitemap sitemap, List<ReadItem> said, CancellationToken cancellationToken)
    {
        await foreach (var entry in sitemap.ReadAsync(cancellationToken))
        {
            var uri = isList ? UrlNormalizer.ParseBase(entry.Location) : Absolute(entry.Location);
            if (uri is null || UrlNormalizer.Normalize(uri) is not { } url)
            {
                frontier.SayOnce(entry.Location, SkipReasons.NotAnAddress, said);
            }
            else if (url.Length > UrlNormalizer.MaxLength)
            {
                frontier.SayOnce(url[..200], SkipReasons.TooLong, said);
            }
            else if (entry.IsSitemap)
            {
                await AddSitemapAsync(url, said, cancellationToken);
            }
            else if (await RefusalAsync(url, cancellationToken) is { } reason)
            {
                frontier.SayOnce(url, reason, said);
            }
            else
            {
                _batch.Add((url, entry.ModifiedAt is { } at ? new FrontierData { ModifiedAt = at } : null, 0));
                if (_batch.Count == BatchSize)
                {
                    await FlushAsync(cancellationToken);
                }
            }
        }

        await FlushAsync(cancellationToken);
    }

    /// <summary>What went wrong with a sitemap, in words; null for what is no fault of it.</summary>
    public static SourceException? ProblemOf(string url, Exception error, CancellationToken cancellationToken) =>
        error switch
        {
            SourceException known => known,
            InvalidDataException => new SourceException(FailureKind.Source, $"{url}: {error.Message}", error),
            OperationCanceledException when !cancellationToken.IsCancellationRequested => new SourceException(
                FailureKind.Transient,
                $"{url} did not answer in time."
            ),
            HttpRequestException or IOException or TimeoutException => new SourceException(
                FailureKind.Transient,
                $"{url} broke off: {error.Message}",
                error
            ),
            ContentException => new SourceException(FailureKind.Source, $"{url}: {error.Message}", error),
            _ => null,
        };

    private async Task AddSitemapAsync(string url, List<ReadItem> said, CancellationToken cancellationToken)
    {
        if (level >= MaxLevel)
        {
            frontier.SayOnce(url, SkipReasons.SitemapTooDeep, said);
            return;
        }

        await frontier.AddAsync([frontier.Sitemap(url, level + 1)], cancellationToken);
    }

    // A sitemap may name pages of another host when that host's robots.txt names the sitemap (sitemaps.org).
    private async Task<string?> RefusalAsync(string url, CancellationToken cancellationToken)
    {
        var refusal = scope.Refusal(url);
        if (isList || refusal is not (SkipReasons.OffSite or SkipReasons.Subdomain))
        {
            return refusal;
        }

        var rules = await robots.NamedSitemapsAsync(url, cancellationToken);
        if (rules.Outage is { } outage)
        {
            // Nobody knows whether that host vouches for the sitemap; only a page that we have makes that matter.
            return await isNeeded(url) ? throw outage : refusal;
        }

        return rules.Rules.Sitemaps.Exists(named =>
            Absolute(named) is { } uri && UrlNormalizer.Normalize(uri) == sitemapUrl
        )
            ? scope.PatternRefusal(url)
            : refusal;
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        await frontier.AddPagesAsync(_batch, cancellationToken);
        _batch.Clear();
    }

    private static Uri? Absolute(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : null;
}
