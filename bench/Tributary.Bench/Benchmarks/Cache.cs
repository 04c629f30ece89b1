using System.Diagnostics;
using Tributary.Bench.Sites;

namespace Tributary.Bench.Benchmarks;

/// <summary>A request that the cache of answers has, against an answer that needs no cache.</summary>
internal sealed class Cache : IBenchmark
{
    private const int InFlight = 16;

    public string Name => "cache";

    public async Task<Section> RunAsync(Scale scale)
    {
        var count = scale.Of(60_000, 3_000);
        var section = new Section(
            Name,
            "Response cache",
            $"{count:N0} requests a round, {InFlight} in flight, for 1 KB of JSON: bare Kestrel, and Kestrel that fetches it through the "
                + "outbound pipeline, whose cache has it. One process serves both; the client shares the cores with it."
        );
        using var folder = new Folder();
        await using var server = await CacheServer.StartAsync(folder.Path);
        using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
        await AskAsync("/cached", count);
        await AskAsync("/bare", count);
        var result = await Rounds.CompareAsync(
            scale.Rounds,
            _ => AskAsync("/bare", count),
            _ => AskAsync("/cached", count)
        );
        section.Ratio("hits", result, "requests/s", 0.5);
        return section;

        async Task<double> AskAsync(string path, int number)
        {
            var watch = Stopwatch.StartNew();
            await Parallel.ForEachAsync(
                Enumerable.Range(0, number),
                new ParallelOptions { MaxDegreeOfParallelism = InFlight },
                async (_, stop) => await http.GetByteArrayAsync(path, stop)
            );
            return number / watch.Elapsed.TotalSeconds;
        }
    }
}
