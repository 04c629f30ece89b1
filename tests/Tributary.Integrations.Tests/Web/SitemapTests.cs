using System.IO.Compression;
using System.Text;
using Tributary.Integrations.Web;

namespace Tributary.Integrations.Tests.Web;

public class SitemapTests
{
    private const string UrlSet = """
        <?xml version="1.0" encoding="UTF-8"?>
        <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
          <url><loc>https://e.com/a?x=1&amp;y=2</loc><lastmod>2024-05-06</lastmod></url>
          <url>
            <loc> https://e.com/b </loc>
            <image:image><image:loc>https://e.com/b.png</image:loc></image:image>
            <changefreq>daily</changefreq>
          </url>
          <url><loc><![CDATA[https://e.com/c]]></loc><lastmod>2024-05-06T07:08:09+02:00</lastmod></url>
        </urlset>
        """;

    private static async Task<List<SitemapEntry>?> ReadAsync(byte[] bytes, bool isList = false)
    {
        await using var sitemap = await Sitemap.OpenAsync(new MemoryStream(bytes), isList, CancellationToken.None);
        return sitemap is null ? null : await sitemap.ReadAsync(CancellationToken.None).ToListAsync();
    }

    private static Task<List<SitemapEntry>?> ReadAsync(string text) => ReadAsync(Encoding.UTF8.GetBytes(text));

    private static byte[] Zipped(byte[] bytes)
    {
        var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return result.ToArray();
    }

    [Fact]
    public async Task Reads_addresses_and_times_and_no_pictures()
    {
        var entries = await ReadAsync(UrlSet);
        entries.ShouldBe([
            new SitemapEntry("https://e.com/a?x=1&y=2", new DateTimeOffset(2024, 5, 6, 0, 0, 0, TimeSpan.Zero), false),
            new SitemapEntry("https://e.com/b", null, false),
            new SitemapEntry("https://e.com/c", new DateTimeOffset(2024, 5, 6, 5, 8, 9, TimeSpan.Zero), false),
        ]);
        (await ReadAsync(Zipped(Encoding.UTF8.GetBytes(UrlSet)))).ShouldBe(entries);
        (
            await ReadAsync([
                .. Encoding.Unicode.GetPreamble(),
                .. Encoding.Unicode.GetBytes(UrlSet.Replace("UTF-8", "UTF-16")),
            ])
        ).ShouldBe(entries);
        (
            await ReadAsync(
                UrlSet
                    .Replace("<url", "<s:url")
                    .Replace("</url", "</s:url")
                    .Replace("xmlns=", "xmlns:s=")
                    .Replace("<loc", "<s:loc")
                    .Replace("</loc", "</s:loc")
                    .Replace("<lastmod", "<s:lastmod")
                    .Replace("</lastmod", "</s:lastmod")
            )
        ).ShouldBe(entries);
    }

    [Fact]
    public async Task Reads_an_index() =>
        (
            await ReadAsync(
                "<sitemapindex><sitemap><loc>https://e.com/1.xml.gz</loc></sitemap><sitemap><loc>https://e.com/2.xml</loc></sitemap></sitemapindex>"
            )
        )!.ShouldBe([
            new SitemapEntry("https://e.com/1.xml.gz", null, true),
            new SitemapEntry("https://e.com/2.xml", null, true),
        ]);

    [Fact]
    public async Task Reads_RSS_and_Atom()
    {
        var rss = await ReadAsync(
            """
            <rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>News</title><link>https://e.com/</link>
            <atom:link href="https://e.com/feed" rel="self"/><image><url>https://e.com/i.png</url><link>https://e.com/</link></image>
            <item><title>One</title><link>https://e.com/one</link><pubDate>Mon, 06 May 2024 07:08:09 GMT</pubDate></item>
            <item><link>https://e.com/two</link></item></channel></rss>
            """
        );
        rss!.Select(entry => entry.Location).ShouldBe(["https://e.com/one", "https://e.com/two"]);
        rss![0].ModifiedAt.ShouldBe(new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero));

        var atom = await ReadAsync(
            """
            <feed xmlns="http://www.w3.org/2005/Atom"><link href="https://e.com/"/><updated>2024-01-01T00:00:00Z</updated>
            <entry><link rel="self" href="https://e.com/api/1"/><link rel="alternate" href="https://e.com/1"/><updated>2024-05-06T00:00:00Z</updated></entry>
            <entry><link href="https://e.com/2"/></entry></feed>
            """
        );
        atom!.Select(entry => entry.Location).ShouldBe(["https://e.com/1", "https://e.com/2"]);
        atom![1].ModifiedAt.ShouldBeNull();
    }

    [Fact]
    public async Task Reads_texts()
    {
        (await ReadAsync("https://e.com/a\r\n\r\nhttps://e.com/b"))!
            .Select(entry => entry.Location)
            .ShouldBe(["https://e.com/a", "https://e.com/b"]);
        (await ReadAsync(Encoding.UTF8.GetBytes("\uFEFF# mine\ne.com/a\n e.com/b "), isList: true))!
            .Select(entry => entry.Location)
            .ShouldBe(["e.com/a", "e.com/b"]);
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html><body>Not found</body></html>")]
    [InlineData("<html></html>")]
    [InlineData("Welcome")]
    [InlineData("")]
    [InlineData("{\"urls\": []}")]
    [InlineData(
        "<!DOCTYPE urlset [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><urlset><url><loc>&x;</loc></url></urlset>"
    )]
    public async Task Knows_what_is_no_sitemap(string text) => (await ReadAsync(text)).ShouldBeNull();

    [Fact]
    public async Task A_broken_sitemap_is_said_to_be_broken()
    {
        var broken = UrlSet[..UrlSet.IndexOf("<changefreq>", StringComparison.Ordinal)];
        await Should.ThrowAsync<InvalidDataException>(() => ReadAsync(broken));
    }

    [Fact]
    public async Task A_sitemap_that_unpacks_without_end_is_stopped()
    {
        var line = Encoding.UTF8.GetBytes("https://e.com/" + new string('a', 60_000_000));
        (await Should.ThrowAsync<InvalidDataException>(() => ReadAsync(Zipped(line)))).Message.ShouldContain("50 MB");
    }
}
