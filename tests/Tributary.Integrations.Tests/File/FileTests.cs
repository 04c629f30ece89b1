using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Tributary.Integrations.File;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Settings;
using Tributary.Testing;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.File;

public class FileTests
{
    [Fact]
    public async Task Uploads_are_documents_with_lasting_ids()
    {
        using var harness = Harness("id-1", "id-2");
        harness.Files.Add("id-1", "Bericht ä.txt", "one");
        harness.Files.Add("id-2", "b.md", "two");
        harness.Config = Config("id-1", "id-2") with { FileNames = ["A report"] };

        var run = await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(["FILE_CONNECTOR__id-1", "FILE_CONNECTOR__id-2"]);
        harness.Documents["FILE_CONNECTOR__id-1"].Title.ShouldBe("A report");
        harness.Documents["FILE_CONNECTOR__id-1"].File!.Name.ShouldBe("Bericht ä.txt");
        harness.Documents["FILE_CONNECTOR__id-2"].Title.ShouldBeNull("the file's own title, else its name");
        run.Found[0].CreatedAt.ShouldNotBeNull();
        (await harness.ReadAsync()).Unchanged.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Another_display_name_makes_the_document_anew()
    {
        using var harness = Harness("id-1");
        harness.Files.Add("id-1", "a.txt", "one");
        await harness.ReadAsync();
        harness.Config = Config("id-1") with { FileNames = ["New name"] };

        await harness.ReadAsync();

        harness.Documents["FILE_CONNECTOR__id-1"].Title.ShouldBe("New name");
    }

    [Theory]
    [InlineData(".onyx_metadata.json", "")]
    [InlineData(".danswer_metadata.json", "")]
    [InlineData(".onyx_metadata.json", "Top folder/")]
    public async Task Metadata_of_an_archive_is_found_at_its_root_and_in_its_only_folder(string name, string top)
    {
        const string Metadata = """
            [{"filename": "b.bin", "link": "https://example.com/b", "title": "B", "file_display_name": "no",
              "primary_owners": ["ann@example.com", "Bo"], "secondary_owners": ["Cy"], "doc_updated_at": "2024-05-06T07:08:09",
              "connector_type": "slack", "mime_type": "text/plain", "pdf_password": "pw", "team": "x", "tags": ["y", "z"], "n": 3, "is": true},
             {"filename": "sub/c.txt", "document_id": "own id", "file_display_name": "C", "time_updated": "2024-01-01T00:00:00Z"}]
            """;
        using var harness = Harness("zip");
        harness.Files.Add(
            "zip",
            "all.zip",
            Zip((top + "b.bin", "bytes"), (top + "sub/c.txt", "text"), (top + name, Metadata))
        );

        await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe([$"FILE_CONNECTOR__zip/{top}b.bin", "own id"], ignoreOrder: true);
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
        var b = harness.Documents[$"FILE_CONNECTOR__zip/{top}b.bin"];
        (b.Title, b.Link, b.SourceType).ShouldBe(("B", "https://example.com/b", "slack"));
        b.PrimaryOwners.ShouldBe([new Owner(null, "ann@example.com"), new Owner("Bo")]);
        b.SecondaryOwners.ShouldBe([new Owner("Cy")]);
        b.UpdatedAt.ShouldBe(new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero));
        (b.File!.ContentType, b.File.Password).ShouldBe(("text/plain", "pw"));
        b.Metadata.ShouldBe(
            new Dictionary<string, MetadataValue>
            {
                ["team"] = "x",
                ["tags"] = MetadataValue.FromList(["y", "z"]),
                ["n"] = "3",
                ["is"] = "true",
            },
            ignoreOrder: true
        );
        harness.Documents["own id"].Title.ShouldBe("C");
        harness.Documents["own id"].UpdatedAt.ShouldBe(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Encoding.UTF8.GetString(harness.FileBytes["own id"]).ShouldBe("text");
    }

    [Fact]
    public async Task Metadata_keyed_by_name_works_for_archives_folders_and_the_config()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["sub"]);
        await System.IO.File.WriteAllTextAsync(folder["sub/a.txt"], "a");
        await System.IO.File.WriteAllTextAsync(
            folder[".onyx_metadata.json"],
            """{"sub/a.txt": {"title": "From the folder"}}"""
        );
        using var harness = Harness(folder.Path, "zip", "up");
        harness.Files.AllowedFolders.Add(folder.Path);
        harness.Files.Add(
            "zip",
            "z.zip",
            Zip(("x.txt", "x"), (".onyx_metadata.json", """{"./x.txt": {"title": "From the archive"}}"""))
        );
        harness.Files.Add("up", "u.txt", "u");
        using var metadata = JsonDocument.Parse("""[{"filename": "u.txt", "title": "From the config"}]""");
        harness.Config = Config(folder.Path, "zip", "up") with { ZipMetadata = metadata.RootElement };

        await harness.ReadAsync();

        harness
            .Documents.Values.Select(document => document.Title)
            .ShouldBe(["From the folder", "From the archive", "From the config"]);
        harness.Documents.Keys.First().ShouldBe($"FILE_CONNECTOR__{folder.Path}/sub/a.txt");
    }

    [Fact]
    public async Task An_empty_id_of_a_metadata_file_means_none()
    {
        using var harness = Harness("a");
        harness.Files.Add("a", "a.txt", "a");
        harness.Config = Config("a") with { ZipMetadataFileId = "" };

        await harness.CheckAsync();

        (await harness.ReadAsync()).Failed.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_edited_metadata_file_makes_only_its_documents_anew()
    {
        using var harness = Harness("a", "b");
        harness.Files.Add("a", "a.txt", "a");
        harness.Files.Add("b", "b.txt", "b");
        harness.Files.Add("meta", "m.json", """{"a.txt": {"title": "One"}, "b.txt": {"title": "Same"}}""");
        harness.Config = Config("a", "b") with { ZipMetadataFileId = "meta" };
        await harness.ReadAsync();
        harness.Files.Add("meta", "m.json", """{"a.txt": {"title": "Two"}, "b.txt": {"title": "Same"}}""");

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title.ShouldBe("Two");
        run.Unchanged.ShouldBe(["FILE_CONNECTOR__b"]);
    }

    [Theory]
    [InlineData("#ONYX_METADATA={\"title\": \"T\", \"link\": \"https://example.com\"}\ntext", "text")]
    [InlineData("#DANSWER_METADATA={\"title\": \"T\", \"link\": \"https://example.com\"}\r\ntext\r\n", "text\r\n")]
    [InlineData("<!-- ONYX_METADATA={\"title\": \"T\", \"link\": \"https://example.com\"} -->\n\ntext", "\ntext")]
    [InlineData("\uFEFF<!-- DANSWER_METADATA={\"title\": \"T\", \"link\": \"https://example.com\"} -->\ntext", "text")]
    [InlineData("#ONYX_METADATA={\"title\": \"T\", \"link\": \"https://example.com\"}", "")]
    public async Task Metadata_in_the_first_line_is_taken_out_of_the_text(string content, string text)
    {
        using var harness = Harness("a", "zip");
        harness.Files.Add("a", "a.txt", content);
        harness.Files.Add("zip", "z.zip", Zip(("in.md", content)));

        await harness.ReadAsync();

        foreach (var document in harness.Documents.Values)
        {
            (document.Title, document.Link).ShouldBe(("T", "https://example.com"));
            Encoding.UTF8.GetString(harness.FileBytes[document.Id]).ShouldBe(text);
        }

        harness.Documents.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("#ONYX_METADATA={broken}\ntext")]
    [InlineData("text\n#ONYX_METADATA={\"title\": \"T\"}")]
    [InlineData("")]
    public async Task A_text_without_such_a_line_stays_as_it_is(string content)
    {
        using var harness = Harness("a");
        harness.Files.Add("a", "a.txt", content);

        await harness.ReadAsync();

        Encoding.UTF8.GetString(harness.FileBytes["FILE_CONNECTOR__a"]).ShouldBe(content);
        harness.Documents["FILE_CONNECTOR__a"].Title.ShouldBeNull();
    }

    [Fact]
    public async Task A_first_line_may_name_the_document_and_listing_knows()
    {
        using var harness = Harness("a");
        harness.Files.Add("a", "a.txt", "#ONYX_METADATA={\"document_id\": \"mine\"}\ntext");

        await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(["mine"]);
        (await harness.ListAsync()).ShouldBe(["mine"]);
        (await harness.ReadAsync()).Unchanged.ShouldBe(["mine"]);
    }

    [Fact]
    public async Task Archives_in_archives_and_attachments_of_mails_are_documents_of_their_own()
    {
        const string Mail = """
            From: ann@example.com
            Subject: With an attachment
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: text/plain

            Hello.
            --b
            Content-Type: text/plain; name=notes.txt
            Content-Disposition: attachment; filename=notes.txt

            The notes.
            --b--
            """;
        using var harness = Harness("zip", "mail");
        harness.Files.Add(
            "zip",
            "z.zip",
            Zip([("a.txt", "a"u8.ToArray()), ("in.zip", Zip(("b.txt", "b"))), ("m.eml", Encoding.UTF8.GetBytes(Mail))])
        );
        harness.Files.Add("mail", "m.eml", Mail);

        var run = await harness.ReadAsync();
        var again = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        harness.Documents.Keys.ShouldBe(
            [
                "FILE_CONNECTOR__zip/a.txt",
                "FILE_CONNECTOR__zip/in.zip/b.txt",
                "FILE_CONNECTOR__zip/m.eml",
                "FILE_CONNECTOR__zip/m.eml/notes.txt",
                "FILE_CONNECTOR__mail",
                "FILE_CONNECTOR__mail/notes.txt",
            ],
            ignoreOrder: true
        );
        Encoding.UTF8.GetString(harness.FileBytes["FILE_CONNECTOR__zip/m.eml/notes.txt"]).Trim().ShouldBe("The notes.");
        Encoding.UTF8.GetString(harness.FileBytes["FILE_CONNECTOR__zip/m.eml"]).ShouldBe(Mail);
        again.Found.ShouldBeEmpty();
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task A_broken_archive_fails_alone_and_one_in_a_folder_stops_a_listing()
    {
        var cutOff = Zip(("a.txt", "a"))[..40];
        using var folder = new TemporaryFolder();
        using var harness = Harness("bad", "good");
        harness.Files.AllowedFolders.Add(folder.Path);
        harness.Files.Add("bad", "bad.zip", cutOff);
        harness.Files.Add("good", "good.txt", "good");

        var run = await harness.ReadAsync();

        run.Failed.ShouldHaveSingleItem().ItemId.ShouldBe("FILE_CONNECTOR__bad");
        harness.Documents.Keys.ShouldBe(["FILE_CONNECTOR__good"]);
        (await harness.ListAsync()).ShouldContain(
            "FILE_CONNECTOR__good",
            "an upload stays as it is, so it hides nothing"
        );
        await System.IO.File.WriteAllBytesAsync(folder["half-copied.zip"], cutOff);
        harness.Config = Config("good", folder.Path);
        var refusal = await Should.ThrowAsync<SourceException>(() => harness.ListAsync());
        refusal.Message.ShouldContain("half-copied.zip");
    }

    [Fact]
    public async Task An_unreadable_metadata_file_is_a_failure_of_its_own()
    {
        using var harness = Harness("zip");
        harness.Files.Add("zip", "z.zip", Zip((".onyx_metadata.json", "{not json"), ("a.txt", "a")));

        var run = await harness.ReadAsync();

        run.Failed.ShouldHaveSingleItem().ItemId.ShouldBe("FILE_CONNECTOR__zip/.onyx_metadata.json");
        harness.Documents.Keys.ShouldBe(["FILE_CONNECTOR__zip/a.txt"]);
    }

    [Fact]
    public async Task An_upload_that_is_gone_fails_alone_and_is_not_listed()
    {
        using var harness = Harness("a", "b");
        harness.Files.Add("a", "a.txt", "a");
        harness.Files.Add("b", "b.txt", "b");
        await harness.ReadAsync();
        harness.Files.Remove("a");

        var run = await harness.ReadAsync();

        run.Failed.ShouldHaveSingleItem().ItemId.ShouldBe("FILE_CONNECTOR__a");
        (await harness.ListAsync()).ShouldBe(["FILE_CONNECTOR__b"]);
    }

    [Fact]
    public async Task A_folder_that_is_not_mounted_fails_a_listing_instead_of_looking_empty()
    {
        using var harness = Harness("a", "/not/mounted");
        harness.Files.Add("a", "a.txt", "a");

        var run = await harness.ReadAsync();

        run.Found.Count.ShouldBe(1);
        run.Failed.ShouldHaveSingleItem().ItemId.ShouldContain("/not/mounted");
        await Should.ThrowAsync<SourceException>(() => harness.ListAsync());
    }

    [Fact]
    public async Task A_single_file_of_the_server_is_a_location_too()
    {
        using var folder = new TemporaryFolder();
        await System.IO.File.WriteAllTextAsync(folder["one.txt"], "one");
        await System.IO.File.WriteAllTextAsync(folder["two.txt"], "two");
        using var harness = Harness(folder["one.txt"]);
        harness.Files.AllowedFolders.Add(folder.Path);

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe([$"FILE_CONNECTOR__{folder["one.txt"]}"]);
        harness.Documents.Values.Single().File!.Name.ShouldBe("one.txt");
    }

    [Fact]
    public async Task A_reindex_goes_on_in_the_middle_of_a_large_archive()
    {
        var members = Enumerable.Range(0, 250).Select(index => ($"{index:000}.txt", $"text {index}")).ToArray();
        using var harness = Harness("zip");
        harness.Files.Add("zip", "z.zip", Zip(members));

        await harness.ReadAsync(fromBeginning: true, crashAfter: 210);
        var rest = await harness.ReadAsync(fromBeginning: true);

        rest.Found.Count.ShouldBe(50, "two hundred were committed");
        harness.Documents.Count.ShouldBe(250);
    }

    [Fact]
    public async Task A_reindex_of_a_large_folder_goes_on_and_misses_no_change_before_its_place()
    {
        using var folder = new TemporaryFolder();
        for (var index = 0; index < 250; index++)
        {
            await WriteAsync($"{index:000}.txt", "old", new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        using var harness = Harness(folder.Path);
        harness.Files.AllowedFolders.Add(folder.Path);
        await harness.ReadAsync(fromBeginning: true, crashAfter: 230);
        await WriteAsync("007.txt", "new", new DateTime(2025, 1, 15, 9, 0, 0, DateTimeKind.Utc));

        var rest = await harness.ReadAsync(fromBeginning: true);

        rest.Found.Count.ShouldBe(51, "two hundred were committed, and one of them has changed");
        Encoding.UTF8.GetString(harness.FileBytes[$"FILE_CONNECTOR__{folder.Path}/007.txt"]).ShouldBe("new");
        harness.Documents.Count.ShouldBe(250);

        async Task WriteAsync(string name, string text, DateTime at)
        {
            await System.IO.File.WriteAllTextAsync(folder[name], text);
            System.IO.File.SetLastWriteTimeUtc(folder[name], at);
        }
    }

    [Fact]
    public async Task A_long_path_still_makes_an_id()
    {
        var path = string.Join('/', Enumerable.Repeat(new string('x', 200), 12)) + "/a.txt";
        using var harness = Harness("zip");
        harness.Files.Add("zip", "z.zip", Zip((path, "a"), (path.Replace("a.txt", "b.txt"), "b")));

        await harness.ReadAsync();

        harness.Documents.Keys.ShouldAllBe(id => id.Length <= 2_000);
        harness.Documents.Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_password_goes_with_every_file()
    {
        using var harness = Harness("a");
        harness.Credentials = new FileCredentials { PdfPassword = "pw" };
        harness.Files.Add("a", "a.pdf", "%PDF-");

        await harness.ReadAsync();

        harness.Documents["FILE_CONNECTOR__a"].File!.Password.ShouldBe("pw");
    }

    [Theory]
    [InlineData("""{"file_locations": []}""", "file_locations")]
    [InlineData("""{"file_locations": [" "]}""", "file_locations")]
    [InlineData("""{"file_locations": ["a"], "zip_metadata": 3}""", "zip_metadata")]
    [InlineData("""{"file_locations": ["a"], "zip_metadata": [{"title": "no name"}]}""", "zip_metadata")]
    public void Mistakes_in_the_config_are_named(string json, string member)
    {
        var problems = new List<SettingsProblem>();
        using var config = JsonDocument.Parse(json);
        SettingsReader.Read<FileConfig>(config.RootElement, UnknownMembers.Refused, problems);

        problems.ShouldHaveSingleItem().Path[0].ShouldBe(member);
    }

    private static FileConfig Config(params string[] locations) => new() { FileLocations = locations };

    private static ReaderHarness Harness(params string[] locations) =>
        new(new FileIntegration(), Config(locations)) { Containers = Content.Containers };

    private static byte[] Zip(params (string Name, string Text)[] members) =>
        Zip(members.Select(member => (member.Name, Encoding.UTF8.GetBytes(member.Text))));

    private static byte[] Zip(IEnumerable<(string Name, byte[] Bytes)> members)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create))
        {
            foreach (var (name, content) in members)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return bytes.ToArray();
    }
}
