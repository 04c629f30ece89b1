using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>A connector's rate limit, watched where its requests arrive, while the real binary is killed and started again.</summary>
[Trait("Category", "Slow")]
public sealed class RateLimitKillTests : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<long> _arrived = new();
    private LoopbackServer _api = null!;

    public async ValueTask InitializeAsync() =>
        _api = await LoopbackServer.StartAsync(async context =>
        {
            _arrived.Enqueue(Stopwatch.GetTimestamp());
            await context.Response.WriteAsync("{}");
        });

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(5, "burst")]
    [InlineData(7, "spread")]
    public async Task In_no_second_arrive_more_than_allowed_whenever_the_server_is_killed(int max, string strategy)
    {
        var random = new Random(max);
        string? connector = null;
        for (var kill = 0; kill < 4; kill++)
        {
            await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables, _folder["data"]);
            using var client = new TributaryClient(server);
            connector ??= await ConnectAsync(
                client,
                new
                {
                    unit = "second",
                    max,
                    strategy,
                }
            );
            var before = _arrived.Count;
            var callers = Callers(client, connector, 16);

            // In the middle of a window, or between two.
            await ArriveAsync(before + random.Next(1, 3 * max));
            await server.KillAsync();
            await callers;
        }

        ShouldKeep(max, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_minute_s_allowance_is_not_given_anew_after_a_kill()
    {
        const int max = 40;
        string connector;
        await using (var server = await TributaryProcess.ServeAsync(TributaryClient.Variables, _folder["data"]))
        {
            using var client = new TributaryClient(server);
            connector = await ConnectAsync(client, new { unit = "minute", max });
            for (var i = 0; i < 15; i++)
            {
                await client.Http.GetStringAsync(Path(connector));
            }

            await server.KillAsync();
        }

        await using var again = await TributaryProcess.ServeAsync(TributaryClient.Variables, _folder["data"]);
        using var caller = new TributaryClient(again);
        var callers = Callers(caller, connector, max * 2);
        await ArriveAsync(max - 1); // the one that was reserved at the kill counts as used

        // The first minute ends after those that wait are told to come again.
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        _arrived.Count.ShouldBeInRange(max - 1, max);
        await again.KillAsync();
        await callers;
    }

    private static string Path(string connector) => $"/v1/connection/connectors/{connector}/proxy/counted";

    private async Task<string> ConnectAsync(TributaryClient client, object limit)
    {
        var made = await client.PostAsync(
            "/v1/connection/connectors",
            new
            {
                name = "API",
                slug = "api",
                integrationSlug = "http",
                config = new { base_url = _api.BaseUri, credentials = new { auth = "none" } },
                rateLimit = limit,
            }
        );
        return made.GetProperty("connector").GetProperty("uuid").GetString()!;
    }

    /// <summary>Callers that want another answer as soon as they have one, until the server is gone.</summary>
    private static Task Callers(TributaryClient client, string connector, int count) =>
        Task.WhenAll(
            Enumerable
                .Range(0, count)
                .Select(async _ =>
                {
                    try
                    {
                        while (true)
                        {
                            using var answer = await client.Http.GetAsync(Path(connector));
                        }
                    }
                    catch (Exception e) when (e is HttpRequestException or SocketException)
                    {
                        // The server was killed; a connection that it had only just taken ends with the bare exception.
                    }
                })
        );

    private async Task ArriveAsync(int count)
    {
        var since = Stopwatch.GetTimestamp();
        while (_arrived.Count < count)
        {
            (Stopwatch.GetElapsedTime(since) < _patience).ShouldBeTrue($"{_arrived.Count} of {count} have arrived");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    private void ShouldKeep(int max, TimeSpan window)
    {
        var arrived = _arrived.Order().ToList();
        arrived.Count.ShouldBeGreaterThan(max);
        for (var i = max; i < arrived.Count; i++)
        {
            Stopwatch.GetElapsedTime(arrived[i - max], arrived[i]).ShouldBeGreaterThanOrEqualTo(window);
        }
    }
}
