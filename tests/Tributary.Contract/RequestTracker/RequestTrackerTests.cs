using Tributary.Contract.Emulators;
using Tributary.Integrations.RequestTracker;
using Tributary.Sdk.Documents;
using Tributary.Testing.Readers;

namespace Tributary.Contract.RequestTracker;

public class RequestTrackerTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task A_tracker_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<RequestTrackerEmulator>(new RequestTrackerIntegration());

    [Fact]
    public async Task A_ticket_has_its_answers_and_comments_without_copies_and_signatures()
    {
        await using var tracker = await VendorEmulator.StartAsync<RequestTrackerEmulator>(Company.Seeded());
        var discussion = tracker.Company["A long discussion"];
        tracker.CommentIds.Add(discussion.Replies[0].Id);
        tracker.HtmlIds.Add(discussion.Replies[1].Id);
        using var harness = Harness(tracker);

        await harness.ReadAsync();

        var ticket = Titled(harness, "A long discussion");
        ticket.Id.ShouldBe($"requesttracker_{discussion.Id}");
        ticket
            .Sections.Select(section => section.Text)
            .ShouldBe(discussion.Replies.Select(reply => reply.Text).Prepend(discussion.Text));
        ticket.Sections[1].Heading!.ShouldEndWith("(comment)");
        ticket
            .Sections[0]
            .Link.ShouldBe(
                $"{tracker.Root.AbsoluteUri}/Ticket/Display.html?id={discussion.Id}#txn-{100_000 + discussion.Id}"
            );
        ticket.PrimaryOwners.ShouldBe([new Owner(null, "juergen.gross@example.com")]);
        ticket.SecondaryOwners.ShouldContain(new Owner(null, "zoe@example.com"));
        ticket.SecondaryOwners.ShouldAllBe(owner => owner.Name != "Nobody" && owner.Name != "RT_System");
        ticket.Metadata["queue"].ToString().ShouldBe("Engineering");
        ticket.Metadata["Harbour"].Values.ShouldBe(["North"]);
        ticket.Metadata.ContainsKey("resolved").ShouldBeFalse("1970 means that it is not");
    }

    [Fact]
    public async Task People_whose_login_is_no_address_are_asked_for_once()
    {
        await using var tracker = await VendorEmulator.StartAsync<RequestTrackerEmulator>(Company.Seeded());
        tracker.HasNamesAsLogins = true;
        using var harness = Harness(tracker);

        await harness.ReadAsync();

        var author = tracker.Company.PersonOf(tracker.Company["A long discussion"].AuthorId);
        Titled(harness, "A long discussion").PrimaryOwners.ShouldBe([new Owner(author.Name, author.Email)]);
        tracker.Exchanges.Count(exchange => exchange.Path.EndsWith("/user/" + author.Email.Split('@')[0])).ShouldBe(1);
    }

    [Fact]
    public async Task What_a_listing_tells_by_id_alone_is_asked_for()
    {
        await using var tracker = await VendorEmulator.StartAsync<RequestTrackerEmulator>(Company.Seeded());
        (tracker.IsLean, tracker.TellsIdsOnly) = (true, true);
        using var harness = Harness(tracker, new RequestTrackerConfig { Queues = ["Engineering"] });

        await harness.CheckAsync();
        await harness.ReadAsync();

        var discussion = tracker.Company["A long discussion"];
        var ticket = Titled(harness, "A long discussion");
        ticket.Sections.Count.ShouldBe(discussion.Replies.Count + 1);
        ticket.Metadata["queue"].ToString().ShouldBe("Engineering");
    }

    [Fact]
    public async Task What_may_not_be_seen_of_a_ticket_leaves_the_rest_of_it()
    {
        await using var tracker = await VendorEmulator.StartAsync<RequestTrackerEmulator>(Company.Seeded());
        var discussion = tracker.Company["A long discussion"];
        tracker.SecretTransactions.Add(400_000 + (2 * discussion.Replies[0].Id));
        using var harness = Harness(tracker);

        var run = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        Titled(harness, "A long discussion").Sections.Count.ShouldBe(discussion.Replies.Count);
    }

    [Fact]
    public async Task A_ticket_without_a_history_is_a_failure_and_not_deleted()
    {
        await using var tracker = await VendorEmulator.StartAsync<RequestTrackerEmulator>();
        await tracker.FillAsync(2);
        using var harness = Harness(tracker);
        await harness.ReadAsync();
        await tracker.ChangeAsync("item 0");
        tracker.HasNoHistory = true;

        var run = await harness.ReadAsync();

        run.Deleted.ShouldBeEmpty();
        run.Failed.ShouldHaveSingleItem().Reason.ShouldContain("shows the ticket");
        harness.Documents.Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_address_of_the_API_does_for_that_of_RT()
    {
        await using var tracker = await VendorEmulator.StartAsync<RequestTrackerEmulator>(Company.Seeded());
        using var harness = Harness(tracker);
        harness.Credentials = tracker.Login("secret") with
        {
            RequesttrackerBaseUrl = tracker.Root.AbsoluteUri + "/REST/2.0/",
        };

        await harness.CheckAsync();
    }

    [Fact]
    public async Task Comments_can_be_left_out()
    {
        await using var tracker = await VendorEmulator.StartAsync<RequestTrackerEmulator>(Company.Seeded());
        tracker.CommentIds.Add(tracker.Company["A long discussion"].Replies[0].Id);
        using var harness = Harness(tracker, new RequestTrackerConfig { IncludeComments = false });

        await harness.ReadAsync();

        Titled(harness, "A long discussion").Sections.Count.ShouldBe(45);
    }

    [Fact]
    public async Task Files_are_documents_where_they_are_wanted()
    {
        await using var tracker = await VendorEmulator.StartAsync<RequestTrackerEmulator>(Company.Seeded());
        using var harness = Harness(tracker, new RequestTrackerConfig { IncludeAttachments = true });

        await harness.ReadAsync();

        var file = harness.Documents.Values.Single(document => document.Title == "figures.txt");
        harness.FileBytes[file.Id].ShouldBe("Quarterly figures: 4711 anchors."u8.ToArray());
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task Queues_and_a_query_choose_the_tickets()
    {
        await using var tracker = await VendorEmulator.StartAsync<RequestTrackerEmulator>(Company.Seeded());
        tracker.Company.Places[0] = tracker.Company.Places[0] with { Name = "Ada's desk" };
        await ReadsAsync(new RequestTrackerConfig { Queues = ["Board"] }, ["Board minutes"]);
        await ReadsAsync(new RequestTrackerConfig { TicketQuery = "Status = 'resolved'" }, ["An archived plan"]);
        await ReadsAsync(
            new RequestTrackerConfig { ExcludeQueues = ["Ada's desk", "Board"] },
            ["A long discussion", "Straßenkarte 🗺️ für Größen", "With an attachment"]
        );

        async Task ReadsAsync(RequestTrackerConfig config, string[] titles)
        {
            using var harness = Harness(tracker, config);
            await harness.CheckAsync();
            await harness.ReadAsync();
            harness
                .Documents.Values.Select(document => document.Title!.Split(": ", 2)[1])
                .ShouldBe(titles, ignoreOrder: true);
            (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
        }
    }

    [Fact]
    public async Task A_token_takes_the_password_s_place()
    {
        await using var tracker = await VendorEmulator.StartAsync<RequestTrackerEmulator>(Company.Seeded());
        using var harness = Harness(tracker);
        harness.Credentials = tracker.Login("1-14-0123456789abcdef") with { RequesttrackerUsername = null };

        await harness.CheckAsync();
    }

    [Fact]
    public async Task Pages_that_rights_leave_empty_are_not_the_end()
    {
        await using var tracker = await VendorEmulator.StartAsync<RequestTrackerEmulator>();
        tracker.TellsTotals = false;
        await tracker.FillAsync(40);
        tracker.Hidden.UnionWith(Enumerable.Range(11, 20));
        using var harness = Harness(tracker);

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(20);
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_tracker_that_takes_no_notice_of_ids_is_read_to_its_end(bool tellsTotals)
    {
        await using var tracker = await VendorEmulator.StartAsync<RequestTrackerEmulator>();
        (tracker.IgnoresIds, tracker.TellsTotals) = (true, tellsTotals);
        await tracker.FillAsync(25);
        using var harness = Harness(tracker);

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(25);
        (await harness.ListAsync()).Distinct().ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task A_ticket_that_is_merged_while_it_is_read_is_deleted()
    {
        await using var tracker = await VendorEmulator.StartAsync<RequestTrackerEmulator>();
        await tracker.FillAsync(3);
        using var harness = Harness(tracker);
        await harness.ReadAsync();
        await foreach (var _ in Changed())
        {
            tracker.Merged[3] = 1;
        }

        harness.Documents.Keys.ShouldBe(["requesttracker_1", "requesttracker_2"], ignoreOrder: true);

        IAsyncEnumerable<Sdk.Reading.ReadItem> Changed()
        {
            tracker.Company.Edit(tracker.Company["item 0"], "Again.");
            tracker.Company.Edit(tracker.Company["item 2"], "Again.");
            return harness.StreamReadAsync();
        }
    }

    [Theory]
    [InlineData("Pacific/Kiritimati")]
    [InlineData("Pacific/Honolulu")]
    public async Task Changes_are_seen_in_whatever_zone_dates_are_read(string zone)
    {
        await using var tracker = await VendorEmulator.StartAsync<RequestTrackerEmulator>(Company.Seeded());
        tracker.Zone = zone;
        using var harness = Harness(tracker);
        await harness.ReadAsync();
        tracker.Company.Now += TimeSpan.FromHours(1);
        tracker.Company.Edit(tracker.Company["Welcome"], "Changed.");

        (await harness.ReadAsync()).Found.ShouldHaveSingleItem().Title!.ShouldEndWith("Welcome");
    }

    private static Document Titled(ReaderHarness harness, string title) =>
        harness.Documents.Values.Single(document => document.Title!.EndsWith(": " + title));

    private static ReaderHarness Harness(RequestTrackerEmulator tracker, RequestTrackerConfig? config = null)
    {
        var harness = new ReaderHarness(new RequestTrackerIntegration(), config ?? tracker.Config, tracker.Credentials);
        tracker.Equip(harness);
        return harness;
    }
}
