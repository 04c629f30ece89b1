using System.Globalization;
using System.Text;

namespace Tributary.Metrics;

/// <summary>Writes families in Prometheus' text exposition format, version 0.0.4.</summary>
internal static class PrometheusExporter
{
    /// <summary>The media type of what <see cref="Write"/> writes.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes families that have series.</summary>
    public static string Write(IEnumerable<MetricFamily> families)
    {
        var text = new StringBuilder();
        foreach (var family in families)
        {
            var isFirst = true;
            foreach (var (labels, series) in family.Series)
            {
                if (isFirst)
                {
                    WriteHead(text, family);
                    isFirst = false;
                }

                var (value, counts) = series.Read();
                if (family.Kind == MetricKind.Histogram)
                {
                    WriteHistogram(text, family, labels, value, counts);
                }
                else
                {
                    WriteLine(text, family.Name, labels.Text, Number(value));
                }
            }
        }

        return text.ToString();
    }

    private static void WriteHead(StringBuilder text, MetricFamily family)
    {
        if (family.Help.Length > 0)
        {
            var help = family
                .Help.Replace(@"\", @"\\", StringComparison.Ordinal)
                .Replace("\r", "", StringComparison.Ordinal)
                .Replace("\n", @"\n", StringComparison.Ordinal);
            text.Append("# HELP ").Append(family.Name).Append(' ').Append(help).Append('\n');
        }

        var kind = family.Kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Gauge => "gauge",
            _ => "histogram",
        };
        text.Append("# TYPE ").Append(family.Name).Append(' ').Append(kind).Append('\n');
    }

    private static void WriteHistogram(
        StringBuilder text,
        MetricFamily family,
        LabelSet labels,
        double sum,
        long[] counts
    )
    {
        var prefix = labels.Text.Length > 0 ? labels.Text + "," : "";
        long total = 0;
        for (var index = 0; index < counts.Length; index++)
        {
            total += counts[index];
            var bound = index < family.Buckets.Count ? Number(family.Buckets[index]) : "+Inf";
            WriteLine(text, family.Name + "_bucket", $"{prefix}le=\"{bound}\"", Number(total));
        }

        WriteLine(text, family.Name + "_sum", labels.Text, Number(sum));
        WriteLine(text, family.Name + "_count", labels.Text, Number(total));
    }

    private static void WriteLine(StringBuilder text, string name, string labels, string value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(value).Append('\n');
    }

    private static string Number(double value) =>
        double.IsNaN(value) ? "NaN"
        : double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);
}
