using System.Text.Json;
using Tributary.Contract.Emulators;
using Tributary.Integrations.HubSpot;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Testing.Readers;

namespace Tributary.Contract.HubSpot;

public class HubSpotTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task A_CRM_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<HubSpotEmulator>(new HubSpotIntegration());

    [Fact]
    public async Task A_ticket_has_its_notes_and_what_it_is_linked_to()
    {
        await using var crm = await VendorEmulator.StartAsync<HubSpotEmulator>(Company.Seeded());
        using var harness = Harness(crm);

        await harness.ReadAsync();

        var ticket = harness.Documents["hubspot_ticket_3"];
        ticket.Title.ShouldBe("A long discussion");
        ticket.Link.ShouldBe("https://app-eu1.hubspot.com/contacts/4711/record/0-5/3");
        ticket.Sections[0].Text.ShouldStartWith("Who has seen the lighthouse keys?");
        ticket.Sections[0].Text.ShouldContain("Stage: Waiting on us");
        ticket.Sections.ShouldContain(section => section.Heading == "Company: Engineering");
        ticket.Sections.ShouldContain(section => section.Heading == "Contact: Jürgen Groß");
        var notes = ticket
            .Sections.Where(section => section.Heading?.StartsWith("Note by", StringComparison.Ordinal) == true)
            .ToList();
        notes.Count.ShouldBe(45, "their links come in pages");
        notes[44].Text.ShouldBe("Answer number 45 about the keys.");
        ticket.PrimaryOwners.ShouldHaveSingleItem().ShouldBe(new Owner("Jürgen Groß", "juergen.gross@example.com"));
        ticket.Metadata["pipeline"].ToString().ShouldBe("Support");
        ticket.Metadata["stage"].ToString().ShouldBe("Waiting on us");
        ticket.Metadata["associated_company_ids"].ToString().ShouldBe("2");
    }

    [Fact]
    public async Task All_types_are_read_where_none_is_chosen()
    {
        await using var crm = await VendorEmulator.StartAsync<HubSpotEmulator>(Company.Seeded());
        using var harness = Harness(crm);
        harness.Config = new HubSpotConfig { ApiBaseUrl = crm.Root.AbsoluteUri };

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(crm.Company.Items.Count + 4 + 4 + 5);
        harness.Documents["hubspot_deal_1"].Title.ShouldBe("Deal with General");
        harness.Documents["hubspot_deal_1"].Sections[0].Text.ShouldBe("Amount: 4711 EUR\nClose date: 2025-03-01");
        harness.Documents["hubspot_contact_5"].Title.ShouldBe("former@example.com", "it has no name");
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
        (await harness.ReadAsync()).Found.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_account_with_the_version_before_is_read()
    {
        await using var crm = await VendorEmulator.StartAsync<HubSpotEmulator>(Company.Seeded());
        crm.IsLegacy = true;
        using var harness = Harness(crm);

        await harness.CheckAsync();
        await harness.ReadAsync();
        crm.Company.Now += TimeSpan.FromHours(1);
        await crm.AddAsync("news");
        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(crm.Company.Items.Count);
        harness.Documents["hubspot_ticket_3"].Sections.Count.ShouldBeGreaterThan(45, "notes are found by links");
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task Records_are_read_without_what_stands_beside_them()
    {
        await using var crm = await VendorEmulator.StartAsync<HubSpotEmulator>(Company.Seeded());
        crm.HasRecordsAlone = true;
        using var harness = Harness(crm);

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(crm.Company.Items.Count);
        var ticket = harness.Documents["hubspot_ticket_1"];
        ticket.Link.ShouldBeNull("nobody says whose account it is");
        ticket.Metadata["stage"].ToString().ShouldBe("1", "nobody says what it is called");
        ticket.Sections.ShouldContain(section => section.Heading == "Company: General");
    }

    [Fact]
    public void An_address_of_the_API_may_be_left_blank_or_without_a_scheme()
    {
        var integration = new HubSpotIntegration();
        var credentials = new HubSpotCredentials { HubspotAccessToken = "pat-1" };

        new HubSpotConfig { ApiBaseUrl = " " }
            .Validate()
            .ShouldBeEmpty();
        Should.NotThrow(() => integration.AuthenticationFor(new HubSpotConfig { ApiBaseUrl = "" }, credentials));
        Should.NotThrow(() =>
            integration.AuthenticationFor(
                new HubSpotConfig { ApiBaseUrl = "gateway.example.com/hubspot/" },
                credentials
            )
        );
    }

    [Fact]
    public void A_property_that_is_no_text_is_read_as_one()
    {
        var record = JsonSerializer.Deserialize(
            """{"id":"1","updatedAt":"2026-01-01T00:00:00Z","properties":{"amount":12.5,"open":true,"name":" x ","none":null}}""",
            HubSpotJson.Default.CrmRecord
        )!;

        (record["amount"], record["open"], record["name"], record["none"], record["other"]).ShouldBe(
            ("12.5", "true", "x", null, null)
        );
    }

    [Fact]
    public void Ids_may_be_numbers_and_contexts_single_texts()
    {
        var owners = JsonSerializer.Deserialize(
            """{"results":[{"id":12},{"id":"13"}]}""",
            HubSpotJson.Default.OwnersAnswer
        )!;
        var links = JsonSerializer.Deserialize(
            """{"results":[{"from":{"id":7},"to":[{"toObjectId":"8"}]}],"errors":[{"context":{"fromObjectId":9}}]}""",
            HubSpotJson.Default.AssociationsAnswer
        )!;

        owners.Results.Select(owner => owner.Id).ShouldBe(["12", "13"]);
        links.Results[0].From.Id.ShouldBe("7");
        links.Results[0].To[0].ToObjectId.ShouldBe(8);
        links.Errors![0].Context.TextsOf("fromObjectId").ShouldBe(["9"]);
        links.Errors[0].Context.TextsOf("another").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_missing_scope_is_named()
    {
        await using var crm = await VendorEmulator.StartAsync<HubSpotEmulator>(Company.Seeded());
        crm.MissingScopes.Add("tickets");
        using var harness = Harness(crm);

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        refusal.Kind.ShouldBe(FailureKind.Credentials);
        refusal.Message.ShouldContain("lacks the scope tickets");
    }

    [Fact]
    public async Task Links_to_what_the_token_may_not_read_are_left_out()
    {
        await using var crm = await VendorEmulator.StartAsync<HubSpotEmulator>(Company.Seeded());
        crm.MissingScopes.UnionWith(["crm.objects.contacts.read", "crm.objects.deals.read"]);
        using var harness = Harness(crm);

        await harness.CheckAsync();
        await harness.ReadAsync();

        var ticket = harness.Documents["hubspot_ticket_1"];
        ticket.Sections.Select(section => section.Heading).ShouldBe([null, "Company: General"]);
    }

    [Fact]
    public async Task A_note_that_did_not_touch_its_ticket_is_read()
    {
        await using var crm = await VendorEmulator.StartAsync<HubSpotEmulator>(Company.Seeded());
        using var harness = Harness(crm);
        await harness.ReadAsync();
        crm.Company.Now += TimeSpan.FromHours(1);
        crm.QuietNotes.Add((5_000, 1, "They were under the mat.", crm.Company.Now));

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Id.ShouldBe("hubspot_ticket_1");
        harness.Documents["hubspot_ticket_1"].Sections[^1].Text.ShouldBe("They were under the mat.");
        (await harness.ReadAsync()).Found.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refresh_searches_for_what_changed()
    {
        await using var crm = await VendorEmulator.StartAsync<HubSpotEmulator>();
        await crm.FillAsync(30);
        using var harness = Harness(crm);
        await harness.ReadAsync();
        crm.Searches.ShouldBe(0, "the list has no end, and a search has");
        for (var times = 1; times <= 2; times++)
        {
            crm.Company.Now += TimeSpan.FromHours(1);
            await crm.AddAsync($"news {times}");

            var run = await harness.ReadAsync();

            run.Found.ShouldHaveSingleItem().Title.ShouldBe($"news {times}");
        }

        crm.Exchanges.Clear();
        await harness.ReadAsync();
        crm.Searches.ShouldBe(2, "tickets and notes");
    }

    [Fact]
    public async Task A_record_that_failed_is_read_by_a_later_run()
    {
        await using var crm = await VendorEmulator.StartAsync<HubSpotEmulator>(Company.Seeded());
        crm.Company["Welcome"].IsBroken = true;
        using var harness = Harness(crm);
        (await harness.ReadAsync()).Failed.ShouldHaveSingleItem().ItemId.ShouldBe("hubspot_ticket_1");
        crm.Company.Now += TimeSpan.FromDays(1);
        await crm.AddAsync("news");
        await harness.ReadAsync();
        crm.Company["Welcome"].IsBroken = false;

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Id.ShouldBe("hubspot_ticket_1");
    }

    private static ReaderHarness Harness(HubSpotEmulator crm)
    {
        var harness = new ReaderHarness(new HubSpotIntegration(), crm.Config, crm.Credentials);
        crm.Equip(harness);
        return harness;
    }
}
