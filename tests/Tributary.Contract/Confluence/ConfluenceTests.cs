using Tributary.Contract.Emulators;
using Tributary.Integrations.Confluence;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Reading;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Confluence;

public class ConfluenceTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task A_wiki_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<ConfluenceEmulator>(new ConfluenceIntegration());

    [Fact]
    [Trait("Category", "Slow")]
    public Task A_data_center_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<ConfluenceDataCenterEmulator>(new ConfluenceIntegration());

    [Fact]
    public async Task A_page_has_all_its_comments()
    {
        await using var wiki = await VendorEmulator.StartAsync<ConfluenceEmulator>(Company.Seeded());
        using var harness = Harness(wiki);

        await harness.ReadAsync();

        var page = Titled(harness, "A long discussion");
        page.Sections.Count.ShouldBe(46);
        page.Sections[45].Text.ShouldBe("Answer number 45 about the keys.");
        page.Sections[1].Link!.ShouldStartWith(page.Link + "?focusedCommentId=");
        page.Link.ShouldBe(
            $"{wiki.Root.AbsoluteUri.TrimEnd('/')}/wiki/spaces/ENG/pages/{100_000 + wiki.Company["A long discussion"].Id}/page"
        );
        page.Metadata["space_name"].ToString().ShouldBe("Engineering");
    }

    [Fact]
    public async Task A_comment_on_an_unchanged_page_reads_the_page_again()
    {
        await using var wiki = await VendorEmulator.StartAsync<ConfluenceEmulator>(Company.Seeded());
        using var harness = Harness(wiki);
        await harness.ReadAsync();
        wiki.Company.Now += TimeSpan.FromHours(3);
        wiki.Company.Reply(wiki.Company["Welcome"], "Is this still true?");

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Sections.ShouldContain(section => section.Text == "Is this still true?");
        (await harness.ReadAsync()).Found.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_comment_that_comes_during_the_first_read_is_not_missed()
    {
        await using var wiki = await VendorEmulator.StartAsync<ConfluenceEmulator>(Company.Seeded());
        using var harness = Harness(wiki);
        var isFirst = true;
        await foreach (var item in harness.StreamReadAsync())
        {
            if (item is ReadItem.Checkpoint && isFirst)
            {
                isFirst = false;
                wiki.Company.Reply(wiki.Company["Welcome"], "Too late?");
                wiki.Company.Now += TimeSpan.FromHours(3);
                wiki.Company.Edit(wiki.Company["Edited twice"], "Three times.");
            }
        }

        await harness.ReadAsync();

        Titled(harness, "Welcome").Sections.ShouldContain(section => section.Text == "Too late?");
    }

    [Fact]
    public async Task An_attachment_is_a_document_and_its_signed_address_gets_no_credentials()
    {
        await using var wiki = await VendorEmulator.StartAsync<ConfluenceEmulator>(Company.Seeded());
        using var harness = Harness(wiki);

        await harness.ReadAsync();

        var document = Titled(harness, "figures.txt");
        harness.FileBytes[document.Id].ShouldBe("Quarterly figures: 4711 anchors."u8.ToArray());
        wiki.LeakedCredentials.ShouldBeEmpty();
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task Without_attachments_none_is_asked_for()
    {
        await using var wiki = await VendorEmulator.StartAsync<ConfluenceEmulator>(Company.Seeded());
        using var harness = Harness(wiki, Config(wiki) with { IncludeAttachments = false });

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(wiki.Company.Items.Count);
        wiki.Exchanges.ShouldAllBe(exchange => !exchange.Query.Any(pair => pair.Value.Contains("attachment")));
    }

    [Fact]
    public async Task One_space_one_page_a_tree_and_a_query_are_read()
    {
        await using var wiki = await VendorEmulator.StartAsync<ConfluenceEmulator>(Company.Seeded());
        var (root, below) = (wiki.Company["Welcome"].Id, wiki.Company["Edited twice"].Id);
        wiki.Parents[below] = root;
        wiki.Labels[below] = ["handbook"];
        var page = $"{100_000 + root}";
        await ReadsAsync(Config(wiki) with { Space = "BOA" }, ["Board minutes"]);
        await ReadsAsync(Config(wiki) with { PageId = page }, ["Welcome"]);
        await ReadsAsync(Config(wiki) with { PageId = page, IndexRecursively = true }, ["Welcome", "Edited twice"]);
        await ReadsAsync(Config(wiki) with { CqlQuery = "type=page and label=\"handbook\"" }, ["Edited twice"]);
        await ReadsAsync(
            Config(wiki) with
            {
                Space = "GEN",
                LabelsToSkip = ["Handbook"],
            },
            ["Welcome", "An archived plan", "Written by somebody who left"]
        );

        async Task ReadsAsync(ConfluenceConfig config, string[] titles)
        {
            using var harness = Harness(wiki, config);
            await harness.ReadAsync();
            harness.Documents.Values.Select(document => document.Title).ShouldBe(titles, ignoreOrder: true);
            (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
        }
    }

    [Fact]
    public async Task A_restriction_of_a_page_above_counts_and_else_the_space_does()
    {
        await using var wiki = await VendorEmulator.StartAsync<ConfluenceEmulator>(Company.Seeded());
        var (root, below) = (wiki.Company["Welcome"].Id, wiki.Company["Edited twice"].Id);
        wiki.Parents[below] = root;
        wiki.Restricted[root] = [3, 4];
        wiki.Restricted[below] = [2, 3];
        using var harness = Harness(wiki);

        await harness.ReadAsync();

        Titled(harness, "Welcome").Access!.Users.ShouldBe(["hanako@example.com", "zoe@example.com"]);
        Titled(harness, "Edited twice").Access!.Users.ShouldBe(["hanako@example.com"]);
        var board = Titled(harness, "Board minutes").Access!;
        board.Groups.ShouldBe(["confluence_g-board"]);
        board.Users.ShouldBe(["zoe@example.com"]);
    }

    [Fact]
    public async Task People_who_are_mentioned_have_their_names()
    {
        await using var wiki = await VendorEmulator.StartAsync<ConfluenceEmulator>();
        wiki.Bodies[wiki.Company.Add("Two pages", "").Id] =
            "<p>Ask <ac:link><ri:user ri:account-id=\"qm:4\" /></ac:link> first.</p>";
        wiki.Bodies[wiki.Company.Add("with one person", "").Id] =
            "<p>So says <ac:link><ri:user ri:account-id=\"qm:4\" /></ac:link>.</p>";
        using var harness = Harness(wiki);

        await harness.ReadAsync();

        harness
            .Documents.Values.Select(document => document.Sections.Single().Text)
            .ShouldBe(["Ask @Zoë O’Brien first.", "So says @Zoë O’Brien."], ignoreOrder: true);
    }

    [Fact]
    public async Task Macros_code_and_links_are_read_as_text()
    {
        await using var wiki = await VendorEmulator.StartAsync<ConfluenceEmulator>();
        var item = wiki.Company.Add("Macros", "");
        wiki.Bodies[item.Id] =
            "<p>See <ac:link><ri:page ri:content-title=\"The harbour\" /></ac:link></p><ac:structured-macro ac:name=\"code\"><ac:parameter ac:name=\"language\">sql</ac:parameter><ac:plain-text-body><![CDATA[select 1 < 2;]]></ac:plain-text-body></ac:structured-macro>";
        using var harness = Harness(wiki);

        await harness.ReadAsync();

        var text = harness.Documents.Values.Single().Sections.Single().Text;
        text.ShouldContain("See The harbour");
        text.ShouldContain("select 1 < 2;");
        text.ShouldNotContain("sql");
    }

    [Fact]
    public async Task Where_the_zone_is_not_told_nothing_is_missed()
    {
        await using var wiki = await VendorEmulator.StartAsync<ConfluenceEmulator>(Company.Seeded());
        wiki.Zone = null;
        wiki.ReadZone = "Pacific/Honolulu";
        using var harness = Harness(wiki);
        await harness.ReadAsync();
        wiki.Company.Now += TimeSpan.FromMinutes(30);
        wiki.Company.Edit(wiki.Company["Welcome"], "Aloha.");

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title.ShouldBe("Welcome");
    }

    [Fact]
    public async Task A_wrong_login_to_a_public_wiki_is_told_and_not_read_as_a_stranger()
    {
        await using var wiki = await VendorEmulator.StartAsync<ConfluenceEmulator>(Company.Seeded());
        wiki.IsOpenToThePublic = true;
        using var harness = Harness(wiki);
        harness.Credentials = new ConfluenceCredentials
        {
            ConfluenceUsername = "ada@example.com",
            ConfluenceAccessToken = "wrong",
        };

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.ReadAsync());

        refusal.Kind.ShouldBe(FailureKind.Credentials);
    }

    [Fact]
    public async Task A_scoped_token_is_sent_to_the_gateway_while_links_lead_to_the_site()
    {
        await using var wiki = await VendorEmulator.StartAsync<ConfluenceScopedEmulator>(Company.Seeded());
        using var harness = Harness(wiki);

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.Values.ShouldAllBe(document => document.Link!.StartsWith(wiki.Site + "/wiki/spaces/"));
    }

    private static ConfluenceConfig Config(ConfluenceEmulator wiki) => (ConfluenceConfig)wiki.Config;

    private static Document Titled(ReaderHarness harness, string title) =>
        harness.Documents.Values.Single(document => document.Title == title);

    private static ReaderHarness Harness(ConfluenceEmulator wiki, ConfluenceConfig? config = null)
    {
        var harness = new ReaderHarness(new ConfluenceIntegration(), config ?? wiki.Config, wiki.Credentials);
        wiki.Equip(harness);
        return harness;
    }
}
