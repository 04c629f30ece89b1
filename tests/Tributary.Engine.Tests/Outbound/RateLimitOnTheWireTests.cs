using System.Collections.Concurrent;
using System.Net;
using Tributary.Sdk;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

/// <summary>The promise of a rate limit as the other side sees it: the server says when it had each request.</summary>
public sealed class RateLimitOnTheWireTests : IAsyncDisposable
{
    private readonly ConcurrentQueue<long> _arrived = new();
    private readonly SharedStore _store = new();

    [Theory]
    [Trait("Category", "Slow")]
    [InlineData(1, RateStrategy.Burst)]
    [InlineData(5, RateStrategy.Burst)]
    [InlineData(100, RateStrategy.Burst)]
    [InlineData(5, RateStrategy.Spread)]
    [InlineData(50, RateStrategy.Spread)]
    [InlineData(400, RateStrategy.Spread)]
    public async Task In_no_second_arrive_more_than_allowed(int max, RateStrategy strategy)
    {
        await using var server = await ServerAsync(max);
        await using var outbound = await _store.ProcessAsync(TimeProvider.System);
        using var one = outbound.Client(5, null, new RateLimit(RateUnit.Second, max, strategy));
        using var two = outbound.Client(5, null, new RateLimit(RateUnit.Second, max, strategy));

        // Connections that are slow to open must not make the first second's requests collide with the second's.
        await Task.WhenAll(
            Enumerable.Range(0, max * 3 + 1).Select(i => (i % 2 == 0 ? one : two).Http.GetAsync(server.BaseUri))
        );

        ShouldKeep(max, max * 3 + 1);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_server_that_becomes_quick_gets_no_more_than_allowed()
    {
        const int max = 100;
        var asked = 0;
        await using var server = await LoopbackServer.StartAsync(async _ =>
        {
            // Slow to notice all requests of two windows, as one that is just starting.
            if (Interlocked.Increment(ref asked) <= 2 * max)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(80), TimeProvider.System, CancellationToken.None);
            }

            _arrived.Enqueue(TimeProvider.System.GetTimestamp());
        });
        await using var outbound = await _store.ProcessAsync(TimeProvider.System);
        using var client = outbound.Client(5, null, new RateLimit(RateUnit.Second, max));

        await Task.WhenAll(Enumerable.Range(0, max * 4).Select(_ => client.Http.GetAsync(server.BaseUri)));

        ShouldKeep(max, max * 4);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_request_that_was_given_up_counts_for_as_long_as_it_may_take_to_arrive()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            if (context.Request.Path == "/late")
            {
                await Task.Delay(TimeSpan.FromMilliseconds(400), TimeProvider.System, CancellationToken.None);
            }

            _arrived.Enqueue(TimeProvider.System.GetTimestamp());
        });
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(5, null, new RateLimit(RateUnit.Second, 1));
        using var giveUp = new CancellationTokenSource();
        var late = client.Http.GetAsync(new Uri(server.BaseUri, "late"), giveUp.Token);
        await Eventually.Holds(() => server.Requests.Count == 1, "the first was sent");
        await giveUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => late);

        await client.Http.GetAsync(server.BaseUri);

        ShouldKeep(1, 2);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Retries_and_redirects_take_their_permits_too()
    {
        var refused = 0;
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            _arrived.Enqueue(TimeProvider.System.GetTimestamp());
            if (context.Request.Path == "/")
            {
                context.Response.Redirect("/next");
            }
            else if (Interlocked.Increment(ref refused) % 2 == 1)
            {
                context.Response.StatusCode = 503;
            }

            return Task.CompletedTask;
        });
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(5, null, new RateLimit(RateUnit.Second, 4));

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.Http.GetAsync(server.BaseUri)));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
        ShouldKeep(4, 12);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    /// <summary>A server that takes a different time to notice each request, as a busy one does.</summary>
    private Task<LoopbackServer> ServerAsync(int seed)
    {
        var random = new Random(seed);
        return LoopbackServer.StartAsync(async _ =>
        {
            int delay;
            lock (random)
            {
                delay = random.Next(30);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(delay), TimeProvider.System, CancellationToken.None);
            _arrived.Enqueue(TimeProvider.System.GetTimestamp());
        });
    }

    private void ShouldKeep(int max, int count)
    {
        var arrived = _arrived.Order().ToList();
        arrived.Count.ShouldBe(count);
        for (var i = max; i < arrived.Count; i++)
        {
            TimeProvider
                .System.GetElapsedTime(arrived[i - max], arrived[i])
                .ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
        }
    }
}
