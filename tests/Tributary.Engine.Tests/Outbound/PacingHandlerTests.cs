using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Tributary.Engine.Outbound.Pacing;
using Tributary.Sdk;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

/// <summary>What a request on the wire takes of its connector's limits, and gives back.</summary>
public sealed class PacingHandlerTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task A_request_that_finds_nobody_costs_nothing_of_the_allowance()
    {
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var outbound = new OutboundFixture(time: _time, times: ManualTimeDriving.Endless);
        using var client = outbound.Client(1, null, new RateLimit(RateUnit.Day, 1));
        await Should.ThrowAsync<Exception>(() =>
            _time.WhileAdvancing(client.Http.GetAsync($"http://127.0.0.1:{ClosedPort()}/"))
        );

        using var response = await client.Http.GetAsync(server.BaseUri);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Those_who_wait_are_counted_while_they_do()
    {
        const long connector = 4712;
        var waiting = 0L;
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "tributary.outbound.waiting")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meters.SetMeasurementEventCallback<long>(
            (_, change, tags, _) =>
            {
                if (tags.ToArray().Any(tag => tag.Value is "4712"))
                {
                    Interlocked.Add(ref waiting, change);
                }
            }
        );
        meters.Start();
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var outbound = new OutboundFixture(time: _time, times: ManualTimeDriving.Endless);
        using var client = outbound.Client(connector, null, new RateLimit(RateUnit.Minute, 1));
        await client.Http.GetAsync(server.BaseUri);
        Interlocked.Read(ref waiting).ShouldBe(0);

        var next = client.Http.GetAsync(server.BaseUri);
        await Eventually.Holds(() => Interlocked.Read(ref waiting) == 1, "one waits");
        await _time.WhileAdvancing(next);

        Interlocked.Read(ref waiting).ShouldBe(0);
    }

    [Fact]
    public async Task What_a_watched_connection_is_asked_reaches_the_connection()
    {
        using var inner = new Recorded();
        await using var watched = DepartureSignal.Watch(inner);

        await watched.WriteAsync("a"u8.ToArray());
        watched.Write("bc"u8.ToArray(), 1, 1);
        await watched.FlushAsync();
        watched.Flush();
        inner.ToArray().ShouldBe("ac"u8.ToArray());
        inner.Flushes.ShouldBe(2);
        inner.Position = 0;
        var read = new byte[3];
        (await watched.ReadAsync(read.AsMemory(0, 1))).ShouldBe(1);
        watched.Read(read, 1, 2).ShouldBe(1);
        read.ShouldBe("ac\0"u8.ToArray());

        (watched.CanRead, watched.CanWrite, watched.CanSeek).ShouldBe((true, true, false));
        Should.Throw<NotSupportedException>(() => watched.Length);
        Should.Throw<NotSupportedException>(() => watched.Position);
        Should.Throw<NotSupportedException>(() => watched.Position = 0);
        Should.Throw<NotSupportedException>(() => watched.Seek(0, SeekOrigin.Begin));
        Should.Throw<NotSupportedException>(() => watched.SetLength(0));
        await watched.DisposeAsync();
        inner.CanRead.ShouldBeFalse();
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Recorded : MemoryStream
    {
        public int Flushes { get; private set; }

        public override void Flush() => Flushes++;

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            Flushes++;
            return Task.CompletedTask;
        }
    }
}
