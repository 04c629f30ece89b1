using System.Diagnostics.Metrics;
using Tributary.Metrics;

namespace Tributary.EndToEnd;

public sealed class CommandLineMetricsTests : IDisposable
{
    // A name of its own for each test: meters are the process's, and tests run side by side.
    private readonly string _prefix = "t" + Guid.NewGuid().ToString("N");
    private readonly MetricsCollector _collector = new();
    private readonly Meter _meter = new("Tributary.Tests");

    public void Dispose()
    {
        _meter.Dispose();
        _collector.Dispose();
    }

    [Fact]
    public void Counters_gauges_and_help_are_written_in_the_text_format()
    {
        var counter = _meter.CreateCounter<long>(Name("runs.finished"), null, "Runs that ended.\nWell\\or not.");
        counter.Add(2, new("kind", "refresh"), new("a.state", "failed"));
        counter.Add(3, new("a.state", "failed"), new("kind", "refresh"));
        var gauge = _meter.CreateUpDownCounter<int>(Name("runs.going"));
        gauge.Add(5);
        gauge.Add(-2);

        Text()
            .ShouldBe(
                $$"""
                # HELP {{_prefix}}_runs_finished_total Runs that ended.\nWell\\or not.
                # TYPE {{_prefix}}_runs_finished_total counter
                {{_prefix}}_runs_finished_total{a_state="failed",kind="refresh"} 5
                # TYPE {{_prefix}}_runs_going gauge
                {{_prefix}}_runs_going 3

                """
            );
    }

    [Fact]
    public void Histograms_are_cumulative_and_end_with_infinity()
    {
        var histogram = _meter.CreateHistogram(
            Name("wait"),
            "s",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] }
        );
        foreach (var value in (double[])[0.05, 0.1, 0.5, 30])
        {
            histogram.Record(value, new KeyValuePair<string, object?>("host", "a"));
        }

        Text()
            .ShouldBe(
                $$"""
                # TYPE {{_prefix}}_wait_seconds histogram
                {{_prefix}}_wait_seconds_bucket{host="a",le="0.1"} 2
                {{_prefix}}_wait_seconds_bucket{host="a",le="1"} 3
                {{_prefix}}_wait_seconds_bucket{host="a",le="+Inf"} 4
                {{_prefix}}_wait_seconds_sum{host="a"} 30.65
                {{_prefix}}_wait_seconds_count{host="a"} 4

                """
            );
    }

    [Fact]
    public void Label_values_are_escaped_and_names_sanitised()
    {
        _meter.CreateCounter<long>(Name("c")).Add(1, new("9 täg", "a\"b\\c\nd"), new("__own", null));
        Text().ShouldContain($$"""{{_prefix}}_c_total{_9_t_g="a\"b\\c\nd",_own=""} 1""");
    }

    [Fact]
    public void Labels_that_become_the_same_are_joined()
    {
        _meter.CreateCounter<long>(Name("c")).Add(1, new("a.b", "x"), new("a_b", "y"));
        Text().ShouldContain("""{a_b="x;y"}""");
    }

    [Fact]
    public void Series_beyond_the_bound_are_added_up_in_one()
    {
        var counter = _meter.CreateCounter<long>(Name("c"));
        for (var index = 0; index < MetricFamily.MaxSeries + 50; index++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("id", index));
        }

        var lines = Text().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(1 + MetricFamily.MaxSeries + 1);
        lines.ShouldContain($$"""{{_prefix}}_c_total{otel_metric_overflow="true"} 50""");
    }

    [Fact]
    public void Observed_series_that_are_not_told_again_vanish()
    {
        string[] queues = ["a", "b"];
        _meter.CreateObservableGauge(
            Name("depth"),
            () =>
                queues.Select(queue => new Measurement<int>(
                    queue.Length,
                    new KeyValuePair<string, object?>("q", queue)
                ))
        );
        Text().ShouldContain("q=\"b\"");
        queues = ["a"];
        Text().ShouldNotContain("q=\"b\"");
        Text().ShouldContain("q=\"a\"} 1");
    }

    [Fact]
    public void An_instrument_that_throws_does_not_hide_the_others()
    {
        _meter.CreateObservableGauge<int>(Name("bad"), new Func<int>(() => throw new InvalidOperationException()));
        _meter.CreateObservableGauge(Name("good"), () => 1);
        Text().ShouldContain($"{_prefix}_good 1");
    }

    [Fact]
    public void Special_numbers_are_written_as_prometheus_reads_them()
    {
        _meter.CreateObservableGauge(Name("a"), () => double.PositiveInfinity);
        _meter.CreateObservableGauge(Name("b"), () => double.NaN);
        _meter.CreateObservableGauge(Name("c"), () => 1e21);
        Text().ShouldContain($"{_prefix}_a +Inf\n");
        Text().ShouldContain($"{_prefix}_b NaN\n");
        Text().ShouldContain($"{_prefix}_c 1E+21\n");
    }

    [Theory]
    [InlineData("Tributary", true)]
    [InlineData("Tributary.Engine", true)]
    [InlineData("Microsoft.AspNetCore.Hosting", true)]
    [InlineData("System.Net.Http", true)]
    [InlineData("System.Runtime", true)]
    [InlineData("Quartz", true)]
    [InlineData("Npgsql", false)]
    public void Listens_to_its_own_meters_and_a_few_others(string meter, bool isListenedTo) =>
        MetricsCollector.IsListenedTo(meter).ShouldBe(isListenedTo);

    [Theory]
    [InlineData("http.server.request.duration", "s", MetricKind.Histogram, "http_server_request_duration_seconds")]
    [InlineData("bytes.read", "By", MetricKind.Counter, "bytes_read_bytes_total")]
    [InlineData("requests_total", "{request}", MetricKind.Counter, "requests_total")]
    [InlineData("load", "1", MetricKind.Gauge, "load_ratio")]
    [InlineData("5xx-rate", null, MetricKind.Gauge, "_5xx_rate")]
    public void Names_carry_unit_and_kind(string name, string? unit, object kind, string expected) =>
        MetricNames.Metric(name, unit, (MetricKind)kind).ShouldBe(expected);

    [Fact]
    public void The_process_is_told_under_its_well_known_names()
    {
        using var process = new ProcessMetrics();
        var text = AllText();
        text.ShouldContain("# TYPE process_cpu_seconds_total counter");
        text.ShouldContain("# TYPE process_resident_memory_bytes gauge");
        text.ShouldContain("# TYPE process_start_time_seconds gauge");
        text.ShouldContain("dotnet_gc_collections_total{");
    }

    private string Name(string name) => $"{_prefix}.{name}";

    private string Text() => Write(family => family.Name.StartsWith(_prefix, StringComparison.Ordinal));

    private string AllText() => Write(_ => true);

    private string Write(Func<MetricFamily, bool> which)
    {
        var text = "";
        _collector.Collect(families => text = PrometheusExporter.Write(families.Where(which)));
        return text;
    }
}
