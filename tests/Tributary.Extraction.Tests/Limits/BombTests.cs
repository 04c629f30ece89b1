using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Tributary.Extraction.Tests.Archives;
using Tributary.Extraction.Tests.Office;
using Tributary.Extraction.Tests.Pdf;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;

namespace Tributary.Extraction.Tests.Limits;

/// <summary>Small files that want to be large. Each ends as a recorded failure, soon and in little memory.</summary>
[Collection("Alone")]
[Trait("Category", "Slow")]
public class BombTests
{
    private const long Megabyte = 1024 * 1024;

    public static TheoryData<string> Documents =>
        [
            "docx of one endless text",
            "docx of endless elements",
            "docx of one endless attribute",
            "docx of deep elements",
            "docx with a document type",
            "xlsx of endless shared strings",
            "odt of endless text",
            "epub of an endless chapter",
            "pdf of a packed gigabyte",
            "pdf packed over and over",
            "page of reopened fonts",
            "page of endless attributes",
            "mail of endless parts",
            "notebook of deep lists",
            "picture of endless pixels",
        ];

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task A_document_that_is_a_bomb_fails_soon_in_little_memory(string kind)
    {
        var (name, bytes) = Document(kind);

        var failure = await MeasureAsync(() =>
            Extraction.Default.Text.ExtractAsync(Extraction.File(name, bytes), default)
        );

        failure.ShouldNotBeNull();
        failure.Problem.ShouldBeOneOf(ContentProblem.TooLarge, ContentProblem.TooSlow, ContentProblem.Broken);
    }

    [Theory]
    [InlineData("zip of a packed gigabyte")]
    [InlineData("zip of overlapping members")]
    [InlineData("zip of endless members")]
    [InlineData("zip in zip in zip")]
    [InlineData("gz of a packed gigabyte")]
    [InlineData("tar.gz of a packed gigabyte")]
    [InlineData("tar of an endless name")]
    [InlineData("7z of a packed gigabyte")]
    public async Task An_archive_that_is_a_bomb_fails_soon_in_little_memory(string kind)
    {
        var (name, bytes) = await ArchiveAsync(kind);
        var members = 0;

        var failure = await MeasureAsync(async () =>
        {
            await foreach (var member in Extraction.Default.Containers.OpenAsync(Extraction.File(name, bytes), default))
            {
                members += member.Content is null ? 0 : 1;
            }
        });

        members.ShouldBe(0);
        if (kind == "zip in zip in zip")
        {
            failure.ShouldBeNull("archives that lie too deep are failures of single members");
        }
        else
        {
            failure.ShouldNotBeNull().Problem.ShouldBeOneOf(ContentProblem.TooLarge, ContentProblem.Broken);
        }
    }

    [Theory]
    [InlineData("xml", "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]><l>&b;</l>")]
    [InlineData("json", "[[[[")]
    public async Task Texts_that_are_shown_as_they_are_have_nothing_to_blow_up(string extension, string start)
    {
        var text = start + new string('[', 100_000);

        (await Extraction.ExtractAsync($"a.{extension}", text)).Text().ShouldBe(text);
    }

    [Theory]
    [InlineData("<div>")]
    [InlineData("<b>")]
    [InlineData("<ul><li>")]
    [InlineData("<blockquote>")]
    [InlineData("<table><tr><td>")]
    [InlineData("<svg><td>")]
    [InlineData("<a href=x><i>")]
    public async Task A_page_a_hundred_thousand_elements_deep_is_read_or_refused_without_overflow(string tags)
    {
        var html = string.Concat(Enumerable.Repeat(tags, 100_000)) + "the bottom";
        HtmlPage? page = null;

        var failure = await MeasureAsync(() =>
        {
            page = Extraction.Default.Html.Convert(Encoding.UTF8.GetBytes(html), new HtmlOptions());
            return Task.CompletedTask;
        });

        (failure is not null || page!.Sections.Any(section => section.Text.Contains("the bottom"))).ShouldBeTrue();
    }

    [Fact]
    public async Task A_line_of_a_gigabyte_is_cut_off_while_it_streams()
    {
        var source = new EndlessStream(1024 * Megabyte);
        var file = new FileContent { Name = "a.log", OpenAsync = _ => ValueTask.FromResult<Stream>(source) };

        var failure = await MeasureAsync(() => Extraction.Default.Text.ExtractAsync(file, default));

        failure.ShouldNotBeNull().Problem.ShouldBe(ContentProblem.TooLarge);
        source.BytesRead.ShouldBeLessThan(102 * Megabyte);
    }

    [Fact]
    public async Task A_pdf_of_a_million_pages_is_cut()
    {
        var kids = string.Concat(Enumerable.Repeat("3 0 R ", 1_000_000));
        var pdf = PdfWriter.Objects([
            "<</Type/Catalog/Pages 2 0 R>>",
            $"<</Type/Pages/Count 1000000/Kids[{kids}]>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        ]);

        var failure = await Extraction.FailAsync(
            "a.pdf",
            pdf,
            limits: new ExtractionLimits { MaxTime = TimeSpan.FromSeconds(5) }
        );

        failure.Problem.ShouldBeOneOf(ContentProblem.TooSlow, ContentProblem.Empty, ContentProblem.Broken);
    }

    [Theory]
    [InlineData("/Prev 0")]
    [InlineData("/Prev 15")]
    public async Task A_pdf_whose_tables_run_in_circles_ends(string trailer)
    {
        var loop = PdfWriter.Objects(
            ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[2 0 R 2 0 R]/Parent 2 0 R>>"],
            trailer
        );

        (await Extraction.FailAsync("a.pdf", loop)).Problem.ShouldBeOneOf(ContentProblem.Broken, ContentProblem.Empty);
    }

    private static (string Name, byte[] Bytes) Document(string kind) =>
        kind switch
        {
            "docx of one endless text" => (
                "a.docx",
                Word(w => Repeat(w, "<w:p><w:r><w:t>", "aaaaaaaaaaaaaaaa", "</w:t></w:r></w:p>"))
            ),
            "docx of endless elements" => ("a.docx", Word(w => Repeat(w, "", "<w:p></w:p>", ""))),
            "docx of one endless attribute" => ("a.docx", Word(w => Repeat(w, "<w:p x='", "a > a> a> a> a>", "'/>"))),
            "docx of deep elements" => (
                "a.docx",
                WordTests.Document(string.Concat(Enumerable.Repeat("<w:x>", 100_000)))
            ),
            "docx with a document type" => (
                "a.docx",
                Extraction.Zip(
                    ("[Content_Types].xml", "<Types/>"),
                    (
                        "word/document.xml",
                        "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]><x>&b;</x>"
                    )
                )
            ),
            "xlsx of endless shared strings" => (
                "a.xlsx",
                Zip(
                    ("[Content_Types].xml", w => w.Write("<Types/>")),
                    ("xl/workbook.xml", w => w.Write("<workbook/>")),
                    ("xl/sharedStrings.xml", w => Repeat(w, "<sst>", "<si><t></t></si>", "</sst>"))
                )
            ),
            "odt of endless text" => (
                "a.odt",
                Zip(
                    ("mimetype", w => w.Write("application/vnd.oasis.opendocument.text")),
                    ("content.xml", w => Repeat(w, "<o xmlns:text='t'><text:p>", "                ", "</text:p></o>"))
                )
            ),
            "epub of an endless chapter" => (
                "a.epub",
                Zip(
                    ("META-INF/container.xml", w => w.Write("<c><rootfile full-path='b.opf'/></c>")),
                    ("b.opf", w => w.Write("<p><item id='a' href='a.html'/><itemref idref='a'/></p>")),
                    ("a.html", w => Repeat(w, "", "<p>aaaaaaaaaaaaa", ""))
                )
            ),
            "pdf of a packed gigabyte" => ("a.pdf", PdfWriter.Packed(new byte[300 * Megabyte], 1)),
            "pdf packed over and over" => ("a.pdf", PdfWriter.Packed(new byte[300 * Megabyte], 3)),
            "page of reopened fonts" => (
                "a.html",
                Encoding.ASCII.GetBytes(
                    "<html><body><p>"
                        + string.Concat(Enumerable.Range(0, 3000).Select(i => $"<font a{i}=1>"))
                        + string.Concat(Enumerable.Repeat("<p>x", 20_000))
                )
            ),
            "page of endless attributes" => (
                "a.html",
                Encoding.ASCII.GetBytes(
                    "<html><body><p " + string.Join(' ', Enumerable.Range(0, 200_000).Select(i => $"a{i}=\"1\"")) + ">x"
                )
            ),
            "mail of endless parts" => (
                "a.eml",
                Encoding.ASCII.GetBytes(
                    "From: a@b\nTo: c@d\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
                        + string.Concat(Enumerable.Repeat("--b\n\nx\n", 1_000_000))
                )
            ),
            "notebook of deep lists" => ("a.ipynb", Encoding.ASCII.GetBytes("{\"cells\":" + new string('[', 100_000))),
            _ => (
                "a.png",
                [
                    .. Convert.FromHexString("89504E470D0A1A0A0000000D494844520000C3500000C3500802000000"),
                    .. new byte[64],
                ]
            ),
        };

    private static async Task<(string Name, byte[] Bytes)> ArchiveAsync(string kind)
    {
        switch (kind)
        {
            case "zip of a packed gigabyte":
                return ("a.zip", Zip(("zeros.bin", w => Repeat(w, "", "0000000000000000", ""))));
            case "zip of overlapping members":
                return ("a.zip", Overlapping());
            case "zip of endless members":
                return ("a.zip", Extraction.Zip(Enumerable.Range(0, 20_000).Select(i => ($"{i}", "")).ToArray()));
            case "zip in zip in zip":
                return (
                    "a.zip",
                    Extraction.Zip(("b.zip", Extraction.Zip(("c.zip", Extraction.Zip(("d.zip", new byte[10]))))))
                );
            case "gz of a packed gigabyte":
                return ("a.gz", ArchiveTests.Gzip(new byte[300 * Megabyte]));
            case "tar.gz of a packed gigabyte":
                return (
                    "a.tar.gz",
                    ArchiveTests.Gzip([.. TarHeader("zeros.bin", '0', 300 * Megabyte), .. new byte[300 * Megabyte]])
                );
            case "tar of an endless name":
                return ("a.tar", [.. TarHeader("x", 'x', 50 * Megabyte), .. new byte[50 * Megabyte]]);
            default:
                using (var folder = new Testing.TemporaryFolder())
                {
                    await File.WriteAllBytesAsync(folder["zeros.bin"], new byte[300 * Megabyte]);
                    await ArchiveTests.RunAsync(folder.Path, "7z", "a", "-mx=1", "a.7z", "zeros.bin");
                    return ("a.7z", await File.ReadAllBytesAsync(folder["a.7z"]));
                }
        }
    }

    // Fifield's idea in its plainest form: many entries of the directory name one and the same member.
    private static byte[] Overlapping()
    {
        var single = Extraction.Zip(("a", new byte[900_000]));
        var directory = single.AsSpan().IndexOf("PK\x1\x2"u8);
        var end = single.AsSpan().IndexOf("PK\x5\x6"u8);
        var entry = single[directory..end];
        var tail = single[end..];
        BinaryPrimitives.WriteUInt16LittleEndian(tail.AsSpan(8), 1000);
        BinaryPrimitives.WriteUInt16LittleEndian(tail.AsSpan(10), 1000);
        BinaryPrimitives.WriteInt32LittleEndian(tail.AsSpan(12), entry.Length * 1000);
        return [.. single[..directory], .. Enumerable.Repeat(entry, 1000).SelectMany(bytes => bytes), .. tail];
    }

    private static byte[] TarHeader(string name, char type, long size)
    {
        var header = new byte[512];
        Encoding.ASCII.GetBytes(name, header);
        Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0'), header.AsSpan(124));
        header[156] = (byte)type;
        "ustar"u8.CopyTo(header.AsSpan(257));
        header.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes(
            Convert.ToString(header.Sum(value => value), 8).PadLeft(6, '0') + "\0",
            header.AsSpan(148)
        );
        return header;
    }

    private static byte[] Word(Action<StreamWriter> body) =>
        Zip(
            ("[Content_Types].xml", w => w.Write("<Types/>")),
            (
                "word/document.xml",
                w =>
                {
                    w.Write("<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>");
                    body(w);
                    w.Write("</w:document>");
                }
            )
        );

    // Three hundred megabytes of the middle part.
    private static void Repeat(StreamWriter writer, string start, string middle, string end)
    {
        writer.Write(start);
        var block = string.Concat(Enumerable.Repeat(middle, 65_536 / middle.Length));
        for (var i = 0; i < 300 * Megabyte / 65_536; i++)
        {
            writer.Write(block);
        }

        writer.Write(end);
    }

    private static byte[] Zip(params (string Name, Action<StreamWriter> Write)[] entries)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, write) in entries)
            {
                using var writer = new StreamWriter(
                    zip.CreateEntry(
                            name,
                            name == "mimetype" ? CompressionLevel.NoCompression : CompressionLevel.Optimal
                        )
                        .Open(),
                    new UTF8Encoding(false),
                    65_536
                );
                write(writer);
            }
        }

        return file.ToArray();
    }

    /// <summary>Runs it and checks the bar: two seconds of processor, 64 MB more memory than before.</summary>
    private static async Task<ContentException?> MeasureAsync(Func<Task> run)
    {
        ContentException? failure = null;
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var process = Process.GetCurrentProcess();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var processor = process.TotalProcessorTime;
        var peak = before;
        using var stop = new CancellationTokenSource();
        var watch = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false));
                await Task.Delay(5);
            }
        });
        try
        {
            await run();
        }
        catch (ContentException exception)
        {
            failure = exception;
        }

        await stop.CancelAsync();
        await watch;
        process.Refresh();
        (process.TotalProcessorTime - processor).ShouldBeLessThan(TimeSpan.FromSeconds(2));
        (peak - before).ShouldBeLessThan(64 * Megabyte);
        return failure;
    }

    private sealed class EndlessStream(long length) : Stream
    {
        public long BytesRead { get; private set; }
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = (int)Math.Min(buffer.Length, length - BytesRead);
            buffer.Span[..count].Fill((byte)'x');
            BytesRead += count;
            return ValueTask.FromResult(count);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

/// <summary>Tests that measure the process run while no other does.</summary>
[CollectionDefinition("Alone", DisableParallelization = true)]
public sealed class AloneCollection;
