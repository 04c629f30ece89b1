using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Engine.Outbound;
using Tributary.Engine.Store;
using Tributary.Sdk;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

/// <summary>Limits and holds across processes, kills and restarts. A process whose clock stands still has been killed.</summary>
public sealed class SharedLimitsTests : IAsyncDisposable
{
    private readonly SharedStore _store = new();
    private readonly ConcurrentQueue<long> _arrived = new();

    [Fact]
    public async Task A_killed_process_leaves_no_fresh_allowance()
    {
        await using var server = await ServerAsync();
        var first = await _store.ProcessAsync(new ManualTime());
        using var before = first.Client(1, null, new RateLimit(RateUnit.Minute, 5));
        await SendAsync(before, server, 5);

        var time = new ManualTime();
        await using var second = await _store.ProcessAsync(time);
        using var after = second.Client(1, null, new RateLimit(RateUnit.Minute, 5));
        var next = after.Http.GetAsync(server.BaseUri);
        await Eventually.Holds(() => after.WaitingUntil is not null, "the run shows until when it waits");

        // What had not been recorded counts from the end of the killed one's lease.
        after.WaitingUntil!.Value.ShouldBeInRange(time.GetUtcNow().AddSeconds(60), time.GetUtcNow().AddSeconds(65.1));
        time.Advance(TimeSpan.FromSeconds(59));
        _arrived.Count.ShouldBe(5);
        await time.WhileAdvancing(next);
        _arrived.Count.ShouldBe(6);
    }

    [Theory]
    [InlineData(RateStrategy.Burst)]
    [InlineData(RateStrategy.Spread)]
    public async Task A_second_s_limit_survives_a_kill_too(RateStrategy strategy)
    {
        await using var server = await ServerAsync();
        var killed = new ManualTime();
        var first = await _store.ProcessAsync(killed);
        using var before = first.Client(1, null, new RateLimit(RateUnit.Second, 3, strategy));
        await killed.WhileAdvancing(SendAsync(before, server, 3), waits: () => before.WaitingUntil is not null);

        var time = new ManualTime(killed.GetUtcNow());
        await using var second = await _store.ProcessAsync(time);
        using var after = second.Client(1, null, new RateLimit(RateUnit.Second, 3, strategy));
        var next = after.Http.GetAsync(server.BaseUri);
        await Eventually.Holds(() => after.WaitingUntil is not null, "it waits");
        time.Advance(TimeSpan.FromSeconds(0.9));
        _arrived.Count.ShouldBe(3);
        await time.WhileAdvancing(next);
    }

    [Fact]
    public async Task A_killed_process_loses_its_slice_at_most()
    {
        await using var server = await ServerAsync();
        var first = await _store.ProcessAsync(new ManualTime());
        using var before = first.Client(1, null, new RateLimit(RateUnit.Day, 200));
        await SendAsync(before, server, 20);

        await using var second = await _store.ProcessAsync(new ManualTime());
        using var after = second.Client(1, null, new RateLimit(RateUnit.Day, 200));
        await SendAsync(after, server, 200 - 20 - 4);
        after.Http.GetAsync(server.BaseUri).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_process_that_stops_hands_over_exactly_what_it_used()
    {
        await using var server = await ServerAsync();
        var time = new ManualTime();
        await using (var first = await _store.ProcessAsync(time))
        {
            using var before = first.Client(1, null, new RateLimit(RateUnit.Day, 200));
            await SendAsync(before, server, 20);
        }

        await using var second = await _store.ProcessAsync(time);
        using var after = second.Client(1, null, new RateLimit(RateUnit.Day, 200));
        await SendAsync(after, server, 180);
        var next = after.Http.GetAsync(server.BaseUri);
        await Eventually.Holds(() => after.WaitingUntil is not null, "it waits");
        after.WaitingUntil!.Value.ShouldBe(time.GetUtcNow().AddDays(1), TimeSpan.FromSeconds(3));
        time.Advance(TimeSpan.FromHours(23.9));
        next.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_vendor_s_hold_survives_a_kill_and_is_shared()
    {
        var refuses = true;
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            _arrived.Enqueue(0);
            if (refuses)
            {
                context.Response.StatusCode = 429;
                context.Response.Headers.RetryAfter = "30";
            }

            return Task.CompletedTask;
        });
        var first = await _store.ProcessAsync(new ManualTime());
        using var before = first.Client(1);
        var held = before.Http.GetAsync(server.BaseUri);
        await Eventually.Holds(() => before.WaitingUntil is not null, "the first process is held back");
        refuses = false;

        var time = new ManualTime();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var holds = (await _store.OpenAsync()).GetRequiredService<ILimitStore>();
        while ((await holds.GetHoldsAsync(1, time.GetUtcNow(), patience.Token)).Count == 0)
        {
            await Task.Yield();
        }

        await using var second = await _store.ProcessAsync(time);
        using var after = second.Client(1);
        var next = after.Http.GetAsync(server.BaseUri);
        await Eventually.Holds(() => after.WaitingUntil is not null, "the second knows of it");
        after.WaitingUntil.ShouldBe(time.GetUtcNow().AddSeconds(30));
        time.Advance(TimeSpan.FromSeconds(29));
        _arrived.Count.ShouldBe(1);
        (await time.WhileAdvancing(next)).StatusCode.ShouldBe(HttpStatusCode.OK);
        held.IsCompleted.ShouldBeFalse();
    }

    [Theory]
    [InlineData(RateUnit.Second)]
    [InlineData(RateUnit.Minute)]
    public async Task What_the_check_of_a_connector_took_counts_once_it_is_made(RateUnit unit)
    {
        await using var server = await ServerAsync();
        var time = new ManualTime();
        await using var process = await _store.ProcessAsync(time);
        var limit = new RateLimit(unit, 5);
        var check = process.Client(0, null, limit);
        await SendAsync(check, server, 3);
        check.Dispose();
        process.Outbound.Count(1, check);

        using var made = process.Client(1, null, limit);
        await SendAsync(made, server, 2);
        var next = made.Http.GetAsync(server.BaseUri);
        await Eventually.Holds(() => made.WaitingUntil is not null, "the sixth waits");
        _arrived.Count.ShouldBe(5);
        await time.WhileAdvancing(next);
    }

    [Fact]
    public async Task Connectors_do_not_take_from_each_other()
    {
        await using var server = await ServerAsync();
        await using var process = await _store.ProcessAsync(new ManualTime());
        using var one = process.Client(1, null, new RateLimit(RateUnit.Minute, 2));
        using var other = process.Client(2, null, new RateLimit(RateUnit.Minute, 2));

        await SendAsync(one, server, 2);
        await SendAsync(other, server, 2);
    }

    [Theory]
    [Trait("Category", "Slow")]
    [InlineData(1)]
    [InlineData(40)]
    public async Task Two_processes_together_stay_within_the_limit_and_use_it(int max)
    {
        await using var server = await ServerAsync();
        await using var one = await _store.ProcessAsync(TimeProvider.System);
        await using var two = await _store.ProcessAsync(TimeProvider.System);
        using var first = one.Client(1, null, new RateLimit(RateUnit.Second, max));
        using var second = two.Client(1, null, new RateLimit(RateUnit.Second, max));
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(8));
        var counts = await Task.WhenAll(
            DemandAsync(first, server, stop.Token),
            DemandAsync(second, server, stop.Token)
        );

        var arrived = _arrived.Order().ToList();
        for (var i = max; i < arrived.Count; i++)
        {
            TimeProvider
                .System.GetElapsedTime(arrived[i - max], arrived[i])
                .ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
        }

        // How much of it is used is a benchmark's business: here, that neither waits for ever.
        counts.Sum().ShouldBeGreaterThan(max);
        arrived.Count.ShouldBeGreaterThan(max);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private Task<LoopbackServer> ServerAsync() =>
        LoopbackServer.StartAsync(_ =>
        {
            _arrived.Enqueue(TimeProvider.System.GetTimestamp());
            return Task.CompletedTask;
        });

    private static async Task<int> SendAsync(OutboundClient client, LoopbackServer server, int count)
    {
        var answers = Task.WhenAll(Enumerable.Range(0, count).Select(_ => client.Http.GetAsync(server.BaseUri)));
        return (await answers.WaitAsync(TimeSpan.FromSeconds(20))).Length;
    }

    private static async Task<int> DemandAsync(OutboundClient client, LoopbackServer server, CancellationToken stop)
    {
        var count = 0;
        await Task.WhenAll(
            Enumerable
                .Range(0, 60)
                .Select(async _ =>
                {
                    try
                    {
                        while (true)
                        {
                            (await client.Http.GetAsync(server.BaseUri, stop)).Dispose();
                            Interlocked.Increment(ref count);
                        }
                    }
                    catch (OperationCanceledException) { }
                })
        );
        return count;
    }
}
