namespace Tributary.Extraction.Tests.Office;

public class EpubTests
{
    [Fact]
    public async Task Chapters_come_in_the_order_of_the_spine()
    {
        var book = Extraction.Zip(
            ("mimetype", "application/epub+zip"),
            (
                "META-INF/container.xml",
                "<container xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles><rootfile full-path=\"OEBPS/book.opf\"/></rootfiles></container>"
            ),
            (
                "OEBPS/book.opf",
                "<package xmlns=\"http://www.idpf.org/2007/opf\"><metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>The Book</dc:title><dc:creator>Ann Lee</dc:creator><dc:language>en</dc:language>"
                    + "<meta property=\"dcterms:modified\">2020-01-02T00:00:00Z</meta></metadata><manifest><item id=\"a\" href=\"one.xhtml\"/><item id=\"b\" href=\"text/two%20b.xhtml\"/></manifest><spine><itemref idref=\"b\"/><itemref idref=\"a\"/></spine></package>"
            ),
            (
                "OEBPS/one.xhtml",
                "<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>Last</title></head><body><h1>Last</h1><p>end</p></body></html>"
            ),
            (
                "OEBPS/text/two b.xhtml",
                "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>First</title></head><body><p>begin &#233;</p></body></html>"
            )
        );

        var text = await Extraction.ExtractAsync("book.epub", book);

        text.Title.ShouldBe("The Book");
        text.Authors[0].Name.ShouldBe("Ann Lee");
        text.Metadata["language"].ToString().ShouldBe("en");
        text.ModifiedAt!.Value.Year.ShouldBe(2020);
        text.Text().ShouldBe("## First\nbegin é\n\n## Last\n# Last\n\nend");
    }
}
