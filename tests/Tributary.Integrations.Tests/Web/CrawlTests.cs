using System.Text;
using Microsoft.AspNetCore.Http;
using Tributary.Integrations.Web;
using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.Web;

public class CrawlTests
{
    private static IEnumerable<(string, string)> Skips(TestSite site, HarnessRun run) =>
        run.Skipped.Select(skip => (skip.ItemId.Replace(site.Root, ""), skip.Reason));

    [Fact]
    public async Task Follows_links_through_loops_and_reads_each_page_once()
    {
        await using var site = await TestSite.StartAsync();
        site.Linked("/", "/a", "b", "/a#part", "/a?utm_source=x");
        site.Linked("/a", "/", "/a", "/b", "/deep/c");
        site.Linked("/b", "/a");
        site.Page("/deep/c", """<meta name="description" content="About c">""", links: "../b");
        using var harness = site.Harness();

        var run = await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(site.Urls("/", "/a", "/b", "/deep/c"), ignoreOrder: true);
        site.Bodies.ShouldBe(["/", "/a", "/b", "/deep/c"], ignoreOrder: true);
        run.Failed.ShouldBeEmpty();
        var document = harness.Documents[site.Root + "/deep/c"];
        document.Title.ShouldBe("Page /deep/c");
        document.Link.ShouldBe(document.Id);
        document.Sections.ShouldHaveSingleItem().Text.ShouldStartWith("This is what /deep/c says.");
        document.Metadata["description"].ToString().ShouldBe("About c");
        document.Metadata["language"].ToString().ShouldBe("en");
        document.UpdatedAt.ShouldBeNull();
        harness.Work.Pending.ShouldBe(0);
    }

    [Fact]
    public async Task Says_why_links_and_pages_are_left_out()
    {
        await using var site = await TestSite.StartAsync();
        site.Text("/robots.txt", "User-agent: *\nDisallow: /private/");
        site.Page(
            "/",
            links:
            [
                "https://elsewhere.example/",
                "/private/x",
                "/noindex",
                "/gone",
                "/picture",
                "/soft",
                "/teapot",
                "/login",
                "/private-header",
                "/blog/1",
                "/empty",
                "/app",
                "/x/y/x/y/x",
                "/wall",
            ]
        );
        site.Page("/noindex", """<meta name="robots" content="noindex">""", links: "/behind");
        site.Page("/behind", """<meta name="robots" content="nofollow">""", links: "/never");
        site.Content("/picture", "image/png", [1, 2, 3]);
        site.Html("/soft", "<title>Page not found</title><body>Sorry.</body>");
        site.Status("/teapot", 418);
        site.Html("/login", "<title>Sign in</title><body>Name, please <input type=\"password\"></body>");
        site.Answer(
            "/private-header",
            context =>
            {
                context.Response.Headers.Append("X-Robots-Tag", "otherbot: nofollow");
                context.Response.Headers.Append("X-Robots-Tag", "tributary: noindex");
                context.Response.ContentType = "text/html";
                return Task.CompletedTask;
            }
        );
        site.Html("/empty", "<title>Nothing</title><body></body>");
        site.Html("/app", "<title>App</title><body><div id=\"root\"></div><script src=\"/app.js\"></script></body>");
        site.Redirect("/wall", "/login?next=/wall");
        using var harness = site.Harness(config => config with { ExcludePatterns = ["/blog/*"] });

        var run = await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(site.Urls("/", "/behind"), ignoreOrder: true);
        Skips(site, run)
            .ShouldBe(
                [
                    ("https://elsewhere.example/", SkipReasons.OffSite),
                    ("/blog/1", SkipReasons.Excluded),
                    ("/x/y/x/y/x", SkipReasons.Repeating),
                    ("/private/x", SkipReasons.Disallowed),
                    ("/noindex", SkipReasons.NoIndex),
                    ("/gone", "the site answers 404"),
                    ("/picture", SkipReasons.WrongType),
                    ("/soft", SkipReasons.SoftNotFound),
                    ("/teapot", "the site answers 418"),
                    ("/login", SkipReasons.LogIn),
                    ("/private-header", SkipReasons.NoIndex),
                    ("/empty", SkipReasons.NoText),
                    ("/app", SkipReasons.JavaScript),
                    ("/wall", SkipReasons.LogIn),
                ],
                ignoreOrder: true
            );
        site.Requests.ShouldNotContain(request => request.Path.StartsWith("/private/"));
    }

    [Fact]
    public async Task Robots_rules_can_be_switched_off_for_a_site_of_ones_own()
    {
        await using var site = await TestSite.StartAsync();
        site.Text("/robots.txt", "User-agent: *\nDisallow: /");
        site.Page("/", """<meta name="robots" content="noindex,nofollow">""", links: "/a");
        site.Linked("/a");
        using var harness = site.Harness(config => config with { RespectRobots = false });

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(2);
        site.Requests.ShouldNotContain(request => request.Path == "/robots.txt");
    }

    [Fact]
    public async Task Follows_redirects_inside_the_site_only()
    {
        await using var elsewhere = await TestSite.StartAsync();
        elsewhere.Linked("/");
        await using var site = await TestSite.StartAsync();
        site.Linked("/", "/old", "/older", "/out", "/round", "/self", "/meta");
        site.Redirect("/old", "/new", 301);
        site.Redirect("/older", "old", 308);
        site.Linked("/new");
        site.Redirect("/out", elsewhere.Root + "/");
        site.Redirect("/round", "/round2");
        site.Redirect("/round2", "/round");
        site.Redirect("/self", "/self");
        site.Html("/meta", """<meta http-equiv="refresh" content="0; url=/target"><body>Moved</body>""");
        site.Linked("/target");
        using var harness = site.Harness();

        var run = await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(site.Urls("/", "/new", "/target"), ignoreOrder: true);
        elsewhere.Requests.ShouldBeEmpty();
        Skips(site, run)
            .ShouldBe(
                [
                    ("/old", SkipReasons.Redirected),
                    ("/older", SkipReasons.Redirected),
                    ("/meta", SkipReasons.Redirected),
                    ("/round", SkipReasons.Redirected),
                    ("/round2", SkipReasons.Redirected),
                    ("/out", SkipReasons.RedirectsOffSite),
                    ("/self", SkipReasons.RedirectsToItself),
                ],
                ignoreOrder: true
            );
    }

    [Fact]
    public async Task A_chain_of_redirects_ends_somewhere()
    {
        await using var site = await TestSite.StartAsync();
        site.Linked("/", "/hop/0");
        for (var hop = 0; hop < 15; hop++)
        {
            site.Redirect($"/hop/{hop}", $"/hop/{hop + 1}");
        }

        using var harness = site.Harness();

        Skips(site, await harness.ReadAsync()).ShouldContain(("/hop/10", SkipReasons.TooManyRedirects));
    }

    [Fact]
    public async Task Pages_are_kept_under_their_canonical_address_when_that_is_there()
    {
        await using var site = await TestSite.StartAsync();
        site.Linked("/", "/a?print=1", "/b?print=1", "/c?x=1", "/d1", "/e/", "/f", "/g", "/h", "/sub/page");
        site.Page("/a?print=1", Canonical("/a"), "Printed a");
        site.Page("/a", Canonical("/a"), "The real a");
        site.Page("/b?print=1", Canonical("/b"), "A printed page whose own address is gone");
        site.Page("/c?x=1", Canonical("https://elsewhere.example/c"), "Somebody else's claim");
        site.Page("/d1", Canonical("/d2"), "One of two that name each other");
        site.Page("/d2", Canonical("/d1"), "The other one");
        site.Page("/e/", Canonical("/e"), "A slash too many");
        site.Redirect("/e", "/e/", 301);
        site.Page("/f", Canonical("/"), "Every page names the home page");
        site.Page("/g", Canonical("/"), "Here too");
        site.Page("/h", Canonical("/missing"), "The canonical address answers 404");
        site.Page("/sub/page", Canonical("/sub"), "The section is no page");
        using var harness = site.Harness();

        var run = await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(
            site.Urls("/", "/a", "/b?print=1", "/c?x=1", "/d1", "/d2", "/e/", "/f", "/g", "/h", "/sub/page"),
            ignoreOrder: true
        );
        harness.Documents[site.Root + "/a"].Sections[0].Text.ShouldBe("The real a");
        Skips(site, run).ShouldContain(("/a?print=1", SkipReasons.Canonical));
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task A_site_whose_canonical_addresses_all_redirect_is_not_asked_three_times_for_each_page()
    {
        await using var site = await TestSite.StartAsync();
        var pages = Enumerable.Range(0, 200).Select(number => $"/p{number}/").ToArray();
        site.Linked("/", pages);
        foreach (var page in pages)
        {
            site.Page(page, Canonical(page.TrimEnd('/')));
            site.Redirect(page.TrimEnd('/'), page, 301);
        }

        using var harness = site.Harness();
        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(201);
        site.Requests.Count.ShouldBeLessThan(2 * 200 + 210);
    }

    [Fact]
    public async Task Files_that_pages_link_to_become_documents()
    {
        await using var site = await TestSite.StartAsync();
        site.Linked("/", "/manual%20one.pdf", "/download", "/big.pdf", "/program");
        var small = Encoding.ASCII.GetBytes("%PDF-1.7 small");
        var big = new byte[3_000_000];
        site.Content("/manual%20one.pdf", "application/pdf", small);
        site.Answer(
            "/download",
            async context =>
            {
                context.Response.Headers.ContentDisposition = "attachment; filename=\"report.docx\"";
                context.Response.ContentType = "application/octet-stream";
                await context.Response.Body.WriteAsync(small);
            }
        );
        site.Content("/big.pdf", "application/pdf", big);
        site.Content("/program", "application/octet-stream", small);
        using var harness = site.Harness();

        var run = await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(
            site.Urls("/", "/manual%20one.pdf", "/download", "/big.pdf"),
            ignoreOrder: true
        );
        harness.FileBytes[site.Root + "/manual%20one.pdf"].ShouldBe(small);
        harness.FileBytes[site.Root + "/big.pdf"].Length.ShouldBe(big.Length);
        harness.Documents[site.Root + "/manual%20one.pdf"].File!.Name.ShouldBe("manual one.pdf");
        harness.Documents[site.Root + "/manual%20one.pdf"].Title.ShouldBeNull("the file has a title of its own");
        harness.Documents[site.Root + "/download"].File!.Name.ShouldBe("report.docx");
        Skips(site, run).ShouldContain(("/program", SkipReasons.WrongType));
    }

    [Fact]
    public async Task Pages_over_the_cap_are_left_out()
    {
        await using var site = await TestSite.StartAsync();
        site.Linked("/", "/declared", "/chunked");
        site.Content("/declared", "text/html", new byte[21 * 1024 * 1024]);
        site.Answer(
            "/chunked",
            async context =>
            {
                context.Response.ContentType = "text/html";
                for (var part = 0; part < 21 && !context.RequestAborted.IsCancellationRequested; part++)
                {
                    await context.Response.Body.WriteAsync(new byte[1024 * 1024]);
                }
            }
        );
        using var harness = site.Harness();

        Skips(site, await harness.ReadAsync())
            .ShouldBe([("/declared", SkipReasons.TooLarge), ("/chunked", SkipReasons.TooLarge)]);
    }

    [Fact]
    public async Task A_page_that_cannot_be_parsed_fails_alone()
    {
        await using var site = await TestSite.StartAsync();
        site.Linked("/", "/nested", "/a");
        site.Html("/nested", "<title>Refused</title>");
        site.Linked("/a");
        using var harness = site.Harness();
        harness.Html = new Refusing();

        var run = await harness.ReadAsync();

        run.Failed.ShouldHaveSingleItem().Reason.ShouldEndWith("cannot be read: It is nested too deep.");
        harness.Documents.Keys.ShouldBe(site.Urls("/", "/a"), ignoreOrder: true);
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    private sealed class Refusing : IHtmlConverter
    {
        public HtmlPage Convert(ReadOnlyMemory<byte> html, HtmlOptions options) =>
            Content.Html.Convert(html, options) is { Title: not "Refused" } page
                ? page
                : throw new ContentException(ContentProblem.Broken, "It is nested too deep.");
    }

    [Fact]
    public async Task Endless_sites_come_to_an_end()
    {
        await using var site = await TestSite.StartAsync();
        site.Intercept = context =>
        {
            if (context.Request.Path == "/robots.txt")
            {
                return false;
            }

            var day = int.TryParse(context.Request.Query["day"], out var number) ? number : 0;
            var path = context.Request.Path.Value!;
            context.Response.ContentType = "text/html";
            context.Response.WriteAsync(
                $"<title>x</title><body>{path} {day} <a href=\"/calendar?day={day + 1}\">+</a><a href=\"/calendar?day={day + 7}\">++</a>"
                    + $"<a href=\"{path.TrimEnd('/')}/on\">on</a><a href=\"/n/{path.Length}\">n</a></body>"
            );
            return true;
        };
        using var harness = site.Harness(config => config with { MaxQueryVariants = 20, MaxDepth = 30 });

        var run = await harness.ReadAsync();

        var paths = harness.Documents.Keys.Select(url => url.Replace(site.Root, "")).ToList();
        paths.Count(path => path.StartsWith("/calendar?")).ShouldBe(20);
        paths.ShouldContain("/on/on");
        paths.ShouldNotContain("/on/on/on");
        var reasons = run.Skipped.Select(skip => skip.Reason).Distinct().ToList();
        reasons.ShouldContain(SkipReasons.QueryVariants);
        reasons.ShouldContain(SkipReasons.Repeating);
    }

    [Fact]
    public async Task Depth_and_number_of_pages_are_limited()
    {
        await using var site = await TestSite.StartAsync();
        for (var page = 0; page < 30; page++)
        {
            site.Linked(page == 0 ? "/" : $"/{page}", $"/{page + 1}");
        }

        using var shallow = site.Harness(config => config with { MaxDepth = 3 });
        Skips(site, await shallow.ReadAsync()).ShouldContain(("/4", SkipReasons.TooDeep));
        shallow.Documents.Keys.ShouldBe(site.Urls("/", "/1", "/2", "/3"), ignoreOrder: true);

        using var few = site.Harness(config => config with { MaxPages = 10 });
        (await few.ReadAsync()).Skipped.ShouldContain(skip => skip.Reason == SkipReasons.MaxPages);
        few.Documents.Count.ShouldBe(10);
        (await few.ListAsync()).ShouldBe(few.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task A_slow_page_does_not_change_how_deep_others_are()
    {
        await using var site = await TestSite.StartAsync();
        var released = new TaskCompletionSource();
        site.Linked("/", "/slow", "/quick");
        site.Answer(
            "/slow",
            async context =>
            {
                await released.Task;
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync("<title>s</title><body>slow <a href=\"/shared\">x</a></body>");
            }
        );
        site.Answer(
            "/quick",
            async context =>
            {
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync("<title>q</title><body>quick <a href=\"/long\">x</a></body>");
                await context.Response.CompleteAsync();
                released.TrySetResult();
            }
        );
        site.Linked("/long", "/shared");
        site.Linked("/shared", "/end");
        site.Linked("/end");
        using var harness = site.Harness(config => config with { MaxDepth = 3 });

        await harness.ReadAsync();

        harness.Documents.Keys.ShouldContain(
            site.Root + "/end",
            "/shared is two steps from the start, by the slow page"
        );
    }

    [Fact]
    public async Task Stored_addresses_are_rewritten_and_the_first_of_two_wins()
    {
        await using var site = await TestSite.StartAsync();
        site.Linked("/", "/v1/a", "/v2/a", "/v2/b");
        site.Linked("/v1/a");
        site.Linked("/v2/a");
        site.Linked("/v2/b");
        using var harness = site.Harness(config =>
            config with
            {
                UrlRewrites =
                [
                    new UrlRewrite { Source = site.Root + "/v1", Target = "https://public.example" },
                    new UrlRewrite { Source = site.Root + "/v2", Target = "https://public.example" },
                ],
            }
        );

        var run = await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(
            [site.Root + "/", "https://public.example/a", "https://public.example/b"],
            ignoreOrder: true
        );
        harness.Documents["https://public.example/a"].Title.ShouldBe("Page /v1/a");
        var rewritten = harness.Documents["https://public.example/b"];
        rewritten.Link.ShouldBe("https://public.example/b");
        (rewritten.Sections[0].Link ?? rewritten.Link).ShouldBe(rewritten.Link);
        Skips(site, run).ShouldBe([("/v2/a", SkipReasons.SameId)]);
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);

        site.TakeRequests();
        var again = await harness.ReadAsync();
        again.Unchanged.Count.ShouldBe(3);
        harness.Documents["https://public.example/a"].Title.ShouldBe("Page /v1/a");
    }

    [Fact]
    public async Task A_start_page_that_moves_inside_the_site_takes_the_crawl_along()
    {
        await using var site = await TestSite.StartAsync();
        site.Redirect("/docs/intro", "/docs/v2/intro");
        site.Linked("/docs/v2/intro", "/docs/v2/intro/more", "/docs/v2/other", "/docs/intro/old");
        site.Linked("/docs/v2/intro/more");
        site.Linked("/docs/intro/old");
        using var harness = site.Harness(config => config with { BaseUrl = site.Root + "/docs/intro" });

        await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(
            site.Urls("/docs/v2/intro", "/docs/v2/intro/more", "/docs/intro/old"),
            ignoreOrder: true
        );
    }

    [Fact]
    public async Task Single_reads_one_page()
    {
        await using var site = await TestSite.StartAsync();
        site.Redirect("/", "/home");
        site.Linked("/home", "/a");
        using var harness = site.Harness(config => config with { WebConnectorType = WebConnectorType.Single });

        await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(site.Urls("/home"));
        (await harness.ListAsync()).ShouldBe(site.Urls("/home"));
        (await harness.ReadAsync()).Unchanged.ShouldBe(site.Urls("/home"));
    }

    [Theory]
    [InlineData(401, FailureKind.Credentials)]
    [InlineData(403, FailureKind.Credentials)]
    [InlineData(404, FailureKind.Configuration)]
    [InlineData(410, FailureKind.Configuration)]
    [InlineData(429, FailureKind.Transient)]
    [InlineData(500, FailureKind.Transient)]
    [InlineData(503, FailureKind.Transient)]
    public async Task A_start_page_that_cannot_be_had_ends_read_list_and_check(int status, FailureKind kind)
    {
        await using var site = await TestSite.StartAsync();
        site.Status("/", status);
        using var harness = site.Harness();

        (await Should.ThrowAsync<SourceException>(() => harness.ReadAsync())).Kind.ShouldBe(kind);
        (await Should.ThrowAsync<SourceException>(() => harness.ListAsync())).Kind.ShouldBe(kind);
        (await Should.ThrowAsync<SourceException>(() => harness.CheckAsync())).Kind.ShouldBe(kind);
    }

    [Fact]
    public async Task A_start_page_elsewhere_is_a_matter_of_the_settings()
    {
        await using var site = await TestSite.StartAsync();
        using var harness = site.Harness();

        site.Redirect("/", "https://elsewhere.example/");
        await FailsAsync(harness, FailureKind.Configuration, "https://elsewhere.example/");
        site.Redirect("/", "/login?next=%2F");
        await FailsAsync(harness, FailureKind.Credentials, "log-in page");
        site.Redirect("/", "/");
        using var looping = site.Harness();
        await Should.ThrowAsync<SourceException>(() => looping.CheckAsync());
        await Should.ThrowAsync<SourceException>(() => looping.ReadAsync());
        site.Linked("/");
        site.Text("/robots.txt", "User-agent: Tributary\nDisallow: /");
        await FailsAsync(harness, FailureKind.Configuration, "robots.txt");
        site.Text("/robots.txt", "");
        site.Page("/", """<meta name="robots" content="noindex">""");
        var none = await Should.ThrowAsync<SourceException>(() => harness.ReadAsync());
        none.Message.ShouldContain(SkipReasons.NoIndex);
    }

    [Fact]
    public async Task An_address_that_nobody_listens_at_is_an_outage()
    {
        var site = await TestSite.StartAsync();
        using var harness = site.Harness();
        await site.DisposeAsync();

        await FailsAsync(harness, FailureKind.Transient, site.Root);
    }

    private static async Task FailsAsync(ReaderHarness harness, FailureKind kind, string words)
    {
        foreach (
            var attempt in (Func<Task>[])
                [() => harness.ReadAsync(), () => harness.ListAsync(), () => harness.CheckAsync()]
        )
        {
            var error = await Should.ThrowAsync<SourceException>(attempt);
            error.Kind.ShouldBe(kind);
            error.Message.ShouldContain(words);
        }
    }

    private static string Canonical(string address) => $"<link rel=\"canonical\" href=\"{address}\">";
}
