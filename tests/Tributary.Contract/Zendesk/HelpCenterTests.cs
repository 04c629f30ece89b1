using Tributary.Contract.Emulators;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Integrations.Zendesk;
using Tributary.Sdk;

namespace Tributary.Contract.Zendesk;

public class HelpCenterTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task Articles_are_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<HelpCenterEmulator>(new ZendeskIntegration());

    [Fact]
    public async Task An_article_says_where_it_is_filed_who_wrote_it_and_who_may_read_it()
    {
        await using var desk = await VendorEmulator.StartAsync<HelpCenterEmulator>(Company.Seeded());
        using var harness = ZendeskTests.Harness(desk);

        await harness.CheckAsync();
        await harness.ReadAsync();

        var article = harness.Documents["article:3"];
        article.Title.ShouldBe("A long discussion");
        article.Link.ShouldBe("https://acme.zendesk.com/hc/en-us/articles/3-a-title");
        article.Sections[0].Text.ShouldContain("lighthouse keys");
        article.Sections[0].Text.ShouldContain("https://acme.zendesk.com/hc/map", Case.Sensitive, "a relative link");
        article.PrimaryOwners.ShouldHaveSingleItem().Name.ShouldBe("Jürgen Groß");
        article.Metadata["section"].ToString().ShouldBe("Engineering");
        article.Metadata["category"].ToString().ShouldBe("Handbook");
        article.Metadata["labels"].ToString().ShouldBe("harbour");
        article.Metadata["content_tags"].ToString().ShouldBe("sea");
        article.Metadata["locale"].ToString().ShouldBe("en-us");
        article.Access!.IsPublic.ShouldBeTrue();
        harness.Documents["article:49"].Access!.Groups.ShouldBe(["zendesk_segment_81"]);
        harness.Documents["article:49"].Access!.IsPublic.ShouldBeFalse();
    }

    [Fact]
    public async Task Drafts_are_not_read_and_an_article_that_becomes_one_goes()
    {
        await using var desk = await VendorEmulator.StartAsync<HelpCenterEmulator>(Company.Seeded());
        desk.Drafts.Add(1);
        using var harness = ZendeskTests.Harness(desk);
        await harness.ReadAsync();
        harness.Documents.Keys.ShouldNotContain("article:1");
        desk.Drafts.Add(49);
        await desk.ChangeAsync("Board minutes");

        await harness.ReadAsync();

        harness.Documents.Keys.ShouldNotContain("article:49");
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task A_refresh_stops_at_what_it_knows()
    {
        await using var desk = await VendorEmulator.StartAsync<HelpCenterEmulator>();
        await desk.FillAsync(30);
        desk.Company.Now += TimeSpan.FromHours(1);
        await desk.AddAsync("the last before the refresh");
        using var harness = ZendeskTests.Harness(desk);
        await harness.ReadAsync();
        desk.Company.Now += TimeSpan.FromHours(1);
        await desk.AddAsync("news");
        desk.Exchanges.Clear();

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title.ShouldBe("news");
        desk.Exchanges.Count.ShouldBe(3, "one page of articles, and two of content tags");
    }

    [Fact]
    public async Task A_thousand_articles_of_one_second_are_all_read()
    {
        await using var desk = await VendorEmulator.StartAsync<HelpCenterEmulator>();
        await desk.FillAtOneInstantAsync(1_000);
        using var harness = ZendeskTests.Harness(desk);

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(1_000);
    }

    [Fact]
    public async Task What_changes_while_a_cut_off_read_waits_is_not_missed()
    {
        await using var desk = await VendorEmulator.StartAsync<HelpCenterEmulator>();
        await desk.FillAsync(30);
        for (var death = 1; death <= 33; death++)
        {
            using var harness = ZendeskTests.Harness(desk);
            await harness.ReadAsync(crashAfter: death);
            await desk.ChangeAsync("item 0");
            await desk.ChangeAsync("item 29");

            await harness.ReadAsync();

            using var fresh = ZendeskTests.Harness(desk);
            await fresh.ReadAsync();
            harness
                .Documents.Values.Select(document => (document.Id, document.Version))
                .ShouldBe(
                    fresh.Documents.Values.Select(document => (document.Id, document.Version)),
                    ignoreOrder: true
                );
        }
    }

    [Theory]
    [InlineData(Fault.TooManyRequests)]
    [InlineData(Fault.ServerError)]
    [InlineData(Fault.CutOffJson)]
    [InlineData(Fault.Html)]
    [InlineData(Fault.OtherJson)]
    public async Task A_bad_answer_at_any_step_is_told_and_loses_nothing(Fault fault)
    {
        await using var desk = await VendorEmulator.StartAsync<HelpCenterEmulator>();
        await desk.FillAsync(30);
        for (var index = 0; index < 5; index++)
        {
            using var harness = ZendeskTests.Harness(desk);
            desk.Faults.Reset((index, fault));
            await ToldAsync(() => harness.ReadAsync());
            desk.Faults.Reset();
            await harness.ReadAsync();
            harness.Documents.Count.ShouldBe(30, $"after {fault} at request {index}");

            desk.Faults.Reset((index, fault));
            List<string> listed = [];
            await ToldAsync(async () => listed = await harness.ListAsync());
            listed.Count.ShouldBeOneOf(0, 30);
        }
    }

    private static async Task ToldAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (SourceException exception)
        {
            exception.Kind.ShouldBeOneOf(FailureKind.Transient, FailureKind.Source);
        }
    }
}
