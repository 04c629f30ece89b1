using Tributary.Integrations.Web;

namespace Tributary.Integrations.Tests.Web;

public class RobotsTxtTests
{
    private static bool Allows(string rules, string path) =>
        RobotsTxt.Parse("User-agent: *\n" + rules, "Tributary").Allows(path);

    [Fact]
    public void Groups_of_the_RFC_s_example_apply_to_their_robots()
    {
        const string text = """
            User-Agent: *
            Disallow: *.gif$
            Disallow: /example/
            Allow: /publications/

            User-Agent: foobot
            Disallow:/
            Allow:/example/page.html
            Allow:/example/allowed.gif

            User-Agent: barbot
            User-Agent: bazbot
            Disallow: /example/page.html

            User-Agent: quxbot
            """;

        bool Of(string robot, string path) => RobotsTxt.Parse(text, robot).Allows(path);
        Of("foobot", "/").ShouldBeFalse();
        Of("foobot", "/example/page.html").ShouldBeTrue();
        Of("foobot", "/example/allowed.gif").ShouldBeTrue();
        Of("FooBot", "/other").ShouldBeFalse();
        Of("barbot", "/example/page.html").ShouldBeFalse();
        Of("bazbot", "/example/page.html").ShouldBeFalse();
        Of("bazbot", "/example/").ShouldBeTrue();
        Of("quxbot", "/example/").ShouldBeTrue("an empty group of its own allows everything");
        Of("other", "/example/").ShouldBeFalse();
        Of("other", "/picture.gif").ShouldBeFalse();
        Of("other", "/picture.gif?large").ShouldBeTrue();
    }

    [Fact]
    public void The_longest_rule_wins_and_allow_wins_a_tie()
    {
        const string rules = "Allow: /example/page/\nDisallow: /example/page/disallowed.gif";
        Allows(rules, "/example/page/disallowed.gif").ShouldBeFalse();
        Allows(rules, "/example/page/allowed.gif").ShouldBeTrue();
        Allows("Disallow: /folder\nAllow: /folder", "/folder/page").ShouldBeTrue();
        Allows("Disallow: /\nAllow: /p", "/page").ShouldBeTrue();
        Allows("Allow: /page\nDisallow: /*.htm", "/page.htm").ShouldBeFalse("the wildcard rule has more octets");
        Allows("Allow: /$\nDisallow: /", "/").ShouldBeTrue();
        Allows("Allow: /$\nDisallow: /", "/page.htm").ShouldBeFalse();
    }

    [Theory]
    [InlineData("/fish", "/fish.html", false)]
    [InlineData("/fish", "/Fish.asp", true)]
    [InlineData("/fish*", "/fishheads/yummy.html", false)]
    [InlineData("/fish/", "/fish", true)]
    [InlineData("/*.php", "/folder/filename.php?parameters", false)]
    [InlineData("/*.php$", "/filename.php?parameters", true)]
    [InlineData("/*.php$", "/folder/filename.php", false)]
    [InlineData("/fish*.php", "/fishheads/catfish.php?p", false)]
    [InlineData("/a*b*c$", "/aXbXbc", false)]
    [InlineData("/path/file-with-a-%2A.html", "/path/file-with-a-*.html", false)]
    [InlineData("/path/foo-%24", "/path/foo-$", false)]
    [InlineData("/foo/bar?baz=quz", "/foo/bar?baz=quz", false)]
    [InlineData("/foo/bar/ツ", "/foo/bar/%E3%83%84", false)]
    [InlineData("/foo/bar/%e3%83%84", "/foo/bar/%E3%83%84", false)]
    [InlineData("/foo/bar/%62%61%7A", "/foo/bar/baz", false)]
    [InlineData("/a%2fb", "/a/b", true)]
    public void Rules_fit_as_the_RFC_says(string rule, string path, bool allowed) =>
        Allows($"Disallow: {rule}", path).ShouldBe(allowed);

    [Fact]
    public void Groups_of_one_robot_are_merged_and_other_records_do_not_end_a_group()
    {
        const string text = """
            User-agent: tributary/1.0
            Sitemap: https://example.com/a.xml
            Crawl-delay: 2.5
            User-agent: somebody
            Disallow: /one # a comment

            User-agent: other
            Disallow: /other

            User-agent: Tributary
            Disallow: /two
            """;

        var robots = RobotsTxt.Parse("\uFEFF" + text.ReplaceLineEndings("\r\n"), "Tributary");

        robots.Allows("/one").ShouldBeFalse();
        robots.Allows("/two").ShouldBeFalse();
        robots.Allows("/other").ShouldBeTrue();
        robots.CrawlDelay.ShouldBe(TimeSpan.FromSeconds(2.5));
        robots.Sitemaps.ShouldBe(["https://example.com/a.xml"]);
    }

    [Fact]
    public void Odd_files_do_no_harm()
    {
        Allows("Disallow:", "/page").ShouldBeTrue();
        Allows("Disallow: /", "/robots.txt").ShouldBeTrue();
        RobotsTxt.Parse("<html><body>Not found: sorry</body></html>", "Tributary").Allows("/").ShouldBeTrue();
        RobotsTxt
            .Parse("Disallow: /", "Tributary")
            .Allows("/")
            .ShouldBeTrue("a rule before any group counts for nobody");
        RobotsTxt.Parse("User-agent: *\nCrawl-delay: 86400", "T").CrawlDelay.ShouldBe(TimeSpan.FromSeconds(30));
        RobotsTxt.Parse("User-agent: *\nCrawl-delay: NaN", "T").CrawlDelay.ShouldBeNull();
        Allows("Disallow: /" + string.Concat(Enumerable.Repeat("*a", 900)), "/" + new string('a', 1_900) + "b")
            .ShouldBeFalse();
    }
}
