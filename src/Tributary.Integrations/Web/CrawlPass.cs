using Tributary.Sdk;

namespace Tributary.Integrations.Web;

/// <summary>How a pass stands: its position, and what belongs to it.</summary>
internal sealed class CrawlPass
{
    private readonly WebConfig _config;

    public CrawlPass(WebConfig config, bool isListing)
    {
        _config = config;
        IsListing = isListing;
        Start = StartOf(config);
        Position = new WebPosition { Fingerprint = Fingerprint.Of(config) };
        Scope = ScopeNow();
    }

    /// <summary>Only the ids are wanted, all of them.</summary>
    public bool IsListing { get; }

    /// <summary>The start page, normalised; the file's id for uploads.</summary>
    public string Start { get; }

    /// <summary>What the next checkpoint says.</summary>
    public WebPosition Position { get; private set; }

    /// <summary>What belongs to the crawl.</summary>
    public SiteScope Scope { get; private set; }

    /// <summary>There are as many documents as there may be.</summary>
    public bool IsFull => _config.MaxPages > 0 && Position.Pages >= _config.MaxPages;

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

    /// <summary>Goes on where an earlier run was cut off; false when that was another pass, or there is nothing left of it.</summary>
    public bool TryResume(WebPosition? position)
    {
        if (position is null or { IsDone: true } || position.Fingerprint != Position.Fingerprint)
        {
            return false;
        }

        Position = position.IsAgain
            ? position
            : position with
            {
                Resumes = position.Resumes + 1,
                PagesBefore = position.Pages,
            };
        Scope = ScopeNow();
        return true;
    }

    /// <summary>The pages from before the interruption are looked at again: those since then are counted already.</summary>
    public void BeginAgain() =>
        Position = Position with
        {
            IsAgain = true,
            Pages = Position.Pages - Position.PagesBefore,
            DeadCanonicals = 0,
            LiveCanonicals = 0,
        };

    /// <summary>base_url proved to be a sitemap, or a site that names one.</summary>
    public void FoundSitemap(bool isItself)
    {
        Position = Position with { IsSitemap = isItself };
        Scope = ScopeNow();
    }

    /// <summary>The start page redirects to a place outside its path, which belongs to the crawl from now on.</summary>
    public void StartMovedTo(string url)
    {
        Position = Position with { MovedTo = url };
        Scope = ScopeNow();
    }

    /// <summary>A document more.</summary>
    public void CountPage() => Position = Position with { Pages = Position.Pages + 1 };

    /// <summary>Whether a canonical address was there.</summary>
    public void CountCanonical(bool isLive) =>
        Position = isLive
            ? Position with
            {
                LiveCanonicals = Position.LiveCanonicals + 1,
            }
            : Position with
            {
                DeadCanonicals = Position.DeadCanonicals + 1,
            };

    /// <summary>Why an address gave no document, in case that none does.</summary>
    public void NoteReason(string reason, bool isTransient) =>
        Position = Position with { LastReason = reason, IsLastTransient = isTransient };

    private SiteScope ScopeNow() =>
        new(
            _config,
            _config.WebConnectorType == WebConnectorType.Upload ? []
                : Position.MovedTo is { } moved ? [Start, moved]
                : [Start],
            isConfined: _config.WebConnectorType is WebConnectorType.Recursive
                || (_config.WebConnectorType == WebConnectorType.Sitemap && !Position.IsSitemap)
        );
}
