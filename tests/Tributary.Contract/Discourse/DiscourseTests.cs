using Tributary.Contract.Emulators;
using Tributary.Integrations.Discourse;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Discourse;

public class DiscourseTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task A_forum_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<DiscourseEmulator>(new DiscourseIntegration());

    [Fact]
    public async Task A_topic_has_all_its_posts_and_no_whispers()
    {
        await using var forum = await VendorEmulator.StartAsync<DiscourseEmulator>(Company.Seeded());
        using var harness = forum.HarnessOf(new DiscourseIntegration());

        await harness.ReadAsync();

        var topic = harness.Documents.Values.Single(document => document.Title == "A long discussion");
        topic.Sections.Count.ShouldBe(46);
        topic.Sections[45].Text.ShouldBe("Answer number 45 about the keys.");
        topic.Sections[45].Link.ShouldEndWith("/forum/t/topic/3/46");
        topic.Sections[0].Heading.ShouldBe("Jürgen Groß");
        topic.Metadata["category"].ToString().ShouldBe("Engineering");
        harness
            .Documents.Values.SelectMany(document => document.Sections)
            .ShouldAllBe(section => !section.Text.Contains("whisper"));
    }

    [Fact]
    public async Task A_category_is_read_with_those_below_it()
    {
        await using var forum = await VendorEmulator.StartAsync<DiscourseEmulator>(Company.Seeded());
        using var harness = forum.HarnessOf(new DiscourseIntegration());
        harness.Config = new DiscourseConfig { BaseUrl = forum.Root.AbsoluteUri, Categories = ["engineering"] };

        await harness.ReadAsync();

        harness
            .Documents.Values.Select(document => document.Title)
            .ShouldBe(["A long discussion", "Straßenkarte 🗺️ für Größen", "With an attachment"], ignoreOrder: true);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task A_category_is_read_alone_where_the_server_hands_over_more()
    {
        await using var forum = await VendorEmulator.StartAsync<DiscourseEmulator>(Company.Seeded());
        forum.IgnoresCategories = true;
        using var harness = forum.HarnessOf(new DiscourseIntegration());
        harness.Config = new DiscourseConfig
        {
            BaseUrl = forum.Root.AbsoluteUri + "/",
            Categories = [" Engineering ", ""],
        };

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness
            .Documents.Values.Select(document => document.Title)
            .ShouldBe(["A long discussion", "Straßenkarte 🗺️ für Größen", "With an attachment"], ignoreOrder: true);
        harness.Documents.Keys.ShouldContain("discourse_3");
        harness.Documents.Keys.ShouldBe((await harness.ListAsync()).Distinct(), ignoreOrder: true);
    }

    [Fact]
    public async Task Categories_are_listed_where_the_site_does_not_tell_them()
    {
        await using var forum = await VendorEmulator.StartAsync<DiscourseEmulator>(Company.Seeded());
        using var usual = forum.HarnessOf(new DiscourseIntegration());
        await usual.ReadAsync();
        forum.IsLazy = true;
        using var harness = forum.HarnessOf(new DiscourseIntegration());

        await harness.CheckAsync();
        await harness.ReadAsync();

        Categories(harness).ShouldBe(Categories(usual), ignoreOrder: true);
        Categories(harness).ShouldContain(name => name.Contains(" / "));

        static IEnumerable<string> Categories(ReaderHarness harness) =>
            harness.Documents.Values.Select(document => $"{document.Id} {document.Metadata["category"]}");
    }

    [Fact]
    public async Task A_forum_that_says_little_is_read()
    {
        await using var forum = await VendorEmulator.StartAsync<DiscourseEmulator>(Company.Seeded());
        forum.IsTaciturn = true;
        using var harness = forum.HarnessOf(new DiscourseIntegration());

        await harness.CheckAsync();
        var run = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        harness.Documents["discourse_3"].Sections.Count.ShouldBe(46);
        harness.Documents["discourse_3"].Access!.IsPublic.ShouldBeFalse("it does not say that everybody may read it");
    }

    [Fact]
    public async Task A_wrong_key_is_told_with_the_member_to_mend()
    {
        await using var forum = await VendorEmulator.StartAsync<DiscourseEmulator>();
        using var harness = forum.HarnessOf(new DiscourseIntegration());
        harness.Credentials = new DiscourseCredentials { DiscourseApiKey = "wrong", DiscourseApiUsername = "system" };

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        refusal.Kind.ShouldBe(FailureKind.Credentials);
        refusal.Member.ShouldBe("credentials.discourse_api_key");
    }

    [Fact]
    public async Task Categories_that_are_above_each_other_have_an_end()
    {
        await using var forum = await VendorEmulator.StartAsync<DiscourseEmulator>();
        forum.Company.Places.Clear();
        forum.Company.Places.AddRange([
            new(1, "Egg", "egg") { ParentId = 2 },
            new(2, "Hen", "hen") { ParentId = 1 },
            new(2, "Hen again", "hen"),
        ]);
        await forum.AddAsync("which was first");
        using var harness = forum.HarnessOf(new DiscourseIntegration());

        await harness.ReadAsync();

        harness.Documents.Values.ShouldHaveSingleItem().Metadata["category"].ToString().ShouldBe("Hen / Egg");
    }

    [Fact]
    public async Task A_muted_category_is_read_all_the_same()
    {
        await using var forum = await VendorEmulator.StartAsync<DiscourseEmulator>(Company.Seeded());
        forum.Muted.Add(3);
        using var harness = forum.HarnessOf(new DiscourseIntegration());

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(forum.Company.Items.Count);
    }

    [Fact]
    public async Task A_restricted_category_is_shown_to_its_groups_alone()
    {
        await using var forum = await VendorEmulator.StartAsync<DiscourseEmulator>(Company.Seeded());
        using var harness = forum.HarnessOf(new DiscourseIntegration());

        await harness.ReadAsync();

        var minutes = harness.Documents.Values.Single(document => document.Title == "Board minutes").Access!;
        minutes.IsPublic.ShouldBeFalse();
        minutes.Groups.ShouldBe(["discourse_board"]);
        harness.Documents.Values.Single(document => document.Title == "Welcome").Access!.IsPublic.ShouldBeTrue();
    }

    [Fact]
    public async Task Without_a_key_the_public_forum_is_read()
    {
        await using var forum = await VendorEmulator.StartAsync<DiscourseEmulator>(Company.Seeded());
        using var harness = forum.HarnessOf(new DiscourseIntegration());
        harness.Credentials = new DiscourseCredentials();

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.Values.ShouldAllBe(document => document.Title != "Board minutes");
        harness.Documents.Count.ShouldBe(forum.Company.Items.Count - 1);
    }

    [Fact]
    public async Task A_refresh_asks_for_what_is_new_and_no_more()
    {
        await using var forum = await VendorEmulator.StartAsync<DiscourseEmulator>();
        await forum.FillAsync(30);
        forum.Company.Now += TimeSpan.FromHours(1);
        await forum.AddAsync("the last before the refresh");
        using var harness = forum.HarnessOf(new DiscourseIntegration());
        await harness.ReadAsync();
        forum.Company.Now += TimeSpan.FromHours(1);
        await forum.AddAsync("news");
        forum.Exchanges.Clear();

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title.ShouldBe("news");
        forum.Exchanges.Count.ShouldBe(4, "the forum, its categories, one page of topics, one topic");
    }
}
