using System.Diagnostics;
using System.Globalization;

namespace Tributary.Bench;

/// <summary>A server in a process of its own, that says its address on a line of its output; stopped by its id.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const double TicksPerSecond = 100;

    private readonly Process _process;

    private ChildProcess(Process process, string address) => (_process, Address) = (process, address);

    /// <summary>Where it listens, without a slash at the end.</summary>
    public string Address { get; }

    public int Id => _process.Id;

    /// <summary>The most memory that it ever had, in MiB (VmHWM).</summary>
    public double PeakMemory => Memory("VmHWM");

    /// <summary>The memory that it has, in MiB (VmRSS).</summary>
    public double ResidentMemory => Memory("VmRSS");

    /// <summary>The processor time that it has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            // After the name, which may hold anything: state is the first field, utime and stime the 12th and 13th.
            var fields = File.ReadAllText($"/proc/{Id}/stat")
                .Split(')')[^1]
                .Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var ticks = fields[11..13].Sum(text => long.Parse(text, CultureInfo.InvariantCulture));
            return TimeSpan.FromSeconds(ticks / TicksPerSecond);
        }
    }

    /// <summary>Starts one and waits until it has said <paramref name="announcement"/> and its address.</summary>
    public static async Task<ChildProcess> StartAsync(
        string program,
        IEnumerable<string> arguments,
        string announcement,
        IReadOnlyDictionary<string, string>? variables = null
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TRIBUTARY_")).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var errors = new Queue<string>();
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith(announcement, StringComparison.Ordinal) == true)
            {
                address.TrySetResult(line.Data[announcement.Length..].Split(' ')[0].TrimEnd('/'));
            }
        };
        process.ErrorDataReceived += (_, line) =>
        {
            lock (errors)
            {
                errors.Enqueue(line.Data ?? "");
                if (errors.Count > 50)
                {
                    errors.Dequeue();
                }
            }
        };
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var exited = process.WaitForExitAsync();
        if (await Task.WhenAny(address.Task, exited) == exited)
        {
            throw new InvalidOperationException($"{program} has ended: {string.Join('\n', errors)}");
        }

        return new ChildProcess(process, await address.Task);
    }

    public async ValueTask DisposeAsync()
    {
        Machine.Run("kill", "-TERM", Id.ToString(CultureInfo.InvariantCulture));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private double Memory(string line)
    {
        var text = File.ReadLines($"/proc/{Id}/status")
            .First(status => status.StartsWith(line, StringComparison.Ordinal));
        return long.Parse(text.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
            / 1024.0;
    }
}
