using Microsoft.AspNetCore.Http;
using Tributary.Bench.Sites;

namespace Tributary.Bench.Benchmarks;

/// <summary>What a server costs whose sources wait for tomorrow.</summary>
internal sealed class Idle : IBenchmark
{
    public string Name => "idle";

    public async Task<Section> RunAsync(Scale scale)
    {
        var count = scale.Of(500, 50);
        var seconds = scale.Of(60, 5);
        var section = new Section(
            Name,
            "Idle",
            $"{count} web sources of one small page each that have been read and wait for a refresh once a day; the server's "
                + $"processor time over {seconds} s (in which it compares schedules and store once), {seconds / 4} s after the last "
                + "read has ended, against that of the same server before, without sources."
        );
        await using var site = await LoopbackSite.StartAsync(context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync(
                $"<html><head><title>{context.Request.Path}</title></head><body><p>The page at {context.Request.Path}.</p></body></html>"
            );
        });
        await using var server = await TributaryServer.StartAsync();
        var (emptyShare, emptyMemory) = await WatchAsync(server, seconds);
        var sources = new List<long>();
        for (var number = 0; number < count; number++)
        {
            var config = new { base_url = new Uri(site.Address, $"site{number}/"), web_connector_type = "single" };
            sources.Add(await server.CreateAsync($"Site {number}", "web", config, refresh: 86_400));
        }

        foreach (var source in sources)
        {
            await server.SettledAsync(source);
        }

        var (share, memory) = await WatchAsync(server, seconds);
        section.Judge(
            "processor share of one core",
            $"**{share:P2}** (without sources {emptyShare:P2})",
            "≤ 1 %",
            share <= 0.01
        );
        section.Report(
            "memory",
            $"{memory:N0} MiB (without sources {emptyMemory:N0} MiB, peak {server.Process.PeakMemory:N0} MiB)"
        );
        return section;
    }

    private static async Task<(double Share, double Memory)> WatchAsync(TributaryServer server, int seconds)
    {
        // What was begun before comes to its end, the just-in-time compiler's second look at hot methods included.
        await Task.Delay(TimeSpan.FromSeconds(seconds / 4.0));
        var before = server.Process.ProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        return ((server.Process.ProcessorTime - before).TotalSeconds / seconds, server.Process.ResidentMemory);
    }
}
