using System.Text.Json;
using Tributary.Contract.Emulators;
using Tributary.Integrations.Zendesk;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Zendesk;

public class ZendeskTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task Tickets_are_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<ZendeskEmulator>(new ZendeskIntegration());

    [Fact]
    public async Task A_ticket_has_its_whole_thread_without_internal_notes()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>(Company.Seeded());
        using var harness = Harness(desk);

        await harness.ReadAsync();

        var ticket = harness.Documents["zendesk_ticket_3"];
        ticket.Title.ShouldBe("Ticket #3: A long discussion");
        ticket.Link.ShouldBe("https://acme.zendesk.com/agent/tickets/3");
        ticket.Sections.Count.ShouldBe(47);
        ticket.Sections[0].Text.ShouldBe("Who has seen the lighthouse keys?");
        ticket.Sections[0].Heading.ShouldBe("by Jürgen Groß at 2025-01-15 08:00 UTC");
        ticket.Sections[45].Text.ShouldBe("Answer number 45 about the keys.");
        ticket.Sections[46].Heading!.ShouldStartWith("by Zendesk at ");
        ticket.Metadata["group"].ToString().ShouldBe("Engineering");
        ticket.Metadata["organization"].ToString().ShouldBe("Harbour Ltd");
        ticket.Metadata["brand"].ToString().ShouldBe("Lighthouse");
        ticket.Metadata["priority"].ToString().ShouldBe("high");
        ticket.PrimaryOwners.ShouldHaveSingleItem().Email.ShouldBe("juergen.gross@example.com");
        ticket.SecondaryOwners.ShouldHaveSingleItem().Name.ShouldBe("Zoë O’Brien");
        ticket.Access!.IsPublic.ShouldBeFalse();
        ticket.Access.Groups.ShouldContain("zendesk_group_2");
        Texts(harness).ShouldAllBe(text => !text.Contains("among agents"));
        Texts(harness).ShouldContain(text => text.Contains("Attachments: figures.txt"));
    }

    [Fact]
    public async Task Internal_notes_are_read_where_they_are_asked_for()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>(Company.Seeded());
        using var harness = Harness(desk);
        await harness.ReadAsync();

        harness.Config = (ZendeskConfig)desk.Config with { IncludeInternalNotes = true };
        await harness.ReadAsync(fromBeginning: true);

        var note = harness.Documents["zendesk_ticket_1"].Sections[1];
        note.Text.ShouldBe("A note among agents.");
        note.Heading!.ShouldStartWith("Internal note by Ada Admin");
    }

    [Fact]
    public async Task Names_are_asked_for_where_they_do_not_come_along()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>(Company.Seeded());
        desk.IsWithoutSideloads = true;
        using var harness = Harness(desk);

        await harness.ReadAsync();

        harness.Documents["zendesk_ticket_1"].Sections[0].Heading!.ShouldStartWith("by Jürgen Groß");
        harness.Documents["zendesk_ticket_1"].PrimaryOwners[0].Name.ShouldBe("Jürgen Groß");
    }

    [Fact]
    public async Task Tickets_are_read_without_what_stands_beside_them()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>(Company.Seeded());
        (desk.IsWithoutSideloads, desk.RefusesNiceties) = (true, true);
        using var harness = Harness(desk);

        await harness.CheckAsync();
        var run = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        harness.Documents.Count.ShouldBe(desk.Company.Items.Count);
        harness.Documents["zendesk_ticket_3"].Sections.Count.ShouldBe(47);
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task A_thread_in_numbered_pages_is_read_whole()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>(Company.Seeded());
        desk.HasNumberedPages = true;
        using var harness = Harness(desk);

        await harness.ReadAsync();

        harness.Documents["zendesk_ticket_3"].Sections.Count.ShouldBe(47);
        harness.Documents["zendesk_ticket_3"].Sections[45].Text.ShouldBe("Answer number 45 about the keys.");
    }

    [Fact]
    public async Task A_description_that_is_no_comment_comes_first_unless_the_thread_begins_internally()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>(Company.Seeded());
        desk.HasDescriptionsApart = true;
        using var harness = Harness(desk);
        await harness.ReadAsync();
        var thread = harness.Documents["zendesk_ticket_3"];
        thread.Sections.Count.ShouldBe(48);
        thread.Sections[0].Text.ShouldBe("Who has seen the lighthouse keys?");
        thread.Sections[1].Text.ShouldBe("Hello.");

        desk.BeginsInternally = true;
        await harness.ReadAsync(fromBeginning: true);

        harness.Documents["zendesk_ticket_3"].Sections.Count.ShouldBe(46);
        Texts(harness).ShouldNotContain("Who has seen the lighthouse keys?");
    }

    [Fact]
    public async Task A_wrong_token_is_told_with_the_member_to_mend()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>();
        using var harness = Harness(desk);
        harness.Credentials = ZendeskEmulator.Owner("ada@example.com", "bad");

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        (refusal.Kind, refusal.Member).ShouldBe((FailureKind.Credentials, "credentials.zendesk_token"));
    }

    [Fact]
    public async Task A_deleted_ticket_goes_with_the_next_refresh()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>(Company.Seeded());
        using var harness = Harness(desk);
        await harness.ReadAsync();
        await desk.RemoveAsync("Board minutes");

        var run = await harness.ReadAsync();

        run.Deleted.ShouldBe(["zendesk_ticket_49"]);
        harness.Documents.Keys.ShouldNotContain("zendesk_ticket_49");
    }

    [Fact]
    public async Task A_refresh_goes_on_at_the_cursor_of_the_last_one()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>();
        await desk.FillAsync(30);
        using var harness = Harness(desk);
        await harness.ReadAsync();
        await desk.ChangeAsync("item 7");
        desk.Exchanges.Clear();

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title!.ShouldEndWith("item 7");
        desk.Exchanges.Count.ShouldBe(3, "one page of the export, the ticket's comments, the brands");
    }

    [Fact]
    public async Task A_ticket_that_failed_is_read_by_a_later_run()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>(Company.Seeded());
        desk.Company["Welcome"].IsBroken = true;
        using var harness = Harness(desk);
        (await harness.ReadAsync()).Failed.ShouldHaveSingleItem().ItemId.ShouldBe("zendesk_ticket_1");
        (await harness.ReadAsync()).Failed.ShouldHaveSingleItem();
        desk.Company["Welcome"].IsBroken = false;

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Id.ShouldBe("zendesk_ticket_1");
        (await harness.ReadAsync()).Found.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_listing_has_archived_tickets_and_those_of_the_last_minute()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>(Company.Seeded());
        using var harness = Harness(desk);
        await harness.ReadAsync();
        desk.HidesLastMinute = true;
        desk.Company.Now += TimeSpan.FromMinutes(2);
        await desk.ChangeAsync("Welcome");

        var listed = await harness.ListAsync();

        listed.Distinct().ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task An_account_without_the_product_is_told_so()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>();
        desk.IsWithout = true;
        using var harness = Harness(desk);

        var tickets = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());
        harness.Config = new ZendeskConfig { ApiBaseUrl = desk.Root.AbsoluteUri };
        var articles = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        tickets.Message.ShouldContain("no ticketing product");
        articles.Message.ShouldContain("no help centre");
        (tickets.Kind, articles.Kind).ShouldBe((FailureKind.Configuration, FailureKind.Configuration));
    }

    [Fact]
    public async Task A_comment_without_end_is_a_failure_of_its_ticket()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>();
        await desk.AddAsync("a chat of years");
        await desk.Change(() =>
        {
            for (var number = 0; number < 1_100; number++)
            {
                desk.Company.Reply(desk.Company["a chat of years"], "More.");
            }
        });
        using var harness = Harness(desk);

        var run = await harness.ReadAsync();

        run.Failed.ShouldHaveSingleItem().Reason.ShouldContain("longer than Zendesk allows");
    }

    [Fact]
    public async Task An_OAuth_token_does_in_place_of_an_API_token()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>(Company.Seeded());
        using var harness = Harness(desk);
        harness.Credentials = new ZendeskCredentials { ZendeskSubdomain = "acme", AccessToken = desk.Desk.AccessToken };

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(desk.Company.Items.Count);
    }

    [Fact]
    public void The_ceiling_of_calls_replaces_the_usual_limit()
    {
        var integration = new ZendeskIntegration();

        integration.LimitsFor(new ZendeskConfig { CallsPerMinute = 60 }).ShouldBe([new RateLimit(RateUnit.Minute, 60)]);
        integration.LimitsFor(new ZendeskConfig()).ShouldBe(integration.Manifest.VendorLimits);
    }

    [Theory]
    [InlineData("acme", true)]
    [InlineData("ACME.zendesk.com", true)]
    [InlineData("https://acme.zendesk.com/hc/en-us", true)]
    [InlineData("https://help.acme.example", false)]
    [InlineData("evil.example/acme", false)]
    [InlineData("zendesk.com", false)]
    [InlineData("", false)]
    public void The_account_is_a_name_or_its_address(string typed, bool isRight)
    {
        var credentials = new ZendeskCredentials
        {
            ZendeskSubdomain = typed,
            ZendeskEmail = "a@example.com",
            ZendeskToken = "t",
        };

        credentials.Validate().Any().ShouldBe(!isRight);
    }

    [Fact]
    public void Ids_may_be_texts()
    {
        var listed = JsonSerializer.Deserialize(
            """{"tickets":[{"id":"9007199254740993"}]}""",
            ZendeskJson.Default.ListedTickets
        )!;

        listed.Tickets.ShouldHaveSingleItem().Id.ShouldBe(9_007_199_254_740_993);
    }

    [Theory]
    [InlineData(null, "https://acme.zendesk.com/")]
    [InlineData(" ", "https://acme.zendesk.com/")]
    [InlineData("http://127.0.0.1:1/", "http://127.0.0.1:1/")]
    [InlineData("http://127.0.0.1:1/desk/api/v2/", "http://127.0.0.1:1/desk")]
    public void The_API_is_at_the_account_or_where_it_is_said_to_be(string? typed, string root) =>
        ZendeskIntegration
            .RootOf(new ZendeskConfig { ApiBaseUrl = typed }, ZendeskEmulator.Owner("a@example.com", "t"))
            .AbsoluteUri.ShouldBe(root);

    internal static ReaderHarness Harness(ZendeskEmulator desk)
    {
        var harness = new ReaderHarness(new ZendeskIntegration(), desk.Config, desk.Credentials);
        desk.Equip(harness);
        return harness;
    }

    private static IEnumerable<string> Texts(ReaderHarness harness) =>
        harness.Documents.Values.SelectMany(document => document.Sections).Select(section => section.Text);
}
