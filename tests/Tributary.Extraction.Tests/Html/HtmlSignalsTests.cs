using System.Text;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Tests.Html;

public class HtmlSignalsTests
{
    private static HtmlPage Convert(string html, string? page = "https://example.com/docs/page?q=1") =>
        Extraction.Default.Html.Convert(
            Encoding.UTF8.GetBytes(html),
            new HtmlOptions { BaseUri = page is null ? null : new Uri(page) }
        );

    [Fact]
    public void The_head_is_read()
    {
        var page = Convert(
            """
            <html lang="en-GB"><head><title> A
            title </title><link rel="canonical" href="/canon"><link rel="EditURI" type="application/rsd+xml" href="//example.com/w/api.php?action=rsd">
            <meta name="Robots" content="NOINDEX, nofollow"><meta name=description content="What it says">
            <meta property="og:site_name" content="Example"><meta property="article:modified_time" content="2024-03-01T10:00:00+02:00">
            <meta http-equiv="Refresh" content="5; URL='../next'"></head><body><svg><title>no</title></svg><p>x
            """
        );

        page.Title.ShouldBe("A title");
        page.Canonical.ShouldBe(new Uri("https://example.com/canon"));
        page.EditUri.ShouldBe(new Uri("https://example.com/w/api.php?action=rsd"));
        page.NoIndex.ShouldBeTrue();
        page.NoFollow.ShouldBeTrue();
        page.Description.ShouldBe("What it says");
        page.SiteName.ShouldBe("Example");
        page.Language.ShouldBe("en-GB");
        page.ModifiedAt.ShouldBe(new DateTimeOffset(2024, 3, 1, 8, 0, 0, TimeSpan.Zero));
        page.RefreshTarget.ShouldBe(new Uri("https://example.com/next"));
    }

    [Fact]
    public void None_means_neither_index_nor_follow_and_nothing_means_both()
    {
        Convert("<meta name=robots content=none>").NoIndex.ShouldBeTrue();
        Convert("<meta name=robots content=none>").NoFollow.ShouldBeTrue();
        Convert("<meta name=robots content='index, max-snippet:-1'>").NoIndex.ShouldBeFalse();
    }

    [Theory]
    [InlineData("{\"@type\":\"Article\",\"dateModified\":\"2024-05-06\"}")]
    [InlineData("{\"@graph\":[{\"@type\":\"WebSite\"},{\"dateModified\":\"2024-05-06T00:00:00Z\"}]}")]
    [InlineData("[{\"a\":1},{\"dateModified\":\"2024-05-06\"}]")]
    public void Json_ld_tells_the_date(string json) =>
        Convert($"<script type=\"application/ld+json\">{json}</script><p>x")
            .ModifiedAt.ShouldBe(new DateTimeOffset(2024, 5, 6, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Broken_json_ld_is_passed_over() =>
        Convert("<script type=\"application/ld+json\">{\"dateModified\": oops</script><p>x").ModifiedAt.ShouldBeNull();

    [Fact]
    public void Links_are_absolute_once_each_and_only_of_the_web()
    {
        var page = Convert(
            """
            <base href="https://cdn.example.com/base/"><a href="a">1</a><a href=" a
            ">again</a><a href="\\other.com\x\y?z=\1">2</a><a href="/r#frag" rel="external nofollow">3</a>
            <a href="mailto:x@y.z">m</a><a href="javascript:alert(1)">j</a><a href="data:text/html,x">d</a><a href="ftp://f/">f</a>
            <map><area href="area"></map><nav><a href="http://[broken">b</a><a href="n">n</a></nav><a>none</a>
            """
        );

        page.Links.Select(link => (link.Target.AbsoluteUri, link.NoFollow))
            .ShouldBe([
                ("https://cdn.example.com/base/a", false),
                ("https://other.com/x/y?z=%5C1", false),
                ("https://cdn.example.com/r#frag", true),
                ("https://cdn.example.com/base/area", false),
                ("https://cdn.example.com/base/n", false),
            ]);
    }

    [Fact]
    public void Without_an_address_only_absolute_links_count() =>
        Convert("<a href='/x'>1</a><a href='https://a.b/c'>2</a>", null)
            .Links.Select(link => link.Target.AbsoluteUri)
            .ShouldBe(["https://a.b/c"]);

    [Fact]
    public void The_first_heading_stands_in_for_a_missing_title()
    {
        Convert("<h1>Heading</h1><p>text").Title.ShouldBe("Heading");
        Convert("<p>text").Title.ShouldBeNull();
    }
}
