using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Tributary.Metrics;

/// <summary>
/// Listens to the process's meters and keeps what they measure until somebody asks: all that begin with
/// <c>Tributary</c>, and those of the runtime, of HTTP in and out, and of Quartz.
/// </summary>
internal sealed class MetricsCollector : IDisposable
{
    /// <summary>Meters of others that are listened to.</summary>
    public static IReadOnlyList<string> ForeignMeters { get; } =
    ["System.Runtime", "System.Net.Http", "Microsoft.AspNetCore.Hosting", "Quartz"];

    private static readonly double[] SecondsBuckets =
    [
        0.005,
        0.01,
        0.025,
        0.05,
        0.1,
        0.25,
        0.5,
        1,
        2.5,
        5,
        10,
        30,
        60,
        300,
        1800,
    ];

    private static readonly double[] BytesBuckets = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
    private static readonly double[] CountBuckets = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 10_000];

    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<MetricFamily, bool> _observed = new();
    private readonly Lock _collecting = new();
    private readonly MeterListener _listener = new();

    /// <summary>Starts to listen.</summary>
    public MetricsCollector()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (IsListenedTo(instrument.Meter.Name) && FamilyOf(instrument) is { } family)
            {
                listener.EnableMeasurementEvents(instrument, family);
            }
        };
        _listener.SetMeasurementEventCallback<byte>((i, value, tags, state) => Record(i, value, tags, state));
        _listener.SetMeasurementEventCallback<short>((i, value, tags, state) => Record(i, value, tags, state));
        _listener.SetMeasurementEventCallback<int>((i, value, tags, state) => Record(i, value, tags, state));
        _listener.SetMeasurementEventCallback<long>((i, value, tags, state) => Record(i, value, tags, state));
        _listener.SetMeasurementEventCallback<float>((i, value, tags, state) => Record(i, value, tags, state));
        _listener.SetMeasurementEventCallback<double>(Record);
        _listener.SetMeasurementEventCallback<decimal>(
            (i, value, tags, state) => Record(i, (double)value, tags, state)
        );
        _listener.Start();
    }

    /// <summary>Whether measurements of a meter with this name are kept.</summary>
    public static bool IsListenedTo(string meter) =>
        meter.StartsWith("Tributary", StringComparison.Ordinal) || ForeignMeters.Contains(meter);

    /// <summary>Asks the observed instruments, and hands over all families in order of name while none of them is asked again.</summary>
    public void Collect(Action<IEnumerable<MetricFamily>> read)
    {
        lock (_collecting)
        {
            foreach (var family in _observed.Keys)
            {
                family.Clear();
            }

            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // An instrument that cannot tell its value has no series this time; the others have theirs.
            }

            read(_families.Values.OrderBy(family => family.Name, StringComparer.Ordinal));
        }
    }

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();

    private MetricFamily? FamilyOf(Instrument instrument)
    {
        var type = instrument.GetType();
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        var kind =
            definition == typeof(Counter<>) || definition == typeof(ObservableCounter<>) ? MetricKind.Counter
            : definition == typeof(Histogram<>) ? MetricKind.Histogram
            : MetricKind.Gauge;
        var name = MetricNames.Metric(instrument.Name, instrument.Unit, kind);
        var family = _families.GetOrAdd(
            name,
            _ => new MetricFamily(
                name,
                instrument.Description ?? "",
                kind,
                kind == MetricKind.Histogram ? BucketsOf(instrument) : []
            )
        );
        if (instrument.IsObservable)
        {
            _observed[family] = true;
        }

        // One name cannot be two kinds of thing: the first one has it.
        return family.Kind == kind ? family : null;
    }

    private static double[] BucketsOf(Instrument instrument)
    {
        // What the instrument itself advises is best; its type depends on the measurement's, and all of them convert.
        IEnumerable<double>? advised = instrument switch
        {
            Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries,
            Histogram<long> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound),
            Histogram<int> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound),
            _ => null,
        };
        return advised is not null ? [.. advised]
            : instrument.Unit == "s" ? SecondsBuckets
            : instrument.Unit == "By" ? BytesBuckets
            : CountBuckets;
    }

    private static void Record(
        Instrument instrument,
        double value,
        ReadOnlySpan<KeyValuePair<string, object?>> tags,
        object? state
    )
    {
        var family = (MetricFamily)state!;
        var series = family.For(tags);
        if (family.Kind == MetricKind.Histogram)
        {
            series.Observe(value);
        }
        else if (family.Kind == MetricKind.Gauge && SetsItsValue(instrument))
        {
            series.Set(value);
        }
        else
        {
            series.Add(value);
        }
    }

    // Up-down counters tell changes (their observed form: parts of a sum); gauges tell the value itself.
    private static bool SetsItsValue(Instrument instrument)
    {
        var definition = instrument.GetType().GetGenericTypeDefinition();
        return definition == typeof(Gauge<>) || definition == typeof(ObservableGauge<>);
    }
}
