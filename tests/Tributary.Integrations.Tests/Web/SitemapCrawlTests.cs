using Tributary.Integrations.Web;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.Web;

public class SitemapCrawlTests
{
    private static ReaderHarness Harness(TestSite site, string path = "/sitemap.xml") =>
        site.Harness(config => config with { BaseUrl = site.Root + path, WebConnectorType = WebConnectorType.Sitemap });

    private static void Sitemap(TestSite site, string path, params string[] urls) =>
        site.Content(
            path,
            "application/xml",
            System.Text.Encoding.UTF8.GetBytes(
                $"<urlset>{string.Concat(urls.Select(url => $"<url><loc>{Full(site, url)}</loc><lastmod>2024-05-06</lastmod></url>"))}</urlset>"
            )
        );

    private static void Index(TestSite site, string path, params string[] sitemaps) =>
        site.Content(
            path,
            "text/xml",
            System.Text.Encoding.UTF8.GetBytes(
                $"<sitemapindex>{string.Concat(sitemaps.Select(url => $"<sitemap><loc>{Full(site, url)}</loc></sitemap>"))}</sitemapindex>"
            )
        );

    private static string Full(TestSite site, string url) => url.StartsWith('/') ? site.Root + url : url;

    [Fact]
    public async Task Reads_the_pages_of_a_sitemap_and_no_others()
    {
        await using var site = await TestSite.StartAsync();
        Sitemap(site, "/sitemap.xml", "/a", "/b/c", "/gone", "https://elsewhere.example/", "mailto:x@example.com");
        site.Linked("/a", "/other");
        site.Linked("/b/c");
        site.Linked("/other");
        using var harness = Harness(site);

        var run = await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(site.Urls("/a", "/b/c"));
        harness.Documents.Values.ShouldAllBe(document =>
            document.UpdatedAt == new DateTimeOffset(2024, 5, 6, 0, 0, 0, TimeSpan.Zero)
        );
        run.Skipped.Select(skip => skip.Reason)
            .ShouldBe([SkipReasons.OffSite, SkipReasons.NotAnAddress, "the site answers 404"], ignoreOrder: true);
        (await harness.ListAsync()).ShouldBe(site.Urls("/a", "/b/c"));
        (await harness.ReadAsync()).Unchanged.ShouldBe(site.Urls("/a", "/b/c"));
    }

    [Fact]
    public async Task Finds_the_sitemaps_by_robots_txt_or_in_the_usual_places()
    {
        await using var site = await TestSite.StartAsync();
        site.Linked("/docs/");
        site.Linked("/docs/a");
        site.Linked("/docs/b");
        site.Linked("/blog");
        Sitemap(site, "/maps/one.xml", "/docs/a", "/blog");
        site.Text("/maps/two.txt", site.Root + "/docs/b\n");
        site.Text("/robots.txt", $"Sitemap: {site.Root}/maps/one.xml\nSitemap: /maps/two.txt");
        using var harness = Harness(site, "/docs/");

        await harness.ReadAsync();
        harness.Documents.Keys.ShouldBe(
            site.Urls("/docs/a", "/docs/b"),
            "the path of a site that is no sitemap confines"
        );

        site.Remove("/robots.txt");
        Index(site, "/sitemap_index.xml", "/maps/one.xml");
        using var whole = Harness(site, "/");
        await whole.CheckAsync();
        await whole.ReadAsync();
        whole.Documents.Keys.ShouldBe(site.Urls("/docs/a", "/blog"));

        site.Remove("/sitemap_index.xml");
        var error = await Should.ThrowAsync<SourceException>(() => whole.CheckAsync());
        error.Kind.ShouldBe(FailureKind.Configuration);
        error.Message.ShouldContain("/sitemap.xml");
        await Should.ThrowAsync<SourceException>(() => whole.ListAsync());
    }

    [Fact]
    public async Task Indexes_nest_three_levels_deep_and_may_go_in_circles()
    {
        await using var site = await TestSite.StartAsync();
        Index(site, "/sitemap.xml", "/2.xml", "/sitemap.xml");
        Index(site, "/2.xml", "/3.xml", "/sitemap.xml", "/index3.xml");
        Sitemap(site, "/3.xml", "/a");
        Index(site, "/index3.xml", "/4.xml");
        Sitemap(site, "/4.xml", "/b");
        site.Linked("/a");
        site.Linked("/b");
        using var harness = Harness(site);

        var run = await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(site.Urls("/a"));
        run.Skipped.ShouldContain(skip => skip.Reason == SkipReasons.SitemapTooDeep);
    }

    [Fact]
    public async Task Other_hosts_count_when_their_robots_txt_names_the_sitemap()
    {
        await using var other = await TestSite.StartAsync();
        await using var site = await TestSite.StartAsync();
        other.Linked("/x");
        other.Redirect("/y", "/x");
        Sitemap(site, "/sitemap.xml", other.Root + "/x", other.Root + "/y", "/a");
        site.Linked("/a");
        using var harness = Harness(site);

        await harness.ReadAsync();
        harness.Documents.Keys.ShouldBe(site.Urls("/a"));

        other.Text("/robots.txt", $"Sitemap: {site.Root}/sitemap.xml");
        await harness.ReadAsync();
        harness.Documents.Keys.ShouldBe([.. site.Urls("/a"), .. other.Urls("/x")], ignoreOrder: true);

        other.Status("/robots.txt", 500);
        await Should.ThrowAsync<SourceException>(() => harness.ListAsync());
    }

    [Fact]
    public async Task A_broken_part_is_reported_and_makes_a_listing_incomplete()
    {
        await using var site = await TestSite.StartAsync();
        Index(site, "/sitemap.xml", "/1.xml", "/2.xml", "/3.xml");
        Sitemap(site, "/1.xml", "/a");
        site.Html("/2.xml", $"<urlset><url><loc>{site.Root}/b</loc></url><url>");
        site.Status("/3.xml", 503);
        site.Linked("/a");
        site.Linked("/b");
        using var harness = Harness(site);

        var run = await harness.ReadAsync();

        run.Failed.Select(failed => failed.ItemId).ShouldBe(site.Urls("/2.xml", "/3.xml"));
        harness.Documents.Keys.ShouldContain(site.Root + "/a");
        await Should.ThrowAsync<SourceException>(() => harness.ListAsync());
        Sitemap(site, "/2.xml", "/b");
        Sitemap(site, "/3.xml");
        (await harness.ListAsync()).ShouldBe(site.Urls("/a", "/b"));
    }

    [Fact]
    public async Task A_sitemap_without_pages_is_an_error()
    {
        await using var site = await TestSite.StartAsync();
        Sitemap(site, "/sitemap.xml");
        using var harness = Harness(site);

        (await Should.ThrowAsync<SourceException>(() => harness.ListAsync())).Kind.ShouldBe(FailureKind.Configuration);
    }

    [Fact]
    public async Task A_large_sitemap_is_resumed()
    {
        await using var site = await TestSite.StartAsync();
        var paths = Enumerable.Range(0, 1_500).Select(page => $"/p/{page}").ToArray();
        Sitemap(site, "/sitemap.xml", paths);
        foreach (var path in paths)
        {
            site.Linked(path);
        }

        using var harness = Harness(site);
        await harness.ReadAsync(crashAfter: 700);
        site.TakeRequests();
        await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(site.Urls(paths), ignoreOrder: true);
        site.Bodies.Count.ShouldBeLessThan(1_000, "what was read before is only asked for again");
    }

    [Fact]
    public async Task An_uploaded_list_may_span_hosts()
    {
        await using var one = await TestSite.StartAsync();
        await using var two = await TestSite.StartAsync();
        one.Linked("/a", "/not-followed");
        two.Linked("/b");
        two.Redirect("/out", one.Root + "/a");
        using var harness = one.Harness(config =>
            config with
            {
                BaseUrl = "file-1",
                WebConnectorType = WebConnectorType.Upload,
            }
        );
        (await Should.ThrowAsync<SourceException>(() => harness.CheckAsync())).Message.ShouldContain("file-1");
        await Should.ThrowAsync<SourceException>(() => harness.ListAsync());
        harness.Files.Add(
            "file-1",
            "urls.txt",
            $"# mine\r\n{one.Root}/a\r\n\r\n{two.Root}/b\n{two.Root}/out\nnot an address\n"
        );

        await harness.CheckAsync();
        var run = await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe([.. one.Urls("/a"), .. two.Urls("/b")], ignoreOrder: true);
        run.Skipped.Select(skip => skip.Reason)
            .ShouldBe([SkipReasons.NotAnAddress, SkipReasons.RedirectsOffSite], ignoreOrder: true);
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }
}
