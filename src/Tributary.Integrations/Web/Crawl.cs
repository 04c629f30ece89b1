using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Web;

/// <summary>
/// One pass over a site. Pages are fetched several at once but dealt with in the order in which they were discovered, so
/// that depth, duplicates and limits come out the same whichever answers first, and however often the pass was cut off.
/// </summary>
/// <remarks>
/// A pass that was cut off goes on where it was and then looks once more at the pages from before the last interruption:
/// they may have changed meanwhile. That second look is not followed by a third when it is cut off itself, or a site that
/// takes longer than the server stays up would never come to an end; the next run looks at every page anyway.
/// </remarks>
internal sealed class Crawl
{
    private const int ItemsPerCheckpoint = 100;

    private readonly ReaderContext _context;
    private readonly WebConfig _config;
    private readonly RobotsCache _robots;
    private readonly PageFetcher _fetcher;
    private readonly Frontier _frontier;
    private readonly CrawlPass _pass;
    private readonly OutcomeHearing _hearing;
    private readonly SitemapReading _sitemaps;
    private readonly int _concurrency;

    public Crawl(ReaderContext context, WebConfig config, WebCredentials credentials, bool isListing)
    {
        _context = context;
        _config = config;
        var http = new SiteHttp(context.Http, config, credentials);
        _robots = new RobotsCache(http, config.RespectRobots, context.Time);
        _fetcher = new PageFetcher(context, config, http, _robots);
        _frontier = new Frontier(context.Work, config);
        _pass = new CrawlPass(config, isListing);
        _hearing = new OutcomeHearing(config, _pass, _frontier, http, context.Known, FetchAsync);
        _sitemaps = new SitemapReading(context, config, _pass, _frontier, http, _robots);

        // Lists span hosts, each of which the client serves at its own pace: more at once keeps all of them busy.
        _concurrency = config.WebConnectorType == WebConnectorType.Upload ? 32 : 8;
    }

    /// <summary>Goes on from a position, or begins a pass, and walks to its end.</summary>
    /// <exception cref="SourceException">The site cannot be read, or gives no page at all.</exception>
    public async IAsyncEnumerable<ReadItem> RunAsync(
        WebPosition? position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await DemandRobotsAsync(cancellationToken);
        var isResumed = _pass.TryResume(position);
        _frontier.Continue(_pass.Position);
        if (!isResumed)
        {
            await _frontier.ClearAsync(cancellationToken);
            await AddStartAsync(cancellationToken);
        }

        await foreach (var item in WalkAsync(cancellationToken))
        {
            yield return item;
        }

        if (isResumed && !_pass.Position.IsAgain)
        {
            _pass.BeginAgain();
            _frontier.Continue(_pass.Position);
            await AddStartAsync(cancellationToken);
            yield return ReadItem.Checkpoint.From(_pass.Position);
            await foreach (var item in WalkAsync(cancellationToken))
            {
                yield return item;
            }
        }

        yield return ReadItem.Checkpoint.From(_pass.Position with { IsDone = true });
        if (_pass.Position.Pages == 0)
        {
            // The pass is over all the same: the next one asks for everything again.
            throw StartFailure.NoPage(_pass.Position);
        }
    }

    private async IAsyncEnumerable<ReadItem> WalkAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var said = new List<ReadItem>();
        var sinceCheckpoint = 0;
        await using var window = new VisitWindow(
            _frontier,
            _context.Known,
            _concurrency,
            FetchAsync,
            cancellationToken
        );
        while (!_pass.IsFull && await window.NextAsync() is { } visit)
        {
            await DealWithAsync(visit, said, cancellationToken);
            foreach (var item in said)
            {
                yield return item;
            }

            _frontier.Complete(visit.Item);
            sinceCheckpoint += Math.Max(1, said.Count);
            said.Clear();
            if (sinceCheckpoint >= ItemsPerCheckpoint || visit.Data.Kind == FrontierKind.Sitemap)
            {
                sinceCheckpoint = 0;
                yield return ReadItem.Checkpoint.From(_pass.Position);
            }
        }

        if (_pass.IsFull && _frontier.Pending > 0)
        {
            yield return new ReadItem.Skipped(_pass.Start, SkipReasons.MaxPages);
        }
    }

    // An outage of robots.txt must not look like a site without pages.
    private async Task DemandRobotsAsync(CancellationToken cancellationToken)
    {
        if (_config.WebConnectorType == WebConnectorType.Upload)
        {
            return;
        }

        var rules = await _robots.ForAsync(_pass.Start, cancellationToken);
        if (rules.Outage is { } outage)
        {
            throw outage;
        }
    }

    private async Task AddStartAsync(CancellationToken cancellationToken)
    {
        switch (_config.WebConnectorType)
        {
            case WebConnectorType.Sitemap:
                await _sitemaps.BeginAsync(cancellationToken);
                break;
            case WebConnectorType.Upload:
                await _frontier.AddAsync([_frontier.Sitemap(_pass.Start, 1)], cancellationToken);
                break;
            default:
                var data = new FrontierData { IsStart = true };
                await _frontier.AddPagesAsync([(_pass.Start, data, 0)], cancellationToken);
                break;
        }
    }

    private Task<PageOutcome> FetchAsync(Visit visit, CancellationToken cancellationToken) =>
        _fetcher.FetchAsync(
            new PageRequest
            {
                Url = visit.Url,
                Id = visit.Id,
                Scope = _pass.Scope,
                Known = visit.Known,
                ModifiedAt = visit.Data.ModifiedAt,
                WantsLinks = _config.WebConnectorType == WebConnectorType.Recursive,
                IgnoresCanonical = visit.Data.Kind == FrontierKind.Alias,
                ForListing = _pass.IsListing,
            },
            cancellationToken
        );

    private async Task DealWithAsync(Visit visit, List<ReadItem> said, CancellationToken cancellationToken)
    {
        switch (visit.Data.Kind)
        {
            case FrontierKind.Sitemap:
                await _sitemaps.ReadAsync(visit, said, cancellationToken);
                break;
            case FrontierKind.Alias:
                await _hearing.DecideAliasAsync(visit, said, cancellationToken);
                break;
            default:
                await _hearing.HearAsync(visit, await visit.Fetch!, said, cancellationToken);
                break;
        }
    }
}
