namespace Tributary.Bench.Benchmarks;

/// <summary>Whether storing slows down as the store grows.</summary>
internal sealed class Million : IBenchmark
{
    private const int WindowsCompared = 10;

    public string Name => "million";

    public async Task<Section> RunAsync(Scale scale)
    {
        var window = scale.Of(10_000, 1_000);
        var windows = scale.Of(100, 20);
        var section = new Section(
            Name,
            "A million documents",
            $"{windows * window:N0} documents of 1 KB pushed in batches of 250, 4 in flight, and stored by a bare SQLite loop, in "
                + $"turns of {window:N0}. The rate of the last {WindowsCompared} turns (median) against that of the first "
                + $"{WindowsCompared}; single turns vary, since FTS5 merges now and then. The first turn follows a warm-up."
        );
        await using var server = await TributaryServer.StartAsync();
        using var folder = new Folder();
        using var bare = new BareSqlite(folder["bare.db"]);
        var source = await server.CreateAsync("Pushed", "ingestion_api", new { });
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var turn = -1; turn < windows; turn++)
        {
            var documents = Enumerable
                .Range(0, window)
                .Select(i => (long)(turn + 1) * window + i + 1)
                .Select(number => (number, Corpus.Document(number)))
                .ToList();
            var bodies = Pusher.Batches(documents.Select(pair => pair.Item2), 250);
            var took = await Pusher.PushAsync(server.Http, $"/v1/sources/{source}/documents", bodies, 4);
            var rate = bare.Insert(documents, 250);
            if (turn >= 0)
            {
                ours.Add(window / took.TotalSeconds);
                theirs.Add(rate);
                Console.Error.WriteLine($"  {(turn + 1) * window:N0}: {ours[^1]:N0} to {theirs[^1]:N0} docs/s");
            }
        }

        var stored = await server.DocumentsAsync(source);
        if (stored != (windows + 1L) * window)
        {
            throw new InvalidOperationException($"{stored} documents are stored.");
        }

        var (first, last) = (Median(ours[..WindowsCompared]), Median(ours[^WindowsCompared..]));
        var kept = last / first;
        section.Judge(
            "rate at the end to rate at the beginning",
            $"**{kept:N2}×** ({last:N0} to {first:N0} docs/s)",
            "≥ 0.8×",
            kept >= 0.8
        );
        section.Report(
            "the same of the bare loop",
            $"{Median(theirs[^WindowsCompared..]) / Median(theirs[..WindowsCompared]):N2}× ({Median(theirs[^WindowsCompared..]):N0} to {Median(theirs[..WindowsCompared]):N0} docs/s)"
        );
        section.Report("last turn to first turn", $"{ours[^1] / ours[0]:N2}× ({ours[^1]:N0} to {ours[0]:N0} docs/s)");
        section.Report("slowest turn", $"{ours.Min():N0} docs/s");
        var ratios = ours.Zip(theirs, (our, their) => our / their).ToList();
        section.Report(
            "Tributary to the bare loop, median and worst turn",
            $"{Median(ratios):N2}×, {ratios.Min():N2}×"
        );
        var peak = server.Process.PeakMemory;
        section.Judge("peak memory of the server", $"{peak:N0} MiB", "≤ 250 MiB", peak <= 250);
        return section;
    }

    private static double Median(IEnumerable<double> values) => Statistics.Median(values);
}
