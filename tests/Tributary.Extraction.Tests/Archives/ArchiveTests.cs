using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Tributary.Sdk.Content;
using Tributary.Testing;

namespace Tributary.Extraction.Tests.Archives;

public class ArchiveTests
{
    [Fact]
    public async Task Members_come_in_order_without_litter_and_can_be_read_later()
    {
        var members = await Extraction.MembersAsync(
            "a.zip",
            Extraction.Zip(
                ("b/", ""),
                ("b/two.txt", "2"),
                ("__MACOSX/b/._two.txt", "NO"),
                (".DS_Store", "NO"),
                ("b/Thumbs.db", "NO"),
                ("a.txt", string.Concat(Enumerable.Range(0, 300_000)))
            )
        );

        members.Select(member => member.Path).ShouldBe(["b/two.txt", "a.txt"]);
        members[0].ModifiedAt.ShouldNotBeNull();
        (await Extraction.ReadTextAsync(members[1])).ShouldEndWith("299999");
        (await Extraction.ReadTextAsync(members[0])).ShouldBe("2");
    }

    [Fact]
    public async Task Names_are_made_safe_and_unique()
    {
        var members = await Extraction.MembersAsync(
            "a.zip",
            Extraction.Zip(
                ("/etc/passwd", "1"),
                ("../../up.txt", "2"),
                ("win\\dir\\file.txt", "3"),
                ("C:\\x.txt", "4"),
                ("same.txt", "5"),
                ("same.txt", "6"),
                ("a\u202Ecod.exe", "7"),
                ("..", "8")
            )
        );

        members
            .Select(member => member.Path)
            .ShouldBe([
                "etc/passwd",
                "up.txt",
                "win/dir/file.txt",
                "x.txt",
                "same.txt",
                "same (2).txt",
                "acod.exe",
                "unnamed",
            ]);
        (await Extraction.ReadTextAsync(members[4])).ShouldBe("5");
        (await Extraction.ReadTextAsync(members[5])).ShouldBe("6");
    }

    [Fact]
    public async Task Names_in_the_old_code_page_and_in_utf8_without_flag_are_told_apart()
    {
        var old = Extraction.Zip(("XXXXXX.txt", "1"));
        var utf8 = (byte[])old.Clone();
        Replace(old, "XXXXXX"u8, [0x84, 0x94, 0x81, (byte)'a', (byte)'b', (byte)'c']);
        Replace(utf8, "XXXXXX"u8, "äöü"u8.ToArray());

        (await Extraction.MembersAsync("a.zip", old))[0].Path.ShouldBe("äöüabc.txt");
        (await Extraction.MembersAsync("a.zip", utf8))[0].Path.ShouldBe("äöü.txt");
    }

    [Fact]
    public async Task Data_descriptors_and_zip64_are_read()
    {
        using var folder = new TemporaryFolder();
        // A pipe makes the program write data descriptors and zip64 fields, as it cannot know sizes before.
        await RunAsync(
            folder.Path,
            "python3",
            "-c",
            """
            import io, zipfile
            class Pipe(io.RawIOBase):
                def __init__(self): self.f = open('pipe.zip', 'wb')
                def writable(self): return True
                def write(self, b): return self.f.write(b)
            with zipfile.ZipFile(Pipe(), 'w', zipfile.ZIP_DEFLATED) as z:
                with z.open('streamed.txt', 'w', force_zip64=True) as m: m.write(b'streamed content')
            with zipfile.ZipFile('many.zip', 'w') as z:
                for i in range(70000): z.writestr(str(i), b'')
            """
        );

        var members = await Extraction.MembersAsync("a.zip", await File.ReadAllBytesAsync(folder["pipe.zip"]));
        (await Extraction.ReadTextAsync(members.ShouldHaveSingleItem())).ShouldBe("streamed content");

        var many = await File.ReadAllBytesAsync(folder["many.zip"]);
        var failure = await Should.ThrowAsync<ContentException>(() => Extraction.MembersAsync("a.zip", many));
        failure.Problem.ShouldBe(ContentProblem.TooLarge);
        failure.Message.ShouldContain("70,000");
        (await Extraction.MembersAsync("a.zip", many, new ExtractionLimits { MaxMembers = 80_000 })).Count.ShouldBe(
            70_000
        );
    }

    [Fact]
    public async Task Encrypted_and_damaged_members_fail_alone()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["secret.txt"], "secret");
        await File.WriteAllTextAsync(folder["open.txt"], string.Concat(Enumerable.Range(0, 500)));
        await RunAsync(folder.Path, "7z", "a", "-pword", "a.zip", "secret.txt");
        await RunAsync(folder.Path, "7z", "a", "a.zip", "open.txt");
        var damaged = Extraction.Zip(("bad.txt", string.Concat(Enumerable.Range(0, 500))), ("good.txt", "fine"));
        Array.Fill(damaged, (byte)0xFF, 60, 200);

        var locked = await Extraction.MembersAsync("a.zip", await File.ReadAllBytesAsync(folder["a.zip"]));
        var broken = await Extraction.MembersAsync("b.zip", damaged);

        locked.Single(member => member.Path == "secret.txt").Failure!.ShouldContain("encrypted");
        locked.Single(member => member.Path == "open.txt").Content.ShouldNotBeNull();
        broken[0].Content.ShouldBeNull();
        broken[0].Failure!.ShouldContain("damaged");
        (await Extraction.ReadTextAsync(broken[1])).ShouldBe("fine");
    }

    [Theory]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public async Task Tar_and_tar_gz_are_read_and_links_ignored(TarEntryFormat format)
    {
        var longName =
            format == TarEntryFormat.Ustar
                ? $"{new string('d', 90)}/{new string('f', 80)}.txt"
                : $"{new string('d', 190)}/ünï{new string('f', 80)}.txt";
        using var file = new MemoryStream();
        using (var tar = new TarWriter(file, format, leaveOpen: true))
        {
            Write(tar, Entry(format, TarEntryType.RegularFile, "one.txt", "1"));
            Write(tar, Entry(format, TarEntryType.Directory, "dir/", null));
            var link = Entry(format, TarEntryType.SymbolicLink, "link", null);
            link.LinkName = "/etc/passwd";
            Write(tar, link);
            Write(tar, Entry(format, TarEntryType.RegularFile, longName, new string('2', 5000)));
        }

        foreach (var (name, bytes) in new[] { ("a.tar", file.ToArray()), ("a.tar.gz", Gzip(file.ToArray())) })
        {
            Extraction.Default.Containers.Identify(name, new MemoryStream(bytes)).ShouldBe(ContainerKind.Archive);
            var members = await Extraction.MembersAsync(name, bytes);
            members.Select(member => member.Path).ShouldBe(["one.txt", longName]);
            members[0].ModifiedAt.ShouldBe(new DateTimeOffset(2024, 1, 2, 0, 0, 0, TimeSpan.Zero));
            (await Extraction.ReadTextAsync(members[1])).ShouldBe(new string('2', 5000));
        }
    }

    [Fact]
    public async Task A_gzipped_file_is_its_only_member()
    {
        var member = (
            await Extraction.MembersAsync("logs/app.log.gz", Gzip("line"u8.ToArray()))
        ).ShouldHaveSingleItem();

        member.Path.ShouldBe("app.log");
        (await Extraction.ReadTextAsync(member)).ShouldBe("line");
    }

    [Fact]
    public async Task Archives_in_archives_are_opened_one_level_deep()
    {
        var inner = Extraction.Zip(("deep.txt", "3"u8.ToArray()), ("deeper.zip", Extraction.Zip(("x.txt", "4"))));

        var members = await Extraction.MembersAsync(
            "a.zip",
            Extraction.Zip(
                ("a.txt", "1"u8.ToArray()),
                ("in/n.zip", inner),
                ("broken.zip", "PK\x3\x4oops"u8.ToArray()),
                ("z.txt", "5"u8.ToArray())
            )
        );

        members
            .Select(member => member.Path)
            .ShouldBe(["a.txt", "in/n.zip/deep.txt", "in/n.zip/deeper.zip", "broken.zip", "z.txt"]);
        members[2].Failure!.ShouldContain("1 level");
        members[3].Failure!.ShouldContain("broken");
    }

    [Fact]
    public async Task Documents_that_are_zips_are_no_archives()
    {
        var document = Office.WordTests.Document("<w:p><w:r><w:t>x</w:t></w:r></w:p>");

        Extraction.Default.Containers.Identify("a.zip", new MemoryStream(document)).ShouldBe(ContainerKind.None);
        (await Extraction.MembersAsync("a.zip", Extraction.Zip(("in.docx", document))))
            .ShouldHaveSingleItem()
            .Path.ShouldBe("in.docx");
        (await Extraction.FailAsync("a.docx", Extraction.Zip(("x", "y")))).Problem.ShouldBe(ContentProblem.Unsupported);
    }

    [Fact]
    public void Identifying_leaves_the_stream_where_it_was()
    {
        var stream = new MemoryStream("not a container"u8.ToArray()) { Position = 4 };

        Extraction.Default.Containers.Identify("a.txt", stream).ShouldBe(ContainerKind.None);
        stream.Position.ShouldBe(4);
    }

    [Fact]
    public async Task Seven_zip_xz_and_bzip2_are_opened_by_the_program()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["dir"]);
        await File.WriteAllTextAsync(folder["dir/ünï.txt"], "seven");
        await RunAsync(folder.Path, "7z", "a", "a.7z", "dir");
        await RunAsync(folder.Path, "7z", "a", "-pword", "-mhe=on", "locked.7z", "dir");
        await RunAsync(folder.Path, "7z", "a", "a.txt.xz", "dir/ünï.txt");
        await RunAsync(folder.Path, "7z", "a", "a.txt.bz2", "dir/ünï.txt");

        var members = await Extraction.MembersAsync("a.7z", await File.ReadAllBytesAsync(folder["a.7z"]));
        members.ShouldHaveSingleItem().Path.ShouldBe("dir/ünï.txt");
        (await Extraction.ReadTextAsync(members[0])).ShouldBe("seven");
        foreach (var name in new[] { "a.txt.xz", "a.txt.bz2" })
        {
            var single = (
                await Extraction.MembersAsync(name, await File.ReadAllBytesAsync(folder[name]))
            ).ShouldHaveSingleItem();
            (await Extraction.ReadTextAsync(single)).ShouldBe("seven");
        }

        var locked = await File.ReadAllBytesAsync(folder["locked.7z"]);
        (await Should.ThrowAsync<ContentException>(() => Extraction.MembersAsync("a.7z", locked))).Problem.ShouldBe(
            ContentProblem.Encrypted
        );
        (
            await Should.ThrowAsync<ContentException>(() => Extraction.MembersAsync("a.7z", locked[..40]))
        ).Problem.ShouldBe(ContentProblem.Broken);
    }

    private static void Write(TarWriter tar, TarEntry entry) => tar.WriteEntry(entry);

    private static TarEntry Entry(TarEntryFormat format, TarEntryType type, string name, string? content)
    {
        TarEntry entry = format switch
        {
            TarEntryFormat.Ustar => new UstarTarEntry(type, name),
            TarEntryFormat.Pax => new PaxTarEntry(type, name),
            _ => new GnuTarEntry(type, name),
        };
        entry.ModificationTime = new DateTimeOffset(2024, 1, 2, 0, 0, 0, TimeSpan.Zero);
        if (content is not null)
        {
            entry.DataStream = new MemoryStream(Encoding.ASCII.GetBytes(content));
        }

        return entry;
    }

    internal static byte[] Gzip(byte[] bytes)
    {
        using var file = new MemoryStream();
        using (var gzip = new GZipStream(file, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return file.ToArray();
    }

    private static void Replace(byte[] bytes, ReadOnlySpan<byte> old, byte[] with)
    {
        for (var at = bytes.AsSpan().IndexOf(old); at >= 0; at = bytes.AsSpan().IndexOf(old))
        {
            with.CopyTo(bytes, at);
        }
    }

    internal static async Task RunAsync(string folder, string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true }
        )!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, $"{program} is needed by this test");
    }
}
