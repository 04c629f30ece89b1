using System.Text.Json.Nodes;
using Tributary.Contract.Emulators;
using Tributary.Integrations.Notion;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Notion;

public class NotionTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task A_workspace_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<NotionEmulator>(new NotionIntegration());

    [Fact]
    public async Task A_page_has_sections_by_headings_with_what_stands_in_blocks()
    {
        await using var notion = await VendorEmulator.StartAsync<NotionEmulator>();
        var page = notion.Company.Add("Handbook", "How we work.");
        notion.Blocks[page.Id] =
        [
            notion.Block(
                page,
                2,
                "heading_2",
                new
                {
                    rich_text = NotionEmulator.RichText("Rules"),
                    is_toggleable = false,
                    color = "default",
                }
            ),
            notion.Block(page, 3, "column_list", new { }, hasChildren: true),
            notion.Block(
                page,
                4,
                "synced_block",
                new { synced_from = new { type = "block_id", block_id = NotionEmulator.Id(4, 404) } },
                hasChildren: true
            ),
        ];
        // In the columns: a list, and a copy that leads back to where it stands.
        notion.Blocks[(page.Id * 1000) + 3] =
        [
            notion.Block(
                page,
                5,
                "bulleted_list_item",
                new { rich_text = NotionEmulator.RichText("Ask first"), color = "default" }
            ),
            notion.Block(
                page,
                6,
                "bulleted_list_item",
                new { rich_text = NotionEmulator.RichText("Write it down"), color = "default" }
            ),
            notion.Block(
                page,
                7,
                "synced_block",
                new { synced_from = new { type = "block_id", block_id = NotionEmulator.Id(4, (page.Id * 1000) + 3) } },
                hasChildren: true
            ),
        ];
        using var harness = Harness(notion);

        await harness.ReadAsync();

        var document = harness.Documents.Values.ShouldHaveSingleItem();
        document.Title.ShouldBe("Handbook");
        document.Sections.Select(section => section.Text).ShouldBe(["How we work.", "- Ask first\n- Write it down"]);
        document.Sections[1].Heading.ShouldBe("Rules");
        document
            .Sections[1]
            .Link.ShouldBe($"{document.Link}#{NotionEmulator.Id(4, (page.Id * 1000) + 2).Replace("-", "")}");
        document.PrimaryOwners.ShouldHaveSingleItem().Email.ShouldBe("juergen.gross@example.com");
    }

    [Fact]
    public async Task A_row_says_its_properties()
    {
        await using var notion = await VendorEmulator.StartAsync<NotionEmulator>();
        var related = notion.Company.Add("Lighthouse", "A project.");
        notion.Company.Add("Row", "The body.", placeId: 3);
        Add(notion, "Status", """{"id":"a","type":"status","status":{"id":"1","name":"Open","color":"red"}}""");
        Add(
            notion,
            "Tags",
            """{"id":"b","type":"multi_select","multi_select":[{"id":"1","name":"red","color":"red"},{"id":"2","name":"blue","color":"blue"}]}"""
        );
        Add(
            notion,
            "Who",
            $$$"""{"id":"c","type":"people","people":[{"object":"user","id":"{{{NotionEmulator.Id(5, 3)}}}"}]}"""
        );
        Add(notion, "Number", """{"id":"d","type":"unique_id","unique_id":{"prefix":"ROW","number":7}}""");
        Add(
            notion,
            "Project",
            $$$"""{"id":"e","type":"relation","relation":[{"id":"{{{NotionEmulator.Page(related.Id)}}}"}]}"""
        );
        Add(notion, "Sum", """{"id":"f","type":"formula","formula":{"type":"number","number":4711.5}}""");
        Add(
            notion,
            "All",
            """{"id":"g","type":"rollup","rollup":{"type":"array","array":[{"type":"checkbox","checkbox":true},{"type":"url","url":"https://example.com"}],"function":"show_original"}}"""
        );
        Add(notion, "Empty", """{"id":"h","type":"select","select":null}""");
        using var harness = Harness(notion);

        await harness.ReadAsync();

        var row = harness.Documents.Values.Single(document => document.Title == "Row");
        row.Sections.Select(section => section.Text)
            .ShouldBe([
                "Status: Open\nTags: red, blue\nWho: 山田 花子\nNumber: ROW-7\nProject: Lighthouse\nSum: 4711.5\nAll: yes, https://example.com",
                "The body.",
            ]);
        row.Metadata["database"].ToString().ShouldBe("Measures");
        row.Metadata["Tags"].IsList.ShouldBeTrue();
    }

    [Fact]
    public async Task Pages_that_the_search_misses_are_found_in_others_at_any_depth()
    {
        await using var notion = await VendorEmulator.StartAsync<NotionEmulator>(Company.Seeded());
        notion.Parents[notion.Company["Edited twice"].Id] = notion.Company["Welcome"].Id;
        notion.Parents[notion.Company["Board minutes"].Id] = notion.Company["Edited twice"].Id;
        notion.Parents[notion.Company["An archived plan"].Id] = notion.Company["Straßenkarte 🗺️ für Größen"].Id;
        using var harness = Harness(notion);

        await harness.ReadAsync();

        harness.Documents.Values.Count(document => document.File is null).ShouldBe(notion.Company.Items.Count);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task Without_recursion_the_search_alone_counts()
    {
        await using var notion = await VendorEmulator.StartAsync<NotionEmulator>(Company.Seeded());
        notion.Parents[notion.Company["Edited twice"].Id] = notion.Company["Welcome"].Id;
        using var harness = Harness(notion);
        harness.Config = new NotionConfig { ApiBaseUrl = notion.Root.AbsoluteUri, RecursiveIndexEnabled = false };

        await harness.ReadAsync();

        harness.Documents.Values.ShouldNotContain(document => document.Title == "Edited twice");
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task A_tree_is_read_from_its_root_a_page_or_a_database()
    {
        await using var notion = await VendorEmulator.StartAsync<NotionEmulator>(Company.Seeded());
        notion.Parents[notion.Company["Edited twice"].Id] = notion.Company["Welcome"].Id;
        notion.Parents[notion.Company["Board minutes"].Id] = notion.Company["Edited twice"].Id;
        var root = NotionEmulator.Page(notion.Company["Welcome"].Id).Replace("-", "").ToUpperInvariant();

        (
            await TitlesBelowAsync(notion, $"https://www.notion.so/company/Welcome-{root}?v={new string('f', 32)}")
        ).ShouldBe(["Board minutes", "Edited twice", "Welcome"]);
        (await TitlesBelowAsync(notion, NotionEmulator.Id(2, 3))).ShouldBe(["Straßenkarte 🗺️ für Größen"]);
    }

    [Fact]
    public async Task A_refresh_fetches_what_was_edited_and_lists_the_rest()
    {
        await using var notion = await VendorEmulator.StartAsync<NotionEmulator>();
        await notion.FillAsync(30);
        notion.Company.Now += TimeSpan.FromHours(1);
        await notion.AddAsync("the last before the refresh");
        using var harness = Harness(notion);
        await harness.ReadAsync();
        notion.Company.Now += TimeSpan.FromHours(1);
        await notion.ChangeAsync("item 12");
        notion.Exchanges.Clear();

        var run = await harness.ReadAsync();

        run.Found.Select(document => document.Title)
            .ShouldBe(["item 12", "the last before the refresh"], ignoreOrder: true);
        notion
            .Exchanges.Count(exchange => exchange.Path.EndsWith("/children"))
            .ShouldBe(2, "its minute was not over when the other was read");
        notion.Exchanges.Clear();
        var live = await harness.ListAsync();
        live.Count.ShouldBe(31);
        notion
            .Exchanges.Count(exchange => exchange.Path.EndsWith("/children"))
            .ShouldBeLessThanOrEqualTo(1, "notes say what stands in pages");
    }

    [Fact]
    public async Task An_edit_within_the_same_minute_is_not_missed()
    {
        await using var notion = await VendorEmulator.StartAsync<NotionEmulator>();
        await notion.AddAsync("page");
        using var harness = Harness(notion);
        await harness.ReadAsync();
        await notion.ChangeAsync("page");

        await harness.ReadAsync();

        harness.Documents.Values.ShouldHaveSingleItem().Sections[0].Text.ShouldBe("Another text of page, version 2.");
    }

    [Fact]
    public async Task A_database_is_read_beyond_the_limit_of_a_query()
    {
        await using var notion = await VendorEmulator.StartAsync<NotionEmulator>();
        for (var number = 0; number < 30; number++)
        {
            notion.Company.Add($"row {number}", "A row.", placeId: 3);
            notion.Company.Now += TimeSpan.FromMinutes(1);
        }

        notion.QueryLimit = 7;
        using var harness = Harness(notion);
        harness.Config = new NotionConfig
        {
            ApiBaseUrl = notion.Root.AbsoluteUri,
            RootPageId = NotionEmulator.Id(2, 3),
        };

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(30);
        (await harness.ListAsync()).Distinct().Count().ShouldBe(30);
        notion.QueryLimit = 1;
        notion.Company.IsStandingStill = true;
        notion.Company.Add("twin 1", "One.", placeId: 3);
        notion.Company.Add("twin 2", "Two.", placeId: 3);
        (await Should.ThrowAsync<SourceException>(() => harness.ListAsync())).Message.ShouldContain("10,000");
    }

    [Fact]
    public async Task A_forgotten_continuation_begins_again()
    {
        await using var notion = await VendorEmulator.StartAsync<NotionEmulator>();
        await notion.FillAsync(30);
        using var harness = Harness(notion);
        await harness.ReadAsync(crashAfter: 20);
        notion.ForgetsCursors = true;
        await Should.ThrowAsync<SourceException>(() => harness.ReadAsync());
        notion.ForgetsCursors = false;

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(30);
    }

    [Fact]
    public async Task Files_are_documents_fetched_without_the_token()
    {
        await using var notion = await VendorEmulator.StartAsync<NotionEmulator>(Company.Seeded());
        using var harness = Harness(notion);

        await harness.ReadAsync();

        harness.FileBytes.ShouldHaveSingleItem().Value.ShouldBe("Quarterly figures: 4711 anchors."u8.ToArray());
        harness.Documents.Values.Single(document => document.File is not null).Title.ShouldBe("figures.txt");
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
        harness.FileBytes.Clear();
        await harness.ReadAsync();
        harness.FileBytes.ShouldBeEmpty("another signature is no other file");
    }

    [Fact]
    public async Task Comments_are_read_where_the_connection_may_and_people_go_unnamed_where_it_may_not()
    {
        await using var notion = await VendorEmulator.StartAsync<NotionEmulator>(Company.Seeded());
        notion.MayReadComments = true;
        using var harness = Harness(notion);
        await harness.ReadAsync();
        harness
            .Documents.Values.Single(document => document.Title == "A long discussion")
            .Sections[45]
            .Text.ShouldBe("Jürgen Groß: Answer number 45 about the keys.");

        notion.MayReadComments = notion.MayReadUsers = false;
        using var other = Harness(notion);
        await other.ReadAsync();
        var thread = other.Documents.Values.Single(document => document.Title == "A long discussion");
        thread.Sections.Count.ShouldBe(1);
        thread.PrimaryOwners.ShouldBeEmpty();
        notion
            .Exchanges.Count(exchange => exchange.Path == "/v1/comments" && exchange.Status == 403)
            .ShouldBe(1, "once is enough");
    }

    [Fact]
    public async Task A_missing_capability_is_named()
    {
        await using var notion = await VendorEmulator.StartAsync<NotionEmulator>();
        notion.MayReadContent = false;
        using var harness = Harness(notion);

        (await Should.ThrowAsync<SourceException>(() => harness.CheckAsync())).Message.ShouldContain("'Read content'");
    }

    private static async Task<IEnumerable<string?>> TitlesBelowAsync(NotionEmulator notion, string root)
    {
        using var harness = Harness(notion);
        harness.Config = new NotionConfig { ApiBaseUrl = notion.Root.AbsoluteUri, RootPageId = root };
        await harness.CheckAsync();
        await harness.ReadAsync();
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
        return harness.Documents.Values.Select(document => document.Title).Order();
    }

    private static void Add(NotionEmulator notion, string name, string json) =>
        notion.Properties[name] = JsonNode.Parse(json);

    private static ReaderHarness Harness(NotionEmulator notion) =>
        new(new NotionIntegration(), notion.Config, notion.Credentials);
}
