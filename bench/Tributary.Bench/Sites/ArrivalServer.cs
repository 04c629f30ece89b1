using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Tributary.Bench.Sites;

/// <summary>
/// The receiving side of limited requests, in a process of its own: notes when each arrives, and tells at <c>/arrived</c>
/// (microseconds, one a line; asking forgets them).
/// </summary>
internal static class ArrivalServer
{
    public const string Argument = "arrival-server";

    private const string Announcement = "Counting at ";

    /// <summary>Starts it as a child.</summary>
    public static Task<ChildProcess> StartAsync() =>
        ChildProcess.StartAsync(Environment.ProcessPath!, [Argument], Announcement);

    /// <summary>What has arrived since this was asked the last time, in seconds, in order.</summary>
    public static async Task<List<double>> TakeAsync(HttpClient http, string address)
    {
        var text = await http.GetStringAsync($"{address}/arrived");
        return
        [
            .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => double.Parse(line, CultureInfo.InvariantCulture) / 1e6)
                .Order(),
        ];
    }

    /// <summary>Is it, until SIGTERM.</summary>
    public static async Task RunAsync()
    {
        var door = new Lock();
        var arrived = new List<long>();
        await using var site = await LoopbackSite.StartAsync(async context =>
        {
            var now = Stopwatch.GetTimestamp();
            if (context.Request.Path != "/arrived")
            {
                lock (door)
                {
                    arrived.Add(now);
                }

                await context.Response.WriteAsync("{}");
                return;
            }

            List<long> taken;
            lock (door)
            {
                taken = [.. arrived];
                arrived.Clear();
            }

            await context.Response.WriteAsync(
                string.Join(
                    '\n',
                    taken.Select(at => (at * 1e6 / Stopwatch.Frequency).ToString("F0", CultureInfo.InvariantCulture))
                )
            );
        });
        Console.WriteLine($"{Announcement}{site.Address}");
        await site.WaitAsync();
    }
}
