namespace Tributary.Integrations.Web;

/// <summary>Why an address is left out: the same reason has the same words.</summary>
internal static class SkipReasons
{
    public const string OffSite = "off the site of base_url";
    public const string Subdomain = "on a subdomain; follow_subdomains includes it";
    public const string OutsidePath = "outside the path of base_url";
    public const string Excluded = "excluded by exclude_patterns";
    public const string NotIncluded = "fits none of include_patterns";
    public const string TooDeep = "more steps from the start page than max_depth";
    public const string TooLong = "address too long";
    public const string Repeating = "a part of the path occurs three times: probably an endless trap";
    public const string QueryVariants = "more addresses that differ only after the ? than max_query_variants";
    public const string NoFollowLink = "the link is marked nofollow";
    public const string NotAnAddress = "not an http or https address";
    public const string Disallowed = "disallowed by robots.txt";
    public const string NoIndex = "marked noindex";
    public const string Canonical = "another address of a page that is read under its canonical address";
    public const string SameId = "another page has the same id after url_rewrites";
    public const string Redirected = "redirects to another page of the site";
    public const string RedirectsOffSite = "redirects off the site";
    public const string RedirectsToItself = "redirects to itself";
    public const string TooManyRedirects = "redirects more than 10 times";
    public const string LogIn = "a log-in page";
    public const string SoftNotFound = "says that the page was not found";
    public const string NoText = "no text on the page";
    public const string TooLarge = "larger than 20 MB";
    public const string WrongType = "neither a page nor a document (by its Content-Type)";
    public const string JavaScript =
        "needs JavaScript; set render_javascript to when_needed and install Chromium on the server";
    public const string SitemapTooDeep = "a sitemap index nested deeper than 3 levels";
    public const string MaxPages = "max_pages reached: raise it to read the rest of the site";

    /// <summary>An answer that is neither a page nor a redirect.</summary>
    public static string Status(int status) => $"the site answers {status}";
}
