using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;

namespace Tributary.Testing;

/// <summary>
/// A real Request Tracker 5 (Debian's packages request-tracker5, rt5-db-sqlite and rt5-standalone) with a database of its
/// own, on 127.0.0.1 and a free port, for the length of a test. It has the queues "General" and "Ada's desk", an account
/// that may read them, and addresses in its answers that are not its own.
/// </summary>
public sealed class RequestTrackerServer : IAsyncDisposable
{
    private const string Server = "/usr/share/request-tracker5/libexec/rt-server";
    private const string Setup = "/usr/sbin/rt-setup-database-5";

    private readonly TemporaryFolder _folder;
    private readonly Process _process;
    private readonly HttpClient _admin;

    private RequestTrackerServer(TemporaryFolder folder, Process process, Uri baseUri)
    {
        _folder = folder;
        _process = process;
        BaseUri = baseUri;
        _admin = new HttpClient { BaseAddress = new Uri(baseUri, "REST/2.0/"), Timeout = TimeSpan.FromSeconds(60) };
        _admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String("root:password"u8)
        );
    }

    /// <summary>The account that may read, and no more.</summary>
    public const string Reader = "reader";

    /// <summary>Its password.</summary>
    public const string ReaderPassword = "a-password-for-tests";

    /// <summary>Its address, ending with a slash.</summary>
    public Uri BaseUri { get; }

    /// <summary>Installs and starts one.</summary>
    public static async Task<RequestTrackerServer> StartAsync()
    {
        var folder = new TemporaryFolder();
        var port = FreePort();
        Directory.CreateDirectory(folder["site.d"]);
        await File.WriteAllTextAsync(
            folder["site.pm"],
            $"""
            Set($rtname, 'tests');
            Set($Organization, 'tests');
            Set($Timezone, 'America/New_York');
            Set($WebDomain, '127.0.0.1');
            Set($WebPort, {port});
            Set($WebPath, '');
            Set($WebBaseURL, 'https://rt.internal.example');
            Set($DatabaseType, 'SQLite');
            Set($DatabaseName, '{folder["rt.db"]}');
            Set($LogToFile, undef);
            Set($LogToSyslog, undef);
            Set($LogToSTDERR, 'critical');
            Set($MailCommand, 'testfile');
            1;
            """
        );
        await File.WriteAllTextAsync(
            folder["data.pl"],
            $$"""
            @Users = ({ Name => '{{Reader}}', Password => '{{ReaderPassword}}', Privileged => 1 });
            @ACL = map { { UserId => '{{Reader}}', Right => $_ } } qw(SeeQueue ShowTicket ShowTicketComments SeeCustomField);
            @Queues = ({ Name => "Ada's desk" });
            1;
            """
        );
        await RunAsync(folder, "--action", "init", "--skip-create");
        await RunAsync(folder, "--action", "insert", "--skip-create", "--datafile", folder["data.pl"]);
        var process = Process.Start(
            Program(
                folder,
                Server,
                "--server",
                "Starlet",
                "--host",
                "127.0.0.1",
                "--port",
                $"{port}",
                "--max-workers",
                "2"
            )
        )!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new RequestTrackerServer(folder, process, new Uri($"http://127.0.0.1:{port}/"));
        await ListensAsync(port, process);
        return server;
    }

    /// <summary>Opens a ticket.</summary>
    public Task<HttpResponseMessage> OpenAsync(string queue, string subject, string text) =>
        SendAsync(
            HttpMethod.Post,
            "ticket",
            new
            {
                Queue = queue,
                Subject = subject,
                Requestor = "jane@example.com",
                Content = text,
                ContentType = "text/plain",
            }
        );

    /// <summary>Answers one, or comments on it.</summary>
    /// <param name="ticket">Its number.</param>
    /// <param name="kind"><c>correspond</c> or <c>comment</c>.</param>
    /// <param name="html">What is written.</param>
    public Task<HttpResponseMessage> WriteAsync(int ticket, string kind, string html) =>
        SendAsync(HttpMethod.Post, $"ticket/{ticket}/{kind}", new { Content = html, ContentType = "text/html" });

    /// <summary>Gives a ticket other values.</summary>
    public Task<HttpResponseMessage> UpdateAsync(int ticket, object values) =>
        SendAsync(HttpMethod.Put, $"ticket/{ticket}", values);

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = JsonContent.Create(body, options: Spelled),
        };
        var response = await _admin.SendAsync(request);
        return response.IsSuccessStatusCode
            ? response
            : throw new InvalidOperationException(await response.Content.ReadAsStringAsync());
    }

    private static readonly System.Text.Json.JsonSerializerOptions Spelled = new();

    private static async Task RunAsync(TemporaryFolder folder, params string[] arguments)
    {
        using var process = Process.Start(Program(folder, Setup, arguments))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{Setup} failed: {await output} {await errors}");
        }
    }

    private static ProcessStartInfo Program(TemporaryFolder folder, string program, params string[] arguments) =>
        new(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
            Environment = { ["RT_SITE_CONFIG"] = folder["site.pm"], ["RT_SITE_CONFIG_DIR"] = folder["site.d"] },
        };

    private static async Task ListensAsync(int port, Process process)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (!process.HasExited && attempt < 1_000)
            {
                // It is still starting.
                await Task.Delay(50);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
