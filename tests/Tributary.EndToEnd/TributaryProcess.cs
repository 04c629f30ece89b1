using System.Diagnostics;
using System.Text;
using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>
/// The real binary as a server of its own: a temporary data folder, a free port, stopped by its id. Its environment is
/// that of the test without any <c>TRIBUTARY_…</c> variable.
/// </summary>
public sealed class TributaryProcess : IAsyncDisposable
{
    /// <summary>Long enough for a machine that is busy with other tests.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const string Listens = "Tributary listens on ";

    private readonly Process _process;
    private readonly TemporaryFolder? _folder;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly TaskCompletionSource<string> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TributaryProcess(Process process, TemporaryFolder? folder, string dataFolder)
    {
        (_process, _folder, DataFolder) = (process, folder, dataFolder);
        process.OutputDataReceived += (_, line) =>
        {
            Append(_output, line.Data);
            if (line.Data?.StartsWith(Listens, StringComparison.Ordinal) == true)
            {
                // The quick start says more on the same line.
                _address.TrySetResult(line.Data[Listens.Length..].Split(' ')[0]);
            }
        };
        process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
    }

    /// <summary>The binary.</summary>
    public static string Binary { get; } =
        Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "tributary.exe" : "tributary");

    /// <summary>Where it listens, without a slash at the end.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Its data directory; kept for another process when it was given.</summary>
    public string DataFolder { get; }

    /// <summary>The process's id.</summary>
    public int Id => _process.Id;

    /// <summary>Standard output so far.</summary>
    public string Output => Read(_output);

    /// <summary>Standard error so far.</summary>
    public string Error => Read(_error);

    /// <summary>The most memory that it has ever held (on Linux).</summary>
    public long PeakMegabytes =>
        long.Parse(
            File.ReadLines($"/proc/{Id}/status")
                .Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]
        ) / 1024;

    /// <summary>Starts <c>tributary serve</c> and waits until it listens.</summary>
    /// <param name="variables">Added to its environment.</param>
    /// <param name="dataFolder">Its data directory; null for a temporary one.</param>
    /// <param name="arguments">More arguments of <c>serve</c>.</param>
    public static Task<TributaryProcess> ServeAsync(
        IReadOnlyDictionary<string, string>? variables = null,
        string? dataFolder = null,
        params string[] arguments
    ) => ServeAsync(Binary, variables, dataFolder, arguments);

    /// <summary>The same by another build of the program, with the tests' own token.</summary>
    public static Task<TributaryProcess> ServeByAsync(string binary) =>
        ServeAsync(binary, TributaryClient.Variables, null, []);

    private static async Task<TributaryProcess> ServeAsync(
        string binary,
        IReadOnlyDictionary<string, string>? variables,
        string? dataFolder,
        string[] arguments
    )
    {
        var folder = dataFolder is null ? new TemporaryFolder() : null;
        var data = dataFolder ?? folder!["data"];
        string[] all = ["serve", "--urls", "http://127.0.0.1:0", "--data", data, .. arguments];
        var server = Start(binary, all, variables, folder, data);
        var exited = server._process.WaitForExitAsync();
        if (await Task.WhenAny(server._address.Task, exited).WaitAsync(Patience) == exited)
        {
            // Output that has arrived together with the end.
            await exited;
            var said = server.Error;
            await server.DisposeAsync();
            throw new InvalidOperationException($"The server did not start: {said}");
        }

        server.Address = await server._address.Task;
        return server;
    }

    /// <summary>Runs any command to its end.</summary>
    /// <returns>Exit code, standard output, standard error.</returns>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string[] arguments,
        IReadOnlyDictionary<string, string>? variables = null
    )
    {
        await using var process = Start(Binary, arguments, variables, null, "");
        await process._process.WaitForExitAsync().WaitAsync(Patience);
        return (process._process.ExitCode, process.Output, process.Error);
    }

    /// <summary>Sends SIGTERM and waits for the end.</summary>
    /// <returns>The exit code and how long it took.</returns>
    public async Task<(int ExitCode, TimeSpan Took)> TerminateAsync()
    {
        var watch = Stopwatch.StartNew();
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString()]))
        {
            await kill.WaitForExitAsync().WaitAsync(Patience);
        }

        await _process.WaitForExitAsync().WaitAsync(Patience);
        return (_process.ExitCode, watch.Elapsed);
    }

    /// <summary>Ends it at once, as a power failure would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
        _folder?.Dispose();
    }

    private static TributaryProcess Start(
        string binary,
        string[] arguments,
        IReadOnlyDictionary<string, string>? variables,
        TemporaryFolder? folder,
        string dataFolder
    )
    {
        var start = new ProcessStartInfo(binary, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder?.Path ?? Path.GetTempPath(),
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TRIBUTARY_")).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var process = new TributaryProcess(new Process { StartInfo = start }, folder, dataFolder);
        process._process.Start();
        process._process.BeginOutputReadLine();
        process._process.BeginErrorReadLine();
        return process;
    }

    private static void Append(StringBuilder builder, string? line)
    {
        if (line is not null)
        {
            lock (builder)
            {
                builder.Append(line).Append('\n');
            }
        }
    }

    private static string Read(StringBuilder builder)
    {
        lock (builder)
        {
            return builder.ToString();
        }
    }
}
