using System.Text.Json;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Web;

/// <summary>
/// The work list as a crawl uses it: addresses to fetch, in order of discovery, and marks on addresses. Keeps a bounded
/// number of recent addresses in memory, since most links of a page are those of the page before.
/// </summary>
/// <remarks>
/// A normalised address has no space in it, so a space and a word make a key of another kind. The second look at a pass
/// that was cut off has keys of its own: it walks the site anew, but leaves out what was looked at after the interruption.
/// </remarks>
internal sealed class Frontier(IWorkList work, WebConfig config)
{
    private const int MaxRecent = 20_000;
    private const int MaxCounted = 10_000;
    private const int MaxSaid = 1_000;
    private const string AliasSuffix = " alias";
    private const string SitemapSuffix = " map";
    private const string DeadSuffix = " dead";
    private const string IdSuffix = " id";
    private const string LateSuffix = " late";
    private const string AgainSuffix = " 2";

    private static readonly FrontierData Mark = new() { Kind = FrontierKind.Mark };

    private readonly HashSet<string> _said = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _variants = new(StringComparer.Ordinal);
    private HashSet<string> _recent = new(StringComparer.Ordinal);
    private HashSet<string> _older = new(StringComparer.Ordinal);
    private bool _isAgain;
    private int _resumes;

    /// <summary>Items that were added and are not finished.</summary>
    public long Pending => work.Pending;

    /// <summary>The items are those of a position's pass from now on.</summary>
    public void Continue(WebPosition position)
    {
        (_isAgain, _resumes) = (position.IsAgain, position.Resumes);
        _variants.Clear();
        _recent.Clear();
        _older.Clear();
    }

    /// <summary>A new pass begins.</summary>
    public ValueTask ClearAsync(CancellationToken cancellationToken) => work.ClearAsync(cancellationToken);

    /// <summary>The next items in order.</summary>
    public ValueTask<IReadOnlyList<WorkItem>> TakeAsync(int max, CancellationToken cancellationToken) =>
        work.TakeAsync(max, cancellationToken);

    /// <summary>Everything that came of an item was yielded.</summary>
    public void Complete(WorkItem item) => work.Complete(item.Key);

    /// <summary>Adds the links of a page, and says which of them are left out.</summary>
    public async ValueTask AddLinksAsync(
        PageLinks links,
        int depth,
        ICollection<ReadItem> said,
        CancellationToken cancellationToken
    )
    {
        foreach (var (url, reason) in links.Outside)
        {
            SayOnce(url, reason, said);
        }

        List<WorkItem>? items = null;
        Dictionary<string, int>? here = null;
        foreach (var url in links.Inside)
        {
            if (_recent.Contains(url) || _older.Contains(url))
            {
                continue;
            }

            var refusal = depth > config.MaxDepth ? SkipReasons.TooDeep : VariantRefusal(url, here ??= []);
            if (refusal is null)
            {
                (items ??= []).Add(Item(url, null, depth));
            }
            else
            {
                SayOnce(url, refusal, said);
            }
        }

        if (items is not null)
        {
            foreach (var added in await work.AddAsync(items, cancellationToken))
            {
                CountVariant(UrlOf(added));
            }

            items.ForEach(item => Remember(UrlOf(item)));
        }
    }

    /// <summary>Adds pages that are known more about than their address.</summary>
    public async ValueTask AddPagesAsync(
        IReadOnlyCollection<(string Url, FrontierData? Data, int Depth)> pages,
        CancellationToken cancellationToken
    )
    {
        await work.AddAsync([.. pages.Select(page => Item(page.Url, page.Data, page.Depth))], cancellationToken);
        foreach (var page in pages)
        {
            Remember(page.Url);
        }
    }

    /// <summary>A sitemap, or a list, whose entries are to be added when its turn comes.</summary>
    public WorkItem Sitemap(string url, int level) =>
        Item(url + SitemapSuffix, new FrontierData { Kind = FrontierKind.Sitemap, Level = level }, 0);

    /// <summary>A page that waits to see whether its canonical address is there.</summary>
    public WorkItem Alias(string url, string canonical, FrontierData data, int depth) =>
        Item(url + AliasSuffix, data with { Kind = FrontierKind.Alias, Of = canonical }, depth);

    /// <summary>Adds items as they are.</summary>
    public async ValueTask AddAsync(IReadOnlyCollection<WorkItem> items, CancellationToken cancellationToken) =>
        await work.AddAsync(items, cancellationToken);

    /// <summary>An item with its address, and what is known of it.</summary>
    public Visit VisitOf(WorkItem item)
    {
        var url = UrlOf(item);
        var isLeftOver = item.Key.EndsWith(AgainSuffix, StringComparison.Ordinal) != _isAgain;
        var data =
            isLeftOver ? Mark
            : item.Data is null ? FrontierData.None
            : JsonSerializer.Deserialize<FrontierData>(item.Data, SettingsJson.Options) ?? FrontierData.None;
        return new Visit(item, url, UrlRewriting.Apply(config.UrlRewrites, url), data);
    }

    /// <summary>Remembers that there is no document under an address.</summary>
    public async ValueTask MarkDeadAsync(string url, CancellationToken cancellationToken) =>
        await MarkAsync(url + DeadSuffix, cancellationToken);

    /// <summary>Whether an address was marked dead.</summary>
    public ValueTask<bool> IsDeadAsync(string url, CancellationToken cancellationToken) =>
        work.ContainsAsync(KeyOf(url + DeadSuffix), cancellationToken);

    /// <summary>Remembers which pages are looked at after an interruption; costs nothing in a pass without one.</summary>
    public async ValueTask MarkLateAsync(IEnumerable<string> urls, CancellationToken cancellationToken)
    {
        if (_resumes == 0 || _isAgain)
        {
            return;
        }

        var marks = urls.Select(url => new WorkItem(LateKeyOf(url))).ToList();
        foreach (var added in await work.AddAsync(marks, cancellationToken))
        {
            Complete(added);
        }
    }

    /// <summary>Whether a page needs no second look, since it was looked at after the last interruption.</summary>
    public async ValueTask<bool> IsLateAsync(string url, CancellationToken cancellationToken) =>
        _isAgain && await work.ContainsAsync(LateKeyOf(url), cancellationToken);

    /// <summary>Takes a document id for this pass; false when another page has it.</summary>
    public ValueTask<bool> ClaimIdAsync(string id, CancellationToken cancellationToken) =>
        MarkAsync(id + IdSuffix, cancellationToken);

    /// <summary>Says that an address is left out, unless it was said before or too much was said.</summary>
    public void SayOnce(string url, string reason, ICollection<ReadItem> said)
    {
        if (_said.Count < MaxSaid && _said.Add(url))
        {
            said.Add(new ReadItem.Skipped(url, reason));
        }
    }

    // A mark is an item with nothing to do, which is finished when it is taken.
    private async ValueTask<bool> MarkAsync(string key, CancellationToken cancellationToken) =>
        (await work.AddAsync([Item(key, Mark, 0)], cancellationToken)).Count > 0;

    private WorkItem Item(string key, FrontierData? data, int depth) =>
        new(KeyOf(key), data is null ? null : JsonSerializer.Serialize(data, SettingsJson.Options), depth);

    private static string UrlOf(WorkItem item) =>
        item.Key.IndexOf(' ') is var end and >= 0 ? item.Key[..end] : item.Key;

    private string KeyOf(string key) => _isAgain ? key + AgainSuffix : key;

    private string LateKeyOf(string url) => $"{url}{LateSuffix}{_resumes}";

    private void Remember(string url)
    {
        if (_recent.Count >= MaxRecent)
        {
            (_older, _recent) = (_recent, _older);
            _recent.Clear();
        }

        _recent.Add(url);
    }

    private string? VariantRefusal(string url, Dictionary<string, int> here)
    {
        var parts = new UrlParts(url);
        if (!parts.HasQuery)
        {
            return null;
        }

        var path = parts.WithoutQuery.ToString();
        var sofar = _variants.GetValueOrDefault(path) + here.GetValueOrDefault(path);
        if (sofar >= config.MaxQueryVariants)
        {
            return SkipReasons.QueryVariants;
        }

        here[path] = here.GetValueOrDefault(path) + 1;
        return null;
    }

    private void CountVariant(string url)
    {
        var parts = new UrlParts(url);
        if (!parts.HasQuery)
        {
            return;
        }

        if (_variants.Count >= MaxCounted)
        {
            _variants.Clear();
        }

        var path = parts.WithoutQuery.ToString();
        _variants[path] = _variants.GetValueOrDefault(path) + 1;
    }
}

/// <summary>What an item of the frontier is.</summary>
internal enum FrontierKind
{
    /// <summary>A page to fetch.</summary>
    Page,

    /// <summary>A sitemap or list to take addresses from.</summary>
    Sitemap,

    /// <summary>A page that is left out unless its canonical address proves dead.</summary>
    Alias,

    /// <summary>A note about an address or an id, with nothing to do.</summary>
    Mark,
}

/// <summary>What is known of an item beyond its address.</summary>
internal sealed record FrontierData
{
    public static FrontierData None { get; } = new();

    public FrontierKind? Kind { get; init; }

    /// <summary>It is the start page, or what that redirected to.</summary>
    public bool? IsStart { get; init; }

    /// <summary>Redirects that led here.</summary>
    public int? Hops { get; init; }

    /// <summary>The time that a sitemap gives.</summary>
    public DateTimeOffset? ModifiedAt { get; init; }

    /// <summary>How deep in indexes a sitemap is.</summary>
    public int? Level { get; init; }

    /// <summary>An alias's canonical address.</summary>
    public string? Of { get; init; }
}
