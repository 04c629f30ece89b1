using Tributary.Contract.Emulators;
using Tributary.Integrations.Jira;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Testing;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Jira;

public class JiraTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task A_site_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<JiraEmulator>(new JiraIntegration());

    [Fact]
    [Trait("Category", "Slow")]
    public Task A_data_center_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<JiraDataCenterEmulator>(new JiraIntegration());

    [Fact]
    public async Task A_long_issue_has_all_its_comments_but_those_of_a_bot_and_internal_notes()
    {
        await using var jira = await VendorEmulator.StartAsync<JiraEmulator>(Company.Seeded());
        var discussion = jira.Company["A long discussion"];
        jira.InternalNotes.Add(discussion.Replies[0].Id);
        var byZoe = discussion.Replies.Count(reply => reply.AuthorId == 4 && reply != discussion.Replies[0]);
        using var harness = Harness(jira, Config(jira) with { CommentEmailBlacklist = ["ZOE@example.com"] });

        await harness.ReadAsync();

        var issue = harness.Documents.Values.Single(document => document.Title!.EndsWith("A long discussion"));
        issue.Title.ShouldBe($"ENG-{discussion.Id}: A long discussion");
        issue.Sections.Count.ShouldBe(1 + 45 - 1 - byZoe);
        issue.Sections[^1].Text.ShouldStartWith("Answer number");
        issue.Sections[1].Link!.ShouldContain($"/browse/ENG-{discussion.Id}?focusedCommentId=");
        issue.PrimaryOwners.ShouldHaveSingleItem().Email.ShouldBe("juergen.gross@example.com");
        issue.Metadata["project_name"].ToString().ShouldBe("Engineering");
        issue.Metadata["links"].Values.ShouldBe(["blocks GEN-1"]);
    }

    [Fact]
    public async Task Internal_notes_are_marked_where_they_are_wanted()
    {
        await using var jira = await VendorEmulator.StartAsync<JiraEmulator>(Company.Seeded());
        jira.InternalNotes.Add(jira.Company["A long discussion"].Replies[0].Id);
        using var harness = Harness(jira, Config(jira) with { IncludeInternalNotes = true });

        await harness.ReadAsync();

        harness
            .Documents.Values.SelectMany(document => document.Sections)
            .Count(section => section.Heading?.EndsWith("(internal note)") == true)
            .ShouldBe(1);
    }

    [Fact]
    public async Task An_attachment_is_a_document_and_its_signed_address_gets_no_credentials()
    {
        string? authorization = null;
        await using var files = await LoopbackServer.StartAsync(async context =>
        {
            authorization = context.Request.Headers.Authorization;
            await context.Response.Body.WriteAsync("Quarterly figures: 4711 anchors."u8.ToArray());
        });
        await using var jira = await VendorEmulator.StartAsync<JiraEmulator>(Company.Seeded());
        jira.FileHost = files.BaseUri;
        using var harness = Harness(jira);

        await harness.ReadAsync();

        var document = harness.Documents.Values.Single(document => document.File is not null);
        document.Title!.ShouldEndWith(": figures.txt");
        harness.FileBytes[document.Id].ShouldBe("Quarterly figures: 4711 anchors."u8.ToArray());
        authorization.ShouldBeNullOrEmpty();
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
        (await harness.ReadAsync()).Found.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_attachments_a_listing_asks_for_ids_and_times_alone()
    {
        await using var jira = await VendorEmulator.StartAsync<JiraEmulator>(Company.Seeded());
        jira.MaxRows = 5_000;
        using var harness = Harness(jira, Config(jira) with { IncludeAttachments = false });
        await harness.ReadAsync();
        jira.Exchanges.Clear();

        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);

        jira.Exchanges.Count.ShouldBe(3, "the account, the scope, one page of ids");
    }

    [Fact]
    public async Task One_project_is_read()
    {
        await using var jira = await VendorEmulator.StartAsync<JiraEmulator>(Company.Seeded());
        using var harness = Harness(jira, Config(jira) with { ProjectKey = "boa" });

        await harness.ReadAsync();

        harness.Documents.Values.ShouldHaveSingleItem().Title.ShouldNotBeNull().ShouldEndWith("Board minutes");
    }

    [Fact]
    public async Task A_query_is_read()
    {
        await using var jira = await VendorEmulator.StartAsync<JiraEmulator>(Company.Seeded());
        using var harness = Harness(jira, Config(jira) with { JqlQuery = "status = Done" });

        await harness.ReadAsync();

        harness.Documents.Values.ShouldHaveSingleItem().Title.ShouldNotBeNull().ShouldEndWith("An archived plan");
        harness.Documents.Keys.ShouldBe(await harness.ListAsync());
    }

    [Fact]
    public async Task An_issue_that_gets_a_label_to_skip_is_deleted()
    {
        await using var jira = await VendorEmulator.StartAsync<JiraEmulator>(Company.Seeded());
        using var harness = Harness(jira, Config(jira) with { LabelsToSkip = ["secret"] });
        await harness.ReadAsync();
        var count = harness.Documents.Count;
        jira.Labels[jira.Company["Welcome"].Id] = ["Secret"];
        jira.Company.Edit(jira.Company["Welcome"], "Now it is a secret.");

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(count - 1);
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task Custom_fields_are_metadata_and_unknown_ones_are_named()
    {
        await using var jira = await VendorEmulator.StartAsync<JiraEmulator>(Company.Seeded());
        using var harness = Harness(jira, Config(jira) with { CustomFields = ["customer"] });
        await harness.ReadAsync();
        harness
            .Documents.Values.First(document => document.File is null)
            .Metadata["Customer"]
            .Values.ShouldBe(["Harbour Ltd"]);

        harness.Config = Config(jira) with { CustomFields = ["Flavour"] };
        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        refusal.Message.ShouldContain("'Flavour'");
        refusal.Member.ShouldBe("config.custom_fields");
    }

    [Fact]
    public async Task Who_may_browse_a_project_may_see_its_issues()
    {
        await using var jira = await VendorEmulator.StartAsync<JiraEmulator>(Company.Seeded());
        jira.Secured.Add(jira.Company["Edited twice"].Id);
        using var harness = Harness(jira);

        await harness.ReadAsync();

        AccessOf(harness, "Welcome").ShouldNotBeNull().IsPublic.ShouldBeTrue();
        var board = AccessOf(harness, "Board minutes").ShouldNotBeNull();
        board.IsPublic.ShouldBeFalse();
        board.Groups.ShouldBe(["jira_g-board"]);
        board.Users.ShouldBe(["zoe@example.com"]);
        var secured = AccessOf(harness, "Edited twice").ShouldNotBeNull();
        secured.IsPublic.ShouldBeFalse();
        secured.Users.ShouldBe(["juergen.gross@example.com"]);
    }

    [Fact]
    public async Task Without_the_right_to_ask_access_is_unknown_and_secured_issues_are_shown_to_nobody()
    {
        await using var jira = await VendorEmulator.StartAsync<JiraEmulator>(Company.Seeded());
        jira.HidesPermissions = true;
        jira.Secured.Add(jira.Company["Edited twice"].Id);
        using var harness = Harness(jira);

        await harness.ReadAsync();

        AccessOf(harness, "Welcome").ShouldBeNull();
        var secured = AccessOf(harness, "Edited twice").ShouldNotBeNull();
        (secured.IsPublic, secured.Users.Count, secured.Groups.Count).ShouldBe((false, 0, 0));
    }

    [Fact]
    public async Task A_bulk_answer_that_is_cut_off_is_asked_for_in_halves()
    {
        await using var jira = await VendorEmulator.StartAsync<JiraEmulator>(Company.Seeded());
        jira.MostInBulk = 3;
        using var harness = Harness(jira);

        var run = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        harness.Documents.Values.Count(document => document.File is null).ShouldBe(jira.Company.Items.Count);
    }

    [Theory]
    [InlineData("2026-03-29T00:59:30Z")]
    [InlineData("2026-10-25T00:30:00Z")]
    [InlineData("2026-10-25T01:30:00Z")]
    public async Task Nothing_is_missed_in_the_hours_around_a_change_of_clocks(string now)
    {
        await using var jira = await VendorEmulator.StartAsync<JiraEmulator>();
        jira.Company.Now = DateTimeOffset.Parse(now);
        await jira.FillAsync(15);
        using var harness = Harness(jira);
        await harness.ReadAsync();
        jira.Company.Now += TimeSpan.FromMinutes(7);
        await jira.AddAsync("later");

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(16);
    }

    [Fact]
    public async Task A_zone_that_nobody_knows_costs_a_longer_overlap_and_no_issue()
    {
        await using var jira = await VendorEmulator.StartAsync<JiraEmulator>();
        jira.Zone = "Pacific/Kiritimati";
        await jira.FillAsync(3);
        using var harness = Harness(jira);
        await harness.ReadAsync();
        await jira.AddAsync("later");

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_wrong_login_to_a_public_site_is_told_and_not_read_as_a_stranger()
    {
        await using var jira = await VendorEmulator.StartAsync<JiraEmulator>(Company.Seeded());
        jira.IsOpenToThePublic = true;
        using var harness = Harness(jira);
        harness.Credentials = new JiraCredentials { JiraUserEmail = "ada@example.com", JiraApiToken = "wrong" };

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.ReadAsync());

        refusal.Kind.ShouldBe(FailureKind.Credentials);
        harness.Documents.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_scoped_token_is_sent_to_the_gateway_while_links_lead_to_the_site()
    {
        await using var jira = await VendorEmulator.StartAsync<JiraScopedEmulator>(Company.Seeded());
        using var harness = Harness(jira);

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.Values.ShouldAllBe(document => document.Link!.StartsWith(jira.Site + "/browse/"));
    }

    [Fact]
    public async Task A_consented_token_that_expires_is_renewed_and_finds_its_site()
    {
        await using var jira = await VendorEmulator.StartAsync<JiraConsentedEmulator>(Company.Seeded());
        using var harness = new ReaderHarness(new JiraIntegration(), jira.Config, jira.Credentials)
        {
            OAuthClient = TokenDesk.Client,
        };
        await harness.CheckAsync();
        jira.ExpireToken();

        await harness.ReadAsync();

        harness.Documents.Values.Count(document => document.File is null).ShouldBe(jira.Company.Items.Count);
    }

    [Fact]
    public async Task A_sign_in_for_another_site_is_told()
    {
        await using var jira = await VendorEmulator.StartAsync<JiraConsentedEmulator>(Company.Seeded());
        using var harness = new ReaderHarness(
            new JiraIntegration(),
            Config(jira) with
            {
                JiraBaseUrl = "https://third.atlassian.net",
            },
            jira.Credentials
        );

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        refusal.Kind.ShouldBe(FailureKind.Configuration);
        refusal.Message.ShouldContain("https://other.atlassian.net");
    }

    [Fact]
    public async Task The_text_of_a_data_center_is_read_as_wiki_markup()
    {
        await using var jira = await VendorEmulator.StartAsync<JiraDataCenterEmulator>();
        jira.Company.Add(
            "Markup",
            "h2. Steps\n# Open [the door|https://example.com/door]\n{code:java}\nint key;\n{code}"
        );
        using var harness = Harness(jira);

        await harness.ReadAsync();

        harness
            .Documents.Values.Single()
            .Sections[0]
            .Text.ShouldBe("## Steps\n1. Open [the door](https://example.com/door)\n```\nint key;\n```");
    }

    private static JiraConfig Config(JiraEmulator jira) => (JiraConfig)jira.Config;

    private static Sdk.Documents.DocumentAccess? AccessOf(ReaderHarness harness, string title) =>
        harness.Documents.Values.Single(document => document.Title!.EndsWith(": " + title)).Access;

    private static ReaderHarness Harness(JiraEmulator jira, JiraConfig? config = null) =>
        new(new JiraIntegration(), config ?? jira.Config, jira.Credentials);
}
