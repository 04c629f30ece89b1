using Tributary.Integrations.Web;

namespace Tributary.Integrations.Tests.Web;

public class SiteScopeTests
{
    private static SiteScope Scope(string start, Func<WebConfig, WebConfig>? change = null)
    {
        var config = new WebConfig { BaseUrl = start };
        return new SiteScope(change?.Invoke(config) ?? config, [start], isConfined: true);
    }

    [Theory]
    [InlineData("https://example.com/docs", "https://example.com/docs", null)]
    [InlineData("https://example.com/docs", "https://example.com/docs/a/b?c", null)]
    [InlineData("https://example.com/docs/", "https://example.com/docs", null)]
    [InlineData("https://example.com/docs", "https://example.com/docs-old", SkipReasons.OutsidePath)]
    [InlineData("https://example.com/docs", "https://example.com/", SkipReasons.OutsidePath)]
    [InlineData("https://example.com/", "https://www.example.com/a", null)]
    [InlineData("https://www.example.com/", "http://example.com/a", null)]
    [InlineData("https://example.com/", "https://docs.example.com/", SkipReasons.Subdomain)]
    [InlineData("https://example.com/", "https://notexample.com/", SkipReasons.OffSite)]
    [InlineData("https://example.com/", "https://example.com:8443/", SkipReasons.OffSite)]
    [InlineData("https://example.com/docs/index.html", "https://example.com/docs/other.html", null)]
    [InlineData("https://example.com/docs/v1.2", "https://example.com/docs/other", SkipReasons.OutsidePath)]
    public void Host_and_path_confine_the_crawl(string start, string url, string? reason) =>
        Scope(start).Refusal(url).ShouldBe(reason);

    [Fact]
    public void Subdomains_belong_to_the_site_when_asked_for()
    {
        var scope = Scope("https://www.example.com/", config => config with { FollowSubdomains = true });
        scope.Refusal("https://a.b.example.com/").ShouldBeNull();
        scope.Refusal("https://badexample.com/").ShouldBe(SkipReasons.OffSite);
    }

    [Fact]
    public void Patterns_take_away_and_let_in()
    {
        var scope = Scope(
            "https://example.com/",
            config =>
                config with
                {
                    ExcludePatterns = ["/blog/*", "https://example.com/a?*print=1", "draft"],
                    IncludePatterns = ["*/docs/*", "/blog/*", "/a*"],
                }
        );
        scope.Refusal("https://example.com/docs/page").ShouldBeNull();
        scope.Refusal("https://example.com/Blog/page").ShouldBe(SkipReasons.Excluded);
        scope.Refusal("https://example.com/docs/DRAFTS/page").ShouldBe(SkipReasons.Excluded);
        scope.Refusal("https://example.com/a?x=2&print=1").ShouldBe(SkipReasons.Excluded);
        scope.Refusal("https://example.com/a?x=2").ShouldBeNull();
        scope.Refusal("https://example.com/other").ShouldBe(SkipReasons.NotIncluded);
    }

    [Theory]
    [InlineData("https://e.com/a/b/a/b/a/b", true)]
    [InlineData("https://e.com/a/a/a", true)]
    [InlineData("https://e.com/a/b/a/b", false)]
    [InlineData("https://e.com/2001/01/01/01/01", false)]
    [InlineData("https://e.com/a///b", false)]
    public void Paths_that_repeat_themselves_are_traps(string url, bool isTrap) =>
        SiteScope.RepeatsItself(url).ShouldBe(isTrap);

    [Fact]
    public void Very_long_addresses_are_left_out() =>
        Scope("https://e.com/").Refusal("https://e.com/" + new string('a', 2_000)).ShouldBe(SkipReasons.TooLong);

    [Fact]
    public void Links_to_http_are_read_over_https_when_the_site_is()
    {
        var scope = Scope("https://example.com/");
        scope.Upgraded("http://www.example.com/a").ShouldBe("https://www.example.com/a");
        scope.Upgraded("http://example.com:8080/a").ShouldBe("http://example.com:8080/a");
        scope.Upgraded("http://other.com/a").ShouldBe("http://other.com/a");
        Scope("http://example.com/").Upgraded("http://example.com/a").ShouldBe("http://example.com/a");
    }

    [Theory]
    [InlineData("https://e.com/a?print=1", "https://e.com/a", true)]
    [InlineData("https://e.com/a", "https://e.com/b", true)]
    [InlineData("https://e.com/a", "https://e.com/", false)]
    [InlineData("https://e.com/", "https://e.com/home", true)]
    [InlineData("https://e.com/index.html", "https://e.com/", true)]
    [InlineData("https://e.com/docs/page", "https://e.com/docs/", false)]
    [InlineData("https://e.com/docs/page/amp", "https://e.com/docs/page", true)]
    [InlineData("https://e.com/docs/", "https://e.com/docs", true)]
    [InlineData("https://e.com/a", "https://f.com/a", false)]
    [InlineData("https://www.e.com/a", "https://e.com/a", true)]
    public void A_canonical_address_must_be_plausible(string page, string canonical, bool plausible) =>
        PageReading.IsPlausibleCanonical(page, canonical).ShouldBe(plausible);
}
