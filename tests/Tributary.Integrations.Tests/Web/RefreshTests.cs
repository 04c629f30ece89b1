using Tributary.Integrations.Web;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.Web;

public class RefreshTests
{
    private static async Task<TestSite> StartAsync()
    {
        var site = await TestSite.StartAsync();
        site.Linked("/", "/a", "/b", "/manual.pdf");
        site.Linked("/a", "/a/1", "/a/2");
        site.Linked("/a/1", "/");
        site.Linked("/a/2");
        site.Linked("/b", "/b/1");
        site.Linked("/b/1");
        site.Content("/manual.pdf", "application/pdf", [1, 2, 3]);
        return site;
    }

    [Fact]
    public async Task An_unchanged_site_sends_no_bodies()
    {
        await using var site = await StartAsync();
        using var harness = site.Harness();
        await harness.ReadAsync();
        var pages = harness.Documents.Keys.ToList();
        site.TakeRequests();

        var run = await harness.ReadAsync();

        site.Bodies.ShouldBeEmpty();
        run.Unchanged.ShouldBe(pages, ignoreOrder: true);
        run.Found.ShouldBeEmpty();

        site.TakeRequests();
        (await harness.ListAsync()).ShouldBe(pages, ignoreOrder: true);
        site.Bodies.ShouldBeEmpty("a listing asks conditionally, too");
    }

    [Fact]
    public async Task Changed_new_and_removed_pages_are_noticed()
    {
        await using var site = await StartAsync();
        using var harness = site.Harness();
        await harness.ReadAsync();
        site.Page("/a/2", text: "Now something else", links: "/new");
        site.Linked("/new");
        site.Status("/b", 410);
        site.TakeRequests();

        var run = await harness.ReadAsync();

        site.Bodies.ShouldBe(["/a/2", "/new"], ignoreOrder: true);
        run.Found.Select(document => document.Id).ShouldBe(site.Urls("/a/2", "/new"), ignoreOrder: true);
        run.Deleted.ShouldBe(site.Urls("/b"));
        harness.Documents[site.Root + "/a/2"].Sections[0].Text.ShouldStartWith("Now something else");
        harness.Documents.Keys.ShouldContain(site.Root + "/b/1", "no longer linked: a prune finds out");
        (await harness.ListAsync()).ShouldBe(
            site.Urls("/", "/a", "/a/1", "/a/2", "/manual.pdf", "/new"),
            ignoreOrder: true
        );
    }

    [Fact]
    public async Task A_page_that_is_marked_noindex_now_is_removed_at_once()
    {
        await using var site = await StartAsync();
        using var harness = site.Harness();
        await harness.ReadAsync();
        site.Page("/a", """<meta name="robots" content="noindex">""", links: "/a/1");

        var run = await harness.ReadAsync();

        run.Deleted.ShouldBe(site.Urls("/a"));
        run.Unchanged.ShouldContain(site.Root + "/a/1", "its links are followed all the same");
    }

    [Fact]
    public async Task An_empty_answer_for_a_page_that_had_a_text_is_a_failure()
    {
        await using var site = await StartAsync();
        using var harness = site.Harness();
        await harness.ReadAsync();
        site.Html("/a", "");
        site.Linked("/b", "/b/1", "/empty");
        site.Html("/empty", "");

        var run = await harness.ReadAsync();

        run.Failed.ShouldHaveSingleItem().Reason.ShouldContain("nothing in it");
        run.Skipped.ShouldContain(new Sdk.Reading.ReadItem.Skipped(site.Root + "/empty", SkipReasons.NoText));
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task A_check_of_a_known_site_asks_conditionally()
    {
        await using var site = await StartAsync();
        using var harness = site.Harness();
        await harness.ReadAsync();
        site.TakeRequests();

        await harness.CheckAsync();

        site.Requests.Count(request => request.Path == "/").ShouldBe(1);
        site.Bodies.ShouldNotContain("/");
    }

    [Fact]
    public async Task A_reindex_asks_for_everything_again()
    {
        await using var site = await StartAsync();
        using var harness = site.Harness();
        await harness.ReadAsync();
        site.TakeRequests();

        var run = await harness.ReadAsync(fromBeginning: true);

        run.Found.Count.ShouldBe(7);
        site.Bodies.Count.ShouldBe(7);
        site.Requests.ShouldNotContain(request => request.Headers.ContainsKey("If-None-Match"));
    }

    [Fact]
    public async Task Without_validators_the_content_decides()
    {
        await using var site = await StartAsync();
        site.HasETags = false;
        using var harness = site.Harness();
        (await harness.ReadAsync()).Found.ShouldAllBe(document => document.Version == null);

        (await harness.ReadAsync()).Found.Count.ShouldBe(7, "each is yielded, and compared by the engine");
    }

    [Fact]
    public async Task Other_settings_make_other_documents_of_unchanged_pages()
    {
        await using var site = await StartAsync();
        using var harness = site.Harness();
        await harness.ReadAsync();
        var before = harness.Documents[site.Root + "/a"].Version;
        harness.Config = (WebConfig)harness.Config with { MintlifyCleanup = false };

        (await harness.ReadAsync()).Found.Count.ShouldBe(7);

        harness.Documents[site.Root + "/a"].Version.ShouldNotBe(before);
    }

    [Fact]
    public async Task Links_that_a_wider_scope_lets_in_are_followed_from_unchanged_pages()
    {
        await using var site = await StartAsync();
        using var harness = site.Harness(config => config with { ExcludePatterns = ["/a/*"] });
        await harness.ReadAsync();
        harness.Documents.Count.ShouldBe(5);
        harness.Config = (WebConfig)harness.Config with { ExcludePatterns = [] };

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(7);
    }

    [Fact]
    public async Task A_page_with_more_links_than_a_note_holds_is_fetched_each_time()
    {
        await using var site = await TestSite.StartAsync();
        var links = Enumerable.Range(0, 800).Select(number => $"/{new string('x', 90)}/{number}").ToArray();
        site.Linked("/", links);
        foreach (var link in links)
        {
            site.Linked(link);
        }

        using var harness = site.Harness();
        await harness.ReadAsync();
        site.TakeRequests();
        var run = await harness.ReadAsync();

        site.Bodies.ShouldBe(["/"]);
        run.Unchanged.Count.ShouldBe(800);
    }

    [Fact]
    public async Task A_page_that_fails_is_reported_and_what_it_led_to_is_still_read()
    {
        await using var site = await StartAsync();
        using var harness = site.Harness();
        await harness.ReadAsync();
        site.Status("/a", 503);

        var run = await harness.ReadAsync();

        run.Failed.ShouldHaveSingleItem().ItemId.ShouldBe(site.Root + "/a");
        run.Unchanged.ShouldContain(site.Root + "/a/1");
        run.Deleted.ShouldBeEmpty();
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task An_outage_never_looks_like_a_complete_listing()
    {
        await using var site = await TestSite.StartAsync();
        site.Linked("/", "/hub", "/b");
        site.Page("/hub", """<meta name="robots" content="noindex">""", links: "/a");
        site.Linked("/a");
        site.Linked("/b");
        using var harness = site.Harness();
        await harness.ReadAsync();
        harness.Documents.Keys.ShouldBe(site.Urls("/", "/a", "/b"), ignoreOrder: true);

        foreach (var path in (string[])["/robots.txt", "/", "/hub"])
        {
            site.Intercept = context =>
            {
                var isDown = context.Request.Path == path;
                context.Response.StatusCode = isDown ? 503 : 200;
                return isDown;
            };
            (await Should.ThrowAsync<SourceException>(() => harness.ListAsync())).Kind.ShouldBe(
                FailureKind.Transient,
                path
            );
        }

        // The connection breaks off: no answer at all.
        site.Intercept = context =>
        {
            if (context.Request.Path == "/hub")
            {
                context.Abort();
            }

            return context.Request.Path == "/hub";
        };
        await Should.ThrowAsync<SourceException>(() => harness.ListAsync());

        site.Intercept = null;
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task A_page_that_always_breaks_and_was_never_read_keeps_no_listing_from_its_end()
    {
        await using var site = await StartAsync();
        site.Linked("/b", "/b/1", "/broken");
        site.Status("/broken", 500);
        using var harness = site.Harness();

        (await harness.ReadAsync()).Failed.ShouldHaveSingleItem();

        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task A_known_page_whose_links_were_not_noted_and_that_fails_makes_a_listing_incomplete()
    {
        await using var site = await TestSite.StartAsync();
        site.Linked("/", "/many");
        var links = Enumerable.Range(0, 800).Select(number => $"/{new string('x', 90)}/{number}").ToArray();
        site.Linked("/many", links);
        site.Linked(links[0]);
        using var harness = site.Harness();
        await harness.ReadAsync();
        harness.Documents.Count.ShouldBe(3);
        site.Status("/many", 500);

        await Should.ThrowAsync<SourceException>(() => harness.ListAsync());
    }

    [Fact]
    public async Task A_listing_names_exactly_what_a_read_finds()
    {
        await using var site = await StartAsync();
        site.HasETags = false;
        using var harness = site.Harness();
        await harness.ReadAsync();
        site.TakeRequests();

        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);

        using var fresh = site.Harness();
        (await fresh.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true, "also with nothing stored");
    }

    [Theory]
    [InlineData("\"abc\"", null, 0, true)]
    [InlineData(null, -10, 0, true)]
    [InlineData(null, 0, 0, false)]
    [InlineData("nginx", 0, 0, false)]
    [InlineData("nginx", -1, 0, true)]
    [InlineData("\"abc\"", 0, 0, true)]
    [InlineData(null, null, 0, false)]
    public void A_validator_counts_only_when_a_change_would_change_it(string? etag, int? modified, int now, bool counts)
    {
        var date = new DateTimeOffset(2025, 1, 15, 8, 0, 0, TimeSpan.Zero);
        using var response = new HttpResponseMessage { Content = new ByteArrayContent([]) };
        response.Headers.Date = date.AddSeconds(now);
        if (modified is { } seconds)
        {
            response.Content.Headers.LastModified = date.AddSeconds(seconds);
            etag = etag == "nginx" ? $"\"{date.AddSeconds(seconds).ToUnixTimeSeconds():x}-5a\"" : etag;
        }

        if (etag is not null)
        {
            response.Headers.TryAddWithoutValidation("ETag", etag);
        }

        var version = Validators.Pack("print", response);

        (version is not null).ShouldBe(counts);
        (Validators.Unpack("print", version) is not null).ShouldBe(counts);
        Validators.Unpack("other", version).ShouldBeNull();
    }

    [Fact]
    public void Notes_hold_links_compactly_and_give_them_back()
    {
        const string page = "https://example.com/a/b?c";
        string[] links =
        [
            "https://example.com/",
            "https://www.example.com/x?y",
            "http://example.com/z",
            "https://example.com/#!/v",
        ];

        var note = LinkNote.Write(page, links);

        note.ShouldBe("1\n/\nhttps://www.example.com/x?y\nhttp://example.com/z\n/#!/v");
        LinkNote.Read(page, note).ShouldBe(links);
        LinkNote.Read(page, LinkNote.Write(page, [])).ShouldBe([]);
        LinkNote.Read(page, null).ShouldBeNull();
        LinkNote.Read(page, "2\nsomething newer").ShouldBeNull();
    }
}
