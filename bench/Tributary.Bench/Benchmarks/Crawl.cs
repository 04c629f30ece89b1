using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tributary.Bench.Sites;

namespace Tributary.Bench.Benchmarks;

/// <summary>A site read from the first page to the last, against two crawlers.</summary>
internal sealed class Crawl : IBenchmark
{
    public string Name => "crawl";

    public async Task<Section> RunAsync(Scale scale)
    {
        await using var site = await StaticSite.StartAsync(scale.Of(5_000, 300));
        using var folder = new Folder();
        var section = new Section(
            Name,
            "Crawl",
            $"{site.Pages:N0} static pages ({StaticSite.PageLength / 1000.0:N1} KB, {StaticSite.LinksPerPage} links each) on a "
                + "loopback nginx, read from creating the source until the run has ended and everything is searchable, by a "
                + "fresh server each round, with robots.txt, address guard and politeness at their defaults. Scrapy and "
                + "Crawlee follow all links with 16 requests at once, and store title and text in a plain SQLite table, 250 a "
                + "transaction, without an index for search; their figures leave out the start of their process."
        );
        var peaks = new Dictionary<string, double>();
        var processor = new Dictionary<string, double>();
        async Task<double> Read(int round)
        {
            await using var server = await TributaryServer.StartAsync();
            var rate = await ReadAsync(server, site);
            Note(peaks, "Tributary", server.Process.PeakMemory);
            Note(processor, "Tributary", server.Process.ProcessorTime.TotalMilliseconds / site.Pages);
            return rate;
        }

        double Peer(string name, string program, string script)
        {
            var line = Machine.Run(
                program,
                Peers.Script(script),
                site.Start.ToString(),
                folder[Path.GetRandomFileName()]
            );
            var said = JsonDocument.Parse(line.Split('\n')[^1]).RootElement;
            Note(peaks, name, said.GetProperty("peak_kib").GetInt64() / 1024.0);
            Note(processor, name, said.GetProperty("processor_seconds").GetDouble() * 1000 / site.Pages);
            var pages = said.GetProperty("pages").GetInt32();
            return pages == site.Pages
                ? pages / said.GetProperty("seconds").GetDouble()
                : throw new InvalidOperationException($"{name} has read {pages} pages.");
        }

        var scrapy = await Rounds.CompareAsync(
            scale.Rounds,
            _ => Task.FromResult(Peer("Scrapy", "/usr/bin/python3", "spider.py")),
            Read
        );
        var crawlee = await Rounds.CompareAsync(
            scale.Rounds,
            _ => Task.FromResult(Peer("Crawlee", "node", "crawl.mjs")),
            Read
        );
        var version = Machine.Run("/usr/bin/python3", "-c", "import scrapy; print(scrapy.__version__)");
        section.Ratio($"Scrapy {version}", scrapy, "pages/s", 2);
        section.Ratio("Crawlee Cheerio 3.18.1", crawlee, "pages/s", 1.2);
        section.Report("peak memory", $"{List(peaks, "N0")} MiB");
        section.Report("processor time a page, the start included, worst round", $"{List(processor, "N2")} ms");
        return section;
    }

    /// <summary>Reads the site as a new source.</summary>
    /// <returns>Pages a second.</returns>
    public static async Task<double> ReadAsync(TributaryServer server, StaticSite site)
    {
        var watch = Stopwatch.StartNew();
        var source = await server.CreateAsync("Site", "web", new { base_url = site.Start });
        var counts = await server.SettledAsync(source);
        var seconds = watch.Elapsed.TotalSeconds;
        var added = counts.GetProperty("added").GetInt64();
        if (added != site.Pages)
        {
            throw new InvalidOperationException($"The server has stored {added} of {site.Pages} pages: {counts}");
        }

        var last = site.Pages - 1;
        await server.DemandFoundAsync(Corpus.Mark(last), new Uri(site.Start, $"page{last}.html").ToString());
        return site.Pages / seconds;
    }

    private static void Note(Dictionary<string, double> peaks, string name, double peak) =>
        peaks[name] = Math.Max(peaks.GetValueOrDefault(name), peak);

    private static string List(Dictionary<string, double> values, string format) =>
        string.Join(
            ", ",
            values.Select(pair => $"{pair.Key} {pair.Value.ToString(format, CultureInfo.InvariantCulture)}")
        );
}
