using System.Collections.Concurrent;

namespace Tributary.Metrics;

/// <summary>What a family of series is, in Prometheus' words.</summary>
internal enum MetricKind
{
    /// <summary>Only grows.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Counts observations in buckets.</summary>
    Histogram,
}

/// <summary>All series of one name. Safe to write and read from many threads.</summary>
internal sealed class MetricFamily(string name, string help, MetricKind kind, IReadOnlyList<double> buckets)
{
    /// <summary>
    /// Series beyond this many are added up in one whose label says so, as OpenTelemetry does: a label with a value
    /// for each document or address must not eat the memory.
    /// </summary>
    public const int MaxSeries = 1000;

    private static readonly LabelSet Overflow = LabelSet.Of([new("otel_metric_overflow", "true")]);

    private readonly ConcurrentDictionary<LabelSet, MetricSeries> _series = new();
    private volatile KnownTags _known = new();
    private int _count;

    /// <summary>Its name, already in Prometheus' alphabet.</summary>
    public string Name { get; } = name;

    /// <summary>A sentence.</summary>
    public string Help { get; } = help;

    /// <summary>What it is.</summary>
    public MetricKind Kind { get; } = kind;

    /// <summary>Upper bounds of a histogram's buckets, ascending, without infinity.</summary>
    public IReadOnlyList<double> Buckets { get; } = buckets;

    /// <summary>Its series in order of their labels.</summary>
    public IEnumerable<KeyValuePair<LabelSet, MetricSeries>> Series =>
        _series.OrderBy(pair => pair.Key.Text, StringComparer.Ordinal);

    /// <summary>The series with these labels.</summary>
    public MetricSeries For(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var known = _known;
        if (known.Find(tags) is { } met)
        {
            return met;
        }

        var found = For(LabelSet.Of(tags));
        known.Add(tags, found);
        return found;
    }

    private MetricSeries For(LabelSet labels)
    {
        if (_series.TryGetValue(labels, out var series))
        {
            return series;
        }

        if (Volatile.Read(ref _count) >= MaxSeries)
        {
            return _series.GetOrAdd(Overflow, _ => new MetricSeries(Buckets));
        }

        return _series.GetOrAdd(
            labels,
            _ =>
            {
                Interlocked.Increment(ref _count);
                return new MetricSeries(Buckets);
            }
        );
    }

    /// <summary>Forgets all series: those of observed instruments are told anew at every collection.</summary>
    public void Clear()
    {
        _series.Clear();
        _known = new KnownTags();
        Volatile.Write(ref _count, 0);
    }
}

/// <summary>The value or histogram of one set of labels.</summary>
internal sealed class MetricSeries(IReadOnlyList<double> buckets)
{
    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[buckets.Count + 1];
    private double _value;

    /// <summary>Adds to a counter or gauge.</summary>
    public void Add(double amount)
    {
        lock (_lock)
        {
            _value += amount;
        }
    }

    /// <summary>Sets a gauge.</summary>
    public void Set(double value)
    {
        lock (_lock)
        {
            _value = value;
        }
    }

    /// <summary>Adds an observation to a histogram.</summary>
    public void Observe(double value)
    {
        var bucket = 0;
        while (bucket < buckets.Count && value > buckets[bucket])
        {
            bucket++;
        }

        lock (_lock)
        {
            _counts[bucket]++;
            _value += value;
        }
    }

    /// <summary>The value (a histogram's sum) and the observations of each bucket (not cumulative), of one moment.</summary>
    public (double Value, long[] Counts) Read()
    {
        lock (_lock)
        {
            return (_value, [.. _counts]);
        }
    }
}
