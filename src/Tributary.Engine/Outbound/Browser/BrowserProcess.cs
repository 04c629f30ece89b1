using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Tributary.Sdk;

namespace Tributary.Engine.Outbound.Browser;

/// <summary>
/// A running Chromium of our own, with a profile folder that vanishes with it. It cannot reach any network by itself:
/// its proxy is a port that nobody listens on and no name resolves, so that a request which is not carried out for it
/// goes nowhere.
/// </summary>
internal sealed class BrowserProcess : IAsyncDisposable
{
    // Another process lives by the system's clock, whatever the pipeline's is.
    private static readonly TimeSpan _startPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _endPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(50);

    private static readonly string[] _arguments =
    [
        "--headless=new",
        "--remote-debugging-address=127.0.0.1",
        "--remote-debugging-port=0",
        "--proxy-server=127.0.0.1:9",
        "--proxy-bypass-list=<-loopback>",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-breakpad",
        "--disable-client-side-phishing-detection",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-dev-shm-usage",
        "--disable-domain-reliability",
        "--disable-extensions",
        "--disable-features=IsolateOrigins,site-per-process,Translate,OptimizationHints,MediaRouter",
        "--disable-gpu",
        "--disable-site-isolation-trials", // frames of other sites stay in the page's process, where requests are caught
        "--disable-sync",
        "--hide-scrollbars",
        "--log-level=3",
        "--metrics-recording-only",
        "--mute-audio",
        "--no-default-browser-check",
        "--no-first-run",
        "--window-size=1280,2000",
    ];

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private BrowserProcess(Process process, DirectoryInfo folder, CdpConnection connection)
    {
        _process = process;
        _folder = folder;
        Connection = connection;
    }

    /// <summary>The way to it.</summary>
    public CdpConnection Connection { get; }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Its profile folder.</summary>
    public string Folder => _folder.FullName;

    /// <summary>Starts one.</summary>
    /// <exception cref="SourceException">It does not start.</exception>
    public static async Task<BrowserProcess> StartAsync(string program, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("tributary-chromium-");
        Process? process = null;
        try
        {
            process = Launch(program, folder.FullName);
            using var patience = new CancellationTokenSource(_startPatience);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
            var address = await AddressAsync(process, folder.FullName, either.Token);
            return new BrowserProcess(process, folder, await CdpConnection.ConnectAsync(address, either.Token));
        }
        catch (Exception e)
        {
            await StopAsync(process, folder);
            if (e is SourceException || cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            throw new SourceException(FailureKind.Transient, $"The browser {program} does not start.", e);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await StopAsync(_process, _folder);
    }

    private static Process Launch(string program, string folder)
    {
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder,
        };
        foreach (var argument in _arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.ArgumentList.Add($"--user-data-dir={Path.Combine(folder, "profile")}");
        if (Environment.IsPrivilegedProcess)
        {
            start.ArgumentList.Add("--no-sandbox"); // Chromium's sandbox refuses to run as root
        }

        start.ArgumentList.Add("about:blank");

        // Ours may hold keys and proxies; it needs neither.
        start.Environment.Clear();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["HOME"] = folder;
        start.Environment["TMPDIR"] = folder;

        try
        {
            var process = Process.Start(start)!;
            process.OutputDataReceived += static (_, _) => { };
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return process;
        }
        catch (Win32Exception e)
        {
            throw new SourceException(FailureKind.Transient, $"The browser {program} cannot be started.", e);
        }
    }

    // Chromium writes the port that it was given, and the path of its socket, into its profile.
    private static async Task<Uri> AddressAsync(Process process, string folder, CancellationToken cancellationToken)
    {
        var file = Path.Combine(folder, "profile", "DevToolsActivePort");
        while (true)
        {
            if (
                File.Exists(file)
                && await File.ReadAllLinesAsync(file, cancellationToken) is [var port, var path, ..]
                && int.TryParse(port, CultureInfo.InvariantCulture, out var number)
            )
            {
                return new Uri($"ws://127.0.0.1:{number}{path}");
            }

            if (process.HasExited)
            {
                throw new SourceException(
                    FailureKind.Transient,
                    $"The browser ended at its start with code {process.ExitCode}."
                );
            }

            await Task.Delay(_poll, TimeProvider.System, cancellationToken);
        }
    }

    // The end of its output belongs to it, and a helper that has left the tree may hold that open for ever.
    private static async Task WaitForEndAsync(Process process)
    {
        using var patience = new CancellationTokenSource(_endPatience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // It was killed; nobody needs what it still has to say.
        }
    }

    private static async Task StopAsync(Process? process, DirectoryInfo folder)
    {
        if (process is not null)
        {
            try
            {
                process.Kill(entireProcessTree: true);
            }
            catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
            {
                // It has ended by itself, or parts of it have meanwhile.
            }

            await WaitForEndAsync(process);
            process.Dispose();
        }

        // Its children may still write for a moment after it is gone.
        for (var attempt = 0; attempt < 20; attempt++)
        {
            try
            {
                folder.Delete(recursive: true);
                return;
            }
            catch (DirectoryNotFoundException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                await Task.Delay(_poll, TimeProvider.System, CancellationToken.None);
            }
        }
    }
}
