using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>A live store, put into an archive while it is written to, and brought to life elsewhere.</summary>
[Trait("Category", "Slow")]
public sealed class BackupTests : IDisposable
{
    private const string Password = "the-password-of-anna";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_live_store_comes_back_elsewhere_with_its_documents_files_and_secrets()
    {
        await using var site = await SiteAsync();
        SortedDictionary<string, string> documents;
        long closed;
        long file;
        long crawl;
        await using (var server = await TributaryProcess.ServeAsync(TributaryClient.Variables, _folder["data"]))
        {
            using var client = new TributaryClient(server);
            closed = await client.CreateAsync(
                "Closed",
                "web",
                new { base_url = $"{site.BaseUri}closed", web_connector_type = "single" },
                new { username = "anna", password = Password }
            );
            file = await client.CreateAsync(
                "File",
                "file",
                new { file_locations = new[] { await UploadAsync(client) } }
            );
            await client.SettledAsync(closed);
            await client.SettledAsync(file);
            documents = await client.DocumentsAsync(closed);
            documents.ShouldHaveSingleItem();

            // Thousands of pages: it goes on while the archive is written.
            crawl = await client.CreateAsync("Crawl", "web", new { base_url = $"{site.BaseUri}site/" });
            while ((await client.GetAsync($"/v1/sources/{crawl}")).GetProperty("documents").GetInt64() < 5)
            {
                await Task.Delay(20);
            }

            await ShouldWorkAsync("backup", _folder["without.zip"], "--data", _folder["data"]);
            await ShouldWorkAsync("backup", _folder["with.zip"], "--data", _folder["data"], "--include-keys");
            var state = await client.GetAsync($"/v1/sources/{crawl}");
            state
                .GetProperty("current_run")
                .ValueKind.ShouldNotBe(JsonValueKind.Null, "The crawl was over too early to show anything.");
        }

        // Without the key ring nothing starts, and nothing is made up in its place.
        await ShouldWorkAsync("restore", _folder["without.zip"], "--data", _folder["without"]);
        File.Exists(Path.Combine(_folder["without"], "keys.json")).ShouldBeFalse();
        var (exitCode, _, error) = await TributaryProcess.RunAsync(
            ["serve", "--urls", "http://127.0.0.1:0", "--data", _folder["without"]],
            TributaryClient.Variables
        );
        exitCode.ShouldNotBe(0);
        error.ShouldContain("key ring");
        error.Trim().ShouldNotContain('\n');
        File.Exists(Path.Combine(_folder["without"], "keys.json")).ShouldBeFalse();

        // With the old ring it does.
        File.Copy(Path.Combine(_folder["data"], "keys.json"), Path.Combine(_folder["without"], "keys.json"));
        await ShouldLiveAsync(_folder["without"], closed, file, crawl, documents);

        // An archive with keys needs nothing else; and a new key changes nothing for its sources.
        await ShouldWorkAsync("restore", _folder["with.zip"], "--data", _folder["with"]);
        var old = await File.ReadAllTextAsync(Path.Combine(_folder["with"], "keys.json"));
        (await ShouldWorkAsync("keys", "rotate", "--data", _folder["with"])).ShouldContain("3 secrets");
        (await File.ReadAllTextAsync(Path.Combine(_folder["with"], "keys.json"))).ShouldNotBe(old);
        await ShouldLiveAsync(_folder["with"], closed, file, crawl, documents);
    }

    [Fact]
    public async Task An_archive_holds_no_temporary_files()
    {
        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables, _folder["data"]);
        Directory.CreateDirectory(Path.Combine(_folder["data"], "temporary", "spool"));
        await File.WriteAllTextAsync(Path.Combine(_folder["data"], "temporary", "spool", "part"), "passing");

        await ShouldWorkAsync("backup", _folder["backup.zip"], "--data", _folder["data"]);

        await using var archive = await System.IO.Compression.ZipFile.OpenReadAsync(_folder["backup.zip"]);
        archive.Entries.Select(entry => entry.FullName).ShouldNotContain(name => name.StartsWith("temporary"));
    }

    [Fact]
    public async Task Keys_are_not_rotated_under_a_running_server()
    {
        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables, _folder["data"]);

        var (exitCode, _, error) = await TributaryProcess.RunAsync(["keys", "rotate", "--data", _folder["data"]]);

        exitCode.ShouldNotBe(0);
        error.ShouldContain("in use by another tributary process");
    }

    private static async Task ShouldLiveAsync(
        string data,
        long closed,
        long file,
        long crawl,
        SortedDictionary<string, string> documents
    )
    {
        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables, data);
        using var client = new TributaryClient(server);
        (await client.DocumentsAsync(closed)).ShouldBe(documents);
        (await client.SearchAsync("\"behind the door\"")).ShouldHaveSingleItem();
        (await client.SearchAsync("\"uploaded lighthouse\"")).ShouldHaveSingleItem();
        (await client.DocumentsAsync(crawl)).Count.ShouldBeGreaterThan(0);

        // The password is still the right one, and the upload is still there.
        var run = await client.RunAsync(closed, "run");
        run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());
        var (status, answer) = await client.SendAsync(
            HttpMethod.Post,
            $"/v1/sources/{file}/run",
            new { from_beginning = true }
        );
        ((int)status).ShouldBe(200, answer.ToString());
        run = await client.SettledAsync(file);
        run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());

        // What went on when the archive was made goes on now.
        (await client.GetAsync($"/v1/sources/{crawl}"))
            .GetProperty("current_run")
            .ValueKind.ShouldNotBe(JsonValueKind.Null);
        (await client.SendAsync(HttpMethod.Post, $"/v1/sources/{crawl}/cancel")).Status.ShouldBe(
            System.Net.HttpStatusCode.OK
        );
        await client.SettledAsync(crawl);
    }

    private static async Task<string> ShouldWorkAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await TributaryProcess.RunAsync(arguments);
        exitCode.ShouldBe(0, $"{string.Join(' ', arguments)}: {error}");
        return output;
    }

    private static async Task<string> UploadAsync(TributaryClient client)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("An uploaded lighthouse."), "files", "a.txt" },
        };
        using var answer = await client.Http.PostAsync("/v1/files", form);
        return JsonDocument
            .Parse(await answer.Content.ReadAsStringAsync())
            .RootElement.GetProperty("file_paths")[0]
            .GetString()!;
    }

    /// <summary>A page behind a password, and a site of five thousand pages.</summary>
    private static Task<LoopbackServer> SiteAsync() =>
        LoopbackServer.StartAsync(context =>
        {
            context.Response.ContentType = "text/html";
            if (context.Request.Path == "/closed")
            {
                var expected = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"anna:{Password}"))}";
                context.Response.StatusCode = context.Request.Headers.Authorization == expected ? 200 : 401;
                return context.Response.WriteAsync(
                    "<html><head><title>Closed</title></head><body><p>This is behind the door.</p></body></html>"
                );
            }

            if (!context.Request.Path.StartsWithSegments("/site"))
            {
                context.Response.StatusCode = 404;
                return Task.CompletedTask;
            }

            var number =
                context.Request.Path == "/site/" ? 0 : int.Parse(context.Request.Path.Value![("/site/p".Length)..]);
            var links = string.Concat(
                Enumerable
                    .Range(number * 5 + 1, 5)
                    .Where(n => n < 5_000)
                    .Select(n => $"<a href=\"/site/p{n}\">next</a> ")
            );
            return context.Response.WriteAsync(
                $"<html><head><title>Page {number}</title></head><body><main><p>Page {number} of the river.</p>{links}</main></body></html>"
            );
        });
}
