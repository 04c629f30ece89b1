using System.Text;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;

namespace Tributary.Extraction.Tests.Office;

public class WordTests
{
    private const string Namespaces =
        "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" "
        + "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" "
        + "xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" "
        + "xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\"";

    /// <summary>A document with the given body and further parts.</summary>
    internal static byte[] Document(string body, params (string Name, string Text)[] parts) =>
        Extraction.Zip([
            ("[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"),
            (
                "_rels/.rels",
                Ooxml.Relations(
                    ("r1", "officeDocument", "word/document.xml"),
                    ("r2", "core-properties", "docProps/core.xml")
                )
            ),
            ("word/document.xml", $"<w:document {Namespaces}><w:body>{body}</w:body></w:document>"),
            .. parts,
        ]);

    private static string P(string text, string properties = "") =>
        $"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>";

    [Fact]
    public async Task Headings_of_any_language_make_sections()
    {
        var text = await Extraction.ExtractAsync(
            "a.docx",
            Document(
                P("Before")
                    + P("Erstes", "<w:pStyle w:val=\"berschrift1\"/>")
                    + P("Text")
                    + P("Tief", "<w:pStyle w:val=\"x4\"/>")
                    + P("more")
                    + P("Leer", "<w:outlineLvl w:val=\"1\"/>")
                    + P("Ende", "<w:pStyle w:val=\"berschrift1\"/>")
                    + P("x"),
                ("word/_rels/document.xml.rels", Ooxml.Relations(("r1", "styles", "styles.xml"))),
                (
                    "word/styles.xml",
                    $"<w:styles {Namespaces}><w:style w:type=\"paragraph\" w:styleId=\"berschrift1\"><w:name w:val=\"heading 1\"/></w:style>"
                        + "<w:style w:type=\"paragraph\" w:styleId=\"x4\"><w:name w:val=\"Mine\"/><w:pPr><w:outlineLvl w:val=\"3\"/></w:pPr></w:style></w:styles>"
                )
            )
        );

        text.Sections.ShouldBe([
            new Section("Before"),
            new Section("Text\n\n#### Tief\n\nmore", null, "Erstes"),
            new Section("Leer", null, "Leer"),
            new Section("x", null, "Ende"),
        ]);
    }

    [Fact]
    public async Task Deleted_moved_and_hidden_text_is_out_and_inserted_text_is_in()
    {
        var text = await Extraction.ExtractAsync(
            "a.docx",
            Document(
                "<w:p><w:pPr><w:rPr><w:del w:id=\"1\"/><w:vanish/></w:rPr></w:pPr><w:r><w:t>One </w:t></w:r><w:del><w:r><w:delText>NO</w:delText></w:r></w:del>"
                    + "<w:ins><w:r><w:t>two </w:t></w:r></w:ins><w:moveFrom><w:r><w:t>NO</w:t></w:r></w:moveFrom>"
                    + "<w:r><w:rPr><w:vanish/></w:rPr><w:t>NO</w:t></w:r><w:r><w:fldChar/><w:instrText>NO</w:instrText></w:r>"
                    + "<w:r><w:t>three</w:t><w:tab/><w:t>four</w:t><w:br/><w:t>five</w:t></w:r></w:p>"
            )
        );

        text.Text().ShouldBe("One two three\tfour\nfive");
    }

    [Fact]
    public async Task Tables_lists_links_and_text_boxes_are_kept()
    {
        var cell = (string text) => $"<w:tc>{text}</w:tc>";
        var text = await Extraction.ExtractAsync(
            "a.docx",
            Document(
                P("item", "<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr>")
                    + P("sub", "<w:numPr><w:ilvl w:val=\"1\"/><w:numId w:val=\"1\"/></w:numPr>")
                    + $"<w:tbl><w:tr>{cell(P("H1"))}{cell(P("H2"))}</w:tr><w:tr>{cell(P("a") + P("b"))}"
                    + $"{cell($"<w:tbl><w:tr>{cell(P("x"))}{cell(P("y"))}</w:tr></w:tbl>{P("z")}")}</w:tr></w:tbl>"
                    + "<w:p><w:hyperlink r:id=\"h1\"><w:r><w:t>here</w:t></w:r></w:hyperlink><mc:AlternateContent><mc:Choice>"
                    + $"<w:txbxContent>{P("boxed")}</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>{P("boxed")}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:p>",
                (
                    "word/_rels/document.xml.rels",
                    Ooxml.Relations(("h1", "hyperlink", "https://example.com/", External: true))
                )
            )
        );

        text.Text()
            .ShouldBe(
                "- item\n  - sub\n| H1 | H2 |\n| --- | --- |\n| a b | x, y z |\n\nboxed\n\n[here](https://example.com/)"
            );
    }

    [Fact]
    public async Task Notes_comments_headers_and_facts_are_read()
    {
        var part = (string root, string inner) => $"<w:{root} {Namespaces}>{inner}</w:{root}>";
        var text = await Extraction.ExtractAsync(
            "a.docx",
            Document(
                P("Body"),
                (
                    "word/_rels/document.xml.rels",
                    Ooxml.Relations(
                        ("r1", "header", "header1.xml"),
                        ("r2", "header", "header2.xml"),
                        ("r3", "footnotes", "footnotes.xml"),
                        ("r4", "comments", "comments.xml")
                    )
                ),
                ("word/header1.xml", part("hdr", P("Acme"))),
                ("word/header2.xml", part("hdr", P("Acme"))),
                ("word/footnotes.xml", part("footnotes", $"<w:footnote>{P("A note")}</w:footnote>")),
                ("word/comments.xml", part("comments", $"<w:comment w:author=\"Ann\">{P("Really?")}</w:comment>")),
                (
                    "docProps/core.xml",
                    "<cp:coreProperties xmlns:cp=\"c\" xmlns:dc=\"d\" xmlns:dcterms=\"t\"><dc:title>The Plan</dc:title><dc:creator>Ann Lee;Bob</dc:creator>"
                        + "<cp:lastModifiedBy>Cy</cp:lastModifiedBy><dcterms:modified>2024-02-03T04:05:06Z</dcterms:modified></cp:coreProperties>"
                )
            )
        );

        text.Title.ShouldBe("The Plan");
        text.Authors.ShouldBe([new Owner("Ann Lee"), new Owner("Bob"), new Owner("Cy")]);
        text.ModifiedAt.ShouldBe(new DateTimeOffset(2024, 2, 3, 4, 5, 6, TimeSpan.Zero));
        text.Text()
            .ShouldBe("Body\n\n## Footnotes\nA note\n\n## Comments\nAnn:\nReally?\n\n## Headers and footers\nAcme");
    }

    [Fact]
    public async Task A_cut_off_document_is_broken()
    {
        var whole = Document(P("Body"));

        (await Extraction.FailAsync("a.docx", whole[..^30])).Problem.ShouldBe(ContentProblem.Broken);
        (await Extraction.FailAsync("a.docx", Document("<w:p><w:r>"))).Problem.ShouldBe(ContentProblem.Broken);
        (await Extraction.FailAsync("a.docx", Document(""))).Problem.ShouldBe(ContentProblem.Empty);
    }

    [Fact]
    public async Task Document_types_are_refused()
    {
        var bomb = Extraction.Zip(
            ("[Content_Types].xml", "<Types/>"),
            (
                "word/document.xml",
                "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&b;&e;</x>"
            )
        );

        (await Extraction.FailAsync("a.docx", bomb)).Problem.ShouldBe(ContentProblem.Broken);
    }

    [Fact]
    public async Task An_encrypted_document_says_so()
    {
        var file = CompoundWriter.Write(
            ("EncryptedPackage", new byte[5000]),
            ("EncryptionInfo", Encoding.ASCII.GetBytes("x"))
        );

        (await Extraction.FailAsync("a.docx", file)).Problem.ShouldBe(ContentProblem.Encrypted);
    }
}
