using Tributary.Contract.Emulators;
using Tributary.Contract.GitHub;
using Tributary.Integrations.GitLab;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.GitLab;

public class GitLabTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task A_project_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<GitLabEmulator>(new GitLabIntegration());

    [Fact]
    public async Task A_merge_request_has_all_its_notes_but_those_of_the_system_and_the_team()
    {
        await using var gitlab = await VendorEmulator.StartAsync<GitLabEmulator>(Company.Seeded());
        using var harness = Harness(gitlab, gitlab.ConfigOf());

        await harness.ReadAsync();

        var request = harness.Documents[GitLabEmulator.Web + "/-/merge_requests/3"];
        request.Title.ShouldBe("A long discussion");
        request.Sections.Count.ShouldBe(46);
        request.Sections[45].Text.ShouldBe("Answer number 45 about the keys.");
        request.Sections[45].Link.ShouldEndWith("/-/merge_requests/3#note_48");
        request.Metadata["type"].ToString().ShouldBe("MergeRequest");
        request.Metadata["target_branch"].ToString().ShouldBe("main");
        request.PrimaryOwners.ShouldHaveSingleItem().Name.ShouldBe("Jürgen Groß");
        request.SecondaryOwners.Select(owner => owner.Name).ShouldContain("Ada Admin");
    }

    [Fact]
    public async Task An_issue_has_one_id_whatever_address_the_version_gives_and_links_that_lead_somewhere()
    {
        await using var gitlab = await VendorEmulator.StartAsync<GitLabEmulator>(Company.Seeded());
        using var harness = Harness(gitlab, gitlab.ConfigOf());

        await harness.ReadAsync();

        var issue = harness.Documents[GitLabEmulator.Web + "/-/issues/1"];
        issue.Metadata["type"].ToString().ShouldBe("Incident");
        issue
            .Sections[0]
            .Text.ShouldBe(
                "How we work here: ask first, then write it down.\n"
                    + $"[plan]({GitLabEmulator.Web}/uploads/abc/plan.pdf)"
            );
    }

    [Fact]
    public async Task Confidential_issues_and_code_are_for_reporters_and_above()
    {
        await using var gitlab = await VendorEmulator.StartAsync<GitLabEmulator>(Company.Seeded());
        using var harness = Harness(gitlab, gitlab.ConfigOf());

        await harness.ReadAsync();

        var secret = harness.Documents.Values.Single(document => document.Title == "Board minutes").Access!;
        secret.Users.ShouldBe(["ada@example.com", "juergen.gross@example.com", "former@example.com"]);
        secret.Groups.ShouldBe(["gitlab_project:7000000001:reporter"]);
        var welcome = harness.Documents.Values.Single(document => document.Title == "Welcome").Access!;
        welcome.IsPublic.ShouldBeFalse();
        welcome.Users.ShouldContain("hanako@example.com");
    }

    [Fact]
    public async Task A_confidential_issue_of_a_public_project_is_not_public()
    {
        await using var gitlab = await VendorEmulator.StartAsync<GitLabEmulator>(Company.Seeded());
        gitlab.Visibility = "public";
        using var harness = Harness(gitlab, gitlab.ConfigOf());

        await harness.ReadAsync();

        harness
            .Documents.Values.Where(document => !document.Access!.IsPublic)
            .ShouldHaveSingleItem()
            .Title.ShouldBe("Board minutes");
    }

    [Fact]
    public async Task Wiki_pages_are_read_again_when_their_content_differs()
    {
        await using var gitlab = await VendorEmulator.StartAsync<GitLabEmulator>();
        gitlab.Wiki["home"] = "---\ntitle: Home\n---\nWelcome to the wiki.";
        gitlab.Wiki["guides/first steps"] = "Walk.";
        using var harness = Harness(gitlab, gitlab.ConfigOf());

        await harness.ReadAsync();
        harness
            .Documents[GitLabEmulator.Web + "/-/wikis/home"]
            .Sections.ShouldHaveSingleItem()
            .Text.ShouldBe("Welcome to the wiki.");
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
        gitlab.Wiki["guides/first steps"] = "Run.";

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Id.ShouldBe(GitLabEmulator.Web + "/-/wikis/guides/first%20steps");
    }

    [Fact]
    public async Task Wiki_pages_that_are_listed_without_content_are_asked_for_it()
    {
        await using var gitlab = await VendorEmulator.StartAsync<GitLabEmulator>();
        gitlab.Wiki["guides/first steps"] = "Walk.";
        gitlab.ListsWikiWithoutContent = true;
        using var harness = Harness(gitlab, gitlab.ConfigOf());

        await harness.ReadAsync();
        var page = harness.Documents[GitLabEmulator.Web + "/-/wikis/guides/first%20steps"];
        page.Sections.ShouldHaveSingleItem().Text.ShouldBe("Walk.");
        (await harness.ReadAsync()).Found.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_project_that_keeps_its_wiki_and_its_members_to_itself_is_read()
    {
        await using var gitlab = await VendorEmulator.StartAsync<GitLabEmulator>(Company.Seeded());
        gitlab.IsReserved = true;
        using var harness = Harness(gitlab, gitlab.ConfigOf());

        await harness.CheckAsync();
        var run = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        harness.Documents.Count.ShouldBe(gitlab.Company.Items.Count);
        harness.Documents.Values.ShouldAllBe(document => document.Access!.Groups.Count == 1);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Theory]
    [InlineData("issue", "Issue")]
    [InlineData("TEST_CASE", "TestCase")]
    [InlineData("_", "Issue")]
    [InlineData(null, "Issue")]
    public void Types_of_issues_are_words(string? type, string word) => GitLabMapping.TypeOf(type).ShouldBe(word);

    [Fact]
    public async Task Text_files_are_read_and_nothing_else_and_only_when_they_are_new()
    {
        await using var gitlab = await VendorEmulator.StartAsync<GitLabEmulator>();
        gitlab.Files["README.md"] = new GitFile("# Handbook\r\nRead me first.");
        gitlab.Files["docs/50% größe?.md"] = new GitFile("A strange name.");
        gitlab.Files["docs/huge.txt"] = new GitFile(new string('x', 2_000_000));
        gitlab.Files["docs/pointer.txt"] = new GitFile("version https://git-lfs.github.com/spec/v1\n");
        gitlab.Files["logo.png"] = new GitFile([137, 80]);
        gitlab.Files["link"] = new GitFile("README.md"u8.ToArray(), "120000");
        gitlab.Files["module"] = new GitFile([1], "160000");
        for (var number = 0; number < 25; number++)
        {
            gitlab.Files[$"src/{number:00}.rs"] = new GitFile($"fn f{number}() {{}}");
        }

        using var harness = Harness(gitlab, gitlab.ConfigOf() with { IncludeCodeFiles = true });

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(27);
        harness
            .Documents[GitLabEmulator.Web + "/-/blob/main/docs/50%25%20gr%C3%B6%C3%9Fe%3F.md"]
            .Sections.ShouldHaveSingleItem()
            .Text.ShouldBe("A strange name.");
        harness.Documents.Keys.Except(await harness.ListAsync()).ShouldBeEmpty();

        gitlab.Exchanges.Clear();
        await harness.ReadAsync();
        gitlab.Exchanges.ShouldNotContain(exchange => exchange.Path.EndsWith("/tree"), "the branch has not moved");
        gitlab.Commits++;
        gitlab.Files["README.md"] = new GitFile("# Handbook\nRead me last.");
        (await harness.ReadAsync()).Found.ShouldHaveSingleItem().Title.ShouldBe("README.md");
    }

    [Fact]
    public async Task Files_are_found_where_branches_cannot_be_asked_for()
    {
        await using var gitlab = await VendorEmulator.StartAsync<GitLabEmulator>();
        gitlab.Files["README.md"] = new GitFile("# Handbook");
        gitlab.HidesBranches = true;
        using var harness = Harness(gitlab, gitlab.ConfigOf() with { IncludeCodeFiles = true });

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.Values.ShouldHaveSingleItem().Title.ShouldBe("README.md");
    }

    [Fact]
    public async Task A_whole_group_is_read_with_its_sub_groups()
    {
        await using var gitlab = await VendorEmulator.StartAsync<GitLabEmulator>(Company.Seeded());
        var config = gitlab.ConfigOf() with { ProjectOwner = "example-group", ProjectName = "*" };
        using var harness = Harness(gitlab, config);

        await harness.CheckAsync();
        var run = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        harness.Documents.Count.ShouldBe(gitlab.Company.Items.Count);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task What_was_closed_leaves_a_connector_to_open_issues()
    {
        await using var gitlab = await VendorEmulator.StartAsync<GitLabEmulator>(Company.Seeded());
        using var harness = Harness(gitlab, gitlab.ConfigOf() with { StateFilter = "opened" });
        await harness.ReadAsync();
        harness.Documents.Values.ShouldNotContain(document => document.Title == "An archived plan");
        gitlab.Closed.Add(1);
        gitlab.Company.Edit(gitlab.Company["Welcome"], "Closed.");

        var run = await harness.ReadAsync();

        run.Deleted.ShouldBe([GitLabEmulator.Web + "/-/issues/1"]);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task A_check_names_the_scope_or_the_role_that_is_missing()
    {
        await using var gitlab = await VendorEmulator.StartAsync<GitLabEmulator>();
        using var harness = Harness(gitlab, gitlab.ConfigOf());
        gitlab.IsGuest = true;
        (await Should.ThrowAsync<SourceException>(() => harness.CheckAsync())).Message.ShouldContain("Reporter");
        gitlab.Scopes = ["read_repository"];

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        refusal.Kind.ShouldBe(FailureKind.Credentials);
        refusal.Message.ShouldContain("read_api");
        refusal.Message.ShouldContain("read_repository");
    }

    [Fact]
    public async Task A_refresh_asks_for_what_is_new_and_no_more()
    {
        await using var gitlab = await VendorEmulator.StartAsync<GitLabEmulator>();
        await gitlab.FillAsync(60);
        gitlab.Company.Now += TimeSpan.FromHours(1);
        gitlab.Company.Add("the last before the refresh", "Text.");
        using var harness = Harness(gitlab, gitlab.ConfigOf() with { IncludeMrs = false, IncludeWikis = false });
        await harness.ReadAsync();
        gitlab.Company.Now += TimeSpan.FromHours(1);
        gitlab.Company.Add("news", "Something new.");
        gitlab.Exchanges.Clear();

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title.ShouldBe("news");
        gitlab.Exchanges.Count.ShouldBe(3, "the project, one page of issues, who may read a new one");
    }

    private static ReaderHarness Harness(GitLabEmulator gitlab, GitLabConfig config) =>
        new(new GitLabIntegration(), config, gitlab.Credentials);
}
