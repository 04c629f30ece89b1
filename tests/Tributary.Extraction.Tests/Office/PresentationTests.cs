namespace Tributary.Extraction.Tests.Office;

public class PresentationTests
{
    private const string Namespaces =
        "xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\" xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" "
        + "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

    private static string Shape(string type, params string[] paragraphs) =>
        $"<p:sp><p:nvSpPr><p:nvPr><p:ph type=\"{type}\"/></p:nvPr></p:nvSpPr><p:txBody>{string.Concat(paragraphs.Select(text => $"<a:p>{text}</a:p>"))}</p:txBody></p:sp>";

    private static string Run(string text) => $"<a:r><a:t>{text}</a:t></a:r>";

    private static string Slide(string shapes, string attributes = "") =>
        $"<p:sld {Namespaces} {attributes}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>";

    [Fact]
    public async Task Slides_come_in_order_with_titles_levels_tables_notes_and_comments()
    {
        var file = Extraction.Zip(
            ("[Content_Types].xml", "<Types/>"),
            ("_rels/.rels", Ooxml.Relations(("r1", "officeDocument", "ppt/presentation.xml"))),
            (
                "ppt/presentation.xml",
                $"<p:presentation {Namespaces}><p:sldIdLst><p:sldId id=\"256\" r:id=\"rId2\"/><p:sldId id=\"257\" r:id=\"rId1\"/><p:sldId id=\"258\" r:id=\"rId3\"/></p:sldIdLst></p:presentation>"
            ),
            (
                "ppt/_rels/presentation.xml.rels",
                Ooxml.Relations(
                    ("rId1", "slide", "slides/slide1.xml"),
                    ("rId2", "slide", "slides/slide2.xml"),
                    ("rId3", "slide", "slides/slide3.xml")
                )
            ),
            (
                "ppt/slides/slide1.xml",
                Slide(
                    Shape("title", Run("Second"))
                        + Shape("body", Run("one"), "<a:pPr lvl=\"1\"/>" + Run("sub ") + Run("point"))
                        + Shape("sldNum", Run("2"))
                        + $"<p:graphicFrame><a:tbl><a:tr><a:tc><a:txBody><a:p>{Run("H")}</a:p></a:txBody></a:tc><a:tc><a:txBody><a:p>{Run("I")}</a:p></a:txBody></a:tc></a:tr>"
                        + $"<a:tr><a:tc><a:txBody><a:p>{Run("x")}</a:p></a:txBody></a:tc><a:tc><a:txBody><a:p>{Run("y")}</a:p></a:txBody></a:tc></a:tr></a:tbl></p:graphicFrame>"
                )
            ),
            ("ppt/slides/slide2.xml", Slide(Shape("ctrTitle", Run("First")))),
            ("ppt/slides/slide3.xml", Slide(Shape("title", Run("HIDDEN")), "show=\"0\"")),
            (
                "ppt/slides/_rels/slide1.xml.rels",
                Ooxml.Relations(("n", "notesSlide", "../notesSlides/n1.xml"), ("c", "comments", "../comments/c1.xml"))
            ),
            (
                "ppt/notesSlides/n1.xml",
                $"<p:notes {Namespaces}>{Shape("sldImg", Run("NO"))}{Shape("body", Run("Say this"))}</p:notes>"
            ),
            ("ppt/comments/c1.xml", $"<p:cmLst {Namespaces}><p:cm><p:text>Nice</p:text></p:cm></p:cmLst>")
        );

        var text = await Extraction.ExtractAsync("a.pptx", file);

        text.Text()
            .ShouldBe(
                "## Slide 1: First\nFirst\n\n## Slide 2: Second\none\n  - sub point\n| H | I |\n| --- | --- |\n| x | y |\n\nNotes: Say this\n\nComments: Nice"
            );
    }
}
