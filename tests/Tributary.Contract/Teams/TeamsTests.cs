using System.Text.Json;
using System.Text.RegularExpressions;
using Tributary.Contract.Emulators;
using Tributary.Integrations.Teams;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Settings;
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
        teams.Exchanges.ShouldNotContain(
            call => Regex.IsMatch(call.Path, "/messages/[0-9]+$"),
            "which have the posts themselves"
        );
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

    [Theory]
    [InlineData(400)]
    [InlineData(500)]
    public async Task A_channel_with_a_fault_of_its_own_stops_no_other(int status)
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>(Company.Seeded());
        teams.Closed[2] = status;
        using var harness = Harness(teams);
        await Should.ThrowAsync<SourceException>(() => harness.ListAsync());

        var run = await harness.ReadAsync();

        run.Failed.ShouldHaveSingleItem().Reason.ShouldContain("The channel Engineering");
        One(harness, "Board minutes");
        teams.Closed.Clear();
        await harness.ReadAsync();
        One(harness, "A long discussion");
    }

    [Theory]
    [InlineData("/members", 404)]
    [InlineData("/members", 501)]
    [InlineData("/allChannels", 404)]
    public async Task What_a_gateway_does_not_have_stops_nothing(string address, int status)
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>(Company.Seeded());
        teams.Missing = (address, status);
        using var harness = Harness(teams);

        await harness.CheckAsync();
        (await harness.ReadAsync()).Failed.ShouldBeEmpty();

        harness.Documents.Count.ShouldBe(teams.Company.Items.Count);
        harness.Documents.Values.ShouldAllBe(document => !document.Access!.IsPublic);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task A_channel_of_the_team_itself_is_read_whatever_tenant_it_names()
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>(Company.Seeded());
        teams.ChannelTenant = 1001;
        using var harness = Harness(teams);

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(teams.Company.Items.Count);
    }

    [Fact]
    public async Task A_listing_that_was_interrupted_too_long_ago_begins_anew()
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>();
        await teams.FillAsync(60);
        using var harness = Harness(teams);
        await harness.ReadAsync(crashAfter: 30);
        harness.Documents.ShouldNotBeEmpty();
        teams.ForgetsPages = true;

        (await harness.ReadAsync()).Failed.ShouldBeEmpty();

        teams.ForgetsPages.ShouldBeFalse();
        harness.Documents.Count.ShouldBe(60);
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

    [Fact]
    public async Task Who_leaves_a_team_can_read_none_of_its_posts_after_the_next_refresh()
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>(Company.Seeded());
        using var harness = Harness(teams);
        await harness.ReadAsync();
        teams.Left.Add(2);

        await harness.ReadAsync();

        One(harness, "A long discussion").Access!.Users.ShouldNotContain("juergen.gross@example.com");
        One(harness, "A long discussion")
            .PrimaryOwners.Single()
            .Email.ShouldBe("juergen.gross@example.com", "he has still written it");
        teams.Exchanges.Clear();
        (await harness.ReadAsync()).Found.ShouldBeEmpty();
        teams.Exchanges.ShouldNotContain(call => call.Path.EndsWith("/messages"));
    }

    [Fact]
    public async Task Pictures_in_posts_and_replies_are_documents_where_that_is_wanted()
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>(Company.Seeded());
        teams.Pictured.Add(teams.Company["Welcome"].Id);
        teams.Company.Reply(teams.Company["Welcome"], "Look at this");
        using var harness = Harness(teams);
        await harness.ReadAsync();
        harness.Documents.Count.ShouldBe(teams.Company.Items.Count);
        harness.Config = (TeamsConfig)teams.Config with { IncludeInlineImages = true };

        await harness.ReadAsync();

        var pictures = harness.Documents.Values.Where(document => document.File is not null).ToList();
        pictures.Count.ShouldBe(2);
        pictures[0].Id.ShouldStartWith("teams-image:19:place1@thread.tacv2:");
        pictures[0].Access!.Users.Count.ShouldBe(4);
        harness.FileBytes[pictures[0].Id].Length.ShouldBe(8);
        pictures.Select(picture => picture.Title).ShouldContain("Picture by Jürgen Groß in General");
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
        (await harness.ReadAsync()).Found.ShouldBeEmpty();
    }

    [Fact]
    public async Task Transcripts_and_chats_of_an_organizers_meetings_are_read_for_those_who_took_part()
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>(Company.Seeded());
        var day = new DateTimeOffset(2025, 1, 14, 9, 0, 0, TimeSpan.Zero);
        teams.Transcripts.Add(
            new EmulatedTranscript(
                "t1",
                day,
                """
                WEBVTT

                1
                00:00:01.000 --> 00:00:03.000
                <v Ada Admin>Good morning &amp; welcome.</v>

                00:00:03.000 --> 00:00:05.000
                <v Ada Admin>Shall we begin?</v>

                00:00:06.000 --> 00:00:07.000
                <v 山田 花子>Yes.</v>
                """
            )
        );
        teams.Written.AddRange([(3, "I am late", day), (1, "No problem", day.AddMinutes(1))]);
        var all = (TeamsConfig)teams.Config with
        {
            IncludeMeetingTranscripts = true,
            IncludeMeetingChats = true,
            MeetingOrganizers = ["ada@example.com"],
        };
        using var harness = Harness(teams, all);

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(teams.Company.Items.Count + 2);
        var transcript = harness.Documents["teams-transcript:t1"];
        transcript.Title.ShouldBe("Weekly, 2025-01-14");
        transcript
            .Sections.Single()
            .Text.ShouldBe("Ada Admin: Good morning & welcome. Shall we begin?\n\n山田 花子: Yes.");
        transcript.Access!.Users.ShouldBe(["ada@example.com", "hanako@example.com"]);
        transcript.Link.ShouldBe("https://teams.microsoft.com/l/meetup-join/weekly");
        var chat = harness.Documents[$"teams-chat:{TeamsEmulator.MeetingChat}"];
        chat.Title.ShouldBe("Weekly");
        chat.Sections.Count.ShouldBe(2);
        chat.Sections[0].Text.ShouldContain("I am late");
        chat.Access!.Users.ShouldBe(["ada@example.com", "hanako@example.com"]);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
        (await harness.ReadAsync()).Found.ShouldBeEmpty();

        teams.Transcripts.Add(new EmulatedTranscript("t2", day.AddHours(5), "WEBVTT\n"));
        teams.Written.Add((1, "See you", day.AddHours(5)));

        (await harness.ReadAsync())
            .Found.Select(document => document.Id)
            .ShouldBe(["teams-transcript:t2", chat.Id], ignoreOrder: true);
    }

    [Theory]
    [InlineData(402)]
    [InlineData(403)]
    public async Task Meetings_that_no_policy_opens_are_named_with_the_cure_and_stop_nothing_else(int status)
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>(Company.Seeded());
        teams.PolicyStatus = status;
        using var harness = Harness(
            teams,
            (TeamsConfig)teams.Config with
            {
                IncludeMeetingTranscripts = true,
                MeetingOrganizers = ["ada@example.com"],
            }
        );

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());
        var run = await harness.ReadAsync();

        refusal.Kind.ShouldBe(FailureKind.Credentials);
        refusal.Message.ShouldContain("OnlineMeetingTranscript.Read.All");
        refusal.Message.ShouldContain("Grant-CsApplicationAccessPolicy");
        run.Failed.ShouldHaveSingleItem().Reason.ShouldStartWith("Meetings of ada@example.com cannot be read");
        harness.Documents.Count.ShouldBe(teams.Company.Items.Count);
    }

    [Fact]
    public async Task An_organizer_who_is_not_there_is_named()
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>(Company.Seeded());
        using var harness = Harness(
            teams,
            (TeamsConfig)teams.Config with
            {
                IncludeMeetingChats = true,
                MeetingOrganizers = ["nobody@example.com"],
            }
        );

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        refusal.Member.ShouldBe("config.meeting_organizers");
        refusal.Message.ShouldContain("nobody@example.com");
    }

    [Theory]
    [InlineData("/teams", "Team.ReadBasic.All")]
    [InlineData("/allChannels", "Channel.ReadBasic.All")]
    [InlineData("/messages", "ChannelMessage.Read.All")]
    [InlineData("/members", "ChannelMember.Read.All")]
    [InlineData("/filesFolder", "Files.Read.All")]
    public async Task A_missing_permission_is_named_with_the_place_to_give_it(string address, string permission)
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>(Company.Seeded());
        teams.Forbidden = address;
        using var harness = Harness(teams, (TeamsConfig)teams.Config with { IncludeAttachments = true });

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        refusal.Kind.ShouldBe(FailureKind.Credentials);
        refusal.Message.ShouldContain(permission);
        refusal.Message.ShouldContain("Entra admin center");
    }

    [Fact]
    public async Task A_renamed_team_is_read_on_and_a_name_that_is_unknown_stops_no_other()
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>(Company.Seeded());
        using var harness = Harness(teams);
        await harness.ReadAsync();
        teams.Name = "O'Brien & Sons";
        await teams.AddAsync("news");

        (await harness.ReadAsync()).Failed.ShouldBeEmpty();

        One(harness, "news").Metadata["team"].ToString().ShouldBe("O'Brien & Sons");
        await Should.ThrowAsync<SourceException>(() => harness.ListAsync());
        using var both = Harness(teams, (TeamsConfig)teams.Config with { Teams = ["o'brien & sons", "Gardeners"] });
        (await both.ReadAsync()).Failed.ShouldHaveSingleItem().Reason.ShouldContain("'Gardeners'");
        both.Documents.Count.ShouldBe(teams.Company.Items.Count);
    }

    [Fact]
    public async Task A_team_is_refused_by_its_name_only_when_none_of_its_channels_opens()
    {
        await using var teams = await VendorEmulator.StartAsync<TeamsEmulator>(Company.Seeded());
        using var harness = Harness(teams);
        teams.Closed[1] = 404;
        await harness.CheckAsync();
        foreach (var place in teams.Company.Places)
        {
            teams.Closed[place.Id] = 404;
        }

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        refusal.Kind.ShouldBe(FailureKind.Configuration);
        refusal.Member.ShouldBe("config.teams");
        refusal.Message.ShouldStartWith("The team O'Brien & Co cannot be read");
    }

    [Fact]
    public void Organizers_are_taken_by_their_earlier_name_and_are_needed_for_meetings()
    {
        using var json = JsonDocument.Parse(
            """{"include_meeting_transcripts":true,"transcript_organizers":["ada@example.com"]}"""
        );
        var problems = new List<SettingsProblem>();

        var config = SettingsReader.Read<TeamsConfig>(json.RootElement, UnknownMembers.Refused, problems)!;

        problems.ShouldBeEmpty();
        config.MeetingOrganizers.ShouldBe(["ada@example.com"]);
        (config with { MeetingOrganizers = null })
            .Validate()
            .ShouldHaveSingleItem()
            .Path.ShouldBe(["meeting_organizers"]);
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
