namespace Tributary.Integrations.Web;

/// <summary>Which addresses belong to what is to be read. Works on normalised addresses; pure.</summary>
internal sealed class SiteScope
{
    private readonly WebConfig _config;
    private readonly UrlPattern[] _excluded;
    private readonly UrlPattern[] _included;
    private readonly string? _site;
    private readonly string? _scheme;
    private readonly string[] _folders;

    /// <summary>Makes one.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="starts">The start page, and where it moved to; their paths confine the crawl. None for uploads.</param>
    /// <param name="isConfined">False lets every path of the site in, e.g. for a sitemap's entries.</param>
    public SiteScope(WebConfig config, IReadOnlyList<string> starts, bool isConfined)
    {
        _config = config;
        _excluded = [.. config.ExcludePatterns.Select(pattern => new UrlPattern(pattern))];
        _included = [.. config.IncludePatterns.Select(pattern => new UrlPattern(pattern))];
        _folders = isConfined ? [.. starts.Select(FolderOf)] : [];
        if (starts.Count > 0)
        {
            var start = new UrlParts(starts[0]);
            _site = start.Site.ToString();
            _scheme = start.Scheme.ToString();
        }
    }

    /// <summary>Why an address is left out; null when it is in.</summary>
    public string? Refusal(string url)
    {
        if (url.Length > UrlNormalizer.MaxLength)
        {
            return SkipReasons.TooLong;
        }

        var parts = new UrlParts(url);
        if (_site is not null && !parts.Site.SequenceEqual(_site))
        {
            if (!IsSubdomain(parts.Site))
            {
                return SkipReasons.OffSite;
            }

            if (!_config.FollowSubdomains)
            {
                return SkipReasons.Subdomain;
            }
        }

        return !IsBelowStart(parts.Path) ? SkipReasons.OutsidePath : PatternRefusal(url);
    }

    /// <summary>Why the settings' patterns leave an address out; null when they do not.</summary>
    public string? PatternRefusal(string url) =>
        Array.Exists(_excluded, pattern => pattern.Fits(url)) ? SkipReasons.Excluded
        : IsIncluded(url) ? null
        : SkipReasons.NotIncluded;

    /// <summary>Whether include_patterns let an address in.</summary>
    public bool IsIncluded(string url) =>
        _included.Length == 0 || Array.Exists(_included, pattern => pattern.Fits(url));

    /// <summary>Why a redirect or canonical address is not followed; null when it is.</summary>
    public string? MoveRefusal(string from, string to)
    {
        // A list, and a sitemap that may name other hosts, vouch for the host of each entry.
        var isVouchedFor = _site is null || _config.WebConnectorType == WebConnectorType.Sitemap;
        var refusal = isVouchedFor && UrlParts.SameSite(from, to) ? PatternRefusal(to) : Refusal(to);
        return
            refusal is SkipReasons.OffSite or SkipReasons.Subdomain || (_site is null && !UrlParts.SameSite(from, to))
            ? SkipReasons.RedirectsOffSite
            : refusal;
    }

    /// <summary>A link to the site over http becomes one over https when the site is read over https.</summary>
    public string Upgraded(string url) =>
        _scheme == Uri.UriSchemeHttps
        && url.StartsWith("http://", StringComparison.Ordinal)
        && new UrlParts(url) is var parts
        && parts.Site.SequenceEqual(_site)
        && !parts.Authority.Contains(':')
            ? string.Concat("https", url.AsSpan(4))
            : url;

    /// <summary>Whether any named part of the path occurs three times, as endless relative links make it.</summary>
    public static bool RepeatsItself(string url)
    {
        var path = new UrlParts(url).Path;
        if (path.Count('/') < 3)
        {
            return false;
        }

        foreach (var range in path.Split('/'))
        {
            var part = path[range];
            if (part.IndexOfAnyExceptInRange('0', '9') < 0)
            {
                continue;
            }

            var count = 0;
            foreach (var other in path.Split('/'))
            {
                if (path[other].SequenceEqual(part) && ++count == 3)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool IsSubdomain(ReadOnlySpan<char> site) =>
        site.Length > _site!.Length && site.EndsWith(_site) && site[^(_site.Length + 1)] == '.';

    private bool IsBelowStart(ReadOnlySpan<char> path)
    {
        foreach (var folder in _folders)
        {
            if (path.StartsWith(folder) && (path.Length == folder.Length || path[folder.Length] == '/'))
            {
                return true;
            }
        }

        return _folders.Length == 0;
    }

    // "/docs" and "/docs/" mean /docs and what is below it; "/docs/index.html" means its folder.
    private static string FolderOf(string start)
    {
        var path = new UrlParts(start).Path;
        var name = path[(path.LastIndexOf('/') + 1)..];
        var dot = name.LastIndexOf('.');
        var isFile =
            dot > 0
            && name[(dot + 1)..]
                is "html"
                    or "htm"
                    or "xhtml"
                    or "php"
                    or "asp"
                    or "aspx"
                    or "jsp"
                    or "md"
                    or "xml"
                    or "txt"
                    or "gz";
        return (isFile ? path[..^name.Length] : path).TrimEnd('/').ToString();
    }
}
