using System.Collections.Concurrent;
using Tributary.Sdk;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

/// <summary>The promise of a rate limit as the other side sees it.</summary>
public sealed class RateLimitOnTheWireTests
{
    [Theory]
    [Trait("Category", "Slow")]
    [InlineData(5, RateStrategy.Burst)]
    [InlineData(50, RateStrategy.Burst)]
    [InlineData(5, RateStrategy.Spread)]
    [InlineData(50, RateStrategy.Spread)]
    [InlineData(400, RateStrategy.Spread)]
    public async Task In_no_second_leave_more_than_allowed(int max, RateStrategy strategy)
    {
        var sent = new ConcurrentQueue<long>();
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var outbound = new OutboundFixture();
        using var one = outbound.Client(5, null, new RateLimit(RateUnit.Second, max, strategy));
        using var two = outbound.Client(5, null, new RateLimit(RateUnit.Second, max, strategy));

        // Connections that are slow to open must not make the first second's requests collide with the second's.
        var requests = Enumerable
            .Range(0, max * 3 + 1)
            .Select(i => (i % 2 == 0 ? one : two).Http.SendAsync(Stamped(server.BaseUri, sent)))
            .ToList();
        await Task.WhenAll(requests);

        var left = sent.Order().ToList();
        left.Count.ShouldBe(max * 3 + 1);
        for (var i = max; i < left.Count; i++)
        {
            // A request's place is taken before its content is written, and is free again a second after it has left.
            TimeProvider
                .System.GetElapsedTime(left[i - max], left[i])
                .ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
        }
    }

    private static HttpRequestMessage Stamped(Uri address, ConcurrentQueue<long> sent) =>
        new(HttpMethod.Post, address) { Content = new StampedContent(sent) };

    private sealed class StampedContent(ConcurrentQueue<long> sent) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            sent.Enqueue(TimeProvider.System.GetTimestamp());
            return stream.WriteAsync("x"u8.ToArray()).AsTask();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 1;
            return true;
        }
    }
}
