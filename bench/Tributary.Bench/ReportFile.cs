using System.Text.RegularExpressions;

namespace Tributary.Bench;

/// <summary>docs/benchmarks.md: one marked part a benchmark, of which a run replaces only its own.</summary>
internal static partial class ReportFile
{
    private const string Head = """
        # Benchmarks

        <!-- Written by bench/Tributary.Bench; edits are overwritten. -->

        Each figure is a ratio to a baseline that was measured in the same run, in turns (baseline, Tributary, baseline, …): the
        median of the rounds and the worst. Baselines have the same durability, documents and tokenizer. Peak memory is VmHWM of
        the server process (a desktop garbage collector, not the server one). On virtual disks a flush may cost next to nothing:
        that is why fsyncs are counted too. Timings never decide a test.

        ```
        dotnet build -c Release src/Tributary
        dotnet run -c Release --project bench/Tributary.Bench -- [name …] [--quick]
        ```

        They need nginx, strace, python3-scrapy, Node.js and `npm ci` in bench/peers. `--quick` shows that everything works, with
        sizes that say little, and writes nothing.

        """;

    /// <summary>Replaces one benchmark's part, or adds it.</summary>
    /// <param name="name">The benchmark.</param>
    /// <param name="text">What it says.</param>
    /// <param name="order">All benchmarks in order.</param>
    public static void Replace(string name, string text, IReadOnlyList<string> order)
    {
        var parts = new Dictionary<string, string>();
        if (File.Exists(Paths.Report))
        {
            foreach (Match match in Part().Matches(File.ReadAllText(Paths.Report)))
            {
                parts[match.Groups[1].Value] = match.Groups[2].Value;
            }
        }

        parts[name] = text;
        var all = order
            .Where(parts.ContainsKey)
            .Select(part => $"<!-- begin {part} -->\n{parts[part]}<!-- end {part} -->\n");
        File.WriteAllText(Paths.Report, Head + "\n" + string.Join('\n', all));
    }

    [GeneratedRegex(@"<!-- begin (\w+) -->\n(.*?)<!-- end \1 -->", RegexOptions.Singleline)]
    private static partial Regex Part();
}
