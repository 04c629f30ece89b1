using Tributary.Contract.Emulators;
using Tributary.Integrations.Teams;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Teams;

public class TeamsTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task A_team_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<TeamsEmulator>(new TeamsIntegration());

    [Fact]
    public async Task A_post_with_all_its_replies_is_one_document_for_the_channels_members()
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>(Company.Seeded());
        using var harness = Harness(teams);

        await harness.ReadAsync();

        var thread = One(harness, "A long discussion");
        thread.Id.ShouldStartWith("19:place2@thread.tacv2:17369280000");
        thread.Title.ShouldStartWith(
            "Jürgen Groß in Engineering about A long discussion: Who has seen the lighthouse keys?"
        );
        thread.Sections.Count.ShouldBe(46);
        thread.Sections[45].Text.ShouldContain("Answer number 45 about the keys. @Ada 🎉");
        thread.Sections[45].Link.ShouldNotBe(thread.Link, "a reply has a link of its own");
        thread.PrimaryOwners.Single().Email.ShouldBe("juergen.gross@example.com");
        thread.Access!.Users.Count.ShouldBe(4);
        One(harness, "Board minutes").Access!.Users.ShouldBe(["ada@example.com", "zoe@example.com"]);
        One(harness, "Written by somebody").Title.ShouldStartWith("Unknown User in General");
        harness.Documents.Count.ShouldBe(teams.Company.Items.Count, "no system messages, nothing deleted");
    }

    [Fact]
    public async Task A_bots_card_is_read()
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>(Company.Seeded());
        teams.Bots.Add(teams.Company["Welcome"].Id);
        using var harness = Harness(teams);

        await harness.ReadAsync();

        var post = One(harness, "Welcome");
        post.Title.ShouldStartWith("Build bot in General");
        post.Sections.Single().Text.ShouldContain("How we work here");
    }

    [Fact]
    public async Task A_refresh_asks_for_changes_and_sees_deletions_at_once()
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>(Company.Seeded());
        using var harness = Harness(teams);
        await harness.ReadAsync();
        teams.Company.Now += TimeSpan.FromHours(1);
        await teams.RemoveAsync("Welcome");
        await teams.Change(() => teams.Company.Reply(teams.Company["A long discussion"], "Found them!"));
        teams.Exchanges.Clear();

        var run = await harness.ReadAsync();

        run.Deleted.ShouldHaveSingleItem();
        run.Found.ShouldHaveSingleItem().Sections.Count.ShouldBe(47);
        teams.Exchanges.ShouldNotContain(call => call.Path.EndsWith("/messages"), "only the feeds of changes");
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task A_channel_that_does_not_open_is_named_and_keeps_its_documents()
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>(Company.Seeded());
        using var harness = Harness(teams);
        await harness.ReadAsync();
        teams.Closed[4] = 404;
        await teams.AddAsync("news");

        var run = await harness.ReadAsync();

        run.Failed.ShouldHaveSingleItem()
            .Reason.ShouldStartWith("The channel Board of the team O'Brien & Co cannot be read");
        One(harness, "news");
        One(harness, "Board minutes");
        await Should.ThrowAsync<SourceException>(() => harness.ListAsync());
    }

    [Fact]
    public async Task No_teams_means_all_and_files_are_documents_of_their_own()
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>(Company.Seeded());
        using var harness = Harness(
            teams,
            (TeamsConfig)teams.Config with
            {
                Teams = [],
                IncludeAttachments = true,
                MaxWorkers = 10,
            }
        );

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(teams.Company.Items.Count + 1);
        One(harness, "figures.txt").Access!.Users.Count.ShouldBe(4);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
        (await harness.ReadAsync()).Found.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_post_that_failed_is_read_again_by_the_next_run()
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>(Company.Seeded());
        var broken = teams.Company["Welcome"];
        broken.IsBroken = true;
        using var harness = Harness(teams);
        (await harness.ReadAsync()).Failed.Count.ShouldBe(1);
        broken.IsBroken = false;

        await harness.ReadAsync();

        One(harness, "Welcome");
    }

    private static Document One(ReaderHarness harness, string part) =>
        harness.Documents.Values.Single(document =>
            document.Title!.Contains(part) || document.Sections.Any(section => section.Text.Contains($"Text of {part}"))
        );

    private static ReaderHarness Harness(TeamsEmulator teams, TeamsConfig? config = null)
    {
        var harness = new ReaderHarness(new TeamsIntegration(), config ?? teams.Config, teams.Credentials);
        teams.Equip(harness);
        return harness;
    }
}
