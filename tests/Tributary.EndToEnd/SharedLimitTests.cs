using System.Diagnostics;
using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>One limit, several processes on one store: what arrives, watched by a server that is none of them.</summary>
[Trait("Category", "Slow")]
public sealed class SharedLimitTests : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    private readonly TemporaryFolder _folder = new();
    private readonly List<(long At, string By)> _arrivals = [];
    private LoopbackServer _api = null!;

    public async ValueTask InitializeAsync() =>
        _api = await LoopbackServer.StartAsync(context =>
        {
            lock (_arrivals)
            {
                _arrivals.Add((Stopwatch.GetTimestamp(), context.Request.Path.Value!));
            }

            return Task.CompletedTask;
        });

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        _folder.Dispose();
    }

    // Evenly spaced requests of two processes do not know of each other's: their last ones may miss a second's end.
    [Theory]
    [InlineData(5, "burst", 5)]
    [InlineData(7, "spread", 6)]
    [InlineData(40, "burst", 40)]
    [InlineData(40, "spread", 39)]
    public async Task Two_processes_share_all_of_a_second_s_limit_and_never_take_more(
        int max,
        string strategy,
        int atLeast
    )
    {
        var starting = new[] { StartAsync("/one", max, strategy), StartAsync("/two", max, strategy) };
        await using var one = await starting[0];
        await using var two = await starting[1];

        await ArriveAsync(
            all => IsSharedEvenly(Last(all, atLeast), atLeast, "/one", "/two"),
            $"{atLeast} within a second, half of them from each"
        );
        var before = Arrivals().Count;
        await ArriveAsync(all => all.Count >= before + 5 * max, "as many as five seconds allow");
        await one.StopAsync();
        await two.StopAsync();
        ShouldKeep(max, _second);
    }

    [Theory]
    [InlineData(6, "burst", 6)]
    [InlineData(7, "spread", 6)]
    public async Task When_one_of_two_is_killed_the_other_takes_all_in_the_end_and_never_more(
        int max,
        string strategy,
        int atLeast
    )
    {
        await using var killed = await StartAsync("/killed", max, strategy);
        await using var survivor = await StartAsync("/survivor", max, strategy);
        await ArriveAsync(
            all => IsSharedEvenly(Last(all, atLeast), atLeast, "/killed", "/survivor"),
            $"{atLeast} within a second, half of them from each"
        );
        var shared = Arrivals().Count;
        await ArriveAsync(all => all.Count >= shared + max / 2, "some more, so that it is killed within a window");
        await killed.KillAsync();

        var before = Arrivals().Count;
        await ArriveAsync(
            all => IsWithin(Last(all.Skip(before), atLeast), atLeast) && Last(all, atLeast).All(Of("/survivor")),
            $"{atLeast} within a second, all from the survivor"
        );
        await survivor.StopAsync();
        ShouldKeep(max, _second);
    }

    [Fact]
    public async Task A_minute_s_limit_is_given_once_to_all_processes_together()
    {
        const int max = 40;
        await using var one = await CallAsync("/one", ("minute", max, "burst"));
        await using var two = await CallAsync("/two", ("minute", max, "burst"));
        await WaitsLongAsync(one);
        await WaitsLongAsync(two);
        Arrivals().Count.ShouldBe(max);

        await one.KillAsync();
        await two.StopAsync();
        await using var three = await CallAsync("/three", ("minute", max, "burst"));
        await WaitsLongAsync(three);
        Arrivals().Count.ShouldBe(max);
    }

    private Task<LimitedCaller> StartAsync(string path, int max, string strategy) =>
        CallAsync(path, ("second", max, strategy));

    private Task<LimitedCaller> CallAsync(string path, (string, int, string) limit) =>
        LimitedCaller.StartAsync(_folder["data"], limit, new Uri(_api.BaseUri, path), inFlight: 16);

    /// <summary>Waits until a caller has been told that nothing is left for most of a minute.</summary>
    private static async Task WaitsLongAsync(LimitedCaller caller)
    {
        var since = Stopwatch.GetTimestamp();
        while (!(await caller.WaitsUntilAsync() > TimeProvider.System.GetUtcNow().AddSeconds(20)))
        {
            (Stopwatch.GetElapsedTime(since) < _patience).ShouldBeTrue("it waits for the minute's end");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private async Task ArriveAsync(Func<List<(long At, string By)>, bool> condition, string what)
    {
        var since = Stopwatch.GetTimestamp();
        while (!condition(Arrivals()))
        {
            (Stopwatch.GetElapsedTime(since) < _patience).ShouldBeTrue($"there arrive {what}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private List<(long At, string By)> Arrivals()
    {
        lock (_arrivals)
        {
            return [.. _arrivals];
        }
    }

    private static List<(long At, string By)> Last(IEnumerable<(long At, string By)> all, int count) =>
        [.. all.TakeLast(count)];

    private static Func<(long At, string By), bool> Of(string path) => arrival => arrival.By == path;

    private static bool IsSharedEvenly(List<(long At, string By)> some, int count, string one, string other) =>
        IsWithin(some, count) && some.Count(Of(one)) >= count / 2 && some.Count(Of(other)) >= count / 2;

    private static bool IsWithin(List<(long At, string By)> some, int count) =>
        some.Count == count && Stopwatch.GetElapsedTime(some[0].At, some[^1].At) < _second;

    private void ShouldKeep(int max, TimeSpan window)
    {
        var arrived = Arrivals();
        for (var i = max; i < arrived.Count; i++)
        {
            Stopwatch.GetElapsedTime(arrived[i - max].At, arrived[i].At).ShouldBeGreaterThanOrEqualTo(window);
        }
    }
}
