using Tributary.Sdk.Content;

namespace Tributary.Extraction.Tests.Office;

public class OpenDocumentTests
{
    private const string Namespaces =
        "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" "
        + "xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:draw=\"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0\" "
        + "xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\" xmlns:presentation=\"urn:oasis:names:tc:opendocument:xmlns:presentation:1.0\"";

    private static byte[] File(string kind, string body, string styles = "") =>
        Extraction.Zip(
            ("mimetype", $"application/vnd.oasis.opendocument.{kind}"),
            (
                "content.xml",
                $"<office:document-content {Namespaces}><office:automatic-styles>{styles}</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
            ),
            (
                "meta.xml",
                "<m xmlns:dc=\"d\" xmlns:meta=\"m\"><dc:title>Titel</dc:title><meta:initial-creator>Ann</meta:initial-creator><dc:creator>Bob</dc:creator><dc:date>2024-01-02T03:04:05.678</dc:date></m>"
            )
        );

    [Fact]
    public async Task Texts_have_headings_lists_tables_and_notes()
    {
        var text = await Extraction.ExtractAsync(
            "a.odt",
            File(
                "text",
                "<text:tracked-changes><text:p>NO</text:p></text:tracked-changes><text:h text:outline-level=\"1\">Chapter</text:h><text:p>One<text:s text:c=\"2\"/>two  <text:span>three</text:span>"
                    + "<text:note><text:note-citation/><text:note-body><text:p>noted</text:p></text:note-body></text:note></text:p>"
                    + "<text:list><text:list-item><text:p>a</text:p><text:list><text:list-item><text:p>b</text:p></text:list-item></text:list></text:list-item></text:list>"
                    + "<table:table><table:table-row><table:table-cell><text:p>H</text:p></table:table-cell><table:table-cell><text:p>I</text:p></table:table-cell></table:table-row></table:table>"
            )
        );

        text.Title.ShouldBe("Titel");
        text.Authors.Select(author => author.Name).ShouldBe(["Ann", "Bob"]);
        text.ModifiedAt.ShouldBe(new DateTimeOffset(2024, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));
        text.Text().ShouldBe("## Chapter\nOne  two three (noted)\n\n- a\n  - b\n| H | I |\n| --- | --- |");
    }

    [Fact]
    public async Task Sheets_are_sections_hidden_ones_left_out_and_repeats_bounded()
    {
        const string cell =
            "<table:table-cell table:number-columns-repeated=\"3\"><text:p>x</text:p></table:table-cell>";
        var text = await Extraction.ExtractAsync(
            "a.ods",
            File(
                "spreadsheet",
                $"<table:table table:name=\"One\"><table:table-row table:number-rows-repeated=\"1000000\">{cell}<table:table-cell table:number-columns-repeated=\"16000\"/></table:table-row></table:table>"
                    + $"<table:table table:name=\"Two\" table:style-name=\"ta2\"><table:table-row>{cell}</table:table-row></table:table>",
                "<style:style style:name=\"ta2\" style:family=\"table\"><style:table-properties table:display=\"false\"/></style:style>"
            )
        );

        var section = text.Sections.ShouldHaveSingleItem();
        section.Heading.ShouldBe("One");
        section.Text.ShouldStartWith("| x | x | x |\n| --- | --- | --- |\n| x | x | x |\n");
        section.Text.Split('\n').Length.ShouldBe(21);
    }

    [Fact]
    public async Task Slides_are_sections_with_their_notes()
    {
        var text = await Extraction.ExtractAsync(
            "a.odp",
            File(
                "presentation",
                "<draw:page draw:name=\"page1\"><draw:frame><draw:text-box><text:p>Hello</text:p></draw:text-box></draw:frame><presentation:notes><text:p>Say it</text:p></presentation:notes></draw:page>"
                    + "<draw:page draw:name=\"Ending\"><text:p>Bye</text:p></draw:page>"
            )
        );

        text.Text().ShouldBe("## Slide 1\nHello\n\nNotes: Say it\n\n## Ending\nBye");
    }

    [Fact]
    public async Task Encrypted_ones_say_so()
    {
        var file = Extraction.Zip(
            ("mimetype", "application/vnd.oasis.opendocument.text"),
            ("content.xml", "garbage"),
            (
                "META-INF/manifest.xml",
                "<m:manifest xmlns:m=\"m\"><m:file-entry m:full-path=\"content.xml\"><m:encryption-data/></m:file-entry></m:manifest>"
            )
        );

        (await Extraction.FailAsync("a.odt", file)).Problem.ShouldBe(ContentProblem.Encrypted);
    }
}
