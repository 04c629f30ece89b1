using Tributary.Integrations.MediaWiki;
using Tributary.Integrations.Wikipedia;
using Tributary.Sdk;
using Tributary.Testing;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.MediaWiki;

/// <summary>Against a MediaWiki of Debian's, with its own database.</summary>
[Trait("Category", "Slow")]
public class RealMediaWikiTests
{
    private const int Articles = 60;

    [Fact]
    public async Task Reads_refreshes_and_lists_a_wiki()
    {
        await using var wiki = await StartAsync();
        await FillAsync(wiki);
        using var harness = Harness(wiki);

        await harness.CheckAsync();
        var first = await harness.ReadAsync();

        first.Failed.ShouldBeEmpty();
        first.Found.Count.ShouldBe(Articles + 1, "the articles and the main page; no redirects, no categories");
        var article = harness.Documents.Values.Single(document => document.Title == "Straße 7 – 東京");
        article.Sections.Select(section => section.Heading).ShouldBe([null, "Überblick", "Ends & means"]);
        article.Sections[1].Link.ShouldBe(article.Link + "#Überblick");
        article.Sections[1].Text.ShouldContain("**bold**");
        article.Sections[2].Text.ShouldContain("[Main Page](");
        article.Metadata["categories"].Values.ShouldBe(["Städte", "Odd"], ignoreOrder: true);
        article.PrimaryOwners.ShouldHaveSingleItem().Name.ShouldBe("Admin");
        article.UpdatedAt.ShouldNotBeNull();
        article.Access!.IsPublic.ShouldBeTrue();
        using var client = new HttpClient();
        (await client.GetStringAsync(article.Link)).ShouldContain("Überblick", customMessage: "the link opens the page");

        // Edit, delete, move, add.
        await wiki.EditAsync("Straße 7 – 東京", "Wholly new text.");
        await wiki.DeleteAsync("Straße 8 – 東京");
        await wiki.MoveAsync("Straße 9 – 東京", "Allee 9");
        await wiki.EditAsync("Zuletzt", "A new page.");
        var second = await harness.ReadAsync();
        var live = await harness.ListAsync();

        second
            .Found.Select(document => document.Title)
            .ShouldBe(["Straße 7 – 東京", "Allee 9", "Zuletzt"], ignoreOrder: true);
        second.Unchanged.Count.ShouldBe(Articles + 1 - 3);
        live.Count.ShouldBe(Articles + 1);
        live.ShouldBeSubsetOf(harness.Documents.Keys);
        var gone = first.Found.Select(document => document.Id).Except(live).ToList();
        gone.Count.ShouldBe(2, "the deleted page, and the address that the moved one had");
        harness.Documents.Keys.ShouldBe(live, ignoreOrder: true);
    }

    [Fact]
    public async Task Reads_categories_to_the_chosen_depth_and_ends_on_loops()
    {
        await using var wiki = await StartAsync();
        await FillAsync(wiki);
        await wiki.EditAsync("Category:Top", "Top of all. [[Category:Bottom]]");
        await wiki.EditAsync("Category:Middle", "In between. [[Category:Top]]");
        await wiki.EditAsync("Category:Bottom", "Below. [[Category:Middle]]");
        await wiki.EditAsync("At the top", "[[Category:Top]]");
        await wiki.EditAsync("In the middle", "[[Category:Middle]] [[Category:Top]]");
        await wiki.EditAsync("At the bottom", "[[Category:Bottom]]");
        await wiki.RunJobsAsync();

        async Task<IEnumerable<string?>> TitlesAsync(int depth)
        {
            using var harness = Harness(wiki);
            harness.Config = new MediaWikiConfig
            {
                Hostname = wiki.BaseUri.ToString(),
                Categories = ["top"],
                RecurseDepth = depth,
            };
            var run = await harness.ReadAsync();
            (await harness.ListAsync()).Distinct().ShouldBe(harness.Documents.Keys, ignoreOrder: true);
            run.Found.Count.ShouldBe(harness.Documents.Count, "a page of two categories is read once");
            return harness.Documents.Values.Select(document => document.Title);
        }

        (await TitlesAsync(0)).ShouldBe(["At the top", "In the middle"], ignoreOrder: true);
        (await TitlesAsync(1)).ShouldBe(["At the top", "In the middle"], ignoreOrder: true);
        (await TitlesAsync(2)).ShouldBe(["At the top", "In the middle", "At the bottom"], ignoreOrder: true);
        (await TitlesAsync(-1)).ShouldBe(["At the top", "In the middle", "At the bottom"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_private_wiki_is_read_with_a_bot_password_only()
    {
        await using var wiki = await StartAsync("$wgGroupPermissions['*']['read'] = false;");
        await wiki.EditAsync("Secret", "For us alone.");
        var (username, password) = await wiki.AddBotPasswordAsync();
        using var stranger = Harness(wiki);
        using var mistaken = Harness(wiki, new() { Username = username, Password = "wrong" });
        using var member = Harness(wiki, new() { Username = username, Password = password });

        var refused = await Should.ThrowAsync<SourceException>(() => stranger.CheckAsync());
        refused.Kind.ShouldBe(FailureKind.Credentials);
        refused.Message.ShouldContain("Special:BotPasswords");
        (await Should.ThrowAsync<SourceException>(() => mistaken.CheckAsync())).Kind.ShouldBe(FailureKind.Credentials);
        await member.CheckAsync();
        await member.ReadAsync();
        var secret = member.Documents.Values.Single(document => document.Title == "Secret");
        secret.Access.ShouldBeNull("what takes a login to read is not public");
    }

    [Fact]
    public async Task Wikipedia_reads_named_pages_of_another_address()
    {
        await using var wiki = await StartAsync();
        await FillAsync(wiki);
        using var harness = new ReaderHarness(
            new WikipediaIntegration(),
            new WikipediaConfig { ApiBaseUrl = wiki.Api.ToString(), Pages = ["straße 7 – 東京", "Weiter", "No such page"] }
        )
        {
            Html = Content.Html,
        };

        var run = await harness.ReadAsync();

        run.Found.Select(document => document.Title)
            .ShouldBe(["Straße 7 – 東京", "Straße 1 – 東京"], ignoreOrder: true, "a redirect is followed to its page");
        run.Failed.ShouldHaveSingleItem().ItemId.ShouldBe("No such page");
    }

    private static async Task<MediaWikiServer> StartAsync(string settings = "")
    {
        if (!MediaWikiServer.IsInstalled)
        {
            Assert.Skip("php-cli and mediawiki are not installed.");
        }

        return await MediaWikiServer.StartAsync(settings);
    }

    private static async Task FillAsync(MediaWikiServer wiki)
    {
        for (var index = 0; index < Articles; index++)
        {
            await wiki.EditAsync(
                $"Straße {index} – 東京",
                $"""
                This is the lead of article {index}.<ref>A note.</ref>

                == Überblick ==
                Some '''bold''' text and a table:
                {"{|"}
                ! Name !! Value
                |-
                | a || {index}
                {"|}"}

                == Ends & means ==
                See [[Main Page]]. [[Category:Städte]] [[Category:{(index % 2 == 0 ? "Even" : "Odd")}]]
                """
            );
        }

        await wiki.EditAsync("Weiter", "#REDIRECT [[Straße 1 – 東京]]");
        await wiki.EditAsync("Talk:Main Page", "Talk is not content.");
        await wiki.RunJobsAsync();
    }

    private static ReaderHarness Harness(MediaWikiServer wiki, MediaWikiCredentials? credentials = null) =>
        new(new MediaWikiIntegration(), new MediaWikiConfig { Hostname = wiki.BaseUri.ToString() }, credentials)
        {
            Html = Content.Html,
            Time = TimeProvider.System,
        };
}
