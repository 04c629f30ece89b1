using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

public sealed class OutboundTelemetryTests
{
    private const long Connector = 4711;

    [Fact]
    public async Task Requests_are_counted_and_traced_without_their_secrets()
    {
        var measured = new ConcurrentQueue<string>();
        var lengths = new ConcurrentQueue<long>();
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Tributary.Outbound")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meters.SetMeasurementEventCallback<long>(
            (instrument, value, tags, _) =>
            {
                var text = string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
                if (text.Contains($"connector.id={Connector}", StringComparison.Ordinal))
                {
                    measured.Enqueue($"{instrument.Name} {text}");
                    if (instrument.Name.EndsWith("received", StringComparison.Ordinal))
                    {
                        lengths.Enqueue(value);
                    }
                }
            }
        );
        meters.Start();
        var activities = new ConcurrentQueue<Activity>();
        using var listening = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Tributary.Outbound",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activities.Enqueue,
        };
        ActivitySource.AddActivityListener(listening);
        using var logs = new KeptLogs();
        var headers = "";
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            headers = string.Join(' ', context.Request.Headers.Keys);
            return context.Response.WriteAsync("12345");
        });
        await using var outbound = new OutboundFixture(loggers: logs);
        using var client = outbound.Client(Connector, limits: []);
        client.Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer hidden");

        using var caller = new Activity("caller").Start();
        await client.Http.GetStringAsync(new Uri(server.BaseUri, "hidden-path?token=hidden"));
        caller.Stop();

        measured.ShouldContain(
            $"tributary.outbound.requests connector.id={Connector} server.address=127.0.0.1 outcome=2xx"
        );
        lengths.ShouldBe([5]);
        var activity = activities.Single(candidate => candidate.GetTagItem("connector.id") is "4711");
        activity.GetTagItem("http.response.status_code").ShouldBe(200);
        logs.Lines.ShouldContain($"Debug Connector {Connector}: GET 127.0.0.1 answered 200");
        var everything = string.Join(
            '\n',
            logs.Lines.Concat(measured).Concat(activity.TagObjects.Select(tag => $"{tag.Value}"))
        );
        everything.ShouldNotContain("hidden");
        headers.ShouldNotContain("traceparent", Case.Insensitive);
    }

    private sealed class KeptLogs : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public void AddProvider(ILoggerProvider provider) { }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Lines.Enqueue($"{logLevel} {formatter(state, exception)}");

        public void Dispose() { }
    }
}
