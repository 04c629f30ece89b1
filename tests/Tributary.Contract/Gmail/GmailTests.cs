using System.Text;
using System.Text.Json;
using Tributary.Contract.Emulators;
using Tributary.Integrations.Gmail;
using Tributary.Sdk.Documents;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Gmail;

public class GmailTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task A_mailbox_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<GmailEmulator>(new GmailIntegration());

    [Fact]
    public async Task Messages_are_sections_with_people_and_links()
    {
        await using var mail = await StartAsync();
        using var harness = Harness(mail);

        await harness.ReadAsync();

        var thread = Document(harness, "A long discussion");
        thread.Sections.Count.ShouldBe(46);
        thread.Sections[0].Text.ShouldContain("Subject: A long discussion");
        thread.Sections[0].Text.ShouldContain("Who has seen the lighthouse keys?");
        thread
            .Sections[0]
            .Link.ShouldBe($"https://mail.google.com/mail/u/0/#all/m{1_000 + mail.Company["A long discussion"].Id}");
        thread.PrimaryOwners[0].ShouldBe(new Owner("Jürgen Groß", "juergen.gross@example.com"));
        thread.SecondaryOwners.ShouldBeEmpty("Ada and Zoë wrote, too");
        Document(harness, "Welcome").SecondaryOwners[0].ShouldBe(new Owner("Admin, Ada", "ada@example.com"));
        thread.Access!.Users.ShouldBe(["ada@example.com"]);
        thread.UpdatedAt.ShouldBe(mail.Company["A long discussion"].Replies[^1].CreatedAt, "the Date header lies");
    }

    [Fact]
    public async Task Attachments_are_documents_and_stay_in_a_listing()
    {
        await using var mail = await StartAsync();
        using var harness = Harness(mail);

        await harness.ReadAsync();

        var file = Document(harness, "figures.txt");
        Encoding.UTF8.GetString(harness.FileBytes[file.Id]).ShouldContain("4711 anchors");
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
        using var without = Harness(mail);
        without.Config = new GmailConfig { ApiBaseUrl = mail.Root.AbsoluteUri, IncludeAttachments = false };
        await without.ReadAsync();
        without.Documents.Keys.ShouldNotContain(file.Id);
    }

    [Fact]
    public async Task Pages_quotations_nested_mails_and_bodies_apart_become_text()
    {
        await using var mail = await StartAsync();
        mail.Payloads["Welcome"] = Part(
            "multipart/mixed",
            "",
            Part(
                "multipart/alternative",
                "",
                Part("text/html", "<p>The <b>second</b> choice</p>"),
                Part("text/plain", "")
            ),
            Part("message/rfc822", "", Part("text/plain", "Forwarded words.")),
            new
            {
                mimeType = "text/plain",
                filename = "",
                body = new { size = 9, attachmentId = "large" },
            },
            new
            {
                mimeType = "image/png",
                filename = "logo.png",
                headers = new[] { GmailEmulator.Header("Content-ID", "<logo>") },
                body = new { size = 3, attachmentId = "logo" },
            }
        );
        mail.Bodies["large"] = Encoding.UTF8.GetBytes("A body apart.\n\nOn Monday Ada wrote:\n> an older mail");
        mail.Payloads["Edited twice"] = new
        {
            mimeType = "text/plain",
            filename = "",
            headers = new[] { GmailEmulator.Header("CONTENT-TYPE", "text/plain; charset=iso-8859-1") },
            body = new
            {
                size = 4,
                data = System.Buffers.Text.Base64Url.EncodeToString([0x47, 0x72, 0xFC, 0xDF, 0x65]),
            },
        };
        using var harness = Harness(mail);

        var run = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        var text = harness.Documents[IdOf(mail, "Welcome")].Sections[0].Text;
        text.ShouldContain("The second choice");
        text.ShouldContain("Forwarded words.");
        text.ShouldContain("A body apart.");
        text.ShouldNotContain("an older mail");
        harness.Documents.Values.ShouldNotContain(document => document.Title == "logo.png");
        var latin = harness.Documents[IdOf(mail, "Edited twice")];
        latin.Sections[0].Text.ShouldBe("Grüße");
        latin.Title.ShouldBe("(no subject)");
    }

    [Fact]
    public async Task Drafts_chats_trash_and_advertisements_are_left_out()
    {
        await using var mail = await StartAsync();
        mail.Labels["Welcome"] = ["DRAFT"];
        mail.Labels["Edited twice"] = ["INBOX", "CATEGORY_PROMOTIONS"];
        mail.Labels["A long discussion"] = ["TRASH"];
        using var harness = Harness(mail);

        await harness.ReadAsync();

        harness.Documents.Keys.ShouldNotContain(IdOf(mail, "Welcome"));
        harness.Documents.Keys.ShouldNotContain(IdOf(mail, "Edited twice"));
        harness.Documents[IdOf(mail, "A long discussion")].Sections.Count.ShouldBe(45);
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task A_domain_is_read_mailbox_by_mailbox_and_one_without_mail_stops_nobody()
    {
        await using var mail = await StartAsync();
        mail.WithoutMail.Add("hanako@example.com");
        mail.Refused.Add("zoe@example.com");
        using var harness = Harness(mail);
        harness.Credentials = mail.ServiceAccount("ada@example.com");

        await harness.CheckAsync();
        var run = await harness.ReadAsync();

        run.Skipped.Select(item => item.ItemId).ShouldBe(["hanako@example.com", "zoe@example.com"], ignoreOrder: true);
        var copies = harness.Documents.Values.Where(document => document.Title == "Welcome").ToList();
        copies
            .Select(document => document.Id)
            .ShouldBe(
                [$"ada@example.com:{IdOf(mail, "Welcome")}", $"juergen.gross@example.com:{IdOf(mail, "Welcome")}"],
                ignoreOrder: true
            );
        copies.SelectMany(document => document.Access!.Users).Distinct().Count().ShouldBe(2);
        await Should.ThrowAsync<Sdk.SourceException>(() => harness.ListAsync());
        mail.Refused.Clear();
        mail.WithoutMail.Add("zoe@example.com");
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task Without_the_directory_the_administrators_mailbox_is_read()
    {
        await using var mail = await StartAsync();
        mail.HasNoDirectory = true;
        using var harness = Harness(mail);
        harness.Credentials = mail.ServiceAccount("ada@example.com");

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.Keys.ShouldAllBe(id => id.StartsWith("ada@example.com:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_forgotten_history_lists_everything_again_without_loss()
    {
        await using var mail = await StartAsync();
        using var harness = Harness(mail);
        await harness.ReadAsync();
        await mail.AddAsync("news");
        mail.HasForgotten = true;

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title.ShouldBe("news");
    }

    [Fact]
    public async Task A_page_that_is_always_refused_ends_the_run_instead_of_beginning_again_and_again()
    {
        await using var mail = await VendorEmulator.StartAsync<GmailEmulator>();
        await mail.FillAsync(30);
        mail.RefusesPages = true;
        using var harness = Harness(mail);

        await Should.ThrowAsync<Sdk.SourceException>(() => harness.ReadAsync());
        await Should.ThrowAsync<Sdk.SourceException>(() => harness.ReadAsync());

        mail.Exchanges.Count(exchange => exchange.Path.EndsWith("/threads")).ShouldBe(5);
    }

    [Fact]
    public async Task A_search_that_finds_nothing_is_doubted_and_labels_tell_what_is_left_out()
    {
        await using var mail = await VendorEmulator.StartAsync<GmailEmulator>();
        await mail.FillAsync(30);
        mail.KnowsNoWords = true;
        mail.Labels["item 3"] = ["DRAFT"];
        using var harness = Harness(mail);

        await harness.CheckAsync();
        await harness.ReadAsync(crashAfter: 15);
        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(29);
        (await harness.ListAsync()).Except(harness.Documents.Keys).ShouldHaveSingleItem("a draft, which is not stored");
    }

    [Fact]
    public async Task Without_a_history_everything_is_listed_each_time()
    {
        await using var mail = await StartAsync();
        mail.HasNoHistory = true;
        using var harness = Harness(mail);
        await harness.ReadAsync();
        await mail.AddAsync("news");

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title.ShouldBe("news");
    }

    [Fact]
    public async Task Threads_are_chosen_by_a_search_and_by_labels()
    {
        await using var mail = await StartAsync();
        mail.Labels["Welcome"] = ["INBOX", "Label_1"];
        using var harness = Harness(mail);
        harness.Config = (GmailConfig)mail.Config with { Query = "subject:Edited" };
        await harness.CheckAsync();
        await harness.ReadAsync();
        harness.Documents.Values.ShouldHaveSingleItem().Title.ShouldBe("Edited twice");
        await mail.Change(() => mail.Company.Edit(mail.Company["Edited twice"], "Edited once more."));
        await mail.AddAsync("news");

        (await harness.ReadAsync()).Found.ShouldHaveSingleItem().Title.ShouldBe("Edited twice");

        using var labelled = Harness(mail);
        labelled.Config = (GmailConfig)mail.Config with { LabelIds = ["INBOX", "Label_1"] };
        await labelled.ReadAsync();
        labelled.Documents.Values.ShouldHaveSingleItem().Title.ShouldBe("Welcome");
        (await labelled.ReadAsync()).Found.ShouldBeEmpty();
        labelled.Config = (GmailConfig)mail.Config with { LabelIds = ["Nowhere"] };
        (await Should.ThrowAsync<Sdk.SourceException>(() => labelled.CheckAsync())).Member.ShouldBe("config.label_ids");
    }

    [Fact]
    public async Task A_domain_whose_users_are_listed_by_its_name_is_read()
    {
        await using var mail = await StartAsync();
        mail.ListsByDomain = true;
        using var harness = Harness(mail);
        harness.Credentials = mail.ServiceAccount("ada@example.com");

        await harness.ReadAsync();

        harness.Documents.Keys.ShouldContain(id => id.StartsWith("juergen.gross@example.com:"));
    }

    [Fact]
    public async Task Where_another_root_stands_for_Google_it_gives_the_tokens_too()
    {
        await using var mail = await StartAsync();
        using var harness = Harness(mail);
        harness.Credentials = mail.ServiceAccount("ada@example.com", "https://oauth2.googleapis.com/token");

        await harness.CheckAsync();

        mail.Exchanges.ShouldContain(call => call.Path == "/token");
    }

    [Fact]
    public void Numbers_texts_and_both_alphabets_are_understood()
    {
        JsonSerializer
            .Deserialize("""{"emailAddress":"a@b.c","historyId":12}""", GmailJson.Default.GmailProfile)!
            .HistoryId.ShouldBe("12");
        JsonSerializer
            .Deserialize("""{"id":"t","historyId":"13"}""", GmailJson.Default.GmailThread)!
            .HistoryId.ShouldBe("13");
        JsonSerializer
            .Deserialize(
                """{"id":"t","messages":[{"id":"m","internalDate":1736928000000}]}""",
                GmailJson.Default.GmailThread
            )!
            .Messages!.Single()
            .ReceivedAt!.Value.Year.ShouldBe(2025);
        GmailMessageText.Bytes("+/8=").ShouldBe(GmailMessageText.Bytes("-_8"));
    }

    [Fact]
    public async Task A_deleted_thread_goes_with_the_next_refresh()
    {
        await using var mail = await StartAsync();
        using var harness = Harness(mail);
        await harness.ReadAsync();
        var id = IdOf(mail, "Welcome");
        await mail.RemoveAsync("Welcome");
        mail.Exchanges.Clear();

        await harness.ReadAsync();

        harness.Documents.Keys.ShouldNotContain(id);
        mail.Exchanges.Count.ShouldBe(3, "the profile, the history, the thread that is gone");
    }

    private static object Part(string type, string text, params object[] parts) =>
        new
        {
            mimeType = type,
            filename = "",
            body = GmailEmulator.Body(text),
            parts,
        };

    private static string IdOf(GmailEmulator mail, string title) => $"18f{mail.Company[title].Id:x6}";

    private static Document Document(ReaderHarness harness, string title) =>
        harness.Documents.Values.Single(document => document.Title == title);

    private static Task<GmailEmulator> StartAsync() => VendorEmulator.StartAsync<GmailEmulator>(Company.Seeded());

    private static ReaderHarness Harness(GmailEmulator mail)
    {
        var harness = new ReaderHarness(new GmailIntegration(), mail.Config, mail.Credentials);
        mail.Equip(harness);
        return harness;
    }
}
