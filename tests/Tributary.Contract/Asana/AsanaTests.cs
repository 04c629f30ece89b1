using System.Text.Json.Nodes;
using Tributary.Contract.Emulators;
using Tributary.Integrations.Asana;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Asana;

public class AsanaTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task A_workspace_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<AsanaEmulator>(new AsanaIntegration());

    [Fact]
    public async Task A_task_has_its_fields_and_comments_by_their_own_authors()
    {
        await using var asana = await VendorEmulator.StartAsync<AsanaEmulator>(Company.Seeded());
        using var harness = Harness(asana);

        await harness.ReadAsync();

        var task = harness.Documents.Values.Single(document => document.Title == "A long discussion");
        task.Sections.Count.ShouldBe(2 + 45);
        task.Sections[0].Text.ShouldBe("Who has seen the lighthouse keys?");
        task.Sections[1].Text.ShouldBe("Priority: High");
        task.Sections[2].Text.ShouldBe("Jürgen Groß: Answer number 1 about the keys.");
        task.Sections[3].Text.ShouldBe("山田 花子: Answer number 2 about the keys.");
        task.Sections[46].Link.ShouldBe(task.Link + "?focus=true");
        task.Metadata["projects"].Values.ShouldBe(["Engineering"]);
        task.Metadata["sections"].Values.ShouldBe(["To do"]);
        task.Metadata["due"].ToString().ShouldBe("2025-02-01");
        task.SecondaryOwners.ShouldHaveSingleItem().Email.ShouldBe("juergen.gross@example.com");
    }

    [Fact]
    public async Task Links_in_notes_are_kept_and_what_is_missing_is_no_trouble()
    {
        await using var asana = await VendorEmulator.StartAsync<AsanaEmulator>();
        var linked = asana.Company.Add("linked", "x");
        var bare = asana.Company.Add("bare", "y");
        asana.More[linked.Id] = new JsonObject
        {
            ["html_notes"] =
                "<body>See <a href=\"https://example.com/plan\">the plan</a>\n<ul><li>one</li><li>two</li></ul></body>",
        };
        asana.More[bare.Id] = new JsonObject
        {
            ["name"] = "",
            ["assignee"] = null,
            ["html_notes"] = "<body></body>",
            ["notes"] = "",
        };
        using var harness = Harness(asana);

        await harness.ReadAsync();

        harness
            .Documents[AsanaEmulator.Task(linked.Id)]
            .Sections[0]
            .Text.ShouldContain("[the plan](https://example.com/plan)");
        harness.Documents[AsanaEmulator.Task(bare.Id)].Title.ShouldBe("Untitled task");
    }

    [Fact]
    public async Task Sub_tasks_are_read_at_any_depth_and_their_changes_are_seen()
    {
        await using var asana = await VendorEmulator.StartAsync<AsanaEmulator>(Company.Seeded());
        var deep = asana.Company["Edited twice"];
        asana.Parents[deep.Id] = asana.Company["An archived plan"].Id;
        asana.Parents[asana.Company["An archived plan"].Id] = asana.Company["Welcome"].Id;
        using var harness = Harness(asana);
        await harness.ReadAsync();
        harness.Documents[AsanaEmulator.Task(deep.Id)].Metadata["parent"].ToString().ShouldBe("An archived plan");
        await harness.ReadAsync();
        asana.Company.Now += TimeSpan.FromHours(1);
        asana.Company.Edit(deep, "Changed far below.");

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Sections[0].Text.ShouldBe("Changed far below.");
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task A_task_in_several_projects_is_one_document_read_once()
    {
        await using var asana = await VendorEmulator.StartAsync<AsanaEmulator>(Company.Seeded());
        var task = asana.Company["Board minutes"];
        asana.AlsoIn[task.Id] = 2;
        using var harness = Harness(asana);

        await harness.ReadAsync();

        asana.Exchanges.Count(exchange => exchange.Path == $"/tasks/{AsanaEmulator.Task(task.Id)}/stories").ShouldBe(1);
        var document = harness.Documents[AsanaEmulator.Task(task.Id)];
        document.Metadata["projects"].Values.ShouldBe(["Board", "Engineering"]);
        document.Access!.IsPublic.ShouldBeTrue("one of its projects is open to all");
        (await harness.ListAsync()).ShouldBeUnique();
    }

    [Fact]
    public async Task A_private_project_is_shown_to_its_members_and_the_task_s_followers()
    {
        await using var asana = await VendorEmulator.StartAsync<AsanaEmulator>(Company.Seeded());
        using var harness = Harness(asana);

        await harness.ReadAsync();

        var minutes = harness.Documents.Values.Single(document => document.Title == "Board minutes").Access!;
        minutes.IsPublic.ShouldBeFalse();
        minutes.Users.ShouldBe(["ada@example.com", "hanako@example.com", "zoe@example.com"]);
        minutes.Groups.ShouldBe([$"asana_project_{AsanaEmulator.Project(4)}"]);
    }

    [Fact]
    public async Task Projects_are_chosen_by_id_and_private_ones_by_team()
    {
        await using var asana = await VendorEmulator.StartAsync<AsanaEmulator>(Company.Seeded());

        (await ProjectsOf(asana, asana.Settings with { AsanaTeamId = AsanaEmulator.TeamId })).ShouldBe([
            "Engineering",
            "General",
            "Größe & Maß",
        ]);
        (
            await ProjectsOf(
                asana,
                asana.Settings with
                {
                    AsanaTeamId = AsanaEmulator.TeamId,
                    AsanaProjectIds = $"{AsanaEmulator.Project(4)}, {AsanaEmulator.Project(1)}",
                }
            )
        ).ShouldBe(["Board", "General"], "a list of projects bypasses the team");
    }

    [Fact]
    public async Task Files_are_fetched_by_a_fresh_address_without_the_token()
    {
        await using var asana = await VendorEmulator.StartAsync<AsanaEmulator>(Company.Seeded());
        using var harness = Harness(asana);

        await harness.ReadAsync();

        harness.FileBytes.ShouldHaveSingleItem().Value.ShouldBe("Quarterly figures: 4711 anchors."u8.ToArray());
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Theory]
    [InlineData("/workspaces/[0-9]+", 404)]
    [InlineData("/workspaces/[0-9]+/projects", 404)]
    [InlineData("/teams/[0-9]+", 403)]
    [InlineData("/attachments/[0-9]+", 404)]
    public async Task What_is_not_served_at_one_address_is_had_at_another(string address, int status)
    {
        await using var asana = await VendorEmulator.StartAsync<AsanaEmulator>(Company.Seeded());
        asana.Missing[address] = status;
        using var harness = Harness(asana);
        harness.Config = asana.Settings with { AsanaTeamId = AsanaEmulator.TeamId };

        await harness.CheckAsync();
        (await harness.ReadAsync()).Failed.ShouldBeEmpty();

        harness.FileBytes.ShouldHaveSingleItem().Value.ShouldBe("Quarterly figures: 4711 anchors."u8.ToArray());
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    public async Task Without_a_right_to_files_tasks_are_read_alone(int status)
    {
        await using var asana = await VendorEmulator.StartAsync<AsanaEmulator>(Company.Seeded());
        asana.Missing["/attachments"] = status;
        using var harness = Harness(asana);

        var run = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        run.Deleted.ShouldBeEmpty();
        harness.Documents.Count.ShouldBe(asana.Company.Items.Count);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task An_expired_continuation_lists_again()
    {
        await using var asana = await VendorEmulator.StartAsync<AsanaEmulator>();
        for (var number = 0; number < 30; number++)
        {
            asana.Company.Add($"task {number}", "A task.");
        }

        using var harness = Harness(asana);
        await harness.ReadAsync(crashAfter: 15);
        harness.Checkpoint!.Value.GetProperty("offset").GetString().ShouldNotBeNull();
        asana.ForgetsOffsets = true;
        await Should.ThrowAsync<Sdk.SourceException>(() => harness.ReadAsync());
        asana.ForgetsOffsets = false;

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(30);
    }

    [Fact]
    public async Task A_refresh_asks_for_what_was_modified_alone()
    {
        await using var asana = await VendorEmulator.StartAsync<AsanaEmulator>();
        await asana.FillAsync(30);
        asana.Company.Now += TimeSpan.FromHours(1);
        await asana.AddAsync("the last");
        using var harness = Harness(asana);
        await harness.ReadAsync();
        await harness.ReadAsync();
        asana.Company.Now += TimeSpan.FromHours(1);
        await asana.ChangeAsync("item 3");
        asana.Exchanges.Clear();

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title.ShouldBe("item 3");
        asana
            .Exchanges.Where(exchange =>
                exchange.Path == "/tasks" && exchange.Query.Any(pair => pair.Key == "modified_since")
            )
            .Count()
            .ShouldBe(4, "one page for each project");
        asana.Exchanges.Count(exchange => exchange.Path.EndsWith("/stories")).ShouldBe(1);
    }

    private static async Task<IEnumerable<string>> ProjectsOf(AsanaEmulator asana, AsanaConfig config)
    {
        using var harness = Harness(asana);
        harness.Config = config;
        await harness.CheckAsync();
        await harness.ReadAsync();
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
        return harness
            .Documents.Values.Where(document => document.File is null)
            .SelectMany(document => document.Metadata["projects"].Values)
            .Distinct()
            .Order(StringComparer.Ordinal);
    }

    private static ReaderHarness Harness(AsanaEmulator asana)
    {
        var harness = new ReaderHarness(new AsanaIntegration(), asana.Config, asana.Credentials);
        asana.Equip(harness);
        return harness;
    }
}
