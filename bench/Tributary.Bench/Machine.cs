using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Tributary.Bench;

/// <summary>What the figures were measured on.</summary>
internal static class Machine
{
    /// <summary>The load of the last minute: runnable tasks, ours included.</summary>
    public static string Load => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    /// <summary>The share of processor time since <paramref name="before"/> that a hypervisor gave to others.</summary>
    public static double StealSince((long Steal, long All) before)
    {
        var (steal, all) = Ticks();
        return all == before.All ? 0 : (double)(steal - before.Steal) / (all - before.All);
    }

    public static (long Steal, long All) Ticks()
    {
        var parts = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
        var ticks = parts.Select(part => long.Parse(part, CultureInfo.InvariantCulture)).ToList();
        return (ticks[7], ticks.Take(8).Sum());
    }

    /// <summary>Processor, memory, system, versions and commit, as a list.</summary>
    public static string Describe()
    {
        var processor = First("/proc/cpuinfo", "model name").Split(':')[1].Trim();
        var memory = long.Parse(
            First("/proc/meminfo", "MemTotal").Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture
        );
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores of {processor}, {memory / 1024.0 / 1024.0:N0} GiB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, SQLite {BareSqlite.Version}"
        );
    }

    /// <summary>The commit that is measured, marked when src differs from it.</summary>
    public static string Commit()
    {
        var commit = Run("git", "rev-parse", "--short=10", "HEAD");
        return Run("git", "status", "--porcelain", "--", "src").Length > 0 ? commit + " with changes" : commit;
    }

    /// <summary>What a program prints, trimmed.</summary>
    public static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                WorkingDirectory = Paths.Repository,
            }
        )!;
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return output;
    }

    private static string First(string file, string start) =>
        File.ReadLines(file).First(line => line.StartsWith(start, StringComparison.Ordinal));
}
