using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Tributary.Testing;

/// <summary>A real nginx (Debian's package nginx-light) that serves a folder on 127.0.0.1 and a free port, for the length of a test.</summary>
public sealed class NginxServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly Process _process;

    private NginxServer(TemporaryFolder folder, Process process, Uri baseUri)
    {
        (_folder, _process, BaseUri) = (folder, process, baseUri);
    }

    /// <summary>Its address, ending with a slash.</summary>
    public Uri BaseUri { get; }

    /// <summary>Every answer so far: "status path".</summary>
    public IReadOnlyList<string> Answers
    {
        get
        {
            using var log = new StreamReader(
                new FileStream(_folder["access.log"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite)
            );
            return log.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="root">The folder that it serves.</param>
    public static async Task<NginxServer> StartAsync(string root)
    {
        var folder = new TemporaryFolder();
        var port = FreePort();
        await File.WriteAllTextAsync(
            folder["nginx.conf"],
            $$"""
            {{(Environment.IsPrivilegedProcess ? "user root;" : "")}} daemon off; worker_processes 1; pid {{folder[
                "nginx.pid"
            ]}}; error_log {{folder["error.log"]}};
            events { worker_connections 512; }
            http {
              types { text/html html htm; text/css css; application/pdf pdf; text/plain txt; application/xml xml; }
              log_format brief '$status $request_uri';
              access_log {{folder["access.log"]}} brief;
              client_body_temp_path {{folder.Path}}; proxy_temp_path {{folder.Path}}; fastcgi_temp_path {{folder.Path}};
              uwsgi_temp_path {{folder.Path}}; scgi_temp_path {{folder.Path}};
              server { listen 127.0.0.1:{{port}}; root {{root}}; charset utf-8; }
            }
            """
        );
        var process = Process.Start(
            new ProcessStartInfo(
                "/usr/sbin/nginx",
                ["-p", folder.Path, "-c", folder["nginx.conf"], "-e", folder["error.log"]]
            )
            {
                RedirectStandardError = true,
            }
        )!;
        await ListensAsync(port, process, folder);
        return new NginxServer(folder, process, new Uri($"http://127.0.0.1:{port}/"));
    }

    public async ValueTask DisposeAsync()
    {
        // SIGQUIT to the master ends its workers too; it is stopped by its id alone.
        using (var quit = Process.Start("kill", ["-QUIT", _process.Id.ToString()]))
        {
            await quit.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    private static async Task ListensAsync(int port, Process process, TemporaryFolder folder)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (!process.HasExited)
            {
                await Task.Delay(25);
            }
        }

        throw new InvalidOperationException(
            $"nginx does not listen: {await File.ReadAllTextAsync(folder["error.log"])}"
        );
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
