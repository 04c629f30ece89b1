using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Tributary.Bench.Sites;

namespace Tributary.Bench.Benchmarks;

/// <summary>A request that goes to an API through a connector, against one that goes there straight.</summary>
internal sealed class Proxy : IBenchmark
{
    // Enough for the runtime to have compiled for good what a request passes.
    private const int WarmUp = 3_000;

    public string Name => "proxy";

    public async Task<Section> RunAsync(Scale scale)
    {
        var count = scale.Of(5_000, 500);
        var section = new Section(
            Name,
            "Proxy",
            $"{count:N0} requests a round, one after the other on a connection that stays open, for 1 KB of JSON of a bare Kestrel in "
                + "a process of its own: straight, and through a connector of type http (ANY /v1/connection/connectors/{uuid}/proxy/…) "
                + "that adds a bearer token; with and without a rate limit that is never reached. Client, server and API share the cores."
        );
        using var folder = new Folder();
        await using var api = await CacheServer.StartAsync(folder.Path);
        await using var server = await TributaryServer.StartAsync();
        using var straight = new HttpClient { BaseAddress = new Uri(api.Address) };
        await CompareAsync("a connector without a limit", await ConnectAsync(server, api.Address, null));
        var limit = new { unit = "second", max = 100_000 };
        await CompareAsync("a connector with a limit", await ConnectAsync(server, api.Address, limit));
        return section;

        async Task CompareAsync(string what, string uuid)
        {
            var path = $"/v1/connection/connectors/{uuid}/proxy/bare";
            await MedianAsync(server.Http, path, WarmUp);
            await MedianAsync(straight, "/bare", WarmUp);
            var worked = TimeSpan.Zero;
            var result = await Rounds.CompareAsync(
                scale.Rounds,
                _ => MedianAsync(straight, "/bare", count),
                async _ =>
                {
                    var before = server.Process.ProcessorTime;
                    var median = await MedianAsync(server.Http, path, count);
                    worked += server.Process.ProcessorTime - before;
                    return median;
                }
            );
            var over = result.Subject - result.Baseline;
            section.Judge(
                $"{what}: p50 above that of a straight request",
                $"**{over:N3} ms** ({result.Ratio:N2}×: {result.Subject:N3} to {result.Baseline:N3} ms, {result.Ratios.Count} rounds)",
                "≤ 0.3 ms",
                over <= 0.3
            );
            section.Report(
                $"{what}: processor time of the server a request",
                $"{worked.TotalMilliseconds / count / scale.Rounds:N3} ms"
            );
        }
    }

    private static async Task<string> ConnectAsync(TributaryServer server, string api, object? limit)
    {
        var slug = limit is null ? "free" : "limited";
        using var response = await server.Http.PostAsJsonAsync(
            "/v1/connection/connectors",
            new
            {
                name = slug,
                slug,
                integrationSlug = "http",
                config = new { base_url = api, credentials = new { auth = "bearer", token = "a token" } },
                rateLimit = limit,
            }
        );
        response.EnsureSuccessStatusCode();
        var made = await response.Content.ReadFromJsonAsync<JsonElement>();
        return made.GetProperty("connector").GetProperty("uuid").GetString()!;
    }

    /// <summary>The median of the times that requests take one after the other, in milliseconds.</summary>
    private static async Task<double> MedianAsync(HttpClient http, string path, int count)
    {
        var times = new double[count];
        for (var i = 0; i < count; i++)
        {
            var since = Stopwatch.GetTimestamp();
            await http.GetByteArrayAsync(path);
            times[i] = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
        }

        return Statistics.Median(times);
    }
}
