using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>The server ends and starts again: in the middle of a run, and where it cannot start.</summary>
public sealed class RestartTests : IDisposable
{
    private const int Pages = 150;

    /// <summary>The page at which the site keeps silent; a crawl notes where it stands every hundred pages.</summary>
    private const int Held = 130;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_run_that_SIGTERM_interrupts_goes_on_after_the_start()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isWaiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var site = await LoopbackServer.StartAsync(async context =>
        {
            var number =
                context.Request.Path == "/site/" ? 0 : int.Parse(context.Request.Path.Value![("/site/p".Length)..]);
            if (number == Held)
            {
                isWaiting.TrySetResult();
                await held.Task.WaitAsync(context.RequestAborted);
            }

            context.Response.ContentType = "text/html";
            await context.Response.WriteAsync(
                $"<html><head><title>Page {number}</title></head><body><main><p>Page {number} about lighthouses.</p>"
                    + string.Concat(
                        Enumerable
                            .Range(number + 1, 5)
                            .Where(n => n < Pages)
                            .Select(n => $"<a href=\"/site/p{n}\">next</a> ")
                    )
                    + "</main></body></html>"
            );
        });
        long source;
        await using (var server = await TributaryProcess.ServeAsync(TributaryClient.Variables, _folder["data"]))
        {
            using var client = new TributaryClient(server);
            source = await client.CreateAsync(
                "Site",
                "web",
                new { base_url = $"{site.BaseUri}site/", respect_robots = false }
            );
            await isWaiting.Task.WaitAsync(TimeSpan.FromSeconds(30));

            // What comes after the note is committed: so is the note.
            while ((await client.GetAsync($"/v1/sources/{source}")).GetProperty("documents").GetInt64() < 120)
            {
                await Task.Delay(20);
            }

            var (exitCode, took) = await server.TerminateAsync();

            exitCode.ShouldBe(0, server.Error);
            took.ShouldBeLessThan(TimeSpan.FromSeconds(8));
            server.Error.ShouldNotContain("Exception");
        }

        held.SetResult();
        var before = site.Requests.Count;
        await using (var server = await TributaryProcess.ServeAsync(TributaryClient.Variables, _folder["data"]))
        {
            using var client = new TributaryClient(server);
            var run = await client.SettledAsync(source);

            run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());
            (await client.DocumentsAsync(source)).Count.ShouldBe(Pages);
            (await client.SearchAsync("lighthouses", 100)).Count.ShouldBe(100);
            // After the check of the start page it goes on where it was; only then does it look again at what it had read before.
            int.Parse(site.Requests.Skip(before).First(request => request != "GET /site/").Split("/p")[^1])
                .ShouldBeInRange(90, Pages, "It began from the beginning.");
            var states = (await client.GetAsync($"/v1/sources/{source}/runs"))
                .GetProperty("items")
                .EnumerateArray()
                .Select(item => (item.GetProperty("status").GetString(), item.GetProperty("requested_by").GetString()))
                .ToList();
            states.ShouldBe([("succeeded", "recovery"), ("interrupted", "start")]);
            (await client.GetAsync($"/v1/sources/{source}")).GetProperty("status").GetString().ShouldBe("ACTIVE");
        }
    }

    [Fact]
    public async Task A_busy_port_is_told_in_one_line()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var url = $"http://{other.LocalEndpoint}";

        var (exitCode, _, error) = await TributaryProcess.RunAsync(["serve", "--urls", url, "--data", _folder["data"]]);

        exitCode.ShouldNotBe(0);
        error.ShouldContain(
            $"{url} is in use by another program. Stop that one, or choose another address with --urls."
        );
        error.Trim().ShouldNotContain('\n');
    }

    [Fact]
    public async Task A_second_server_does_not_get_the_data_folder()
    {
        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables, _folder["data"]);

        var (exitCode, _, error) = await TributaryProcess.RunAsync(
            ["serve", "--urls", "http://127.0.0.1:0", "--data", _folder["data"]],
            TributaryClient.Variables
        );

        exitCode.ShouldNotBe(0);
        error.ShouldContain("is in use by another tributary process");
        error.Trim().ShouldNotContain('\n');
        using var client = new TributaryClient(server);
        (await client.GetAsync("/v1/me")).GetProperty("role").GetString().ShouldBe("admin");
    }

    [Fact]
    public async Task A_request_that_is_being_answered_is_answered_before_the_end()
    {
        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables, _folder["data"]);
        using var client = new TributaryClient(server);
        var source = await client.CreateAsync("Pushed", "ingestion_api", new { });
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, client.Http.BaseAddress!.Port);
        await using var stream = socket.GetStream();
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                documents = new[]
                {
                    new { semantic_identifier = "Late", sections = new[] { new { text = "Lighthouses." } } },
                },
            }
        );
        await stream.WriteAsync(
            System.Text.Encoding.ASCII.GetBytes(
                $"POST /v1/sources/{source}/documents HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {TributaryClient.Token}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nExpect: 100-continue\r\n\r\n"
            )
        );
        using var reader = new StreamReader(stream);
        (await reader.ReadLineAsync()).ShouldBe("HTTP/1.1 100 Continue");
        await stream.WriteAsync(body.AsMemory(0, 10));
        var end = server.TerminateAsync();

        await stream.WriteAsync(body.AsMemory(10));

        await reader.ReadLineAsync();
        (await reader.ReadLineAsync()).ShouldBe("HTTP/1.1 200 OK");
        (await end).ExitCode.ShouldBe(0);
    }
}
