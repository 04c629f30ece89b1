using System.Text.Json;
using Tributary.Integrations.GoogleSites;
using Tributary.Sdk.Settings;
using Tributary.Testing.Readers;

namespace Tributary.Contract.GoogleSites;

public class GoogleSitesTests
{
    private const string Menu = """
        <li data-nav-level="1"><a href="#">Home</a></li>
        <li data-nav-level="1"><a aria-expanded="true" href="#">First Day!</a></li>
        <li data-nav-level="2"><a href="#">Elsewhere</a></li>
        <li data-nav-level="2"><a aria-expanded="true" href="#"><span>Größe</span> &amp; Maß</a></li>
        <li data-nav-level="3"><a aria-selected="true" href="#">Deep page</a></li>
        <li data-nav-level="1"><a href="#">Last</a></li>
        """;

    [Fact]
    public async Task A_page_far_down_has_its_path_and_no_frame()
    {
        await using var export = new SiteExport();
        using var harness = Harness(export);
        await export.AddEntryAsync("Site/PUBLISHED/Deep page.html", SiteExport.Page("Deep page", "Words.", Menu));

        await harness.ReadAsync();

        var page = harness.Documents["google_sites:first-day/größe-maß/deep-page"];
        page.Link.ShouldBe("https://sites.google.com/view/handbook/first-day/gr%C3%B6%C3%9Fe-ma%C3%9F/deep-page");
        page.Title.ShouldBe("Deep page");
        var text = page.Sections.ShouldHaveSingleItem().Text;
        text.ShouldContain("Words.");
        text.ShouldNotContain("Skip to main");
        text.ShouldNotContain("Elsewhere");
        text.ShouldNotContain("tracked");
        page.UpdatedAt.ShouldBe(new DateTimeOffset(2024, 5, 6, 7, 8, 10, TimeSpan.Zero));
    }

    [Fact]
    public async Task Hidden_pages_and_pages_of_one_name_are_all_read()
    {
        await using var export = new SiteExport();
        using var harness = Harness(export);
        const string One = "<li data-nav-level=\"1\"><a aria-selected=\"true\">Same</a></li>";
        await export.AddEntryAsync("Site/PUBLISHED/Hidden.html", "<html><body><p>Secret garden.</p></body></html>");
        await export.AddEntryAsync("Site/PUBLISHED/Other hidden.html", SiteExport.Page("Other", "Lost.", ""));
        await export.AddEntryAsync("Site/PUBLISHED/Same.html", SiteExport.Page("Same", "One.", One));
        await export.AddEntryAsync("Site/PUBLISHED/Same(1).html", SiteExport.Page("Same", "Two.", One));
        await export.AddEntryAsync("Site/DRAFT/Draft.html", SiteExport.Page("Draft", "Not yet.", ""));
        await export.AddEntryAsync("Site/PUBLISHED/picture.png", "no page");

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(4);
        harness
            .Documents["google_sites:Site/PUBLISHED/Hidden.html"]
            .Link.ShouldBe("https://sites.google.com/view/handbook");
        harness.Documents["google_sites:Site/PUBLISHED/Hidden.html"].Title.ShouldBe("Hidden");
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public void Broken_markup_of_any_size_ends()
    {
        var open = string.Concat(Enumerable.Repeat("<li><a <nav <div data-is-touch-wrapper=\"true\">", 50_000));

        SitePage.PathOf(open).ShouldBeNull();
        SitePage.PathOf($"<nav>{open}</nav>").ShouldBeNull();
        SitePage.WithoutFrame(open).ShouldNotBeEmpty();
    }

    [Fact]
    public void The_upload_may_be_given_as_a_list_of_one()
    {
        var problems = new List<SettingsProblem>();
        using var one = JsonDocument.Parse("""{"base_url":"https://x.test","file_locations":["abc"]}""");
        var config = (GoogleSitesConfig)
            SettingsReader.Read(typeof(GoogleSitesConfig), one.RootElement, UnknownMembers.Refused, problems)!;
        problems.ShouldBeEmpty();
        config.FileId.ShouldBe("abc");

        using var two = JsonDocument.Parse("""{"base_url":"https://x.test","file_locations":["abc","def"]}""");
        SettingsReader.Read(typeof(GoogleSitesConfig), two.RootElement, UnknownMembers.Refused, problems);
        problems.ShouldHaveSingleItem();
    }

    private static ReaderHarness Harness(SiteExport export)
    {
        var harness = new ReaderHarness(new GoogleSitesIntegration(), export.Config);
        export.Equip(harness);
        return harness;
    }
}
