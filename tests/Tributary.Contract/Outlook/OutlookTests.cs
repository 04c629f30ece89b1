using System.Text.Json.Nodes;
using Tributary.Contract.Emulators;
using Tributary.Integrations.Outlook;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Reading;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Outlook;

public class OutlookTests
{
    private const string Ada = "ada@example.com";
    private const string Jürgen = "juergen.gross@example.com";

    [Fact]
    [Trait("Category", "Slow")]
    public Task A_mailbox_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<OutlookEmulator>(new OutlookIntegration());

    [Fact]
    public async Task A_thread_in_four_mailboxes_is_one_document_with_four_readers()
    {
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>(Company.Seeded());
        using var harness = Harness(exchange);
        harness.Config = exchange.WholeTenant;

        await harness.CheckAsync();
        await harness.ReadAsync();

        var thread = One(harness, "A long discussion");
        thread.Id.ShouldMatch("^outlook-thread:[A-Za-z0-9_-]{30}$");
        thread.Access!.Users.Count.ShouldBe(4);
        thread.Sections.Count.ShouldBe(46);
        thread.Sections[45].Text.ShouldContain("Answer number 45 about the keys.");
        thread.Sections[45].Text.ShouldNotContain("quoted");
        thread
            .Sections[0]
            .Text.ShouldStartWith("From: Jürgen Groß (juergen.gross@example.com)\nTo: Ada Admin (ada@example.com), ");
        thread.Sections[0].Link.ShouldNotBe(thread.Sections[1].Link);
        thread.PrimaryOwners.Count.ShouldBe(4);
        harness.Documents.Count.ShouldBe(exchange.Company.Items.Count, "drafts are none");
        harness.Documents.Keys.ShouldBe((await harness.ListAsync()).Distinct(), ignoreOrder: true);
    }

    [Fact]
    public async Task Who_is_left_out_of_later_mails_reads_only_those_that_name_him()
    {
        var company = new Company();
        var item = company.Add("Budget", "We have to save.");
        company.Reply(item, "Without Zoë: we cut her project.", authorId: 1);
        company.Reply(item, "Behind Jürgen's back: he goes, too.", authorId: 1);
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>(company);
        exchange.Named = (_, reply) =>
            reply is null ? [2, 1, 4]
            : reply.Text.StartsWith("Without") ? [2, 1]
            : [1, 3];
        using var harness = Harness(exchange);
        harness.Config = exchange.WholeTenant;

        await harness.ReadAsync();

        var main = harness.Documents.Values.Single(document => document.Id.Split(':').Length == 2);
        main.Access!.Users.ShouldBe([Ada, Jürgen]);
        main.Sections.Count.ShouldBe(2);
        var part = harness.Documents.Values.Single(document => document.Id.EndsWith("000000000004"));
        part.Access!.Users.ShouldBe(["zoe@example.com"]);
        part.Sections.ShouldHaveSingleItem().Text.ShouldContain("We have to save.");
        var own = harness.Documents.Values.Where(document => document.Id.EndsWith(":own")).ToList();
        own.Select(document => document.Access!.Users.Single())
            .ShouldBe([Ada, "hanako@example.com"], ignoreOrder: true);
        own.ShouldAllBe(document => document.Sections.Single().Text.Contains("Behind"));
        harness.Documents.Keys.ShouldBe((await harness.ListAsync()).Distinct(), ignoreOrder: true);
    }

    [Fact]
    public async Task Mailboxes_out_of_scope_are_passed_over_in_a_tenant_and_refused_by_name()
    {
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>(Company.Seeded());
        exchange.Closed[2] = 403;
        exchange.Closed[3] = 404;
        using var harness = Harness(exchange);

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());
        refusal.Kind.ShouldBe(FailureKind.Credentials);
        refusal.Message.ShouldContain("Mail.Read");
        harness.Config = exchange.WholeTenant;
        await harness.CheckAsync();
        var run = await harness.ReadAsync();

        run.Skipped.Select(item => item.ItemId).ShouldBe([Jürgen, "hanako@example.com"]);
        One(harness, "Welcome").Access!.Users.ShouldContain(Jürgen, "he is on it, though another mailbox is read");
        harness.Documents.Keys.ShouldBe((await harness.ListAsync()).Distinct(), ignoreOrder: true);
        exchange.Closed[1] = 423;
        await Should.ThrowAsync<SourceException>(() => Harness(exchange, exchange.WholeTenant).ListAsync());
    }

    [Fact]
    public async Task Members_of_a_group_are_read_and_their_senders_outside_are_not()
    {
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>(Company.Seeded());
        using var harness = Harness(exchange, exchange.WholeTenant with { MailboxGroups = ["Sales & 'Friends'"] });

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(exchange.Company.Items.Count, "one of the two writes each thread");
        exchange.Exchanges.ShouldNotContain(call => call.Path.Contains("000000000002/"));
    }

    [Fact]
    public async Task Excluded_folders_junk_and_the_bin_are_left_out()
    {
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>(Company.Seeded());
        using var harness = Harness(exchange, (OutlookConfig)exchange.Config with { ExcludedFolders = ["ARCHIVE"] });
        exchange.Trashed.Add((2, exchange.Company["Welcome"].Id));

        await harness.ReadAsync();

        harness.Documents.Values.ShouldNotContain(document => document.Title == "Welcome");
        harness.Documents.Values.ShouldNotContain(document => document.Title == "An archived plan");
        harness.Documents.Count.ShouldBe(exchange.Company.Items.Count - 2);
    }

    [Fact]
    public async Task A_thread_that_its_first_sender_has_not_kept_is_written_by_those_who_have()
    {
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>(Company.Seeded());
        var item = exchange.Company["A long discussion"];
        exchange.Unkept.Add((item.AuthorId, item.Id));
        using var harness = Harness(exchange, exchange.WholeTenant);

        await harness.ReadAsync();

        var copies = harness.Documents.Values.Where(document => document.Title == item.Title).ToList();
        copies.Count.ShouldBe(3);
        copies.ShouldAllBe(copy => copy.Id.EndsWith(":own") && copy.Access!.Users.Count == 1);
        copies.ShouldAllBe(copy => copy.Sections.Count == 46);
        harness.Documents.Keys.ShouldBe((await harness.ListAsync()).Distinct(), ignoreOrder: true);

        exchange.Unkept.Clear();
        await exchange.Change(() => exchange.Company.Reply(item, "Found them!"));
        await harness.ReadAsync();

        One(harness, item.Title).Access!.Users.Count.ShouldBe(4);
        harness.Documents.Keys.ShouldBe((await harness.ListAsync()).Distinct(), ignoreOrder: true);
    }

    [Fact]
    public async Task Leaving_out_sent_mail_leaves_the_recipients_theirs()
    {
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>(Company.Seeded());
        using var harness = Harness(exchange, exchange.WholeTenant with { ExcludedFolders = ["sentitems"] });

        await harness.ReadAsync();

        harness.Documents.Values.ShouldContain(document => document.Title == "Welcome");
        harness.Documents.Keys.ShouldBe((await harness.ListAsync()).Distinct(), ignoreOrder: true);
        var run = await harness.ReadAsync(fromBeginning: true);
        run.Deleted.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    public async Task Where_folders_cannot_be_asked_for_by_name_the_bin_is_known_by_what_it_is_called(int status)
    {
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>(Company.Seeded());
        exchange.Missing = ("/deleteditems", status);
        exchange.Bin = "Deleted Items";
        exchange.Trashed.Add((2, exchange.Company["Welcome"].Id));
        using var harness = Harness(exchange);

        (await harness.ReadAsync()).Failed.ShouldBeEmpty();

        harness.Documents.Count.ShouldBe(exchange.Company.Items.Count - 1);
    }

    [Fact]
    public async Task A_group_is_read_where_its_members_come_with_groups_among_them()
    {
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>(Company.Seeded());
        exchange.Missing = ("/microsoft.graph.user", 400);
        using var harness = Harness(exchange, exchange.WholeTenant with { MailboxGroups = ["Sales & 'Friends'"] });

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(exchange.Company.Items.Count);
        exchange.Exchanges.ShouldNotContain(call => call.Path.Contains("000000000078/"));
    }

    [Fact]
    public async Task A_thread_is_read_though_its_attachments_cannot_be_listed_and_they_come_with_the_next_run()
    {
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>(Company.Seeded());
        exchange.Missing = ("/attachments", 403);
        using var harness = Harness(exchange, (OutlookConfig)exchange.Config with { IncludeAttachments = true });

        (await harness.ReadAsync()).Failed.ShouldHaveSingleItem();

        One(harness, "With an attachment");
        exchange.Missing = null;
        await harness.ReadAsync();
        One(harness, "figures.txt");
    }

    [Fact]
    public async Task Without_feeds_of_changes_folders_are_listed_by_what_changed()
    {
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>();
        await exchange.FillAsync(30);
        exchange.HasNoDelta = true;
        exchange.Meetings.Add(
            Meeting("evtOne=", "singleInstance", "Lunch 🍜", "2025-01-15T12:00:00.0000000", "private")
        );
        using var harness = Harness(exchange, (OutlookConfig)exchange.Config with { IncludeCalendar = true });
        await harness.CheckAsync();
        await harness.ReadAsync();
        harness.Documents.Count.ShouldBe(31);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
        exchange.Company.Now += TimeSpan.FromDays(3);
        await exchange.AddAsync("news");
        await harness.ReadAsync();
        exchange.Company.Now += TimeSpan.FromDays(3);
        await exchange.AddAsync("more news");

        (await harness.ReadAsync())
            .Found.Select(document => document.Title)
            .ShouldBe(
                ["news", "more news"],
                "what is older than a day before the newest mail of the last pass is not asked for again"
            );
    }

    [Fact]
    public async Task A_mailbox_that_answers_with_a_fault_of_its_own_stops_no_other()
    {
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>(Company.Seeded());
        exchange.Closed[3] = 500;
        using var harness = Harness(exchange, exchange.WholeTenant);

        (await harness.ReadAsync()).Failed.ShouldNotBeEmpty();

        harness.Documents.Values.ShouldContain(document => document.Title == "Welcome");
        await Should.ThrowAsync<SourceException>(() => harness.ListAsync());
        exchange.Closed.Clear();
        await harness.ReadAsync();
        harness.Documents.Keys.ShouldBe((await harness.ListAsync()).Distinct(), ignoreOrder: true);
    }

    [Fact]
    public async Task A_user_is_who_has_the_address_whatever_else_is_answered()
    {
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>(Company.Seeded());
        exchange.IgnoresFilters = true;
        using var harness = Harness(exchange, exchange.WholeTenant);

        await harness.ReadAsync();

        One(harness, "A long discussion").Access!.Users.Count.ShouldBe(4);
        harness.Documents.Keys.ShouldBe((await harness.ListAsync()).Distinct(), ignoreOrder: true);
        harness.Config = (OutlookConfig)exchange.Config with { Mailboxes = ["nobody@example.com"] };
        (await Should.ThrowAsync<SourceException>(() => harness.CheckAsync())).Member.ShouldBe("config.mailboxes");
    }

    [Fact]
    public async Task A_thread_that_is_thrown_away_is_gone_with_the_next_refresh()
    {
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>(Company.Seeded());
        using var harness = Harness(exchange);
        await harness.ReadAsync();
        exchange.Trashed.Add((2, exchange.Company["Welcome"].Id));

        var run = await harness.ReadAsync();

        run.Deleted.ShouldHaveSingleItem();
        harness.Documents.Values.ShouldNotContain(document => document.Title == "Welcome");
    }

    [Fact]
    public async Task A_refresh_asks_for_what_is_new_and_survives_a_forgotten_link()
    {
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>();
        await exchange.FillAsync(30);
        using var harness = Harness(exchange);
        await harness.ReadAsync();
        await exchange.AddAsync("news");
        exchange.Exchanges.Clear();

        (await harness.ReadAsync()).Found.ShouldHaveSingleItem().Title.ShouldBe("news");
        exchange.Exchanges.Count(call => call.Path.EndsWith("/delta")).ShouldBe(5, "one a folder");
        exchange.Exchanges.Count(call => call.Path.EndsWith("/messages")).ShouldBe(1, "one thread");

        exchange.ForgetsLinks = true;
        await exchange.AddAsync("more news");
        await harness.ReadAsync();
        One(harness, "more news");
    }

    [Fact]
    public async Task Old_mail_is_not_read_and_changes_no_thread()
    {
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>(Company.Seeded());
        var thread = exchange.Company["A long discussion"];
        using var harness = Harness(
            exchange,
            (OutlookConfig)exchange.Config with
            {
                MailHistoryDays = 1,
            },
            new Testing.ManualTime(thread.Replies[39].CreatedAt.AddDays(1))
        );

        await harness.ReadAsync();

        var document = One(harness, "RE: A long discussion");
        document.Sections.Count.ShouldBe(6);
        document.Id.Split(':').Length.ShouldBe(2, "the first mail tells who writes it, though it is not read");
        harness.Documents.Values.ShouldNotContain(other => other.Title == "Welcome");
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task Attachments_are_documents_of_their_own()
    {
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>(Company.Seeded());
        using var harness = Harness(exchange, (OutlookConfig)exchange.Config with { IncludeAttachments = true });

        await harness.ReadAsync();

        var file = One(harness, "figures.txt");
        System.Text.Encoding.UTF8.GetString(harness.FileBytes[file.Id]).ShouldBe("Quarterly figures: 4711 anchors.");
        file.Access!.Users.ShouldContain(Ada);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task A_series_is_read_once_and_a_private_meeting_is_its_owners()
    {
        await using var exchange = await VendorEmulator.StartAsync<OutlookEmulator>();
        exchange.Meetings.Add(
            Meeting("evtOne=", "singleInstance", "Lunch 🍜", "2025-01-15T12:00:00.0000000", "private")
        );
        exchange.Meetings.Add(Meeting("evtA=", "occurrence", null, "2025-01-16T09:00:00.0000000", master: "evtM="));
        exchange.Meetings.Add(Meeting("evtB=", "occurrence", null, "2025-01-23T09:00:00.0000000", master: "evtM="));
        var series = Meeting("evtM=", "seriesMaster", "Weekly", "2025-01-09T09:00:00.0000000");
        series["recurrence"] = new JsonObject
        {
            ["pattern"] = new JsonObject
            {
                ["type"] = "weekly",
                ["interval"] = 1,
                ["daysOfWeek"] = new JsonArray("thursday"),
            },
            ["range"] = new JsonObject { ["type"] = "noEnd", ["startDate"] = "2025-01-09" },
        };
        exchange.Masters.Add(series);
        using var harness = Harness(exchange, (OutlookConfig)exchange.Config with { IncludeCalendar = true });

        await harness.CheckAsync();
        await harness.ReadAsync();

        One(harness, "Lunch 🍜").Access!.Users.ShouldBe([Jürgen]);
        var weekly = One(harness, "Weekly");
        weekly.Sections.Single().Text.ShouldContain("Repeats: every week on thursday");
        weekly.Sections.Single().Text.ShouldContain("When: 2025-01-09 09:00 to 2025-01-09 10:00 UTC");
        weekly.Access!.Users.ShouldBe([Ada, Jürgen]);
        harness.Documents.Keys.ShouldBe((await harness.ListAsync()).Distinct(), ignoreOrder: true);
        (await harness.ReadAsync()).Unchanged.ShouldNotBeEmpty("a meeting that did not change is known by its time");
    }

    [Fact]
    public void Thousands_of_mailboxes_leave_the_checkpoint_small()
    {
        var position = new OutlookPosition { Selection = "s" };
        for (var folder = 0; folder < 5_000; folder++)
        {
            position.End($"folder {folder:D10}", new string('x', 300));
        }

        for (var thread = 0; thread < 40; thread++)
        {
            position.Hold($"thread {thread}", new string('y', 200));
        }

        position.Links.IsFull.ShouldBeTrue();
        ReadItem.Checkpoint.From(position).Position.GetRawText().Length.ShouldBeLessThan(64 * 1024);
        position.Hold("one too many", "");
        position.Links.Known.ShouldBeEmpty("everything is listed again");
    }

    private static JsonObject Meeting(
        string id,
        string type,
        string? subject,
        string start,
        string sensitivity = "normal",
        string? master = null
    ) =>
        EmulatorAnswer.Sparse(
            new
            {
                id,
                type,
                subject,
                seriesMasterId = master,
                sensitivity,
                start = new { dateTime = start, timeZone = "UTC" },
                end = new { dateTime = start.Replace("T09", "T10"), timeZone = "UTC" },
                organizer = Person(Jürgen),
                attendees = new[] { Person(Ada) },
                lastModifiedDateTime = "2025-01-10T00:00:00Z",
                body = new { contentType = "html", content = "<p>Agenda</p>" },
            }
        );

    private static object Person(string address) => new { emailAddress = new { name = address, address } };

    private static Document One(ReaderHarness harness, string title) =>
        harness.Documents.Values.Single(document => document.Title == title);

    private static ReaderHarness Harness(
        OutlookEmulator exchange,
        OutlookConfig? config = null,
        TimeProvider? clock = null
    )
    {
        var harness = new ReaderHarness(new OutlookIntegration(), config ?? exchange.Config, exchange.Credentials)
        {
            Time = clock ?? new Testing.ManualTime(),
        };
        exchange.Equip(harness);
        return harness;
    }
}
