using Tributary.Integrations.Web;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.Web;

/// <summary>What became of the pages that a crawl had read before it was cut off.</summary>
public class SecondLookTests
{
    private const int Pages = 300;

    // A tree, in which the crawl's order is that of the numbers.
    private static async Task<TestSite> StartAsync()
    {
        var site = await TestSite.StartAsync();
        for (var page = 0; page < Pages; page++)
        {
            site.Linked(
                page == 0 ? "/" : $"/{page}",
                [.. Enumerable.Range(page * 3 + 1, 3).Where(child => child < Pages).Select(child => $"/{child}")]
            );
        }

        return site;
    }

    private static int Requests(TestSite site, string path) => site.Requests.Count(request => request.Path == path);

    // Requests that were under way at the end of the run before may arrive late, so its last pages are left out.
    private static void ShouldBeAskedForOnce(TestSite site, int lastOfRunBefore) =>
        Enumerable
            .Range(1, Pages - 1)
            .Where(page => page < lastOfRunBefore || page > lastOfRunBefore + 50)
            .ShouldAllBe(page => Requests(site, $"/{page}") == 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sees_changes_additions_and_removals_and_asks_for_nothing_else_again(bool fromBeginning)
    {
        await using var site = await StartAsync();
        using var harness = site.Harness();
        await harness.ReadAsync(fromBeginning, crashAfter: 150);
        site.Page("/1", text: "Now something else", links: ["/4", "/5", "/6", "/new"]);
        site.Linked("/new", "/new/deeper");
        site.Linked("/new/deeper");
        site.Remove("/50");
        site.TakeRequests();

        var run = await harness.ReadAsync(fromBeginning);

        harness.Documents[site.Root + "/1"].Sections[0].Text.ShouldStartWith("Now something else");
        harness.Documents.Keys.ShouldContain(site.Root + "/new/deeper");
        run.Deleted.ShouldBe(fromBeginning ? [] : site.Urls("/50"));
        ShouldBeAskedForOnce(site, lastOfRunBefore: 145);
        site.Bodies.Contains("/2").ShouldBe(fromBeginning, "asked for conditionally where its state is known");
        run.Found.Count(document => document.Id == site.Root + "/250").ShouldBe(1);
        harness.Work.Pending.ShouldBe(0);
    }

    [Fact]
    public async Task Counts_from_the_last_interruption()
    {
        await using var site = await StartAsync();
        using var harness = site.Harness();
        await harness.ReadAsync(crashAfter: 102);
        await harness.ReadAsync(crashAfter: 102);
        site.Page("/150", text: "Changed after it was read");
        site.TakeRequests();

        await harness.ReadAsync();

        harness.Documents[site.Root + "/150"].Sections[0].Text.ShouldBe("Changed after it was read");
        harness.Documents.Count.ShouldBe(Pages);
        ShouldBeAskedForOnce(site, lastOfRunBefore: 195);
    }

    [Fact]
    public async Task Is_gone_on_with_but_not_begun_again_when_it_is_cut_off_itself()
    {
        await using var site = await StartAsync();
        using var harness = site.Harness();
        await harness.ReadAsync(crashAfter: 210);

        // 100 pages were left, and 100 of the 200 before are looked at again.
        await harness.ReadAsync(crashAfter: 205);
        site.TakeRequests();
        (await harness.ReadAsync()).WasCutOff.ShouldBeFalse();

        Requests(site, "/50").ShouldBe(0);
        Requests(site, "/150").ShouldBe(1);
        Requests(site, "/250").ShouldBe(0);

        site.TakeRequests();
        await harness.ReadAsync();
        Requests(site, "/250").ShouldBe(1, "the next pass looks at everything");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Keeps_the_limit_of_pages(bool fromBeginning)
    {
        await using var site = await StartAsync();
        using var harness = site.Harness(config => config with { MaxPages = 180 });
        await harness.ReadAsync(fromBeginning, crashAfter: 150);
        site.Page("/90", text: "Now something else");

        await harness.ReadAsync(fromBeginning);

        harness.Documents.Count.ShouldBe(180);
        harness.Documents[site.Root + "/90"].Sections[0].Text.ShouldBe("Now something else");
    }

    [Fact]
    public async Task Leaves_a_shared_id_to_the_page_that_had_it_first()
    {
        await using var site = await StartAsync();
        using var harness = site.Harness(config =>
            config with
            {
                UrlRewrites =
                [
                    new UrlRewrite { Source = site.Root + "/50", Target = "https://public.example" },
                    new UrlRewrite { Source = site.Root + "/60", Target = "https://public.example" },
                    new UrlRewrite { Source = site.Root + "/250", Target = "https://public.example" },
                ],
            }
        );
        await harness.ReadAsync(crashAfter: 150);
        site.Page("/50", text: "Now something else");

        await harness.ReadAsync();

        harness.Documents["https://public.example"].Sections[0].Text.ShouldBe("Now something else");
        harness.Documents.Count.ShouldBe(Pages - 2);
    }

    [Fact]
    public async Task Keeps_a_page_whose_canonical_address_is_not_there()
    {
        await using var site = await StartAsync();
        const string canonical = "<link rel=\"canonical\" href=\"/50/own\">";
        site.Page("/50", canonical, links: ["/151", "/152", "/153"]);
        using var harness = site.Harness();
        await harness.ReadAsync(crashAfter: 103);
        harness.Documents.Keys.ShouldNotContain(site.Root + "/50", "it waits for its canonical address");
        site.Page("/50", canonical, "Now something else", "/151", "/152", "/153");

        await harness.ReadAsync();

        harness.Documents[site.Root + "/50"].Sections[0].Text.ShouldStartWith("Now something else");
        harness.Documents.Count.ShouldBe(Pages);
    }

    [Fact]
    public async Task Reads_what_was_added_to_a_sitemap_meanwhile()
    {
        await using var site = await TestSite.StartAsync();
        var paths = Enumerable.Range(0, Pages).Select(page => $"/{page}").ToList();
        paths.ForEach(path => site.Page(path));
        site.Page("/new");
        using var harness = site.Harness(config => config with { WebConnectorType = WebConnectorType.Sitemap });
        site.Text("/sitemap.xml", Sitemap(site, paths));
        await harness.ReadAsync(crashAfter: 150);
        site.Page("/7", text: "Now something else");
        site.Text("/sitemap.xml", Sitemap(site, ["/new", .. paths]));

        await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(site.Urls(["/new", .. paths]), ignoreOrder: true);
        harness.Documents[site.Root + "/7"].Sections[0].Text.ShouldBe("Now something else");
    }

    [Fact]
    public async Task A_pass_without_any_page_is_over_and_the_next_one_asks_again()
    {
        await using var site = await TestSite.StartAsync();
        const string hidden = "<meta name=\"robots\" content=\"noindex\">";
        site.Page(
            "/",
            hidden,
            links: [.. Enumerable.Range(0, 150).Select(page => $"https://elsewhere.invalid/{page}")]
        );
        using var harness = site.Harness();
        (await Should.ThrowAsync<SourceException>(() => harness.ReadAsync())).Message.ShouldContain("noindex");

        site.Linked("/");
        site.TakeRequests();
        await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(site.Urls("/"));
        Requests(site, "/").ShouldBe(1);
    }

    private static string Sitemap(TestSite site, IEnumerable<string> paths) =>
        "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">"
        + string.Concat(paths.Select(path => $"<url><loc>{site.Root}{path}</loc></url>"))
        + "</urlset>";
}
