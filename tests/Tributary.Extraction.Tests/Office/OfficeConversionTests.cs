using System.Diagnostics;
using System.Text;
using Tributary.Sdk.Content;
using Tributary.Testing;

namespace Tributary.Extraction.Tests.Office;

/// <summary>Files that LibreOffice itself wrote: the old formats, and the new ones as a second opinion on hand-made parts.</summary>
[Trait("Category", "Slow")]
public class OfficeConversionTests
{
    private const string Page = """
        <html><head><meta charset="utf-8"><title>Der Titel</title></head><body><h1>Überschrift</h1><p>Grüße aus 東京.</p>
        <table border="1"><tr><td>Name</td><td>Zahl</td></tr><tr><td>Ann</td><td>42</td></tr></table></body></html>
        """;

    [Theory]
    [InlineData("docx:MS Word 2007 XML")]
    [InlineData("odt:writer8")]
    [InlineData("doc:MS Word 97")]
    [InlineData("rtf:Rich Text Format")]
    [InlineData("pdf:writer_web_pdf_Export")]
    public async Task Texts_written_by_an_office_program_are_read(string filter)
    {
        var extension = filter.Split(':')[0];
        var file = await ConvertAsync("page.html", Encoding.UTF8.GetBytes(Page), filter, "HTML (StarWriter)");

        var text = (await Extraction.ExtractAsync($"a.{extension}", file)).Text();

        text.ShouldContain("Überschrift");
        text.ShouldContain("Grüße aus 東京.");
        text.ShouldContain("Ann");
        text.ShouldContain("42");
    }

    [Theory]
    [InlineData("xlsx:Calc MS Excel 2007 XML")]
    [InlineData("xls:MS Excel 97")]
    [InlineData("ods:calc8")]
    public async Task Sheets_written_by_an_office_program_are_read(string filter)
    {
        var extension = filter.Split(':')[0];
        var file = await ConvertAsync(
            "data.csv",
            "Name,Born,Share\nAnn,2001-02-03,50%\nBoë,1999-12-31,12.5%\n"u8.ToArray(),
            filter,
            "CSV:44,34,76"
        );

        var text = await Extraction.ExtractAsync($"a.{extension}", file);

        var section = text.Sections.ShouldHaveSingleItem();
        section.Heading.ShouldBe("data");
        section.Text.ShouldStartWith("| Name | Born | Share |\n| --- | --- | --- |\n| Ann | ");
        section.Text.ShouldContain("Boë");
        section.Text.ShouldContain("2001");
    }

    [Theory]
    [InlineData("pptx:Impress MS PowerPoint 2007 XML")]
    [InlineData("ppt:MS PowerPoint 97")]
    [InlineData("odp:impress8")]
    public async Task Slides_written_by_an_office_program_are_read(string filter)
    {
        const string slides = """
            <?xml version="1.0" encoding="UTF-8"?>
            <office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
              xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
              xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
              office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.presentation">
              <office:automatic-styles><style:page-layout style:name="L"><style:page-layout-properties fo:page-width="28cm" fo:page-height="21cm"/></style:page-layout></office:automatic-styles>
              <office:master-styles><style:master-page style:name="M" style:page-layout-name="L"/></office:master-styles><office:body><office:presentation>
              <draw:page draw:name="p" draw:master-page-name="M"><draw:frame svg:width="10cm" svg:height="3cm" svg:x="1cm" svg:y="1cm"><draw:text-box><text:p>Hello slides</text:p></draw:text-box></draw:frame></draw:page>
            </office:presentation></office:body></office:document>
            """;
        var extension = filter.Split(':')[0];
        var file = await ConvertAsync("slides.fodp", Encoding.UTF8.GetBytes(slides), filter, null);

        var text = await Extraction.ExtractAsync($"a.{extension}", file);

        text.Sections.ShouldHaveSingleItem().Text.ShouldContain("Hello slides");
    }

    [Fact]
    public async Task Linked_content_of_old_documents_is_not_fetched()
    {
        var requests = 0;
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            Interlocked.Increment(ref requests);
            return Task.CompletedTask;
        });
        var link = $"{server.BaseUri}picture.png";
        var html = $"<html><body><p>Text with a picture</p><img src=\"{link}\" width=10 height=10></body></html>";
        var file = await ConvertAsync("page.html", Encoding.UTF8.GetBytes(html), "doc:MS Word 97", "HTML (StarWriter)");
        Interlocked.Exchange(ref requests, 0);

        var text = await Extraction.ExtractAsync("a.doc", file);

        text.Text().ShouldContain("Text with a picture");
        Encoding
            .Unicode.GetString(file)
            .Contains("picture.png")
            .ShouldBeTrue("the link must have survived the writing, or this test shows nothing");
        requests.ShouldBe(0);
    }

    [Fact]
    public async Task A_missing_program_is_named_with_its_package()
    {
        using var empty = new TemporaryFolder();
        var extraction = new TributaryExtraction(new ExtractionOptions { ProgramFolders = [empty.Path] });
        var file = Extraction.File("a.doc", CompoundWriter.Write(("WordDocument", new byte[5000])));

        var failure = await Should.ThrowAsync<ContentException>(() => extraction.Text.ExtractAsync(file, default));

        failure.Problem.ShouldBe(ContentProblem.ConverterMissing);
        failure.Message.ShouldContain("'soffice'");
        failure.Message.ShouldContain("apt-get install libreoffice-writer-nogui");
    }

    [Fact]
    public async Task Broken_and_encrypted_old_documents_say_so_and_leave_no_files()
    {
        using var folder = new TemporaryFolder();
        var extraction = new TributaryExtraction(new ExtractionOptions { TemporaryFolder = folder.Path });
        var encrypted = new byte[5000];
        encrypted[11] = 1;

        var broken = await Should.ThrowAsync<ContentException>(() =>
            extraction.Text.ExtractAsync(
                Extraction.File("a.ppt", CompoundWriter.Write(("PowerPoint Document", new byte[5000]))),
                default
            )
        );
        var locked = await Should.ThrowAsync<ContentException>(() =>
            extraction.Text.ExtractAsync(
                Extraction.File("a.doc", CompoundWriter.Write(("WordDocument", encrypted))),
                default
            )
        );

        broken.Problem.ShouldBeOneOf(ContentProblem.Broken, ContentProblem.Empty);
        locked.Problem.ShouldBe(ContentProblem.Encrypted);
        Directory.EnumerateFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    private static async Task<byte[]> ConvertAsync(string name, byte[] content, string filter, string? inputFilter)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder[name], content);
        var start = new ProcessStartInfo("soffice") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add($"-env:UserInstallation=file://{folder["profile"]}");
        foreach (
            var argument in new[] { "--headless", "--convert-to", filter, "--outdir", folder["out"], folder[name] }
        )
        {
            start.ArgumentList.Add(argument);
        }

        if (inputFilter is not null)
        {
            start.ArgumentList.Add($"--infilter={inputFilter}");
        }

        using var process = Process.Start(start)!;
        var log = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        var files = Directory.Exists(folder["out"]) ? Directory.GetFiles(folder["out"]) : [];
        files.Length.ShouldBe(
            1,
            $"soffice made nothing; are libreoffice-writer-nogui, -calc-nogui and -impress-nogui installed? {log}"
        );
        return await File.ReadAllBytesAsync(files[0]);
    }
}
