using System.Diagnostics;
using Tributary.Bench.Sites;

namespace Tributary.Bench.Benchmarks;

/// <summary>Documents from HTTP to durable and searchable, against a bare insert loop.</summary>
internal sealed class Ingest : IBenchmark
{
    private const int PerBatch = 250;
    private const int BatchesInFlight = 4;
    private const int SinglesInFlight = 32;
    private long _next;

    public string Name => "ingest";

    public async Task<Section> RunAsync(Scale scale)
    {
        var count = scale.Of(20_000, 2_000);
        var section = new Section(
            Name,
            "Ingest",
            $"Documents of 1 KB until they are durable and searchable, {count:N0} a round, into a server and a bare SQLite "
                + "database (documents table + FTS5, same tokenizer, WAL, synchronous=FULL, prepared statements, one "
                + "process) that both grow from round to round. Bodies of requests are made beforehand. The client shares "
                + "the cores with the server."
        );
        await BatchesAsync(section, scale, count);
        await SinglesAsync(section, scale, count / 4);
        await RunsAsync(section, scale, count / 2);
        await FlushesAsync(section);
        return section;
    }

    private async Task BatchesAsync(Section section, Scale scale, int count)
    {
        await using var server = await TributaryServer.StartAsync();
        using var folder = new Folder();
        using var bare = new BareSqlite(folder["bare.db"]);
        var source = await server.CreateAsync("Pushed", "ingestion_api", new { });
        async Task<double> Push(int documents)
        {
            var numbered = Take(documents);
            var bodies = Pusher.Batches(numbered.Select(pair => pair.Document), PerBatch);
            var took = await Pusher.PushAsync(server.Http, $"/v1/sources/{source}/documents", bodies, BatchesInFlight);
            await server.DemandFoundAsync(Corpus.Mark(numbered[^1].Number), numbered[^1].Document.Id);
            return documents / took.TotalSeconds;
        }

        await Push(count / 4);
        bare.Insert(Take(count / 4), PerBatch);
        var (ours, theirs) = (TimeSpan.Zero, TimeSpan.Zero);
        var result = await Rounds.CompareAsync(
            scale.Rounds,
            _ =>
            {
                var documents = Take(count);
                var before = Environment.CpuUsage.TotalTime;
                var rate = bare.Insert(documents, PerBatch);
                theirs += Environment.CpuUsage.TotalTime - before;
                return Task.FromResult(rate);
            },
            async _ =>
            {
                var before = server.Process.ProcessorTime;
                var rate = await Push(count);
                ours += server.Process.ProcessorTime - before;
                return rate;
            }
        );
        section.Ratio($"batches of {PerBatch}, {BatchesInFlight} in flight", result, "docs/s", 0.5);
        var (our, their) = (
            ours.TotalMicroseconds / count / scale.Rounds,
            theirs.TotalMicroseconds / count / (scale.Rounds + 1)
        );
        section.Report(
            "processor time a document, server to bare loop",
            $"{our / their:N2}× ({our:N0} to {their:N0} µs)"
        );
        var peak = server.Process.PeakMemory;
        section.Judge("peak memory of the server", $"{peak:N0} MiB", "≤ 250 MiB", peak <= 250);
    }

    private async Task SinglesAsync(Section section, Scale scale, int count)
    {
        await using var server = await TributaryServer.StartAsync();
        using var folder = new Folder();
        using var bare = new BareSqlite(folder["bare.db"]);
        var source = await server.CreateAsync("Pushed", "ingestion_api", new { });
        async Task<double> Push(int documents)
        {
            var bodies = Pusher.Singles(Take(documents).Select(pair => pair.Document), source);
            var took = await Pusher.PushAsync(server.Http, "/onyx-api/ingestion", bodies, SinglesInFlight);
            return documents / took.TotalSeconds;
        }

        await Push(count / 2);
        bare.Insert(Take(count / 2), 1);
        var result = await Rounds.CompareAsync(
            scale.Rounds,
            _ => Task.FromResult(bare.Insert(Take(count), 1)),
            _ => Push(count)
        );
        section.Ratio(
            $"one document a request, {SinglesInFlight} in flight, to one document a transaction",
            result,
            "docs/s"
        );
        section.Report("peak memory of the server", $"{server.Process.PeakMemory:N0} MiB");
    }

    private async Task RunsAsync(Section section, Scale scale, int count)
    {
        await using var server = await TributaryServer.StartAsync();
        using var folder = new Folder();
        using var bare = new BareSqlite(folder["bare.db"]);
        var sources = 0;
        async Task<double> Read(int documents)
        {
            await using var script = await ScriptServer.StartAsync(Take(documents).Select(pair => pair.Document), 100);
            var watch = Stopwatch.StartNew();
            var source = await server.CreateAsync(
                $"Script {++sources}",
                "mock_connector",
                new { mock_server_host = script.Address.Host, mock_server_port = script.Address.Port }
            );
            var counts = await server.SettledAsync(source);
            var seconds = watch.Elapsed.TotalSeconds;
            return counts.GetProperty("added").GetInt64() == documents
                ? documents / seconds
                : throw new InvalidOperationException($"The run has not stored all {documents} documents: {counts}");
        }

        await Read(count / 4);
        bare.Insert(Take(count / 4), PerBatch);
        var result = await Rounds.CompareAsync(
            scale.Rounds,
            _ => Task.FromResult(bare.Insert(Take(count), PerBatch)),
            _ => Read(count)
        );
        section.Ratio(
            "read by a run from a script server, steps of 100, from creation to the run's end",
            result,
            "docs/s"
        );
        section.Report("peak memory of the server, which holds a whole script", $"{server.Process.PeakMemory:N0} MiB");
    }

    private async Task FlushesAsync(Section section)
    {
        const int Documents = 1_000;
        await using var server = await TributaryServer.StartAsync();
        var source = await server.CreateAsync("Pushed", "ingestion_api", new { });
        var batches = Pusher.Batches(Take(Documents).Select(pair => pair.Document), PerBatch);
        var ofBatches = await FlushCounter.CountAsync(
            server.Process.Id,
            () => Pusher.PushAsync(server.Http, $"/v1/sources/{source}/documents", batches, BatchesInFlight)
        );
        var singles = Pusher.Singles(Take(Documents).Select(pair => pair.Document), source);
        var ofSingles = await FlushCounter.CountAsync(
            server.Process.Id,
            () => Pusher.PushAsync(server.Http, "/onyx-api/ingestion", singles, SinglesInFlight)
        );
        section.Judge($"fsyncs for 1,000 documents in batches of {PerBatch}", $"{ofBatches}", "≤ 20", ofBatches <= 20);
        section.Report($"fsyncs for 1,000 documents one by one, {SinglesInFlight} in flight", $"{ofSingles}");
    }

    private List<(long Number, Text Document)> Take(int count)
    {
        var first = _next;
        _next += count;
        return [.. Enumerable.Range(0, count).Select(i => (first + i + 1, Corpus.Document(first + i + 1)))];
    }
}
