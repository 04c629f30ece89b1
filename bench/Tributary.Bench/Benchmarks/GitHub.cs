using System.Diagnostics;
using System.Text.Json.Nodes;
using Tributary.Bench.Sites;

namespace Tributary.Bench.Benchmarks;

/// <summary>A repository's issues with their comments, from an empty store to durable and searchable.</summary>
internal sealed class GitHub : IBenchmark
{
    private const int PerBatch = 250;
    private const int Quota = 10;
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(50);

    public string Name => "github";

    public async Task<Section> RunAsync(Scale scale)
    {
        var count = scale.Of(100_000, 10_000);
        var section = new Section(
            Name,
            "GitHub",
            $"{count:N0} issues with as many comments (1 KB of text an issue) from an emulator in the benchmark's process that "
                + "pages as GitHub does, 100 a page, read by a fresh server each round from creating the source until the run has "
                + "ended and everything is searchable. The baseline inserts the same texts into a bare SQLite database, as for "
                + "ingest. The emulator shares the cores with the server. The ideal time with latency is that of the longest list, "
                + "in which the address of each page stands in the one before; that with a quota, of as many requests as were made."
        );
        await ReadAsync(section, scale, count);
        await WithLatencyAsync(section, scale.Of(20_000, 5_000));
        await WithQuotaAsync(section, scale.Of(15_000, 3_000));
        return section;
    }

    private static async Task ReadAsync(Section section, Scale scale, int count)
    {
        await using var site = await GitHubSite.StartAsync(count);
        var texts = site.Documents.Select(issue => ((long)issue.Number, issue.AsText)).ToList();
        var (peak, requests) = (0.0, 0);
        var (ours, theirs) = (TimeSpan.Zero, TimeSpan.Zero);
        var result = await Rounds.CompareAsync(
            scale.Rounds,
            _ =>
            {
                using var folder = new Folder();
                using var bare = new BareSqlite(folder["bare.db"]);
                var before = Environment.CpuUsage.TotalTime;
                var rate = bare.Insert(texts, PerBatch);
                theirs += Environment.CpuUsage.TotalTime - before;
                return Task.FromResult(rate);
            },
            async _ =>
            {
                await using var server = await TributaryServer.StartAsync();
                var watch = Stopwatch.StartNew();
                var source = await CreateAsync(server, site);
                await DemandAsync(server, source, count);
                var rate = count / watch.Elapsed.TotalSeconds;
                ours += server.Process.ProcessorTime;
                site.TakeArrivals();
                await server.PostAsync($"/v1/sources/{source}/run");
                var counts = await server.SettledAsync(source);
                if (counts.GetProperty("added").GetInt64() + counts.GetProperty("updated").GetInt64() > 0)
                {
                    throw new InvalidOperationException($"Nothing had changed: {counts}");
                }

                requests = Math.Max(requests, site.TakeArrivals().Count);
                peak = Math.Max(peak, server.Process.PeakMemory);
                return rate;
            }
        );
        section.Ratio("first read, to the bare insert loop", result, "docs/s", 0.4);
        var (our, their) = (
            ours.TotalMicroseconds / count / scale.Rounds,
            theirs.TotalMicroseconds / count / (scale.Rounds + 1)
        );
        section.Report(
            "processor time a document, the server's start included, to the bare loop's",
            $"{our / their:N2}× ({our:N0} to {their:N0} µs)"
        );
        section.Judge("peak memory of the server", $"{peak:N0} MiB", "≤ 250 MiB", peak <= 250);
        section.Judge(
            "requests of a refresh without changes",
            $"{requests:N0}",
            $"≤ {site.Pages:N0}",
            requests <= site.Pages
        );
    }

    private static async Task WithLatencyAsync(Section section, int count)
    {
        await using var site = await GitHubSite.StartAsync(count, Latency);
        await using var server = await TributaryServer.StartAsync();
        var watch = Stopwatch.StartNew();
        await DemandAsync(server, await CreateAsync(server, site), count);
        var ideal = site.Pages * Latency.TotalSeconds;
        var ratio = watch.Elapsed.TotalSeconds / ideal;
        section.Judge(
            $"{count:N0} issues, every answer {Latency.TotalMilliseconds:N0} ms late, to the ideal time",
            $"**{ratio:N2}×** ({watch.Elapsed.TotalSeconds:N1} to {ideal:N1} s)",
            "≤ 1.3×",
            ratio <= 1.3
        );
    }

    private static async Task WithQuotaAsync(Section section, int count)
    {
        await using var site = await GitHubSite.StartAsync(count);
        await using var server = await TributaryServer.StartAsync();
        var source = await CreateAsync(server, site, Quota);
        await DemandAsync(server, source, count);
        var arrived = site.TakeArrivals();
        var whole = (arrived.Count - 1) / Quota * Quota;
        var used = whole / (double)Quota / (arrived[whole] - arrived[0]);
        section.Judge(
            $"{count:N0} issues with a quota of {Quota} requests a second, share of it that is used",
            $"**{used:P1}** ({arrived.Count:N0} requests)",
            "≥ 97 %",
            used >= 0.97
        );
    }

    /// <summary>Waits for the end of the read, and throws unless everything is there.</summary>
    private static async Task DemandAsync(TributaryServer server, long source, int count)
    {
        var counts = await server.SettledAsync(source);
        if (counts.GetProperty("added").GetInt64() != count)
        {
            throw new InvalidOperationException($"The server has stored other than {count} issues: {counts}");
        }

        await server.DemandFoundAsync(Corpus.Mark(count), GitHubSite.Id(count));
    }

    private static Task<long> CreateAsync(TributaryServer server, GitHubSite site, int? quota = null)
    {
        var config = new JsonObject
        {
            ["repo_owner"] = GitHubSite.Owner,
            ["repositories"] = GitHubSite.Repository,
            ["include_prs"] = false,
            ["include_issues"] = true,
            ["api_base_url"] = site.Address.AbsoluteUri,
        };
        var credentials = new JsonObject { ["github_access_token"] = "ghp_bench" };
        if (quota is not { } perSecond)
        {
            return server.CreateAsync("Harbour", "github", config, credentials: credentials);
        }

        config["credentials"] = credentials;
        return server.CreateLimitedAsync("Harbour", "github", config, perSecond);
    }
}
