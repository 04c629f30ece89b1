using System.Globalization;
using System.Text;

namespace Tributary.Metrics;

/// <summary>Labels as they stand between the braces: names sanitised and sorted, values escaped.</summary>
/// <param name="Text">As <c>kind="refresh",state="failed"</c>; empty for none.</param>
internal readonly record struct LabelSet(string Text)
{
    /// <summary>Longer values are cut off: they are labels, not texts.</summary>
    private const int MaxValueLength = 200;

    /// <summary>Makes one of a measurement's tags.</summary>
    public static LabelSet Of(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0)
        {
            return new LabelSet("");
        }

        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in tags)
        {
            var name = MetricNames.Label(key);
            var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            // Two names that become the same one share it, as OpenTelemetry has it.
            labels[name] = labels.TryGetValue(name, out var other) ? $"{other};{text}" : text;
        }

        var builder = new StringBuilder();
        foreach (var (name, text) in labels)
        {
            builder.Append(builder.Length > 0 ? "," : "").Append(name).Append("=\"");
            Escape(builder, text);
            builder.Append('"');
        }

        return new LabelSet(builder.ToString());
    }

    private static void Escape(StringBuilder builder, string text)
    {
        foreach (var rune in text.EnumerateRunes().Take(MaxValueLength))
        {
            _ = rune.Value switch
            {
                '\\' => builder.Append(@"\\"),
                '"' => builder.Append("\\\""),
                '\n' => builder.Append(@"\n"),
                _ => builder.Append(rune.ToString()),
            };
        }
    }
}
