using System.Diagnostics;

namespace Tributary.Mutation;

/// <summary>A test program that stays, and runs what it is told to (<see cref="StartupHook"/>); a new one when it hangs.</summary>
internal sealed class TestHost(string runner) : IDisposable
{
    private Process? _process;

    /// <summary>How a run went.</summary>
    /// <param name="HasPassed">All tests did, in time.</param>
    /// <param name="Reached">The mutants that they came by, when it was asked.</param>
    /// <param name="Said">What the program wrote.</param>
    public sealed record Outcome(bool HasPassed, IReadOnlySet<int> Reached, string Said);

    /// <summary>Runs a class.</summary>
    public async Task<Outcome> RunAsync(TestOrder order, TimeSpan patience)
    {
        _process ??= Start();
        using var timeout = new CancellationTokenSource(patience);
        var said = new List<string>();
        try
        {
            await _process.StandardInput.WriteLineAsync($"{order}".AsMemory(), timeout.Token);
            await _process.StandardInput.FlushAsync(timeout.Token);
            while (await _process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
            {
                if (line.StartsWith(TestOrder.Done, StringComparison.Ordinal))
                {
                    var parts = line[TestOrder.Done.Length..].Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
                    return new Outcome(
                        parts[0] == "0",
                        parts.Skip(1).Select(int.Parse).ToHashSet(),
                        string.Join('\n', said)
                    );
                }

                said.Add(line);
            }

            said.Add("The program has ended.");
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            said.Add(e.Message);
        }

        Dispose();
        return new Outcome(false, new HashSet<int>(), string.Join('\n', said));
    }

    /// <summary>Ends the program; the next run starts another.</summary>
    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process?.Dispose();
        _process = null;
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(runner) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(TestHost).Assembly.Location;
        return Process.Start(start)!;
    }
}
