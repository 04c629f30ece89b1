using System.Text.Json;
using Tributary.Integrations.MediaWiki;
using Tributary.Integrations.Wikipedia;
using Tributary.Sdk;
using Tributary.Sdk.Settings;
using Tributary.Testing;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.MediaWiki;

public class MediaWikiTests
{
    [Fact]
    public async Task Only_pages_with_another_revision_are_fetched()
    {
        await using var wiki = await FilledAsync(30);
        using var harness = Harness(wiki);
        await harness.ReadAsync();
        wiki.Parsed.Clear();
        wiki.Put("Item 4", 9, "Items");

        var run = await harness.ReadAsync();

        wiki.Parsed.ToArray().ShouldBe(["Item 4"]);
        run.Unchanged.Count.ShouldBe(29);
    }

    [Fact]
    public async Task A_reindex_that_dies_in_the_middle_of_a_large_batch_loses_no_page()
    {
        const int Pages = 50;
        await using var wiki = await FilledAsync(Pages);
        wiki.PageSize = 500;
        for (var death = 1; death < Pages + 4; death++)
        {
            using var harness = Harness(wiki);
            await harness.ReadAsync(fromBeginning: true, crashAfter: death);
            await harness.ReadAsync(fromBeginning: true);

            harness.Documents.Count.ShouldBe(Pages, $"died after item {death}");
        }
    }

    [Fact]
    public async Task A_reindex_goes_on_at_the_place_in_the_listing_where_it_stood()
    {
        await using var wiki = await FilledAsync(30);
        using var harness = Harness(wiki);
        await harness.ReadAsync(fromBeginning: true, crashAfter: 20);
        wiki.Parsed.Clear();
        var before = wiki.Requests.Count();

        await harness.ReadAsync(fromBeginning: true);

        wiki.Parsed.Count.ShouldBeLessThan(30, "what was committed is not fetched again");
        wiki.Requests.Skip(before)
            .First(request => request.Contains("generator=", StringComparison.Ordinal))
            .ShouldContain("gapcontinue");
        harness.Documents.Count.ShouldBe(30);
    }

    [Fact]
    public async Task Redirects_talk_and_category_pages_are_not_content()
    {
        await using var wiki = await FilledAsync(3);
        wiki.Put("Old name", 0, "Items").RedirectTo = "Item 1";
        wiki.Put("Talk:Item 1", 5, "Items");
        wiki.Put("Category:Items", 5);
        using var all = Harness(wiki);
        using var category = Harness(wiki);
        category.Config = new MediaWikiConfig { Hostname = wiki.BaseUri.ToString(), Categories = ["Category:items"] };

        await all.ReadAsync();
        await category.ReadAsync();

        all.Documents.Values.Select(document => document.Title)
            .ShouldBe(["Item 0", "Item 1", "Item 2"], ignoreOrder: true);
        category.Documents.Keys.ShouldBe(all.Documents.Keys, ignoreOrder: true);
        (await category.ListAsync()).ShouldBe(all.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task A_document_has_what_the_wiki_says_about_the_page()
    {
        await using var wiki = await FilledAsync(1);
        wiki.Put("Item 0", 0, "Some tag").Html = """
            <div class="mw-parser-output"><p>Lead.<sup id="cite_ref-1" class="reference"><a href="#n1">[1]</a></sup></p>
            <h2><span class="mw-headline" id="More_of_it">More of it</span></h2><p>Second.</p></div>
            """;
        using var harness = Harness(wiki);

        await harness.ReadAsync();

        var document = harness.Documents.Values.ShouldHaveSingleItem();
        document.Id.ShouldBe($"MEDIAWIKI_100_{wiki.BaseUri}wiki/Item_0");
        document.Link.ShouldBe($"{wiki.BaseUri}wiki/Item_0");
        document.Sections.Select(section => section.Text).ShouldBe(["Lead.", "Second."]);
        document.Sections[1].Heading.ShouldBe("More of it");
        document.Sections[1].Link.ShouldBe(document.Link + "#More_of_it");
        document.Metadata["categories"].Values.ShouldBe(["Some tag"], "hidden categories are the wiki's own business");
        document.Metadata["namespace"].ShouldBe("Main");
        document.Metadata["revid"].ShouldBe(document.Version!);
        document.Metadata["length"].ShouldBe("0");
        document.PrimaryOwners.ShouldHaveSingleItem().Name.ShouldBe("Anna");
    }

    [Fact]
    public async Task Where_the_wiki_parses_nothing_a_page_is_read_by_its_source()
    {
        await using var wiki = await FilledAsync(0);
        wiki.HasNoParser = true;
        wiki.Put("Rhine", 0, "Large rivers").Wikitext =
            "The '''Rhine''' {{flag|CH}} flows to the [[Dutch coast|coast]].\n[[Category:Large rivers]]";
        using var harness = Harness(wiki);

        var run = await harness.ReadAsync();

        var rhine = run.Found.ShouldHaveSingleItem();
        rhine
            .Sections.ShouldHaveSingleItem()
            .Text.ShouldBe($"The **Rhine**  flows to the [coast]({wiki.BaseUri}wiki/Dutch_coast).");
        rhine.Metadata["categories"].ToString().ShouldBe("Large rivers");
        (await harness.ReadAsync()).Found.ShouldBeEmpty();
    }

    [Fact]
    public async Task Deleted_and_moved_pages_are_dropped_by_a_refresh()
    {
        await using var wiki = await FilledAsync(30);
        using var harness = Harness(wiki);
        await harness.ReadAsync();
        for (var index = 10; index < 20; index++)
        {
            wiki.Delete($"Item {index}");
        }

        wiki.Move("Item 20", "Another name");
        wiki.Move("Item 21", "Away");
        wiki.Move("Away", "Item 21");
        var restored = wiki.Put("Item 22", 5, "Items");
        await harness.ReadAsync();
        wiki.Delete("Item 22");
        wiki.Restore(restored);

        await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
        harness.Documents.Count.ShouldBe(20);
    }

    [Fact]
    public async Task A_page_that_was_moved_to_and_fro_stands_in_the_log_more_than_once()
    {
        await using var wiki = await FilledAsync(3);
        using var harness = Harness(wiki);
        await harness.ReadAsync();
        wiki.Move("Item 1", "Away");
        wiki.Move("Away", "Item 1");
        wiki.Move("Item 1", "For good");

        await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
        harness.Documents.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_wiki_that_keeps_its_logs_to_itself_is_refreshed_all_the_same()
    {
        await using var wiki = await FilledAsync(3);
        using var harness = Harness(wiki);
        await harness.ReadAsync();
        wiki.HasLogs = false;
        wiki.Put("Item 2", 9, "Items");

        (await harness.ReadAsync()).Found.ShouldHaveSingleItem().Title.ShouldBe("Item 2");
    }

    [Fact]
    public async Task A_wiki_that_does_not_render_pages_is_read_by_their_extracts()
    {
        await using var wiki = await FilledAsync(1);
        wiki.HasNoParser = true;
        wiki.Put("Item 0", 0, "Items").Extract = "Lead.\n\n== More of it ==\nSecond.\n=== Empty ===\n";
        using var harness = Harness(wiki);

        await harness.ReadAsync();

        var document = harness.Documents.Values.ShouldHaveSingleItem();
        document.Sections.Select(section => section.Text).ShouldBe(["Lead.", "Second."]);
        document.Sections[1].Link.ShouldBe(document.Link + "#More_of_it");
        (await harness.ReadAsync()).Unchanged.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_wiki_that_says_little_of_itself_and_gives_headings_no_anchors_is_read()
    {
        await using var wiki = await FilledAsync(1);
        wiki.SaysLittle = true;
        wiki.Put("Item 0", 0, "Items").Html = "<p>Lead.</p><h2>More \"of\" it</h2><p>Second.</p>";
        using var harness = Harness(wiki);

        await harness.CheckAsync();
        await harness.ReadAsync();

        var document = harness.Documents.Values.ShouldHaveSingleItem();
        document.Sections.Select(section => section.Text).ShouldBe(["Lead.", "Second."]);
        document.Sections[1].Link!.ShouldStartWith(document.Link + "#More_");
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080/w/api.php")]
    [InlineData("http://127.0.0.1:8080/", "http://127.0.0.1:8080/w/api.php")]
    [InlineData("http://127.0.0.1:8080/w", "http://127.0.0.1:8080/w/api.php")]
    [InlineData("http://127.0.0.1:8080/w/", "http://127.0.0.1:8080/w/api.php")]
    [InlineData("http://127.0.0.1:8080/w/api.php", "http://127.0.0.1:8080/w/api.php")]
    public void Wikipedia_s_api_may_be_given_in_many_ways(string typed, string api)
    {
        MediaWikiAddress.OfApi(typed).Candidates.ShouldBe([new Uri(api)]);
    }

    [Fact]
    public async Task Lag_is_waited_for_as_long_as_the_wiki_asks()
    {
        await using var wiki = await FilledAsync(1);
        var time = new ManualTime();
        using var harness = Harness(wiki, time: time);
        wiki.Lags = 2;

        var reading = harness.ReadAsync();
        for (var wait = 0; wait < 2; wait++)
        {
            await TestWait.Until(() => time.WaitingTimers == 1, "the reader waits");
            time.Advance(TimeSpan.FromSeconds(6.9));
            time.WaitingTimers.ShouldBe(1, "Retry-After says 7 seconds");
            time.Advance(TimeSpan.FromSeconds(0.1));
        }

        (await reading).Found.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Lag_without_end_is_transient()
    {
        await using var wiki = await FilledAsync(1);
        var time = new ManualTime();
        using var harness = Harness(wiki, time: time);
        wiki.Lags = int.MaxValue;

        var reading = harness.ReadAsync();
        for (var wait = 0; wait < 5; wait++)
        {
            await TestWait.Until(() => time.WaitingTimers == 1, "the reader waits");
            time.Advance(TimeSpan.FromSeconds(7));
        }

        (await Should.ThrowAsync<SourceException>(() => reading)).Kind.ShouldBe(FailureKind.Transient);
    }

    [Fact]
    public async Task A_private_wiki_asks_for_credentials_and_takes_a_bot_password_or_a_token()
    {
        await using var wiki = await FilledAsync(3);
        wiki.IsPrivate = true;
        using var stranger = Harness(wiki);
        using var bot = Harness(wiki, new() { Username = "Anna@bot", Password = "right" });
        using var token = Harness(wiki, new() { AccessToken = "good" });

        var refusal = await Should.ThrowAsync<SourceException>(() => stranger.CheckAsync());
        await bot.ReadAsync();
        await token.ReadAsync();

        refusal.Kind.ShouldBe(FailureKind.Credentials);
        refusal.Message.ShouldContain("Special:BotPasswords");
        bot.Documents.Count.ShouldBe(3);
        token.Documents.Count.ShouldBe(3);
        token.Documents.Values.ShouldAllBe(document => document.Access == null);
    }

    [Fact]
    public async Task A_session_that_ended_is_opened_again()
    {
        await using var wiki = await FilledAsync(3);
        using var bot = Harness(wiki, new() { Username = "Anna@bot", Password = "right" });
        wiki.HasForgottenSessions = true;

        (await bot.ReadAsync()).Found.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("/w/api.php")]
    [InlineData("/api.php")]
    [InlineData("/wiki/api.php")]
    [InlineData("/mediawiki/api.php")]
    public async Task The_usual_places_are_tried_when_the_page_does_not_point_to_the_API(string path)
    {
        await using var wiki = await FilledAsync(1);
        wiki.PointsToApi = false;
        wiki.ApiPath = path;
        using var harness = Harness(wiki);

        (await harness.ReadAsync()).Found.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_unusual_place_is_found_through_the_page()
    {
        await using var wiki = await FilledAsync(1);
        wiki.ApiPath = "/some/where/api.php";
        using var harness = Harness(wiki);

        (await harness.ReadAsync()).Found.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_site_that_is_no_wiki_is_a_mistake_in_the_hostname()
    {
        await using var site = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        using var harness = new ReaderHarness(
            new MediaWikiIntegration(),
            new MediaWikiConfig { Hostname = site.BaseUri.ToString() }
        )
        {
            Html = Content.Html,
        };

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        refusal.Kind.ShouldBe(FailureKind.Configuration);
        refusal.Member.ShouldBe("config.hostname");
        refusal.Message.ShouldContain("api.php");
    }

    [Fact]
    public async Task Credentials_do_not_go_to_another_host_that_a_page_names()
    {
        await using var thief = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        var elsewhere = thief.BaseUri.ToString().Replace("127.0.0.1", "localhost");
        await using var site = await LoopbackServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/html";
            await context.Response.Body.WriteAsync(
                System.Text.Encoding.UTF8.GetBytes(
                    $"<html><head><link rel=\"EditURI\" href=\"{elsewhere}api.php?action=rsd\"/></head><body></body></html>"
                )
            );
        });
        using var harness = new ReaderHarness(
            new MediaWikiIntegration(),
            new MediaWikiConfig { Hostname = site.BaseUri.ToString() },
            new MediaWikiCredentials { AccessToken = "secret" }
        )
        {
            Html = Content.Html,
        };

        await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        thief.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("en.wikipedia.org", "de", "https://en.wikipedia.org/")]
    [InlineData("wiktionary.org", "de", "https://de.wiktionary.org/")]
    [InlineData("http://wiki.example.com/wiki/Main_Page", "en", "http://wiki.example.com/wiki/Main_Page")]
    [InlineData("localhost:8080/wiki", "en", "http://localhost:8080/wiki")]
    public void A_host_may_be_given_in_many_ways(string hostname, string language, string page)
    {
        MediaWikiAddress.OfHost(hostname, language).Page.ShouldBe(new Uri(page));
    }

    [Theory]
    [InlineData("""{"hostname": "a b"}""", "hostname")]
    [InlineData("""{"hostname": "ftp://wiki"}""", "hostname")]
    [InlineData("""{"hostname": "https://user:pass@wiki"}""", "hostname")]
    [InlineData("""{"hostname": "wiki", "recurse_depth": -2}""", "recurse_depth")]
    [InlineData("""{"hostname": "wiki", "language_code": "en.evil.com/"}""", "language_code")]
    [InlineData("""{"hostname": "wiki", "pages": ["a|b"]}""", "pages")]
    public void Mistakes_in_the_config_are_named(string json, string member)
    {
        Problems<MediaWikiConfig>(json).ShouldBe([member]);
    }

    [Fact]
    public void Wikipedia_needs_a_category_or_a_page()
    {
        Problems<WikipediaConfig>("{}").ShouldBe(["categories"]);
        Problems<WikipediaConfig>("""{"pages": ["Tea"]}""").ShouldBeEmpty();
    }

    [Fact]
    public void A_password_without_a_name_is_a_mistake()
    {
        Problems<MediaWikiCredentials>("""{"password": "p"}""").ShouldBe(["username"]);
    }

    private static List<object> Problems<T>(string json)
        where T : class
    {
        var problems = new List<SettingsProblem>();
        using var document = JsonDocument.Parse(json);
        SettingsReader.Read<T>(document.RootElement, UnknownMembers.Refused, problems);
        return [.. problems.Select(problem => problem.Path[0])];
    }

    private static async Task<FakeWiki> FilledAsync(int count)
    {
        var wiki = await FakeWiki.StartAsync();
        await wiki.FillAsync(count);
        return wiki;
    }

    private static ReaderHarness Harness(
        FakeWiki wiki,
        MediaWikiCredentials? credentials = null,
        TimeProvider? time = null
    ) =>
        new(new MediaWikiIntegration(), wiki.Config, credentials)
        {
            Html = Content.Html,
            Time = time ?? new ManualTime(),
        };
}
