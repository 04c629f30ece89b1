using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Tributary.EndToEnd;

/// <summary>One more process on a store, which calls an address as often as a limit allows (<c>tests/Tributary.LimitedCaller</c>).</summary>
internal sealed class LimitedCaller : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _errors = new();

    private LimitedCaller(Process process) => _process = process;

    /// <summary>Starts one, and returns as soon as it calls.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="limit">Unit, requests and strategy.</param>
    /// <param name="address">What it calls, on behalf of connector 1.</param>
    /// <param name="inFlight">How many requests at once it would send.</param>
    public static async Task<LimitedCaller> StartAsync(
        string folder,
        (string Unit, int Max, string Strategy) limit,
        Uri address,
        int inFlight
    )
    {
        string[] arguments =
        [
            folder,
            "1",
            limit.Unit,
            limit.Max.ToString(CultureInfo.InvariantCulture),
            limit.Strategy,
            address.AbsoluteUri,
            inFlight.ToString(CultureInfo.InvariantCulture),
        ];
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "limited-caller"), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var caller = new LimitedCaller(new Process { StartInfo = start });
        caller._process.ErrorDataReceived += (_, line) => caller._errors.Enqueue(line.Data ?? "");
        caller._process.Start();
        caller._process.BeginErrorReadLine();
        try
        {
            (await caller.ReadAsync()).ShouldBe("calls");
        }
        catch
        {
            await caller.DisposeAsync();
            throw;
        }

        return caller;
    }

    /// <summary>Until when its limit holds it back; null when a request could go.</summary>
    public async Task<DateTimeOffset?> WaitsUntilAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        var answer = await ReadAsync();
        return answer == "-" ? null : DateTimeOffset.Parse(answer, CultureInfo.InvariantCulture);
    }

    /// <summary>Ends it in order.</summary>
    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(_patience);
        _process.ExitCode.ShouldBe(0, string.Join('\n', _errors));
    }

    /// <summary>Ends it at once, as a power failure would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(_patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private async Task<string> ReadAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(_patience)
        ?? throw new InvalidOperationException($"The caller has ended: {string.Join('\n', _errors)}");
}
