using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Web;

/// <summary>
/// One pass over a site. Pages are fetched several at once but dealt with in the order in which they were discovered, so
/// that depth, duplicates and limits come out the same whichever answers first, and however often the pass was cut off.
/// </summary>
internal sealed class Crawl
{
    private const int ItemsPerCheckpoint = 100;

    private readonly ReaderContext _context;
    private readonly WebConfig _config;
    private readonly SiteHttp _http;
    private readonly RobotsCache _robots;
    private readonly PageFetcher _fetcher;
    private readonly SitemapFinder _sitemaps;
    private readonly Frontier _frontier;
    private readonly bool _isListing;
    private readonly int _concurrency;
    private readonly string _start;
    private readonly string _fingerprint;
    private SiteScope _scope;
    private WebPosition _pass;

    public Crawl(ReaderContext context, WebConfig config, WebCredentials credentials, bool isListing)
    {
        _context = context;
        _config = config;
        _http = new SiteHttp(context.Http, config, credentials);
        _robots = new RobotsCache(_http, config.RespectRobots, context.Time);
        _fetcher = new PageFetcher(context, config, _http, _robots);
        _sitemaps = new SitemapFinder(_http, _robots);
        _frontier = new Frontier(context.Work, config);
        _isListing = isListing;

        // Lists span hosts, each of which the client serves at its own pace: more at once keeps all of them busy.
        _concurrency = config.WebConnectorType == WebConnectorType.Upload ? 32 : 8;
        _start = StartOf(config);
        _fingerprint = Fingerprint.Of(config);
        _pass = new WebPosition { Fingerprint = _fingerprint };
        _scope = ScopeOf(_pass);
    }

    /// <summary>The start page, normalised; the file's id for uploads.</summary>
    public static string StartOf(WebConfig config) =>
        config.WebConnectorType == WebConnectorType.Upload ? config.BaseUrl.Trim()
        : UrlNormalizer.ParseBase(config.BaseUrl) is { } uri ? UrlNormalizer.Normalize(uri)!
        : throw new SourceException(
            FailureKind.Configuration,
            "base_url should be an address like https://docs.example.com/guide."
        )
        {
            Member = "config.base_url",
        };

    /// <summary>Goes on from a position, or begins a pass, and walks to its end.</summary>
    /// <exception cref="SourceException">The site cannot be read, or gives no page at all.</exception>
    public async IAsyncEnumerable<ReadItem> RunAsync(
        WebPosition? position,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await DemandRobotsAsync(cancellationToken);
        if (position is { IsDone: false } && position.Fingerprint == _fingerprint)
        {
            _pass = position;
            _scope = ScopeOf(_pass);
        }
        else
        {
            await BeginAsync(cancellationToken);
        }

        await foreach (var item in WalkAsync(cancellationToken))
        {
            yield return item;
        }

        if (_pass.Pages == 0)
        {
            throw StartFailure.NoPage(_pass);
        }

        yield return ReadItem.Checkpoint.From(_pass with { IsDone = true });
    }

    private async IAsyncEnumerable<ReadItem> WalkAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var said = new List<ReadItem>();
        var sinceCheckpoint = 0;
        await using var window = new VisitWindow(
            _frontier,
            _context.Known,
            _concurrency,
            (visit, stop) => _fetcher.FetchAsync(RequestFor(visit), stop),
            cancellationToken
        );
        while (await window.NextAsync() is { } visit)
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
                yield return ReadItem.Checkpoint.From(_pass);
            }

            if (_config.MaxPages > 0 && _pass.Pages >= _config.MaxPages && _frontier.Pending > 0)
            {
                yield return new ReadItem.Skipped(_start, SkipReasons.MaxPages);
                yield break;
            }
        }
    }

    // An outage of robots.txt must not look like a site without pages.
    private async Task DemandRobotsAsync(CancellationToken cancellationToken)
    {
        if (_config.WebConnectorType == WebConnectorType.Upload)
        {
            return;
        }

        var rules = await _robots.ForAsync(_start, cancellationToken);
        if (rules.Outage is { } outage)
        {
            throw outage;
        }
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        await _frontier.ClearAsync(cancellationToken);
        switch (_config.WebConnectorType)
        {
            case WebConnectorType.Sitemap:
                var (sitemaps, isItself) = await _sitemaps.FindAsync(_start, cancellationToken);
                _pass = _pass with { IsSitemap = isItself };
                _scope = ScopeOf(_pass);
                // Several are parts of one, as those of an index are.
                var level = sitemaps.Count > 1 ? 2 : 1;
                await _frontier.AddAsync([.. sitemaps.Select(url => Frontier.Sitemap(url, level))], cancellationToken);
                break;
            case WebConnectorType.Upload:
                await _frontier.AddAsync([Frontier.Sitemap(_start, 1)], cancellationToken);
                break;
            default:
                var data = new FrontierData { IsStart = true };
                await _frontier.AddPagesAsync([(_start, data, 0)], cancellationToken);
                break;
        }
    }

    private PageRequest RequestFor(Visit visit) =>
        new()
        {
            Url = visit.Url,
            Id = visit.Id,
            Scope = _scope,
            Known = visit.Known,
            ModifiedAt = visit.Data.ModifiedAt,
            WantsLinks = _config.WebConnectorType == WebConnectorType.Recursive,
            IgnoresCanonical = visit.Data.Kind == FrontierKind.Alias,
            ForListing = _isListing,
        };

    private async Task DealWithAsync(Visit visit, List<ReadItem> said, CancellationToken cancellationToken)
    {
        switch (visit.Data.Kind)
        {
            case FrontierKind.Sitemap:
                await ReadSitemapAsync(visit, said, cancellationToken);
                break;
            case FrontierKind.Alias:
                await DecideAliasAsync(visit, said, cancellationToken);
                break;
            default:
                await HearAsync(visit, await visit.Fetch!, said, cancellationToken);
                break;
        }
    }

    private async Task HearAsync(
        Visit visit,
        PageOutcome outcome,
        List<ReadItem> said,
        CancellationToken cancellationToken
    )
    {
        var id = visit.Id;
        switch (outcome)
        {
            case PageOutcome.Read { Document: var document, Links: var links }:
                await SayAsync(visit, id, new ReadItem.Found(document), said, cancellationToken);
                await _frontier.AddLinksAsync(links, visit.Item.Depth + 1, said, cancellationToken);
                break;
            case PageOutcome.NotModified { Links: var links }:
                await SayAsync(visit, id, new ReadItem.Unchanged(id), said, cancellationToken);
                await FollowAsync(links, visit, said, cancellationToken);
                break;
            case PageOutcome.Alias { Canonical: var canonical, Own: var own }:
                await HearAliasAsync(visit, canonical, own, said, cancellationToken);
                break;
            case PageOutcome.Moved { Target: var target }:
                await HearMoveAsync(visit, target, said, cancellationToken);
                break;
            case PageOutcome.Gone { Status: var status }:
                if (visit.IsStart)
                {
                    throw StartFailure.OfStatus(visit.Url, status, _http.HasLogIn);
                }

                await SkipAsync(visit, SkipReasons.Status(status), said, cancellationToken);
                if (visit.Known is not null)
                {
                    said[^1] = new ReadItem.Deleted(id);
                }

                break;
            case PageOutcome.Skip { Reason: var reason, Links: var links, Status: var status }:
                if (visit.IsStart && (status >= 400 || reason == SkipReasons.Disallowed))
                {
                    throw status >= 400
                        ? StartFailure.OfStatus(visit.Url, status, _http.HasLogIn)
                        : StartFailure.Disallowed(visit.Url);
                }

                await SkipAsync(visit, reason, said, cancellationToken);
                await _frontier.AddLinksAsync(links, visit.Item.Depth + 1, said, cancellationToken);
                break;
            case PageOutcome.Fail { Error: var error, IsOutage: var isOutage }:
                await HearFailureAsync(visit, error, isOutage, said, cancellationToken);
                break;
        }
    }

    // A page that cannot be had now is still there as far as anybody knows, and so is what it led to.
    private async Task HearFailureAsync(
        Visit visit,
        SourceException error,
        bool isOutage,
        List<ReadItem> said,
        CancellationToken cancellationToken
    )
    {
        if (visit.IsStart)
        {
            throw error;
        }

        var id = visit.Id;
        var noted = LinkNote.Read(visit.Url, visit.Known?.Note);
        _pass = _pass with { LastReason = error.Message, IsLastTransient = error.Kind == FailureKind.Transient };
        if (!_isListing)
        {
            said.Add(new ReadItem.Failed(id, visit.Url, error.Message));
        }
        else if (visit.Known is not null && noted is not null)
        {
            await SayAsync(visit, id, new ReadItem.Unchanged(id), said, cancellationToken);
        }
        else if (visit.Known is not null || isOutage)
        {
            throw new SourceException(
                FailureKind.Transient,
                $"The listing is not complete, since the links of a page are not known: {error.Message}",
                error
            );
        }

        await FollowAsync(new PageLinks(noted ?? [], []), visit, said, cancellationToken);
    }

    private async Task HearMoveAsync(Visit visit, Uri target, List<ReadItem> said, CancellationToken cancellationToken)
    {
        var hops = (visit.Data.Hops ?? 0) + 1;
        if (UrlNormalizer.Normalize(target) is not { } to)
        {
            await SkipAsync(visit, SkipReasons.NotAnAddress, said, cancellationToken);
            return;
        }

        if (to == visit.Url)
        {
            await SkipAsync(visit, SkipReasons.RedirectsToItself, said, cancellationToken);
            return;
        }

        if (PageReading.IsLogIn(visit.Url, to))
        {
            await (
                visit.IsStart
                    ? throw StartFailure.LogIn(visit.Url, to)
                    : SkipAsync(visit, SkipReasons.LogIn, said, cancellationToken)
            );
            return;
        }

        var refusal = _scope.MoveRefusal(visit.Url, to);
        if (visit.IsStart && refusal == SkipReasons.RedirectsOffSite)
        {
            throw StartFailure.MovedAway(visit.Url, to);
        }

        if (visit.IsStart && refusal == SkipReasons.NotIncluded)
        {
            refusal = null;
        }
        else if (visit.IsStart && refusal == SkipReasons.OutsidePath)
        {
            // Nothing else is on its way yet, so everything will be judged by the wider scope.
            refusal = null;
            _pass = _pass with { MovedTo = to };
            _scope = ScopeOf(_pass);
        }

        if ((refusal ?? (hops > 10 ? SkipReasons.TooManyRedirects : null)) is { } reason)
        {
            await SkipAsync(visit, reason, said, cancellationToken);
            return;
        }

        await _frontier.AddPagesAsync(
            [(to, visit.Data with { Kind = null, Hops = hops }, visit.Item.Depth)],
            cancellationToken
        );
        await _frontier.MarkDeadAsync(visit.Url, cancellationToken);
        _frontier.SayOnce(visit.Url, SkipReasons.Redirected, said);
    }

    // The canonical address is fetched in its turn, before the alias has another one.
    private async Task HearAliasAsync(
        Visit visit,
        string canonical,
        PageOutcome.Read own,
        List<ReadItem> said,
        CancellationToken cancellationToken
    )
    {
        if (_pass.DeadCanonicals >= 3 && _pass.DeadCanonicals > _pass.LiveCanonicals)
        {
            // A site whose canonical addresses mostly lead nowhere: each would cost two requests for nothing.
            await HearAsync(visit, own, said, cancellationToken);
            return;
        }

        var data = new FrontierData { ModifiedAt = visit.Data.ModifiedAt };
        await _frontier.AddPagesAsync([(canonical, data, visit.Item.Depth)], cancellationToken);
        await _frontier.AddAsync([Frontier.Alias(visit.Url, canonical, data, visit.Item.Depth)], cancellationToken);
        await _frontier.MarkDeadAsync(visit.Url, cancellationToken);
        await _frontier.AddLinksAsync(own.Links, visit.Item.Depth + 1, said, cancellationToken);
    }

    private async Task DecideAliasAsync(Visit visit, List<ReadItem> said, CancellationToken cancellationToken)
    {
        if (!await _frontier.IsDeadAsync(visit.Data.Of!, cancellationToken))
        {
            _pass = _pass with { LiveCanonicals = _pass.LiveCanonicals + 1 };
            said.Add(new ReadItem.Skipped(visit.Url, SkipReasons.Canonical));
            return;
        }

        _pass = _pass with { DeadCanonicals = _pass.DeadCanonicals + 1 };
        var id = visit.Id;
        visit.Known = (await _context.Known.GetAsync([id], cancellationToken)).GetValueOrDefault(id);
        await HearAsync(
            visit,
            await _fetcher.FetchAsync(RequestFor(visit), cancellationToken),
            said,
            cancellationToken
        );
    }

    private async Task ReadSitemapAsync(Visit visit, List<ReadItem> said, CancellationToken cancellationToken)
    {
        var isList = _config.WebConnectorType == WebConnectorType.Upload;
        var source = new SitemapEntries(
            _scope,
            _robots,
            _frontier,
            visit.Url,
            visit.Data.Level ?? 1,
            isList,
            async url =>
                _isListing && (await _context.Known.GetAsync([IdOf(url)], cancellationToken)).ContainsKey(IdOf(url))
        );
        try
        {
            await using var sitemap = isList
                ? await OpenListAsync(cancellationToken)
                : await _sitemaps.OpenAsync(visit.Url, cancellationToken);
            await source.AddAllAsync(sitemap, said, cancellationToken);
        }
        catch (Exception error) when (SitemapEntries.ProblemOf(visit.Url, error, cancellationToken) is { } problem)
        {
            // One broken part of a large sitemap does not keep the rest from being read, but a listing has to be whole.
            if (_isListing || visit.Data.Level is null or 1)
            {
                throw problem;
            }

            said.Add(new ReadItem.Failed(visit.Url, visit.Url, problem.Message));
            _pass = _pass with
            {
                LastReason = problem.Message,
                IsLastTransient = problem.Kind == FailureKind.Transient,
            };
        }
    }

    private async Task<Sitemap> OpenListAsync(CancellationToken cancellationToken) =>
        await _context.Files.FindAsync(_start, cancellationToken) is { } file
            ? (
                await Sitemap.OpenAsync(
                    await _context.Files.OpenAsync(file.Id, cancellationToken),
                    isList: true,
                    cancellationToken
                )
            )!
            : throw StartFailure.NoFile(_start);

    private async Task SayAsync(
        Visit visit,
        string id,
        ReadItem item,
        List<ReadItem> said,
        CancellationToken cancellationToken
    )
    {
        if (_config.UrlRewrites.Count > 0)
        {
            var reason =
                id.Length > UrlNormalizer.MaxLength ? SkipReasons.TooLong
                : await _frontier.ClaimIdAsync(id, cancellationToken) ? null
                : SkipReasons.SameId;
            if (reason is not null)
            {
                said.Add(new ReadItem.Skipped(visit.Url, reason));
                return;
            }
        }

        _pass = _pass with { Pages = _pass.Pages + 1 };
        said.Add(item);
    }

    private async Task SkipAsync(Visit visit, string reason, List<ReadItem> said, CancellationToken cancellationToken)
    {
        _pass = _pass with { LastReason = $"{visit.Url}: {reason}", IsLastTransient = false };
        said.Add(new ReadItem.Skipped(visit.Url, reason));
        await _frontier.MarkDeadAsync(visit.Url, cancellationToken);
    }

    private ValueTask FollowAsync(
        PageLinks noted,
        Visit visit,
        List<ReadItem> said,
        CancellationToken cancellationToken
    ) =>
        _config.WebConnectorType == WebConnectorType.Recursive
            ? _frontier.AddLinksAsync(noted, visit.Item.Depth + 1, said, cancellationToken)
            : ValueTask.CompletedTask;

    private string IdOf(string url) => UrlRewriting.Apply(_config.UrlRewrites, url);

    private SiteScope ScopeOf(WebPosition pass) =>
        new(
            _config,
            _config.WebConnectorType == WebConnectorType.Upload ? []
                : pass.MovedTo is { } moved ? [_start, moved]
                : [_start],
            isConfined: _config.WebConnectorType is WebConnectorType.Recursive
                || (_config.WebConnectorType == WebConnectorType.Sitemap && !pass.IsSitemap)
        );
}
