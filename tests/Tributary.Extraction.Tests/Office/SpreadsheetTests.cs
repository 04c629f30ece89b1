using Tributary.Sdk.Content;

namespace Tributary.Extraction.Tests.Office;

public class SpreadsheetTests
{
    private const string Namespaces =
        "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" "
        + "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

    private const string Styles =
        "<styleSheet "
        + Namespaces
        + "><numFmts><numFmt numFmtId=\"164\" formatCode=\"&quot;day&quot; 0.0\"/><numFmt numFmtId=\"165\" formatCode=\"dd/mm/yyyy\\ hh:mm\"/>"
        + "</numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"165\"/><xf numFmtId=\"164\"/><xf numFmtId=\"10\"/><xf numFmtId=\"20\"/></cellXfs></styleSheet>";

    internal static byte[] Workbook(
        string rows,
        string workbookProperties = "",
        params (string Name, string Text)[] parts
    ) =>
        Extraction.Zip([
            ("[Content_Types].xml", "<Types/>"),
            ("_rels/.rels", Ooxml.Relations(("r1", "officeDocument", "xl/workbook.xml"))),
            (
                "xl/workbook.xml",
                $"<workbook {Namespaces}>{workbookProperties}<sheets><sheet name=\"Data\" sheetId=\"1\" r:id=\"rId1\"/><sheet name=\"Secret\" sheetId=\"2\" state=\"hidden\" r:id=\"rId2\"/></sheets></workbook>"
            ),
            (
                "xl/_rels/workbook.xml.rels",
                Ooxml.Relations(
                    ("rId1", "worksheet", "worksheets/sheet1.xml"),
                    ("rId2", "worksheet", "/xl/worksheets/sheet2.xml"),
                    ("rId3", "sharedStrings", "sharedStrings.xml"),
                    ("rId4", "styles", "styles.xml")
                )
            ),
            ("xl/styles.xml", Styles),
            (
                "xl/sharedStrings.xml",
                $"<sst {Namespaces}><si><t>Name</t></si><si><r><t>An</t></r><r><t>n</t></r><rPh><t>NO</t></rPh></si><si><t xml:space=\"preserve\">two\nlines | bar</t></si></sst>"
            ),
            ("xl/worksheets/sheet1.xml", $"<worksheet {Namespaces}><sheetData>{rows}</sheetData></worksheet>"),
            (
                "xl/worksheets/sheet2.xml",
                $"<worksheet {Namespaces}><sheetData><row><c t=\"inlineStr\"><is><t>hidden</t></is></c></row></sheetData></worksheet>"
            ),
            .. parts,
        ]);

    [Fact]
    public async Task Sheets_become_tables_with_cached_values()
    {
        var text = await Extraction.ExtractAsync(
            "a.xlsx",
            Workbook(
                "<row r=\"2\"/><row r=\"3\"><c r=\"A3\" t=\"s\"><v>0</v></c><c r=\"C3\" t=\"inlineStr\"><is><t>Sum</t></is></c></row>"
                    + "<row r=\"4\"><c r=\"A4\" t=\"s\"><v>1</v></c><c r=\"B4\" t=\"s\"><v>2</v></c><c r=\"C4\"><f>A1+1</f><v>0.30000000000000004</v></c></row>"
                    + "<row r=\"5\"><c r=\"A5\" t=\"b\"><v>1</v></c><c r=\"B5\" t=\"str\"><f>x</f><v>text</v></c><c r=\"C5\" t=\"e\"><v>#N/A</v></c></row>"
            )
        );

        var section = text.Sections.ShouldHaveSingleItem();
        section.Heading.ShouldBe("Data");
        section.Text.ShouldBe(
            "| Name |  | Sum |\n| --- | --- | --- |\n| Ann | two lines \\| bar | 0.3 |\n| TRUE | text | #N/A |"
        );
    }

    [Theory]
    [InlineData("", "1", "45000.5", "2023-03-15 12:00")]
    [InlineData("", "1", "1", "1900-01-01")]
    [InlineData("", "1", "61", "1900-03-01")]
    [InlineData("<workbookPr date1904=\"1\"/>", "1", "43538", "2023-03-15")]
    [InlineData("", "2", "45000.25", "2023-03-15 06:00")]
    [InlineData("", "3", "4.5", "4.5")]
    [InlineData("", "4", "0.125", "12.5%")]
    [InlineData("", "5", "0.75", "18:00:00")]
    [InlineData("", "0", "1234567.5", "1234567.5")]
    public async Task Numbers_are_shown_as_people_see_them(string properties, string style, string value, string shown)
    {
        var text = await Extraction.ExtractAsync(
            "a.xlsm",
            Workbook($"<row><c s=\"{style}\"><v>{value}</v></c></row>", properties)
        );

        text.Text().ShouldBe($"## Data\n| {shown} |\n| --- |");
    }

    [Fact]
    public async Task Comments_and_text_boxes_follow_their_sheet()
    {
        var text = await Extraction.ExtractAsync(
            "a.xlsx",
            Workbook(
                "<row><c t=\"s\"><v>0</v></c></row>",
                "",
                (
                    "xl/worksheets/_rels/sheet1.xml.rels",
                    Ooxml.Relations(("c", "comments", "../comments1.xml"), ("d", "drawing", "../drawings/d.xml"))
                ),
                (
                    "xl/comments1.xml",
                    $"<comments {Namespaces}><authors><author>Ann</author></authors><commentList><comment ref=\"A1\" authorId=\"0\"><text><r><t>Check </t></r><r><t>this</t></r></text></comment></commentList></comments>"
                ),
                (
                    "xl/drawings/d.xml",
                    "<x:wsDr xmlns:x=\"x\" xmlns:a=\"a\"><x:sp><x:txBody><a:p><a:r><a:t>Boxed</a:t></a:r></a:p></x:txBody></x:sp></x:wsDr>"
                )
            )
        );

        text.Text().ShouldEndWith("| Name |\n| --- |\n\nComment on A1 by Ann: Check this\n\nBoxed");
    }

    [Fact]
    public async Task A_million_rows_are_cut_at_the_cap_without_reading_them_all()
    {
        var limits = new ExtractionLimits { MaxCharacters = 10_000 };
        var rows = string.Concat(
            Enumerable.Range(1, 20_000).Select(row => $"<row r=\"{row}\"><c r=\"A{row}\"><v>{row * 7919}</v></c></row>")
        );

        var text = await Extraction.ExtractAsync("a.xlsx", Workbook(rows), limits: limits);

        text.Metadata["truncated"].ToString().ShouldBe("true");
        text.Text().Length.ShouldBeInRange(9_900, 10_020);
    }

    [Fact]
    public async Task A_workbook_whose_sheet_is_missing_is_empty_and_one_without_workbook_broken()
    {
        (await Extraction.FailAsync("a.xlsx", Workbook(""))).Problem.ShouldBe(ContentProblem.Empty);
        (
            await Extraction.FailAsync(
                "a.xlsx",
                Extraction.Zip(("[Content_Types].xml", "<Types/>"), ("xl/workbookX", "x"))
            )
        ).Problem.ShouldBe(ContentProblem.Broken);
    }
}
