using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Engine.Outbound;
using Tributary.Engine.Outbound.Cache;
using Tributary.Engine.Outbound.Guard;
using Tributary.Engine.Store;
using Tributary.Sdk;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

/// <summary>The pipeline with what tests want to see of it.</summary>
internal sealed class OutboundFixture : IAsyncDisposable
{
    public OutboundFixture(
        string allowed = "127.0.0.0/8",
        TimeProvider? time = null,
        NameResolver? resolver = null,
        OutboundTimes? times = null,
        ILoggerFactory? loggers = null,
        ILimitStore? limits = null,
        ResponseCache? cache = null
    )
    {
        Outbound = new OutboundHttp(
            new EngineOptions { AllowedNetworks = allowed },
            time ?? TimeProvider.System,
            loggers ?? NullLoggerFactory.Instance,
            resolver ?? ((_, _) => throw new SocketException((int)SocketError.HostNotFound)),
            times ?? new OutboundTimes(),
            limits,
            cache
        );
    }

    public OutboundHttp Outbound { get; }

    public OutboundClient Client(long connector = 1, HostPoliteness? politeness = null, params RateLimit[] limits) =>
        Outbound.For(new OutboundProfile(connector, limits, politeness));

    public static NameResolver Resolving(params string[] addresses) =>
        (_, _) => Task.FromResult(addresses.Select(IPAddress.Parse).ToArray());

    public ValueTask DisposeAsync() => Outbound.DisposeAsync();
}

/// <summary>Waits for what happens on other threads, and says what it waited for when it does not.</summary>
internal static class Eventually
{
    public static async Task Holds(Func<bool> condition, string what)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(20))
            {
                throw new TimeoutException($"In 20 seconds it never was so that {what}.");
            }

            await Task.Yield();
        }
    }
}

/// <summary>Moves a test's clock while something waits for it.</summary>
internal static class ManualTimeDriving
{
    /// <summary>Times that no clock can run out of, for use with <see cref="WhileAdvancing"/>.</summary>
    public static OutboundTimes Endless { get; } =
        new() { Headers = Timeout.InfiniteTimeSpan, Idle = Timeout.InfiniteTimeSpan };

    /// <summary>
    /// Moves the clock in small steps, and only while something waits for it, until the work is done. Requests on the
    /// wire do not wait for it when the pipeline has <see cref="Endless"/> times.
    /// </summary>
    /// <param name="time">The clock.</param>
    /// <param name="work">What is to be done.</param>
    /// <param name="waits">Whether something waits; null for: whenever a timer is set, be it one that merely keeps order.</param>
    public static async Task<T> WhileAdvancing<T>(this ManualTime time, Task<T> work, Func<bool>? waits = null)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!work.IsCompleted)
        {
            (TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(20)).ShouldBeTrue("it takes 20 seconds");
            await Task.Yield();
            if (waits?.Invoke() ?? time.WaitingTimers > 0)
            {
                time.Advance(TimeSpan.FromMilliseconds(50));
            }
        }

        return await work;
    }
}
