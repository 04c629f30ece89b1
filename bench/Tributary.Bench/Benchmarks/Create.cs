using System.Text.Json;
using Tributary.Bench.Sites;

namespace Tributary.Bench.Benchmarks;

/// <summary>Creating sources, against an endpoint that commits one row per request.</summary>
internal sealed class Create : IBenchmark
{
    private const int InFlight = 16;

    public string Name => "create";

    public async Task<Section> RunAsync(Scale scale)
    {
        var count = scale.Of(3_000, 300);
        var section = new Section(
            Name,
            "Create sources",
            $"POST /v1/sources/create of sources of type ingestion_api, {count:N0} a round, {InFlight} in flight, against bare "
                + "Kestrel in a process of its own that commits the same body as one row to SQLite (WAL, synchronous=FULL, one "
                + "connection behind a lock), without authentication, validation or encryption."
        );
        using var folder = new Folder();
        await using var server = await TributaryServer.StartAsync();
        await using var bare = await CommitServer.StartAsync(folder["bare.db"]);
        using var client = new HttpClient { BaseAddress = new Uri(bare.Address) };
        var made = 0;
        async Task<double> Post(HttpClient http, string path, int number)
        {
            var bodies = Enumerable.Range(0, number).Select(_ => Body(++made)).ToList();
            return number / (await Pusher.PushAsync(http, path, bodies, InFlight)).TotalSeconds;
        }

        await Post(server.Http, "/v1/sources/create", count / 2);
        await Post(client, "/", count / 2);
        var result = await Rounds.CompareAsync(
            scale.Rounds,
            _ => Post(client, "/", count),
            _ => Post(server.Http, "/v1/sources/create", count)
        );
        section.Ratio("creations", result, "requests/s", 0.3);
        section.Report("peak memory of the server", $"{server.Process.PeakMemory:N0} MiB");
        return section;
    }

    private static byte[] Body(int number) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                name = $"Source {number}",
                type = "ingestion_api",
                config = new { },
                credential = new { credentials = new { } },
            }
        );
}
