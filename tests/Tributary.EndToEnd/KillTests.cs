using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>The real binary, killed at random moments of refresh, prune and delete; afterwards its store equals that of an undisturbed one.</summary>
[Trait("Category", "Slow")]
public class KillTests
{
    private const int Pages = 240;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Fifty_kills_change_nothing_in_the_end(int seed)
    {
        var random = new Random(seed);
        using var folder = new TemporaryFolder();
        await using var site = await Site.StartAsync();
        var server = await TributaryProcess.ServeAsync(TributaryClient.Variables, folder["data"]);
        var kills = 0;
        long source;
        using (var client = new TributaryClient(server))
        {
            source = await client.CreateAsync("Site", "web", new { base_url = site.Address });
        }

        // The first read.
        (server, kills) = await SettleThroughKillsAsync(server, folder, site, source, random, kills, until: 20);
        var twin = await TwinAsync(site);
        (await StateAsync(server, folder, source)).ShouldBe(twin);

        // A refresh of a site on which pages have changed.
        site.Edition = 2;
        using (var client = new TributaryClient(server))
        {
            await client.PostAsync($"/v1/sources/{source}/run");
        }

        (server, kills) = await SettleThroughKillsAsync(server, folder, site, source, random, kills, until: 32);
        twin = await TwinAsync(site);
        (await StateAsync(server, folder, source)).ShouldBe(twin);

        // A prune of a site that has lost pages.
        site.Live = Pages * 2 / 3;
        using (var client = new TributaryClient(server))
        {
            await client.PostAsync($"/v1/sources/{source}/prune");
        }

        (server, kills) = await SettleThroughKillsAsync(server, folder, site, source, random, kills, until: 44);
        twin = await TwinAsync(site);
        (await StateAsync(server, folder, source)).ShouldBe(twin);

        // A deletion.
        using (var client = new TributaryClient(server))
        {
            await client.SendAsync(HttpMethod.Delete, $"/v1/sources/{source}");
        }

        while (kills < 50)
        {
            await server.KillAsync();
            await server.DisposeAsync();
            kills++;
            server = await TributaryProcess.ServeAsync(TributaryClient.Variables, folder["data"]);
        }

        using (var client = new TributaryClient(server))
        {
            while (
                (await client.SendAsync(HttpMethod.Get, $"/v1/sources/{source}")).Status
                != System.Net.HttpStatusCode.NotFound
            )
            {
                await Task.Delay(50);
            }

            (await client.SearchAsync("river")).ShouldBeEmpty();
        }

        await server.TerminateAsync();
        await server.DisposeAsync();
        Count(
                folder["data"],
                "SELECT (SELECT count(*) FROM documents) + (SELECT count(*) FROM chunks) + (SELECT count(*) FROM holders)"
            )
            .ShouldBe(0);
        kills.ShouldBe(50);
    }

    /// <summary>Kills the server after a random number of the site's answers, again and again, then lets it come to rest.</summary>
    private static async Task<(TributaryProcess Server, int Kills)> SettleThroughKillsAsync(
        TributaryProcess server,
        TemporaryFolder folder,
        Site site,
        long source,
        Random random,
        int kills,
        int until
    )
    {
        while (kills < until)
        {
            await site.AnswersAsync(random.Next(1, 40), atMost: TimeSpan.FromSeconds(3));
            await server.KillAsync();
            await server.DisposeAsync();
            kills++;
            Check(folder["data"]);
            server = await TributaryProcess.ServeAsync(TributaryClient.Variables, folder["data"]);
        }

        using var client = new TributaryClient(server);
        var run = await client.SettledAsync(source);
        run.GetProperty("status").GetString().ShouldBe("succeeded", run.GetRawText());
        return (server, kills);
    }

    /// <summary>What holds at every moment: the file is whole, and every passage is indexed once and belongs to a document.</summary>
    private static void Check(string data)
    {
        Text(data, "PRAGMA integrity_check").ShouldBe("ok");
        Count(data, "SELECT count(*) FROM chunks")
            .ShouldBe(Count(data, "SELECT ifnull(sum(chunk_count), 0) FROM documents"));
        Count(data, "SELECT count(*) FROM chunk_index").ShouldBe(Count(data, "SELECT count(*) FROM chunks"));
        Count(
                data,
                "SELECT count(*) FROM chunks c WHERE NOT EXISTS (SELECT 1 FROM documents d WHERE d.id = c.document_id)"
            )
            .ShouldBe(0);
        Count(data, "SELECT count(*) FROM holders")
            .ShouldBe(Count(data, "SELECT ifnull(sum(holder_count), 0) FROM documents"));
        Count(data, "SELECT ifnull(sum(document_count), 0) FROM connectors")
            .ShouldBe(Count(data, "SELECT count(*) FROM holders"));
    }

    /// <summary>The state of a server that read the site as it is now without being disturbed.</summary>
    private static async Task<string> TwinAsync(Site site)
    {
        using var folder = new TemporaryFolder();
        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables, folder["data"]);
        using var client = new TributaryClient(server);
        var source = await client.CreateAsync("Site", "web", new { base_url = site.Address });
        await client.SettledAsync(source);
        return await StateAsync(server, folder, source);
    }

    private static async Task<string> StateAsync(TributaryProcess server, TemporaryFolder folder, long source)
    {
        using var client = new TributaryClient(server);
        var documents = await client.DocumentsAsync(source);
        var found = new List<int>();
        foreach (var word in (string[])["river", "edition", "\"page 7\"", "\"edition 2\""])
        {
            found.Add((await client.SearchAsync(word, 100)).Count);
        }

        Check(folder["data"]);
        return JsonSerializer.Serialize(new { documents, found }, new JsonSerializerOptions { WriteIndented = true });
    }

    private static long Count(string data, string sql) => long.Parse(Text(data, sql));

    private static string Text(string data, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(data, "tributary.db")};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!.ToString()!;
    }

    /// <summary>A site of many pages whose content and extent a test changes; each page links to the next ones.</summary>
    private sealed class Site : IAsyncDisposable
    {
        private LoopbackServer _server = null!;
        private int _answers;

        public int Edition { get; set; } = 1;

        public int Live { get; set; } = Pages;

        public string Address => new Uri(_server.BaseUri, "site/").ToString();

        public static async Task<Site> StartAsync()
        {
            var site = new Site();
            site._server = await LoopbackServer.StartAsync(site.AnswerAsync);
            return site;
        }

        /// <summary>Waits for so many more answers; not for ever, since a run may have ended.</summary>
        public async Task AnswersAsync(int count, TimeSpan atMost)
        {
            var wanted = Volatile.Read(ref _answers) + count;
            var end = TimeProvider.System.GetUtcNow() + atMost;
            while (Volatile.Read(ref _answers) < wanted && TimeProvider.System.GetUtcNow() < end)
            {
                await Task.Delay(2);
            }
        }

        public ValueTask DisposeAsync() => _server.DisposeAsync();

        private async Task AnswerAsync(HttpContext context)
        {
            Interlocked.Increment(ref _answers);
            var path = context.Request.Path.Value!;
            var number =
                path == "/site/" ? 0
                : int.TryParse(path["/site/".Length..].TrimStart('p'), out var parsed) ? parsed
                : -1;
            if (!path.StartsWith("/site/") || number < 0 || number >= Live)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            // Every third page is of the newer edition.
            var edition = number % 3 == 0 ? Edition : 1;
            var links = string.Concat(
                Enumerable.Range(number + 1, 5).Where(n => n < Live).Select(n => $"<a href=\"/site/p{n}\">next</a> ")
            );
            context.Response.ContentType = "text/html; charset=utf-8";
            context.Response.Headers.ETag = $"\"{number}-{edition}-{Live}\"";
            if (context.Request.Headers.IfNoneMatch == context.Response.Headers.ETag)
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }

            await context.Response.WriteAsync(
                $"<html><head><title>Page {number}</title></head><body><main><h1>Page {number}</h1><p>This is page {number} about the river, edition {edition}.</p>{links}</main></body></html>"
            );
        }
    }
}
