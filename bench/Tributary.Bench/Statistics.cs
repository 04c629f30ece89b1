namespace Tributary.Bench;

/// <summary>Medians and percentiles.</summary>
internal static class Statistics
{
    public static double Median(IEnumerable<double> values) => Percentile([.. values.Order()], 0.5);

    /// <summary>Of values in order; between two of them the value in between.</summary>
    public static double Percentile(IReadOnlyList<double> ordered, double share)
    {
        var place = share * (ordered.Count - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, ordered.Count - 1);
        return ordered[below] + (ordered[above] - ordered[below]) * (place - below);
    }

    /// <summary>The usual three of latencies.</summary>
    public static (double P50, double P95, double P99) Tail(IEnumerable<double> values)
    {
        var ordered = values.Order().ToList();
        return (Percentile(ordered, 0.5), Percentile(ordered, 0.95), Percentile(ordered, 0.99));
    }
}
