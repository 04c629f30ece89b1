using System.Diagnostics;
using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Engine;
using Tributary.Engine.Outbound;
using Tributary.Engine.Outbound.Cache;
using Tributary.Engine.Store;
using Tributary.Sdk;
using Tributary.Store.Sqlite;

namespace Tributary.Bench.Limits;

/// <summary>Always hungry clients of one address, each behind a limiter.</summary>
internal static class Demand
{
    private const int InFlight = 64;

    /// <summary>Tributary's pipeline on a store of its own, which shares the limit with whoever else opens it.</summary>
    public static async Task TributaryAsync(string address, int rate, RateStrategy strategy, int seconds)
    {
        using var folder = new Folder();
        await using var process = await OpenAsync(folder.Path);
        using var client = process
            .GetRequiredService<IOutboundHttp>()
            .For(new OutboundProfile(1, [new RateLimit(RateUnit.Second, rate, strategy)], null));
        await SendAsync(seconds, async stop => (await client.Http.GetAsync(address, stop)).Dispose());
    }

    /// <summary>The outbound pipeline with its store, as a process has it.</summary>
    public static async Task<ServiceProvider> OpenAsync(string folder)
    {
        var options = new EngineOptions { DataFolder = folder, AllowedNetworks = "127.0.0.0/8" };
        var process = new ServiceCollection()
            .AddSingleton(options)
            .AddSingleton(TimeProvider.System)
            .AddSqliteStore()
            .AddSingleton<ResponseCache>()
            .AddSingleton<IOutboundHttp>(provider => new OutboundHttp(
                options,
                TimeProvider.System,
                NullLoggerFactory.Instance,
                provider.GetRequiredService<ILimitStore>(),
                provider.GetRequiredService<ResponseCache>()
            ))
            .BuildServiceProvider();
        await process.GetRequiredService<IStoreMaintenance>().OpenAsync(CancellationToken.None);
        return process;
    }

    /// <summary>A limiter of the framework before a plain client.</summary>
    public static async Task FrameworkAsync(string address, RateLimiter limiter, int seconds)
    {
        using var http = new HttpClient();
        await SendAsync(
            seconds,
            async stop =>
            {
                using var permit = await limiter.AcquireAsync(1, stop);
                if (permit.IsAcquired)
                {
                    (await http.GetAsync(address, stop)).Dispose();
                }
            }
        );
        await limiter.DisposeAsync();
    }

    /// <summary>Bottleneck in Node.js.</summary>
    public static async Task BottleneckAsync(string address, int rate, int seconds)
    {
        string[] arguments =
        [
            Peers.Script("limiter.mjs"),
            address,
            .. new[] { rate, seconds }.Select(number => number.ToString(CultureInfo.InvariantCulture)),
        ];
        using var node = Process.Start("node", arguments);
        await node.WaitForExitAsync();
        if (node.ExitCode != 0)
        {
            throw new InvalidOperationException($"limiter.mjs ended with {node.ExitCode}.");
        }
    }

    private static async Task SendAsync(int seconds, Func<CancellationToken, Task> send)
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        await Task.WhenAll(
            Enumerable
                .Range(0, InFlight)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        try
                        {
                            while (!stop.IsCancellationRequested)
                            {
                                await send(stop.Token);
                            }
                        }
                        catch (OperationCanceledException) { }
                    })
                )
        );
    }
}
