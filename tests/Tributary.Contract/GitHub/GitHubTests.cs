using System.Text;
using Tributary.Contract.Emulators;
using Tributary.Integrations.GitHub;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.GitHub;

public class GitHubTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task An_organisation_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<GitHubEmulator>(new GitHubIntegration());

    [Fact]
    public async Task A_pull_request_has_its_conversation_reviews_and_comments_in_the_code()
    {
        await using var github = await VendorEmulator.StartAsync<GitHubEmulator>(Company.Seeded());
        using var harness = Harness(github, github.ConfigOf());

        await harness.ReadAsync();

        var pull = harness.Documents["https://github.com/example-org/engine/pull/3"];
        pull.Title.ShouldBe("3: A long discussion");
        pull.Sections.Count.ShouldBe(1 + 45 + 1 + 1, "the empty review has nothing to say");
        pull.Sections[0].Text.ShouldBe("Who has seen the lighthouse keys?");
        pull.Sections.ShouldContain(section => section.Text == "Looks good to me.");
        pull.Sections.Single(section => section.Text == "This line leaks.").Link.ShouldEndWith("#discussion_r100003");
        pull.Sections.ShouldContain(section => section.Link!.Contains("#issuecomment-"));
        pull.Metadata["object_type"].ToString().ShouldBe("PullRequest");
        pull.Metadata["num_commits"].ToString().ShouldBe("3");
        pull.Metadata["labels"].ToString().ShouldBe("harbour, size/Größe");
        pull.PrimaryOwners.ShouldHaveSingleItem().Name.ShouldBe("jgross");
        pull.SecondaryOwners.Select(owner => owner.Name).ShouldContain("zoe");
    }

    [Fact]
    public async Task Hidden_text_of_templates_is_left_out_and_a_deleted_author_is_a_ghost()
    {
        await using var github = await VendorEmulator.StartAsync<GitHubEmulator>(Company.Seeded());
        using var harness = Harness(github, github.ConfigOf());

        await harness.ReadAsync();

        var orphan = harness.Documents.Values.Single(document => document.Title!.Contains("somebody who left"));
        orphan.Sections[0].Text.ShouldBe("The password is on the whiteboard.");
        orphan.PrimaryOwners.ShouldHaveSingleItem().Name.ShouldBe("ghost");
    }

    [Fact]
    public async Task A_private_repository_is_for_its_collaborators_and_teams()
    {
        await using var github = await VendorEmulator.StartAsync<GitHubEmulator>(Company.Seeded());
        using var harness = Harness(github, github.ConfigOf());

        await harness.ReadAsync();

        var minutes = harness.Documents.Values.Single(document => document.Title!.EndsWith("Board minutes"));
        minutes.Access!.IsPublic.ShouldBeFalse();
        minutes.Access.Groups.ShouldBe(["github_repo:102", "github_team:board"]);
        harness.Documents.Values.Single(document => document.Title == "1: Welcome").Access!.IsPublic.ShouldBeTrue();
    }

    [Fact]
    public async Task Issues_are_off_and_pull_requests_on_unless_one_says_otherwise()
    {
        await using var github = await VendorEmulator.StartAsync<GitHubEmulator>(Company.Seeded());
        var config = new GitHubConfig { RepoOwner = GitHubEmulator.Owner, ApiBaseUrl = github.Root.AbsoluteUri };
        using var harness = Harness(github, config);

        await harness.ReadAsync();

        harness.Documents.Values.ShouldAllBe(document => document.Link!.Contains("/pull/"));
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task Pull_requests_of_a_repository_without_issues_are_read_and_kept_fresh()
    {
        await using var github = await VendorEmulator.StartAsync<GitHubEmulator>(Company.Seeded());
        github.WithoutIssues.Add("engine");
        using var harness = Harness(github, github.ConfigOf() with { Repositories = "engine" });

        await harness.ReadAsync();
        harness.Documents.Values.ShouldHaveSingleItem().Title.ShouldBe("3: A long discussion");
        github.Company.Reply(github.Company["A long discussion"], "They hang at the door.");
        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Sections.ShouldContain(section => section.Text.Contains("at the door"));
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys);
    }

    [Fact]
    public async Task An_edited_comment_is_seen_although_its_issue_did_not_move()
    {
        await using var github = await VendorEmulator.StartAsync<GitHubEmulator>(Company.Seeded());
        using var harness = Harness(github, github.ConfigOf());
        await harness.ReadAsync();
        var thread = github.Company["A long discussion"];
        github.Company.Now += TimeSpan.FromDays(1);
        github.Edits[thread.Replies[7].Id] = ("I was wrong about the keys.", github.Company.Now);

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem()
            .Sections.ShouldContain(section => section.Text == "I was wrong about the keys.");
        github.Company.Now += TimeSpan.FromDays(1);
        github.Edits[100_003] = ("It does not leak.", github.Company.Now);
        run = await harness.ReadAsync();
        run.Found.ShouldHaveSingleItem().Sections.ShouldContain(section => section.Text == "It does not leak.");
        (await harness.ReadAsync()).Found.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_closed_leaves_a_connector_to_open_issues()
    {
        await using var github = await VendorEmulator.StartAsync<GitHubEmulator>(Company.Seeded());
        using var harness = Harness(github, github.ConfigOf() with { StateFilter = "open" });
        await harness.ReadAsync();
        harness.Documents.Values.ShouldNotContain(document => document.Title!.EndsWith("An archived plan"));
        var welcome = github.Company["Welcome"];
        github.Closed.Add(welcome.Id);
        github.Company.Edit(welcome, "Closed.");

        var run = await harness.ReadAsync();

        run.Deleted.ShouldBe(["https://github.com/example-org/handbook/issues/1"]);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task Comments_of_many_issues_come_a_hundred_at_a_time()
    {
        await using var github = await VendorEmulator.StartAsync<GitHubEmulator>();
        github.MaxPerPage = 100;
        for (var number = 1; number <= 400; number++)
        {
            var issue = github.Company.Add($"Issue {number}", "Text.", placeId: 1);
            github.Company.Reply(issue, $"Answer to {number}.");
        }

        var config = github.ConfigOf() with { Repositories = "handbook", IncludePrs = false };
        using var harness = Harness(github, config);

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(github.Company.Items.Count(item => !GitHubEmulator.IsPull(item)));
        harness.Documents.Values.ShouldAllBe(document =>
            document.Sections.Count == 2
            && document.Sections[1].Text == $"Answer to {document.Title!.Split(' ').Last()}."
        );
        github.Exchanges.Count.ShouldBeLessThan(20, "not one for each issue");
    }

    [Fact]
    public async Task A_refresh_asks_for_what_is_new_and_no_more()
    {
        await using var github = await VendorEmulator.StartAsync<GitHubEmulator>();
        await github.FillAsync(60);
        var config = github.ConfigOf() with { Repositories = "handbook", IncludePrs = false };
        using var harness = Harness(github, config);
        await harness.ReadAsync();
        github.Company.Now += TimeSpan.FromHours(1);
        github.Company.Add("news", "Something new.", placeId: 1);
        github.Exchanges.Clear();

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title.ShouldEndWith("news");
        github.Exchanges.Count.ShouldBeLessThanOrEqualTo(
            9,
            "the repository, pages of the last minute, edited comments"
        );
    }

    [Fact]
    public async Task A_server_with_the_plain_lists_alone_is_read()
    {
        await using var github = await VendorEmulator.StartAsync<GitHubEmulator>(Company.Seeded());
        github.IsPlain = true;
        using var harness = Harness(github, github.ConfigOf());

        await harness.CheckAsync();
        var run = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        harness.Documents.Count.ShouldBe(github.Company.Items.Count);
        harness
            .Documents["https://github.com/example-org/engine/pull/3"]
            .Sections.Count.ShouldBe(1 + 45 + 1, "its conversation and the comment in the code");
        github.Company.Now += TimeSpan.FromDays(1);
        github.Company.Edit(github.Company["Welcome"], "Come in.");
        (await harness.ReadAsync()).Found.ShouldHaveSingleItem().Title.ShouldBe("1: Welcome");
    }

    [Fact]
    public async Task A_list_in_another_order_than_asked_for_is_read_whole_and_kept_fresh()
    {
        await using var github = await VendorEmulator.StartAsync<GitHubEmulator>();
        await github.FillAsync(60);
        github.IgnoresOrder = true;
        using var harness = Harness(github, github.ConfigOf());

        await harness.ReadAsync();
        harness.Documents.Count.ShouldBe(60);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
        github.Company.Now += TimeSpan.FromDays(1);
        await github.ChangeAsync("item 7");
        await github.AddAsync("news");

        (await harness.ReadAsync()).Found.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_repository_that_refuses_does_not_stop_the_others()
    {
        await using var github = await VendorEmulator.StartAsync<GitHubEmulator>(Company.Seeded());
        github.Forbidden.Add("board");
        using var harness = Harness(github, github.ConfigOf());

        var run = await harness.ReadAsync();

        run.Failed.ShouldHaveSingleItem().ItemId.ShouldBe("https://github.com/example-org/board");
        harness.Documents.Count.ShouldBe(github.Company.Items.Count - 1);
        await Should.ThrowAsync<SourceException>(() => harness.ListAsync(), "what cannot be seen is not gone");
    }

    [Fact]
    public async Task A_check_names_the_right_that_is_missing()
    {
        await using var github = await VendorEmulator.StartAsync<GitHubEmulator>(Company.Seeded());
        github.Forbidden.Add("board");
        using var harness = Harness(github, github.ConfigOf() with { Repositories = "handbook,board" });

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        refusal.Kind.ShouldBe(FailureKind.Credentials);
        refusal.Message.ShouldContain("repo");
        refusal.Message.ShouldContain("board");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Text_files_are_read_and_nothing_else_and_only_when_they_are_new(bool truncates, bool isStrict)
    {
        await using var github = await VendorEmulator.StartAsync<GitHubEmulator>();
        github.TruncatesTrees = truncates;
        github.IsStrictWithTrees = isStrict;
        github.Files["handbook"] = new()
        {
            ["README.md"] = new GitFile("# Handbook\r\n\r\nRead me first."),
            ["docs/50% #1 größe?.md"] = new GitFile("A strange name."),
            ["docs/latin.txt"] = new GitFile(Encoding.Latin1.GetBytes("Größe")),
            ["docs/pointer.txt"] = new GitFile("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n"),
            ["docs/blob"] = new GitFile([1, 0, 2, 0]),
            ["logo.png"] = new GitFile([137, 80, 78, 71]),
            ["node_modules/x.js"] = new GitFile("foreign"),
            ["link"] = new GitFile("README.md"u8.ToArray(), "120000"),
            ["other"] = new GitFile([1], "160000"),
        };
        var config = github.ConfigOf() with { Repositories = "handbook", IncludeFiles = true };
        using var harness = Harness(github, config);

        await harness.CheckAsync();
        await harness.ReadAsync();

        const string Blob = "https://github.com/example-org/handbook/blob/main/";
        harness.Documents.Keys.ShouldBe(
            [Blob + "README.md", Blob + "docs/50%25%20%231%20gr%C3%B6%C3%9Fe%3F.md", Blob + "docs/latin.txt"],
            ignoreOrder: true
        );
        harness
            .Documents[Blob + "README.md"]
            .Sections.ShouldHaveSingleItem()
            .Text.ShouldBe("# Handbook\n\nRead me first.");
        harness.Documents[Blob + "docs/latin.txt"].Sections.ShouldHaveSingleItem().Text.ShouldBe("Größe");
        harness.Documents.Keys.Except(await harness.ListAsync()).ShouldBeEmpty();

        github.Exchanges.Clear();
        (await harness.ReadAsync()).Found.ShouldBeEmpty();
        github.Exchanges.ShouldNotContain(exchange => exchange.Path.Contains("/git/"), "the branch has not moved");
        github.Commits++;
        github.Files["handbook"]["README.md"] = new GitFile("# Handbook\n\nRead me last.");
        var run = await harness.ReadAsync();
        run.Found.ShouldHaveSingleItem().Id.ShouldBe(Blob + "README.md");
    }

    [Fact]
    public async Task An_empty_repository_has_no_files_and_is_no_mistake()
    {
        await using var github = await VendorEmulator.StartAsync<GitHubEmulator>();
        using var harness = Harness(github, github.ConfigOf() with { Repositories = "handbook", IncludeFiles = true });

        await harness.CheckAsync();
        (await harness.ReadAsync()).Failed.ShouldBeEmpty();
        (await harness.ListAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("zoe", "/users/zoe/repos")]
    [InlineData("Ada", "/user/repos")]
    public async Task Repositories_of_a_user_are_found_and_private_ones_of_the_tokens_own(string owner, string path)
    {
        await using var github = await VendorEmulator.StartAsync<GitHubEmulator>();
        using var harness = Harness(github, github.ConfigOf() with { RepoOwner = owner });

        await Should.ThrowAsync<SourceException>(() => harness.ReadAsync(), "the emulator has no such repository");

        github.Exchanges.ShouldContain(exchange => exchange.Path == path && exchange.Status == 200);
    }

    [Fact]
    public async Task Blank_settings_count_as_unset()
    {
        await using var github = await VendorEmulator.StartAsync<GitHubEmulator>(Company.Seeded());
        var config = github.ConfigOf() with { Repositories = " , ", StateFilter = "", Branch = " " };
        using var harness = Harness(github, config);

        config.Validate().ShouldBeEmpty();
        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(github.Company.Items.Count);
    }

    [Theory]
    [InlineData("https://github.com", "https://api.github.com/")]
    [InlineData("", "https://api.github.com/")]
    [InlineData("https://git.example.com/", "https://git.example.com/api/v3")]
    [InlineData("https://git.example.com/api/v3", "https://git.example.com/api/v3")]
    [InlineData("https://octo.ghe.com", "https://api.octo.ghe.com/")]
    public void The_api_is_found_by_the_accounts_home(string home, string api) =>
        GitHubAddress
            .ApiOf(new GitHubConfig { RepoOwner = "o" }, new GitHubCredentials { GithubBaseUrl = home })
            .AbsoluteUri.ShouldBe(api);

    private static ReaderHarness Harness(GitHubEmulator github, GitHubConfig config) =>
        new(new GitHubIntegration(), config, github.Credentials);
}
