using System.Diagnostics;
using Tributary.Bench.Sites;

namespace Tributary.Bench.Benchmarks;

/// <summary>The second read of a site on which nothing has changed.</summary>
internal sealed class Refresh : IBenchmark
{
    public string Name => "refresh";

    public async Task<Section> RunAsync(Scale scale)
    {
        await using var site = await StaticSite.StartAsync(scale.Of(5_000, 300));
        var section = new Section(
            Name,
            "Refresh",
            $"The site of the crawl ({site.Pages:N0} pages) read a second time without any change, against its first read, by a "
                + "fresh server each round."
        );
        var (firsts, seconds) = (new List<double>(), new List<double>());
        long written = 0;
        for (var round = 0; round < scale.Rounds; round++)
        {
            await using var server = await TributaryServer.StartAsync();
            firsts.Add(await Crawl.ReadAsync(server, site));
            var source = (await server.GetAsync("/v1/sources")).GetProperty("items")[0].GetProperty("id").GetInt64();
            var watch = Stopwatch.StartNew();
            await server.PostAsync($"/v1/sources/{source}/run");
            var counts = await server.SettledAsync(source);
            seconds.Add(site.Pages / watch.Elapsed.TotalSeconds);
            written += counts.GetProperty("added").GetInt64() + counts.GetProperty("updated").GetInt64();
            if (counts.GetProperty("unchanged").GetInt64() != site.Pages)
            {
                throw new InvalidOperationException($"The refresh has not seen all pages: {counts}");
            }
        }

        var ratios = seconds.Zip(firsts, (second, first) => second / first).ToList();
        section.Ratio("second read to first read", new Comparison(firsts, seconds, ratios), "pages/s", 2);
        section.Judge("documents written", $"{written}", "0", written == 0);
        return section;
    }
}
