using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>Files of every format through the real server: found by their words, and the bad ones told of.</summary>
[Trait("Category", "Slow")]
public sealed class FileFormatsTests : IDisposable
{
    private const long MaxMemory = 300;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_format_is_found_by_its_words_by_either_way_in()
    {
        var files = FileSamples
            .Makers.Select(
                (maker, number) =>
                    (Name: $"sample.{maker.Key}", Text: $"lighthouse number {number + 100}", Make: maker.Value)
            )
            .Select(file => (file.Name, file.Text, Bytes: file.Make(file.Text)))
            .ToList();
        foreach (
            var (from, to) in new[]
            {
                ("docx", "doc:MS Word 97"),
                ("xlsx", "xls:MS Excel 97"),
                ("pptx", "ppt:MS PowerPoint 97"),
                ("docx", "png"),
                ("docx", "jpg"),
            }
        )
        {
            var text = $"lighthouse number {files.Count + 200}";
            var bytes = await FileSamples.ConvertAsync(_folder, $"from.{from}", FileSamples.Makers[from](text), to);
            files.Add(($"converted.{to.Split(':')[0]}", text, bytes));
        }

        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables);
        using var client = new TributaryClient(server);

        var answer = await IngestAsync(client, "Ingested", [.. files.Select(file => (file.Name, file.Bytes))]);

        answer.GetProperty("success").GetBoolean().ShouldBeTrue(answer.GetRawText());
        var ingested = answer.GetProperty("results")[0].GetProperty("connector_id").GetInt64();
        await ShouldFindAllAsync(client, ingested, files);
        // What a file is called, its own title says nothing against.
        var titles = (await client.DocumentsAsync(ingested)).Values;
        titles.Order().ShouldBe(files.Select(file => NameOf(file.Name)).Order());

        // The same by uploads and a source, which calls them as it likes.
        var locations = new List<string>();
        foreach (var (name, _, bytes) in files)
        {
            locations.Add(await UploadAsync(client, name, bytes));
        }

        var source = await client.CreateAsync(
            "Uploaded",
            "file",
            new { file_locations = locations, file_names = files.Select(file => $"My {file.Name}") }
        );
        var run = await client.SettledAsync(source);
        run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());
        await ShouldFindAllAsync(client, source, files);
        (await client.DocumentsAsync(source)).Values.ShouldContain("My sample.txt");
        server.PeakMegabytes.ShouldBeLessThan(MaxMemory);
    }

    [Fact]
    public async Task Bad_files_are_told_of_one_by_one_and_the_good_ones_are_found()
    {
        var locked = FileSamples.Pdf("behind a password", password: "secret");
        var word = FileSamples.Word("broken");
        (string Name, byte[] Bytes, string? Reason)[] files =
        [
            ("good.txt", FileSamples.Utf8("A good albatross."), null),
            ("really-a.docx", FileSamples.Pdf("A lying albatross."), null),
            ("really-text.pdf", FileSamples.Utf8("A plain albatross."), null),
            ("locked.pdf", locked, "password"),
            ("broken.docx", word[..(word.Length / 2)], ""),
            ("broken.pdf", [.. "%PDF-1.7\n"u8, .. new byte[500]], ""),
            ("bomb.zip", FileSamples.Zip(("zeros.txt", new byte[150_000_000])), ""),
            ("bomb.docx", Bomb(), ""),
            ("bomb.gz", Gzip(new byte[150_000_000]), ""),
            ("empty.txt", [], "empty"),
            ("empty.pdf", [], "empty"),
            ("program.txt", [0x7f, .. "ELF"u8, .. Enumerable.Range(0, 2_000).Select(i => (byte)(i * 7919))], ""),
        ];
        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables);
        using var client = new TributaryClient(server);

        var answer = await IngestAsync(client, "Mixed", [.. files.Select(file => (file.Name, file.Bytes))]);

        var source = answer.GetProperty("results")[0].GetProperty("connector_id").GetInt64();
        var told = (await client.GetAsync($"/v1/sources/{source}/errors"))
            .GetProperty("items")
            .EnumerateArray()
            .Concat((await client.GetAsync($"/v1/sources/{source}/skipped")).GetProperty("items").EnumerateArray())
            .Select(item => item.GetRawText())
            .ToList();
        var uploads = (await client.GetAsync("/v1/files?limit=100")).GetProperty("items").EnumerateArray().ToList();
        foreach (var (name, _, reason) in files)
        {
            var id = uploads
                .Single(upload => upload.GetProperty("name").GetString() == name)
                .GetProperty("id")
                .GetString()!;
            var about = told.Where(text => text.Contains(id)).ToList();
            if (reason is null)
            {
                about.ShouldBeEmpty(name);
            }
            else
            {
                about.ShouldHaveSingleItem(name + string.Join('\n', told)).ShouldContain(reason, customMessage: name);
            }
        }

        (await client.SearchAsync("albatross")).Count.ShouldBe(3);
        server.PeakMegabytes.ShouldBeLessThan(MaxMemory);

        // With the password it opens.
        var opened = await client.CreateAsync(
            "Opened",
            "file",
            new { file_locations = new[] { await UploadAsync(client, "locked.pdf", locked) } },
            new { pdf_password = "secret" }
        );
        (await client.SettledAsync(opened)).GetProperty("status").GetString().ShouldBe("succeeded");
        (await client.SearchAsync("\"behind a password\"")).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_few_bad_files_among_many_do_not_fail_the_run()
    {
        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables);
        using var client = new TributaryClient(server);
        var locations = new List<string>
        {
            await UploadAsync(client, "broken.pdf", [.. "%PDF-1.7\n"u8, .. new byte[500]]),
        };
        foreach (var number in Enumerable.Range(0, 5))
        {
            locations.Add(await UploadAsync(client, $"{number}.txt", FileSamples.Utf8($"Cormorant {number}.")));
        }

        var source = await client.CreateAsync("Files", "file", new { file_locations = locations });

        var run = await client.SettledAsync(source);
        run.GetProperty("status").GetString().ShouldBe("succeeded_with_failures", run.GetRawText());
        run.GetProperty("counts").GetProperty("added").GetInt64().ShouldBe(5);
        var failure = (await client.GetAsync($"/v1/sources/{source}/errors")).GetProperty("items")[0];
        failure.GetRawText().ShouldContain("broken.pdf");
    }

    [Fact]
    public async Task Metadata_in_an_archive_become_titles_links_owners_and_tags()
    {
        var metadata = """
            [{"filename":"report.pdf","title":"The report","link":"https://example.com/report","primary_owners":["anna@example.com"],"doc_updated_at":"2024-05-06T07:08:09Z","team":"red"},
             {"filename":"notes.txt","file_display_name":"The notes","link":"https://example.com/notes"}]
            """;
        var archive = FileSamples.Zip(
            ("bundle/.onyx_metadata.json", FileSamples.Utf8(metadata)),
            ("bundle/report.pdf", FileSamples.Pdf("A pelican reports.")),
            ("bundle/notes.txt", FileSamples.Utf8("A pelican notes.")),
            ("__MACOSX/bundle/._notes.txt", FileSamples.Utf8("A pelican litters."))
        );
        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables);
        using var client = new TributaryClient(server);

        var answer = await IngestAsync(client, "Bundle", ("bundle.zip", archive));

        answer.GetProperty("success").GetBoolean().ShouldBeTrue(answer.GetRawText());
        var hits = (await client.PostAsync("/v1/search", new { query = "pelican" }))
            .GetProperty("citations")
            .EnumerateArray()
            .ToList();
        hits.Count.ShouldBe(2);
        var report = hits.Single(hit => hit.GetProperty("link").GetString() == "https://example.com/report");
        report.GetProperty("semantic_identifier").GetString().ShouldBe("The report");
        report.GetProperty("metadata").GetProperty("team").GetString().ShouldBe("red");
        report.GetProperty("primary_owners")[0].GetString()!.ShouldContain("anna@example.com");
        report
            .GetProperty("updated_at")
            .GetDateTimeOffset()
            .ShouldBe(new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero));
        hits.ShouldContain(hit => hit.GetProperty("semantic_identifier").GetString() == "The notes");
    }

    [Fact]
    public async Task A_folder_of_the_server_is_read_kept_fresh_and_pruned()
    {
        Directory.CreateDirectory(_folder["open/sub"]);
        Directory.CreateDirectory(_folder["closed"]);
        await File.WriteAllTextAsync(_folder["open/a.txt"], "A heron at dawn.");
        await File.WriteAllTextAsync(_folder["open/b.txt"], "A heron at noon.");
        await File.WriteAllTextAsync(_folder["open/sub/c.md"], "# Evening\n\nA heron at dusk.");
        await File.WriteAllTextAsync(_folder["closed/secret.txt"], "A heron in secret.");
        File.CreateSymbolicLink(_folder["open/link.txt"], _folder["closed/secret.txt"]);
        Directory.CreateSymbolicLink(_folder["open/way"], _folder["closed"]);
        await using var server = await TributaryProcess.ServeAsync(
            new Dictionary<string, string>(TributaryClient.Variables)
            {
                ["TRIBUTARY_ALLOWED_FOLDERS"] = _folder["open"],
            }
        );
        using var client = new TributaryClient(server);
        foreach (
            var folder in (string[])
                [_folder["closed"], _folder["open/../closed"], _folder["open/way"], _folder["open-else"], "/etc"]
        )
        {
            var (status, body) = await client.SendAsync(
                HttpMethod.Post,
                "/v1/sources/create",
                new
                {
                    name = "Closed",
                    type = "file",
                    config = new { file_locations = new[] { folder } },
                    credential = new { credentials = new { } },
                }
            );
            status.ShouldBe(HttpStatusCode.BadRequest, folder);
            body.GetProperty("detail").GetString()!.ShouldContain("TRIBUTARY_ALLOWED_FOLDERS", customMessage: folder);
        }

        var source = await client.CreateAsync("Folder", "file", new { file_locations = new[] { _folder["open"] } });
        (await client.SettledAsync(source)).GetProperty("status").GetString().ShouldBe("succeeded");
        (await client.SearchAsync("heron")).Count.ShouldBe(3);

        await File.WriteAllTextAsync(_folder["open/a.txt"], "An owl at midnight.");
        File.Delete(_folder["open/b.txt"]);
        await File.WriteAllTextAsync(_folder["open/d.txt"], "A heron on Sunday.");
        var run = await client.RunAsync(source, "run");
        var counts = run.GetProperty("counts");
        counts.GetProperty("updated").GetInt64().ShouldBe(1, run.GetRawText());
        counts.GetProperty("added").GetInt64().ShouldBe(1, run.GetRawText());
        (await client.SearchAsync("owl")).ShouldHaveSingleItem();
        (await client.SearchAsync("\"heron at dawn\"")).ShouldBeEmpty();

        run = await client.RunAsync(source, "prune");
        run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());
        (await client.SearchAsync("\"heron at noon\"")).ShouldBeEmpty();
        (await client.DocumentsAsync(source)).Count.ShouldBe(3);

        // A folder that is not there (not mounted) takes nothing away.
        Directory.Move(_folder["open"], _folder["moved"]);
        run = await client.RunAsync(source, "prune");
        run.GetProperty("status").GetString().ShouldBe("failed", run.GetRawText());
        (await client.DocumentsAsync(source)).Count.ShouldBe(3);
    }

    /// <summary>An archive's member has its own name, and so has what was packed alone.</summary>
    private static string NameOf(string file) =>
        file switch
        {
            "sample.zip" or "sample.tar.gz" => "inner.txt",
            "sample.txt.gz" => "sample.txt",
            _ => file,
        };

    private static async Task ShouldFindAllAsync(
        TributaryClient client,
        long source,
        IEnumerable<(string Name, string Text, byte[] Bytes)> files
    )
    {
        var missing = new List<string>();
        foreach (var (name, text, _) in files)
        {
            var found = await client.PostAsync(
                "/v1/search",
                new { query = $"\"{text}\"", filters = new { source_ids = new[] { source } } }
            );
            if (found.GetProperty("citations").GetArrayLength() != 1)
            {
                missing.Add(name);
            }
        }

        missing.ShouldBeEmpty();
    }

    private static async Task<JsonElement> IngestAsync(
        TributaryClient client,
        string name,
        params (string Name, byte[] Bytes)[] files
    )
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent(JsonSerializer.Serialize(new { name, type = "file" })), "sources_json" },
        };
        foreach (var (file, bytes) in files)
        {
            form.Add(new ByteArrayContent(bytes), "files", file);
        }

        using var response = await client.Http.PostAsync("/v1/sources/ingest", form);
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task<string> UploadAsync(TributaryClient client, string name, byte[] bytes)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(bytes), "files", name } };
        using var answer = await client.Http.PostAsync("/v1/files", form);
        return JsonDocument
            .Parse(await answer.Content.ReadAsStringAsync())
            .RootElement.GetProperty("file_paths")[0]
            .GetString()!;
    }

    /// <summary>A document whose one part unpacks to a thousand times its size.</summary>
    private static byte[] Bomb() =>
        FileSamples.Zip(
            (
                "[Content_Types].xml",
                FileSamples.Utf8("<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>")
            ),
            (
                "_rels/.rels",
                FileSamples.Utf8(
                    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/></Relationships>"
                )
            ),
            (
                "word/document.xml",
                [
                    .. FileSamples.Utf8(
                        "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>"
                    ),
                    .. Enumerable.Repeat((byte)' ', 150_000_000),
                ]
            )
        );

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}
