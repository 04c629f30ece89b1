using Tributary.Contract.Emulators;
using Tributary.Integrations.Zendesk;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Zendesk;

public class AttachmentTests
{
    private const string File = "zendesk_attachment_1";

    [Fact]
    public Task Files_of_tickets_are_documents_of_their_own() => Are_documents<ZendeskEmulator>("zendesk_ticket_52");

    [Fact]
    public Task Files_of_articles_are_documents_of_their_own() => Are_documents<HelpCenterEmulator>("article:52");

    [Fact]
    public async Task Files_within_the_text_are_none()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>(Company.Seeded());
        desk.Company["Welcome"].Attachments.Add(new CompanyFile(2, "inline.png", "image/png", [1]));
        using var harness = Harness(desk);

        await harness.ReadAsync();

        harness.Documents.Keys.Where(id => id.StartsWith("zendesk_attachment")).ShouldBe([File]);
    }

    [Fact]
    public async Task A_listing_asks_for_no_thread_that_is_known()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>(Company.Seeded());
        using var harness = Harness(desk);
        await harness.ReadAsync();
        desk.Exchanges.Clear();

        var ids = await harness.ListAsync();

        ids.ShouldContain(File);
        desk.Exchanges.ShouldAllBe(exchange => !exchange.Path.EndsWith("/comments"));
    }

    [Fact]
    public async Task A_file_goes_when_it_is_taken_out_and_when_its_ticket_is_deleted()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>(Company.Seeded());
        var ticket = desk.Company["With an attachment"];
        ticket.Attachments.Add(new CompanyFile(1, "figures again.txt", "text/plain", "Other figures."u8.ToArray()));
        ticket.Attachments.RemoveAt(0);
        using var harness = Harness(desk);
        await harness.ReadAsync();
        harness.Documents.Keys.ShouldContain(File);

        ticket.Attachments.Clear();
        desk.Company.Edit(ticket, "The figures are gone.");
        await harness.ReadAsync();
        harness.Documents.Keys.ShouldNotContain(File);

        ticket.Attachments.Add(new CompanyFile(1, "figures.txt", "text/plain", "Figures."u8.ToArray()));
        desk.Company.Edit(ticket, "The figures are back.");
        await harness.ReadAsync();
        harness.Documents.Keys.ShouldContain(File);
        desk.Company.Remove(ticket);
        var run = await harness.ReadAsync();

        run.Deleted.ShouldBe(["zendesk_ticket_52", File], ignoreOrder: true);
    }

    [Fact]
    public async Task Files_that_are_asked_for_later_come_with_what_is_known()
    {
        await using var desk = await VendorEmulator.StartAsync<ZendeskEmulator>(Company.Seeded());
        using var harness = Harness(desk);
        harness.Config = desk.Config;
        await harness.ReadAsync();
        harness.Documents.Keys.ShouldNotContain(File);

        harness.Config = (ZendeskConfig)desk.Config with { IncludeAttachments = true };
        await harness.ReadAsync();

        harness.Documents.Keys.ShouldContain(File);
        harness.Documents.Keys.ShouldBe((await harness.ListAsync()).Distinct(), ignoreOrder: true);
    }

    private static async Task Are_documents<TEmulator>(string owner)
        where TEmulator : ZendeskEmulator, new()
    {
        await using var desk = await VendorEmulator.StartAsync<TEmulator>(Company.Seeded());
        using var harness = Harness(desk);

        await harness.ReadAsync();

        var file = harness.Documents[File];
        file.Title.ShouldBe("figures.txt");
        file.Metadata["attachment_of"].ToString().ShouldBe(owner);
        file.Link.ShouldBe(harness.Documents[owner].Link);
        file.Access.ShouldBe(harness.Documents[owner].Access);
        System.Text.Encoding.UTF8.GetString(harness.FileBytes[File]).ShouldContain("4711 anchors");
        harness.Documents.Keys.ShouldBe((await harness.ListAsync()).Distinct(), ignoreOrder: true);
        using var fresh = Harness(desk);
        (await fresh.ListAsync()).Distinct().ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    private static ReaderHarness Harness(ZendeskEmulator desk)
    {
        var harness = new ReaderHarness(
            new ZendeskIntegration(),
            (ZendeskConfig)desk.Config with
            {
                IncludeAttachments = true,
            },
            desk.Credentials
        );
        desk.Equip(harness);
        return harness;
    }
}
