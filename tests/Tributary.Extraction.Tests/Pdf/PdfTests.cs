using System.Text;
using Tributary.Sdk.Content;
using Tributary.Testing;

namespace Tributary.Extraction.Tests.Pdf;

public class PdfTests
{
    [Fact]
    public async Task Each_page_is_a_section_and_the_file_tells_its_title()
    {
        var text = await Extraction.ExtractAsync("a.pdf", PdfWriter.Pages("First page", "", "Third page"));

        text.Title.ShouldBe("The Title");
        text.Authors[0].Name.ShouldBe("Ann Lee");
        text.ModifiedAt.ShouldBe(new DateTimeOffset(2024, 1, 2, 3, 4, 5, TimeSpan.Zero));
        text.Metadata["pages"].ToString().ShouldBe("3");
        text.Text().ShouldBe("## Page 1\nFirst page\n\n## Page 3\nThird page");
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Encrypted_files_open_without_or_with_the_right_password()
    {
        using var folder = new TemporaryFolder();
        var open = await EncryptAsync(folder, "");
        var locked = await EncryptAsync(folder, "word");

        (await Extraction.ExtractAsync("a.pdf", open)).Text().ShouldContain("Secret text");
        (await Extraction.ExtractAsync("a.pdf", open, "useless")).Text().ShouldContain("Secret text");
        (await Extraction.ExtractAsync("a.pdf", locked, "word")).Text().ShouldContain("Secret text");
        (await Extraction.FailAsync("a.pdf", locked)).Problem.ShouldBe(ContentProblem.Encrypted);
        (await Extraction.FailAsync("a.pdf", locked, "wrong")).Message.ShouldContain("does not open it");
    }

    [Fact]
    public async Task Broken_files_are_broken()
    {
        (await Extraction.FailAsync("a.pdf", "%PDF-1.4\nnothing of the kind"u8.ToArray())).Problem.ShouldBe(
            ContentProblem.Broken
        );
        (await Extraction.ExtractAsync("junk-before.bin", [.. "HTTP junk\n"u8, .. PdfWriter.Pages("Found")]))
            .Text()
            .ShouldContain("Found");
    }

    [Fact]
    public async Task A_missing_program_is_named_with_its_package()
    {
        using var empty = new TemporaryFolder();
        var extraction = new TributaryExtraction(new ExtractionOptions { ProgramFolders = [empty.Path] });

        var failure = await Should.ThrowAsync<ContentException>(() =>
            extraction.Text.ExtractAsync(Extraction.File("a.pdf", PdfWriter.Pages("x")), default)
        );

        failure.Problem.ShouldBe(ContentProblem.ConverterMissing);
        failure.Message.ShouldContain("apt-get install poppler-utils");
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Scanned_pages_are_recognised_up_to_the_cap()
    {
        var scan = await ScanAsync("Hello scanned world");

        var text = await Extraction.ExtractAsync("scan.pdf", scan, limits: new ExtractionLimits { MaxOcrPages = 1 });

        text.Text().ShouldContain("Hello scanned world");
        text.Sections.ShouldHaveSingleItem().Heading.ShouldBe("Page 1");
        text.Metadata["truncated"].ToString().ShouldBe("true");
    }

    [Fact]
    public async Task Without_the_programs_a_scan_says_what_is_missing()
    {
        using var folder = new TemporaryFolder();
        foreach (var program in new[] { "pdftotext", "pdfinfo" })
        {
            File.CreateSymbolicLink(folder[program], $"/usr/bin/{program}");
        }

        var extraction = new TributaryExtraction(new ExtractionOptions { ProgramFolders = [folder.Path] });

        var failure = await Should.ThrowAsync<ContentException>(() =>
            extraction.Text.ExtractAsync(Extraction.File("a.pdf", PdfWriter.Pages("")), default)
        );

        failure.Problem.ShouldBe(ContentProblem.ConverterMissing);
        failure.Message.ShouldContain("scanned");
        failure.Message.ShouldContain("tesseract-ocr");
    }

    // Two pages that are pictures of text.
    private static async Task<byte[]> ScanAsync(string line)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder["text.pdf"], PdfWriter.Pages(line));
        await Archives.ArchiveTests.RunAsync(
            folder.Path,
            "pdftoppm",
            "-r",
            "150",
            "-jpeg",
            "-singlefile",
            "text.pdf",
            "page"
        );
        return PdfWriter.Picture(await File.ReadAllBytesAsync(folder["page.jpg"]), 2);
    }

    private static async Task<byte[]> EncryptAsync(TemporaryFolder folder, string password)
    {
        await File.WriteAllBytesAsync(folder["in.html"], Encoding.UTF8.GetBytes("<p>Secret text</p>"));
        var options =
            $"pdf:writer_web_pdf_Export:{{\"EncryptFile\":{{\"type\":\"boolean\",\"value\":\"{(password.Length > 0 ? "true" : "false")}\"}},"
            + $"\"DocumentOpenPassword\":{{\"type\":\"string\",\"value\":\"{password}\"}},\"RestrictPermissions\":{{\"type\":\"boolean\",\"value\":\"true\"}},"
            + "\"PermissionPassword\":{\"type\":\"string\",\"value\":\"owner\"}}";
        await Archives.ArchiveTests.RunAsync(
            folder.Path,
            "soffice",
            $"-env:UserInstallation=file://{folder["profile"]}",
            "--headless",
            "--infilter=HTML (StarWriter)",
            "--convert-to",
            options,
            "in.html"
        );
        return await File.ReadAllBytesAsync(folder["in.pdf"]);
    }
}
