using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tributary.Bench.Sites;

/// <summary>A generated site of static pages on a real nginx at 127.0.0.1: 8.6 KB and 20 links a page.</summary>
internal sealed class StaticSite : IAsyncDisposable
{
    public const int PageLength = 8_600;
    public const int LinksPerPage = 20;

    private readonly Folder _folder;
    private readonly Process _nginx;

    private StaticSite(Folder folder, Process nginx, Uri start, int pages) =>
        (_folder, _nginx, Start, Pages) = (folder, nginx, start, pages);

    /// <summary>The page from which all others are reached.</summary>
    public Uri Start { get; }

    /// <summary>How many pages there are.</summary>
    public int Pages { get; }

    public static async Task<StaticSite> StartAsync(int pages)
    {
        var folder = new Folder();
        Directory.CreateDirectory(folder["site"]);
        for (var number = 0; number < pages; number++)
        {
            await File.WriteAllTextAsync(folder[Path.Combine("site", Name(number))], Page(number, pages));
        }

        var port = FreePort();
        await File.WriteAllTextAsync(
            folder["nginx.conf"],
            $$"""
            daemon off; worker_processes 1; pid {{folder["nginx.pid"]}}; error_log {{folder["error.log"]}};
            events { worker_connections 512; }
            http {
              types { text/html html; }
              access_log off;
              keepalive_requests 1000000;
              client_body_temp_path {{folder.Path}}; proxy_temp_path {{folder.Path}}; fastcgi_temp_path {{folder.Path}};
              uwsgi_temp_path {{folder.Path}}; scgi_temp_path {{folder.Path}};
              server { listen 127.0.0.1:{{port}}; root {{folder["site"]}}; charset utf-8; }
            }
            """
        );

        // As root nginx would give up its rights and not see a temporary folder.
        Machine.Run("chmod", "755", folder.Path);
        var nginx = Process.Start(
            "/usr/sbin/nginx",
            ["-p", folder.Path, "-c", folder["nginx.conf"], "-e", folder["error.log"]]
        );
        var start = new Uri($"http://127.0.0.1:{port}/{Name(0)}");
        using var http = new HttpClient();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var answer = await http.GetAsync(start);
                answer.EnsureSuccessStatusCode();
                return new StaticSite(folder, nginx, start, pages);
            }
            catch (HttpRequestException) when (attempt < 200 && !nginx.HasExited)
            {
                await Task.Delay(25);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        // SIGQUIT to the master ends its worker too.
        Machine.Run("kill", "-QUIT", _nginx.Id.ToString(CultureInfo.InvariantCulture));
        await _nginx.WaitForExitAsync();
        _nginx.Dispose();
        _folder.Dispose();
    }

    private static string Name(int number) => $"page{number}.html";

    private static string Page(int number, int pages)
    {
        var random = (ulong)number + 1_000_000_000;
        var html = new StringBuilder(PageLength + 256);
        html.Append(
            CultureInfo.InvariantCulture,
            $"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Page {number}</title></head><body>"
        );
        html.Append("<header><a href=\"page0.html\">Home</a></header><main>");
        html.Append(CultureInfo.InvariantCulture, $"<h1>Page {number} {Corpus.Mark(number)}</h1>");

        // A tree of ten children a page, so that all are found early; the rest of the links lead anywhere.
        for (var link = 0; link < LinksPerPage - 1; link++)
        {
            var child = number * 10L + 1 + link;
            var target = link < 10 && child < pages ? child : (number + 37L * (link + 1) * (link + 1)) % pages;
            html.Append(
                CultureInfo.InvariantCulture,
                $"<p>{Corpus.Prose(ref random, 320)}<a href=\"page{target}.html\">page {target}</a>.</p>\n"
            );
        }

        while (html.Length < PageLength - 360)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p>{Corpus.Prose(ref random, 320)}</p>\n");
        }

        html.Append(
            CultureInfo.InvariantCulture,
            $"<p>{Corpus.Prose(ref random, Math.Max(20, PageLength - 50 - html.Length))}</p>"
        );
        return html.Append("</main><footer>The end</footer></body></html>\n").ToString();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
