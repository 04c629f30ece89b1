using System.Diagnostics;
using System.Globalization;

namespace Tributary.Bench;

/// <summary>Counts the flushes of a process with strace.</summary>
internal static class FlushCounter
{
    /// <summary>Counts fsync and fdatasync calls of a process and its threads while something goes on.</summary>
    public static async Task<int> CountAsync(int process, Func<Task> work)
    {
        using var folder = new Folder();
        using var strace = Process.Start(
            new ProcessStartInfo(
                "strace",
                [
                    "-f",
                    "-e",
                    "trace=fsync,fdatasync",
                    "-o",
                    folder["calls"],
                    "-p",
                    process.ToString(CultureInfo.InvariantCulture),
                ]
            )
            {
                RedirectStandardError = true,
            }
        )!;

        // It says "attached" when it counts.
        await strace.StandardError.ReadLineAsync();
        await work();
        Machine.Run("kill", "-INT", strace.Id.ToString(CultureInfo.InvariantCulture));
        await strace.WaitForExitAsync();

        // A call that another thread's line interrupts is written as "unfinished" and "resumed": once with its name and "(".
        return File.ReadLines(folder["calls"]).Count(line => line.Contains("sync(", StringComparison.Ordinal));
    }
}
