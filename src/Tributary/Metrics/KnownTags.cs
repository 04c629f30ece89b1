using System.Collections.Concurrent;

namespace Tributary.Metrics;

/// <summary>
/// Finds the series of tags that were met before without writing them out as labels, which would take longer than what
/// is measured: a request through the proxy leaves a dozen measurements.
/// </summary>
internal sealed class KnownTags
{
    private readonly ConcurrentDictionary<int, Entry> _entries = new();
    private int _count;

    /// <summary>The series that was remembered for these tags, in this order; null when none was.</summary>
    public MetricSeries? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _entries.TryGetValue(HashOf(tags), out var entry)
        && entry.Tags.AsSpan().SequenceEqual(tags, TagComparer.Instance)
            ? entry.Series
            : null;

    /// <summary>Remembers, up to as many as a family has series.</summary>
    public void Add(ReadOnlySpan<KeyValuePair<string, object?>> tags, MetricSeries series)
    {
        if (
            Volatile.Read(ref _count) < MetricFamily.MaxSeries
            && _entries.TryAdd(HashOf(tags), new Entry(tags.ToArray(), series))
        )
        {
            Interlocked.Increment(ref _count);
        }
    }

    private static int HashOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = new HashCode();
        foreach (var (key, value) in tags)
        {
            hash.Add(key);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    private sealed record Entry(KeyValuePair<string, object?>[] Tags, MetricSeries Series);

    private sealed class TagComparer : IEqualityComparer<KeyValuePair<string, object?>>
    {
        public static TagComparer Instance { get; } = new();

        public bool Equals(KeyValuePair<string, object?> x, KeyValuePair<string, object?> y) =>
            x.Key == y.Key && Equals(x.Value, y.Value);

        public int GetHashCode(KeyValuePair<string, object?> tag) => HashCode.Combine(tag.Key, tag.Value);
    }
}
