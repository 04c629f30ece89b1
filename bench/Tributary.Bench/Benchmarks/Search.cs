using System.Diagnostics;

namespace Tributary.Bench.Benchmarks;

/// <summary>How long a search takes through HTTP, against SQL in this process; idle and while documents come in.</summary>
internal sealed class Search : IBenchmark
{
    private const int FirstRank = 50;
    private const int LastRank = 500;

    public string Name => "search";

    public async Task<Section> RunAsync(Scale scale)
    {
        var documents = scale.Of(60_000, 5_000);
        var queries = scale.Of(1_000, 100);
        var section = new Section(
            Name,
            "Search",
            $"{documents:N0} documents of 1 KB; the ten best of two words each, drawn from the words of rank {FirstRank} to "
                + $"{LastRank} of a Zipf vocabulary of 30,000 (common terms: the expensive case); {queries:N0} queries a round, the "
                + "same for both sides, one client. Tributary answers POST /v1/search with highlights through HTTP; the bare "
                + "database answers SQL (FTS5, ORDER BY rank LIMIT 10, title and text) in process."
        );
        await using var server = await TributaryServer.StartAsync();
        using var folder = new Folder();
        using var bare = new BareSqlite(folder["bare.db"]);
        var source = await server.CreateAsync("Pushed", "ingestion_api", new { });
        foreach (var part in Enumerable.Range(1, documents).Chunk(5_000))
        {
            var texts = part.Select(number => ((long)number, Corpus.Document(number))).ToList();
            await Pusher.PushAsync(
                server.Http,
                $"/v1/sources/{source}/documents",
                Pusher.Batches(texts.Select(pair => pair.Item2), 250),
                4
            );
            bare.Insert(texts, 250);
        }

        var pairs = Pairs(queries);
        await AskAsync(server, pairs[..(queries / 4)]);
        Ask(bare, pairs[..(queries / 4)]);
        var (ours, theirs) = (new List<List<double>>(), new List<List<double>>());
        var (our, their) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var round = 0; round < scale.Rounds; round++)
        {
            var before = Environment.CpuUsage.TotalTime;
            theirs.Add(Ask(bare, pairs));
            their += Environment.CpuUsage.TotalTime - before;
            before = server.Process.ProcessorTime;
            ours.Add(await AskAsync(server, pairs));
            our += server.Process.ProcessorTime - before;
        }

        theirs.Add(Ask(bare, pairs));
        var (tail, bareTail) = (
            Statistics.Tail(ours.SelectMany(all => all)),
            Statistics.Tail(theirs.SelectMany(all => all))
        );
        section.Report("Tributary p50 / p95 / p99", $"{tail.P50:N2} / {tail.P95:N2} / {tail.P99:N2} ms");
        section.Report("bare FTS5 p50 / p95 / p99", $"{bareTail.P50:N2} / {bareTail.P95:N2} / {bareTail.P99:N2} ms");
        var worst = ours.Max(all => Statistics.Tail(all).P95);
        section.Judge(
            "p95",
            $"**{tail.P95 / bareTail.P95:N2}×**, {tail.P95 - bareTail.P95:N2} ms more; worst round {worst:N2} ms",
            "≤ 1.2× + 1 ms",
            tail.P95 <= 1.2 * bareTail.P95 + 1
        );
        var asked = queries * scale.Rounds;
        section.Report(
            "processor time a query, server to bare database",
            $"{our / their:N2}× ({our.TotalMilliseconds / asked:N2} to {their.TotalMilliseconds / asked:N2} ms)"
        );
        await UnderLoadAsync(section, scale, server, source, documents, pairs);
        return section;
    }

    private static async Task UnderLoadAsync(
        Section section,
        Scale scale,
        TributaryServer server,
        long source,
        int documents,
        (string First, string Second)[] pairs
    )
    {
        var (idle, busy, pushed) = (new List<double>(), new List<double>(), new List<double>());
        idle.Add(Statistics.Tail(await AskAsync(server, pairs)).P99);
        for (var round = 0; round < scale.Rounds; round++)
        {
            using var stop = new CancellationTokenSource();
            var push = KeepPushingAsync(server, source, documents + round * 1_000_000L, stop.Token);
            busy.Add(Statistics.Tail(await AskAsync(server, pairs)).P99);
            await stop.CancelAsync();
            pushed.Add(await push);
            idle.Add(Statistics.Tail(await AskAsync(server, pairs)).P99);
        }

        var (calm, loaded) = (Statistics.Median(idle), Statistics.Median(busy));
        section.Judge(
            "p99 while documents are pushed at full speed, to idle",
            $"**{loaded / calm:N2}×** ({loaded:N2} to {calm:N2} ms, worst round {busy.Max():N2} ms)",
            "≤ 3×",
            loaded <= 3 * calm
        );
        section.Report("pushed meanwhile", $"{Statistics.Median(pushed):N0} docs/s");
    }

    private static async Task<double> KeepPushingAsync(
        TributaryServer server,
        long source,
        long after,
        CancellationToken stop
    )
    {
        var watch = Stopwatch.StartNew();
        long pushed = 0;
        while (!stop.IsCancellationRequested)
        {
            var first = after + pushed + 1;
            var texts = Enumerable.Range(0, 2_000).Select(i => Corpus.Document(first + i));
            var bodies = Pusher.Batches(texts, 250);
            await Pusher.PushAsync(server.Http, $"/v1/sources/{source}/documents", bodies, 4, CancellationToken.None);
            pushed += 2_000;
        }

        return pushed / watch.Elapsed.TotalSeconds;
    }

    private static async Task<List<double>> AskAsync(TributaryServer server, (string First, string Second)[] pairs)
    {
        var times = new List<double>(pairs.Length);
        foreach (var (first, second) in pairs)
        {
            var begun = Stopwatch.GetTimestamp();
            var answer = await server.PostAsync("/v1/search", new { query = $"{first} {second}", limit = 10 });
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            Demand(answer.GetProperty("citations").GetArrayLength(), first, second);
        }

        return times;
    }

    private static List<double> Ask(BareSqlite bare, (string First, string Second)[] pairs)
    {
        var times = new List<double>(pairs.Length);
        foreach (var (first, second) in pairs)
        {
            var begun = Stopwatch.GetTimestamp();
            var found = bare.Search(first, second);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            Demand(found, first, second);
        }

        return times;
    }

    private static void Demand(int found, string first, string second)
    {
        if (found == 0)
        {
            throw new InvalidOperationException($"'{first} {second}' finds nothing.");
        }
    }

    // Evenly over the logarithm of the rank, so that very common words are as frequent as less common ones.
    private static (string First, string Second)[] Pairs(int count)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count).Select(_ => (Pick(random), Pick(random)))];
    }

    private static string Pick(Random random) =>
        Corpus.Word((int)(FirstRank * Math.Pow((double)LastRank / FirstRank, random.NextDouble())));
}
