using System.Diagnostics;
using System.Threading.RateLimiting;
using Tributary.Bench.Limits;
using Tributary.Bench.Sites;
using Tributary.Engine.Outbound.Pacing;
using Tributary.Sdk;

namespace Tributary.Bench.Benchmarks;

/// <summary>How exactly limits are kept and used, as the receiving server sees it.</summary>
internal sealed class Limiter : IBenchmark
{
    private const int Connectors = 10_000;

    public string Name => "limiter";

    public async Task<Section> RunAsync(Scale scale)
    {
        var seconds = scale.Of(15, 4);
        var section = new Section(
            Name,
            "Rate limiter",
            $"64 hungry callers for {seconds} s a figure, limits of 1, 10, 100 and 1,000 requests a second. A server in a process of "
                + "its own notes when each request arrives: the share of the allowance that is used, over whole windows, and the "
                + "most requests in any rolling second. Tributary's is the whole pipeline with its limits in a store; TokenBucket "
                + "(a bucket of 1) and SlidingWindow (10 segments) are System.Threading.RateLimiting's; Bottleneck has a reservoir."
        );
        await using var server = await ArrivalServer.StartAsync();
        using var http = new HttpClient();

        // Nobody's first request is to pay for a server that is still compiling itself.
        await Demand.TributaryAsync(server.Address, 1_000, RateStrategy.Burst, 2);
        await ArrivalServer.TakeAsync(http, server.Address);
        int[] rates = scale.IsQuick ? [10, 1_000] : [1, 10, 100, 1_000];
        foreach (var rate in rates)
        {
            foreach (var strategy in Enum.GetValues<RateStrategy>())
            {
                await Demand.TributaryAsync(server.Address, rate, strategy, seconds);
                var (used, most) = Judge(await ArrivalServer.TakeAsync(http, server.Address), rate);
                section.Judge(
                    $"Tributary, {strategy.ToString().ToLowerInvariant()}, {rate:N0}/s",
                    $"**{used:P1}** used, at most {most:N0} in a second",
                    $"≥ 99 %, ≤ {rate:N0}",
                    used >= 0.99 && most <= rate
                );
            }

            await Demand.FrameworkAsync(server.Address, Bucket(rate), seconds);
            await ReportAsync("TokenBucket");
            await Demand.FrameworkAsync(server.Address, Window(rate), seconds);
            await ReportAsync("SlidingWindow");
            await Demand.BottleneckAsync(server.Address, rate, seconds);
            await ReportAsync("Bottleneck");

            async Task ReportAsync(string what)
            {
                var (used, most) = Judge(await ArrivalServer.TakeAsync(http, server.Address), rate);
                section.Report($"{what}, {rate:N0}/s", $"{used:P1} used, at most {most:N0} in a second");
            }
        }

        var permit = FreePermit(scale.Of(2_000_000, 200_000));
        section.Judge("a free permit, from asking to its end", $"{permit:N0} ns", "≤ 1,000 ns", permit <= 1_000);
        section.Report("TokenBucket's AttemptAcquire", $"{BareAcquire(scale.Of(2_000_000, 200_000)):N0} ns");
        var memory = Memory();
        section.Judge(
            $"memory of {Connectors:N0} connectors, 100 requests in the window of each",
            $"{memory:N1} MiB",
            "≤ 50 MiB",
            memory <= 50
        );
        return section;
    }

    private static TokenBucketRateLimiter Bucket(int rate) =>
        new(
            new TokenBucketRateLimiterOptions
            {
                TokenLimit = 1,
                TokensPerPeriod = 1,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1.0 / rate),
                QueueLimit = 1_000,
            }
        );

    private static SlidingWindowRateLimiter Window(int rate) =>
        new(
            new SlidingWindowRateLimiterOptions
            {
                PermitLimit = rate,
                Window = TimeSpan.FromSeconds(1),
                SegmentsPerWindow = 10,
                QueueLimit = 1_000,
            }
        );

    /// <summary>The share of the allowance over whole windows, and the most in a rolling second.</summary>
    private static (double Used, int Most) Judge(List<double> arrived, int rate)
    {
        var (most, first) = (0, 0);
        for (var last = 0; last < arrived.Count; last++)
        {
            while (arrived[last] - arrived[first] >= 1)
            {
                first++;
            }

            most = Math.Max(most, last - first + 1);
        }

        var whole = (arrived.Count - 1) / rate * rate;
        return (whole < 1 ? 0 : whole / rate / (arrived[whole] - arrived[0]), most);
    }

    private static double FreePermit(int count)
    {
        var limits = new ConnectorLimits(TimeProvider.System);
        limits.Use([new RateLimit(RateUnit.Second, 1_000_000_000)]);
        var took = 0L;
        for (var round = 0; round < 2; round++)
        {
            var since = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++)
            {
                var permit = limits.EnterAsync(CancellationToken.None).Result!;
                permit.Left(limits);
                permit.Answered();
                permit.Ended();
            }

            took = Stopwatch.GetTimestamp() - since;
        }

        return took * 1e9 / Stopwatch.Frequency / count;
    }

    private static double BareAcquire(int count)
    {
        using var limiter = new TokenBucketRateLimiter(
            new TokenBucketRateLimiterOptions
            {
                TokenLimit = int.MaxValue,
                TokensPerPeriod = 1,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            }
        );
        var since = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            limiter.AttemptAcquire().Dispose();
        }

        return (Stopwatch.GetTimestamp() - since) * 1e9 / Stopwatch.Frequency / count;
    }

    private static double Memory()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var all = new List<ConnectorLimits>(Connectors);
        for (var i = 0; i < Connectors; i++)
        {
            var limits = new ConnectorLimits(TimeProvider.System);
            limits.Use([new RateLimit(RateUnit.Minute, 100)]);
            for (var request = 0; request < 100; request++)
            {
                var permit = limits.EnterAsync(CancellationToken.None).Result!;
                permit.Left(limits);
                permit.Answered();
                permit.Ended();
            }

            all.Add(limits);
        }

        var memory = (GC.GetTotalMemory(forceFullCollection: true) - before) / (1024.0 * 1024);
        GC.KeepAlive(all);
        return memory;
    }
}
