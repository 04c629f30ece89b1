using System.Buffers.Binary;
using Tributary.Sdk.Content;
using Tributary.Testing;

namespace Tributary.Extraction.Tests.Pdf;

public class ImageTests
{
    [Theory]
    [Trait("Category", "Slow")]
    [InlineData("png")]
    [InlineData("jpeg")]
    [InlineData("tiff")]
    public async Task Text_in_pictures_is_recognised(string kind)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder["a.pdf"], PdfWriter.Pages("Words in a picture"));
        await Archives.ArchiveTests.RunAsync(
            folder.Path,
            "pdftoppm",
            "-r",
            "150",
            $"-{kind}",
            "-singlefile",
            "a.pdf",
            "a"
        );
        var file = Directory
            .GetFiles(folder.Path, "a.*")
            .Single(path => !path.EndsWith(".pdf", StringComparison.Ordinal));

        var text = await Extraction.ExtractAsync("wrong-name.txt", await File.ReadAllBytesAsync(file));

        text.Text().ShouldContain("Words in a picture");
        text.Metadata["recognised"].ToString().ShouldBe("true");
    }

    [Fact]
    public async Task A_bitmap_without_text_is_empty()
    {
        var bitmap = new byte[54 + 64 * 64 * 3];
        bitmap.AsSpan(54).Fill(0xFF);
        "BM"u8.CopyTo(bitmap);
        BinaryPrimitives.WriteInt32LittleEndian(bitmap.AsSpan(2), bitmap.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bitmap.AsSpan(10), 54);
        BinaryPrimitives.WriteInt32LittleEndian(bitmap.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(bitmap.AsSpan(18), 64);
        BinaryPrimitives.WriteInt32LittleEndian(bitmap.AsSpan(22), 64);
        BinaryPrimitives.WriteInt16LittleEndian(bitmap.AsSpan(26), 1);
        BinaryPrimitives.WriteInt16LittleEndian(bitmap.AsSpan(28), 24);

        (await Extraction.FailAsync("a.bmp", bitmap)).Problem.ShouldBe(ContentProblem.Empty);
    }

    [Theory]
    [InlineData("89504E470D0A1A0A0000000D494844520000C3500000C3500802000000", "png")]
    [InlineData("47494638396150C350C300000021", "gif")]
    [InlineData("FFD8FFE000104A46494600010100000100010000FFC0001108C350C35003012200", "jpg")]
    [InlineData("49492A00080000000200000104000100000050C300000101040001000000" + "50C3000000000000", "tiff")]
    [InlineData("52494646240000005745425056503858" + "0A000000000000004FC3004FC300", "webp")]
    [InlineData(
        "424D000000000000000036000000280000"
            + "0050C3000050C3000001001800000000000000000000000000000000000000000000000000000000000000",
        "bmp"
    )]
    public async Task Pictures_that_claim_fifty_thousand_pixels_square_are_refused_by_their_header(
        string header,
        string name
    )
    {
        var failure = await Extraction.FailAsync($"a.{name}", [.. Convert.FromHexString(header), .. new byte[64]]);

        failure.Problem.ShouldBe(ContentProblem.TooLarge);
        failure.Message.ShouldContain("50,000 × 50,000");
    }

    [Fact]
    public async Task Missing_programs_are_named()
    {
        using var empty = new TemporaryFolder();
        var extraction = new TributaryExtraction(new ExtractionOptions { ProgramFolders = [empty.Path] });
        async Task<ContentException> FailAsync(byte[] bytes) =>
            await Should.ThrowAsync<ContentException>(() =>
                extraction.Text.ExtractAsync(Extraction.File("a", bytes), default)
            );

        (await FailAsync([0x89, .. "PNG\r\n\u001a\n"u8, .. new byte[30]])).Message.ShouldContain(
            "apt-get install tesseract-ocr"
        );
        (await FailAsync([0, 0, 0, 24, .. "ftypheic"u8, .. new byte[30]])).Message.ShouldContain(
            "apt-get install libheif-examples"
        );
    }
}
