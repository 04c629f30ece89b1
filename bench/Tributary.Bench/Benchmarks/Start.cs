using System.Diagnostics;
using Tributary.Bench.Sites;

namespace Tributary.Bench.Benchmarks;

/// <summary>How soon a server is there.</summary>
internal sealed class Start : IBenchmark
{
    public string Name => "start";

    public async Task<Section> RunAsync(Scale scale)
    {
        var section = new Section(
            Name,
            "Start",
            "From the start of the process to the first 200 of /health/ready, with a new data directory and with the one "
                + "that it has made, against bare Kestrel that opens a SQLite database, from start to its first answer."
        );
        var (fresh, again, bare) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round <= scale.Of(5, 2); round++)
        {
            using var folder = new Folder();
            string[] arguments = TributaryServer.Arguments(folder["data"]);
            Task<ChildProcess> Server() =>
                ChildProcess.StartAsync(
                    Paths.Server,
                    arguments,
                    TributaryServer.Announcement,
                    TributaryServer.Variables
                );
            var times = (
                await TimeAsync(Server, "/health/ready"),
                await TimeAsync(Server, "/health/ready"),
                await TimeAsync(() => CommitServer.StartAsync(folder["bare.db"]), "/")
            );

            // The first round brings the files into memory.
            if (round > 0)
            {
                fresh.Add(times.Item1);
                again.Add(times.Item2);
                bare.Add(times.Item3);
            }
        }

        var (ours, restarted, theirs) = (Statistics.Median(fresh), Statistics.Median(again), Statistics.Median(bare));
        section.Report(
            "first start",
            $"{ours:N0} ms, worst {fresh.Max():N0} ms; **{ours / theirs:N1}×** bare Kestrel's {theirs:N0} ms"
        );
        section.Report("further starts", $"{restarted:N0} ms, worst {again.Max():N0} ms; **{restarted / theirs:N1}×**");
        return section;
    }

    private static async Task<double> TimeAsync(Func<Task<ChildProcess>> start, string path)
    {
        var watch = Stopwatch.StartNew();
        await using var process = await start();
        using var http = new HttpClient();
        while (true)
        {
            using var answer = await http.GetAsync(process.Address + path);
            if (answer.IsSuccessStatusCode)
            {
                return watch.Elapsed.TotalMilliseconds;
            }

            await Task.Delay(5);
        }
    }
}
