using Tributary.Contract.Emulators;
using Tributary.Integrations.Linear;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Linear;

public class LinearTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task A_workspace_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<LinearEmulator>(new LinearIntegration());

    [Fact]
    public async Task An_issue_has_all_its_comments_also_beyond_the_first_page()
    {
        await using var linear = await VendorEmulator.StartAsync<LinearEmulator>(Company.Seeded());
        using var harness = Harness(linear);

        await harness.ReadAsync();

        var issue = harness.Documents[LinearEmulator.IdOf(3)];
        issue.Title.ShouldBe("[ABC-3] A long discussion");
        issue.Sections.Count.ShouldBe(46);
        issue.Sections[1].Text.ShouldBe("Answer number 1 about the keys.");
        issue.Sections[45].Text.ShouldBe("Answer number 45 about the keys.");
        issue.Sections[45].Link.ShouldEndWith("#comment-48");
        issue.Metadata["previous_identifiers"].ToString().ShouldBe("OLD-3");
        issue.Metadata["team"].ToString().ShouldBe("Engineering");
        issue.UpdatedAt.ShouldBe(linear.Company["A long discussion"].UpdatedAt);
        issue.PrimaryOwners.ShouldHaveSingleItem().Email.ShouldBe("juergen.gross@example.com");
    }

    [Fact]
    public async Task Comments_of_bots_have_their_name()
    {
        await using var linear = await VendorEmulator.StartAsync<LinearEmulator>();
        linear.Company.Reply(linear.Company.Add("Deploy", ""), "Done.", authorId: 5);
        using var harness = Harness(linear);

        await harness.ReadAsync();

        harness.Documents.Values.ShouldHaveSingleItem().Sections.ShouldHaveSingleItem().Heading.ShouldBe("Robot");
    }

    [Fact]
    public async Task Issues_of_private_teams_are_for_their_members()
    {
        await using var linear = await VendorEmulator.StartAsync<LinearEmulator>(Company.Seeded());
        using var harness = Harness(linear);

        await harness.ReadAsync();

        var minutes = harness.Documents.Values.Single(document => document.Title!.EndsWith("Board minutes")).Access!;
        minutes.IsPublic.ShouldBeFalse();
        minutes.Users.ShouldBe(["ada@example.com", "zoe@example.com"]);
        minutes.Groups.ShouldHaveSingleItem().ShouldStartWith("linear_team:");
        harness.Documents[LinearEmulator.IdOf(1)].Access!.IsPublic.ShouldBeTrue();
    }

    [Fact]
    public async Task Issues_of_private_teams_are_read_by_a_key_that_does_not_see_the_members()
    {
        await using var linear = await VendorEmulator.StartAsync<LinearEmulator>(Company.Seeded());
        linear.HidesMembers = true;
        using var harness = Harness(linear);

        var run = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        var minutes = harness.Documents.Values.Single(document => document.Title!.EndsWith("Board minutes")).Access!;
        (minutes.IsPublic, minutes.Users.Count, minutes.Groups.Count).ShouldBe((false, 0, 1));
    }

    [Theory]
    [InlineData("lin_api_1", "lin_api_1")]
    [InlineData(" Bearer lin_api_1 ", "lin_api_1")]
    [InlineData("lin_oauth_1", "Bearer lin_oauth_1")]
    [InlineData("bearer lin_oauth_1", "Bearer lin_oauth_1")]
    [InlineData("another", "another")]
    public void A_key_stands_alone_and_a_token_behind_its_scheme(string typed, string header) =>
        new LinearCredentials { LinearApiKey = typed }.KeyHeader.ShouldBe(header);

    [Theory]
    [InlineData("", "https://api.linear.app/")]
    [InlineData("127.0.0.1:1/graphql/", "https://127.0.0.1:1/")]
    [InlineData("http://127.0.0.1:1/linear", "http://127.0.0.1:1/linear")]
    public void The_address_of_the_API_may_be_blank_or_whole(string typed, string root)
    {
        var config = new LinearConfig { ApiBaseUrl = typed };

        config.Validate().ShouldBeEmpty();
        config.Root.AbsoluteUri.ShouldBe(root);
    }

    [Fact]
    public async Task An_issue_that_spoils_its_page_is_a_failure_of_its_own()
    {
        await using var linear = await VendorEmulator.StartAsync<LinearEmulator>(Company.Seeded());
        linear.Spoilt.Add(1);
        using var harness = Harness(linear);

        var run = await harness.ReadAsync();

        run.Failed.ShouldHaveSingleItem().ItemId.ShouldBe(LinearEmulator.IdOf(1));
        harness.Documents.Count.ShouldBe(linear.Company.Items.Count - 1);
        harness.Documents[LinearEmulator.IdOf(3)].Sections.Count.ShouldBe(46);
        linear.Spoilt.Clear();
        (await harness.ReadAsync()).Found.ShouldContain(document => document.Id == LinearEmulator.IdOf(1));
    }

    [Fact]
    public async Task What_is_in_the_trash_goes_and_what_is_archived_stays()
    {
        await using var linear = await VendorEmulator.StartAsync<LinearEmulator>(Company.Seeded());
        using var harness = Harness(linear);
        await harness.ReadAsync();
        harness.Documents.Values.ShouldContain(document => document.Title!.EndsWith("An archived plan"));
        linear.Trashed.Add(1);
        linear.Company.Edit(linear.Company["Welcome"], "Gone.");

        var run = await harness.ReadAsync();

        run.Deleted.ShouldBe([LinearEmulator.IdOf(1)]);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task An_edited_comment_is_seen_although_its_issue_did_not_move()
    {
        await using var linear = await VendorEmulator.StartAsync<LinearEmulator>(Company.Seeded());
        using var harness = Harness(linear);
        await harness.ReadAsync();
        linear.Company.Now += TimeSpan.FromDays(1);
        linear.Edits[linear.Company["A long discussion"].Replies[7].Id] = ("I was wrong.", linear.Company.Now);

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Sections.ShouldContain(section => section.Text == "I was wrong.");
        (await harness.ReadAsync()).Found.ShouldBeEmpty();
    }

    [Fact]
    public async Task Projects_with_their_updates_and_documents_are_read_unless_they_are_switched_off()
    {
        await using var linear = await VendorEmulator.StartAsync<LinearEmulator>();
        var project = linear.Company.Add("Lighthouse", "We build a lighthouse.");
        linear.Company.Reply(project, "The foundation stands.");
        var document = linear.Company.Add("Plan", "First the stones.");
        linear.Company.Remove(project);
        linear.Company.Remove(document);
        linear.Projects.Add(project);
        linear.Documents.Add(document);
        using var harness = Harness(linear);

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(2);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
        harness
            .Documents.Values.Single(found => found.Title == "Lighthouse")
            .Sections.Select(section => section.Text)
            .ShouldBe(["In short.", "We build a lighthouse.", "The foundation stands."]);
        project.Replies.Add(new Reply(77, "The roof is on.", 2, linear.Company.Now + TimeSpan.FromDays(1)));
        (await harness.ReadAsync())
            .Found.ShouldHaveSingleItem()
            .Sections[^1]
            .Text.ShouldBe("The roof is on.", "a new update does not move its project");

        using var issuesOnly = Harness(linear);
        issuesOnly.Config = new LinearConfig
        {
            ApiBaseUrl = linear.Root.AbsoluteUri,
            IncludeProjects = false,
            IncludeDocuments = false,
        };
        await issuesOnly.ReadAsync();
        issuesOnly.Documents.ShouldBeEmpty();
    }

    [Fact]
    public async Task Used_up_points_are_a_matter_of_time_and_not_of_the_key()
    {
        await using var linear = await VendorEmulator.StartAsync<LinearEmulator>(Company.Seeded());
        linear.IsLimited = true;
        using var harness = Harness(linear);

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.ReadAsync());

        refusal.Kind.ShouldBe(FailureKind.Transient);
    }

    [Fact]
    public async Task A_sign_in_is_renewed_when_its_token_has_expired()
    {
        await using var linear = await VendorEmulator.StartAsync<LinearEmulator>(Company.Seeded());
        using var harness = new ReaderHarness(
            new LinearIntegration(),
            linear.Config,
            new LinearCredentials
            {
                AccessToken = "access-old",
                RefreshToken = linear.Desk.RefreshToken,
                ExpireAt = 1,
            }
        )
        {
            OAuthClient = TokenDesk.Client,
        };

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(linear.Company.Items.Count);
        linear.Desk.Renewals.ShouldBe(1);
    }

    [Fact]
    public async Task A_refresh_asks_for_what_is_new_and_no_more()
    {
        await using var linear = await VendorEmulator.StartAsync<LinearEmulator>();
        await linear.FillAsync(60);
        using var harness = Harness(linear);
        await harness.ReadAsync();
        linear.Company.Now += TimeSpan.FromHours(1);
        linear.Company.Add("news", "Something new.");
        linear.Exchanges.Clear();

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title.ShouldEndWith("news");
        linear.Exchanges.Count.ShouldBeLessThanOrEqualTo(
            12,
            "the last minute's issues, and one page of everything else"
        );
    }

    private static ReaderHarness Harness(LinearEmulator linear) =>
        new(new LinearIntegration(), linear.Config, linear.Credentials);
}
