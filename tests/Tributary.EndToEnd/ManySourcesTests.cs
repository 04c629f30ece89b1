using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>Hundreds of sources at once, deletions among them, and another life.</summary>
[Trait("Category", "Slow")]
public sealed class ManySourcesTests
{
    private const int Count = 500;

    [Fact]
    public async Task Five_hundred_sources_are_read_half_are_deleted_and_the_rest_outlives_a_restart()
    {
        using var folder = new TemporaryFolder();
        await using var site = await LoopbackServer.StartAsync(context =>
        {
            context.Response.ContentType = "text/html";
            context.Response.StatusCode = context.Request.Path == "/robots.txt" ? 404 : 200;
            return context.Response.WriteAsync(
                $"<html><head><title>{context.Request.Path}</title></head><body><p>A page about lighthouses.</p></body></html>"
            );
        });
        List<long> sources;
        Dictionary<long, string> before;
        await using (var server = await TributaryProcess.ServeAsync(TributaryClient.Variables, folder["data"]))
        {
            using var client = new TributaryClient(server);
            sources = await CreateAllAsync(client, site);

            // The first half goes while the others are still being read.
            var doomed = sources[..(Count / 2)];
            await Parallel.ForEachAsync(
                doomed,
                new ParallelOptions { MaxDegreeOfParallelism = 8 },
                async (source, _) =>
                    (await client.SendAsync(HttpMethod.Delete, $"/v1/sources/{source}")).Status.ShouldBe(
                        System.Net.HttpStatusCode.OK
                    )
            );
            sources.RemoveRange(0, Count / 2);
            before = await AllActiveAsync(client, sources);
            (await server.TerminateAsync()).ExitCode.ShouldBe(0);
        }

        await using (var server = await TributaryProcess.ServeAsync(TributaryClient.Variables, folder["data"]))
        {
            using var client = new TributaryClient(server);
            (await AllActiveAsync(client, sources)).ShouldBe(before);
            (await client.DocumentsAsync(sources[^1])).ShouldHaveSingleItem();
            var run = await client.RunAsync(sources[0], "run");
            run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());
        }
    }

    private static async Task<List<long>> CreateAllAsync(TributaryClient client, LoopbackServer site)
    {
        var sources = new long[Count];
        await Parallel.ForAsync(
            0,
            Count,
            new ParallelOptions { MaxDegreeOfParallelism = 32 },
            async (number, _) =>
                sources[number] = await client.CreateAsync(
                    $"Page {number}",
                    "web",
                    new
                    {
                        base_url = $"{site.BaseUri}p{number}",
                        web_connector_type = "single",
                        respect_robots = false,
                    },
                    refresh: 86_400
                )
        );
        sources.Distinct().Count().ShouldBe(Count);
        return [.. sources];
    }

    /// <summary>Waits until exactly these are there, each with its document and nothing under way.</summary>
    /// <returns>When each is read next.</returns>
    private static async Task<Dictionary<long, string>> AllActiveAsync(TributaryClient client, List<long> expected)
    {
        var patience = TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(4);
        while (true)
        {
            var items = await ListAsync(client);
            var isDone =
                items.Count == expected.Count
                && items.TrueForAll(item =>
                    item.GetProperty("status").GetString() == "ACTIVE"
                    && item.GetProperty("current_run").ValueKind == JsonValueKind.Null
                );
            if (isDone)
            {
                items.Select(item => item.GetProperty("id").GetInt64()).ShouldBe(expected.Order());
                items.ShouldAllBe(item => item.GetProperty("documents").GetInt64() == 1);
                items.ShouldAllBe(item =>
                    item.GetProperty("last_run").GetProperty("status").GetString() == "succeeded"
                );
                return items.ToDictionary(
                    item => item.GetProperty("id").GetInt64(),
                    item => item.GetProperty("schedule").GetProperty("next_refresh_at").GetString()!
                );
            }

            TimeProvider.System.GetUtcNow().ShouldBeLessThan(patience, Unfinished(items));
            await Task.Delay(200);
        }
    }

    private static string Unfinished(List<JsonElement> items) =>
        $"{items.Count} are there; e.g. "
        + items.FirstOrDefault(item =>
            item.GetProperty("status").GetString() != "ACTIVE"
            || item.GetProperty("current_run").ValueKind != JsonValueKind.Null
        );

    private static async Task<List<JsonElement>> ListAsync(TributaryClient client)
    {
        var all = new List<JsonElement>();
        string? after = null;
        do
        {
            var page = await client.GetAsync($"/v1/sources?limit=100{(after is null ? "" : $"&after={after}")}");
            all.AddRange(page.GetProperty("items").EnumerateArray());
            after = page.GetProperty("next_cursor").GetString();
        } while (after is not null);

        return all;
    }
}
