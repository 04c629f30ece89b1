using System.Globalization;
using System.Text;

namespace Tributary.Bench;

/// <summary>What one benchmark says: figures with their bars, and how they came about.</summary>
internal sealed class Section(string name, string title, string method)
{
    private readonly List<(string What, string Value, string Bar, bool? Passed)> _figures = [];

    public string Name { get; } = name;

    public string Title { get; } = title;

    /// <summary>Adds a figure that is reported only.</summary>
    public void Report(string what, FormattableString value) => Add(what, value, "", null);

    /// <summary>Adds a figure that has a bar.</summary>
    public void Judge(string what, FormattableString value, string bar, bool passed) => Add(what, value, bar, passed);

    /// <summary>Adds a ratio of medians with its worst round.</summary>
    /// <param name="what">What is compared.</param>
    /// <param name="comparison">The rounds; more is better.</param>
    /// <param name="unit">Of the figures, such as docs/s.</param>
    /// <param name="bar">The least ratio; null for none.</param>
    public void Ratio(string what, Comparison comparison, string unit, double? bar = null) =>
        Add(
            what,
            $"**{comparison.Ratio:N2}×**, worst {comparison.Ratios.Min():N2}× ({comparison.Subject:N0} to {comparison.Baseline:N0} {unit}, {comparison.Ratios.Count} rounds)",
            bar is { } least ? FormattableString.Invariant($"≥ {least}×") : "",
            bar is null ? null : comparison.Ratio >= bar
        );

    /// <summary>The section as it stands in docs/benchmarks.md.</summary>
    /// <param name="measured">When, with what, under which load.</param>
    public string Write(string measured)
    {
        var text = new StringBuilder();
        text.Append($"## {Title}\n\n{method}\n\n| | measured | bar | |\n| --- | --- | --- | --- |\n");
        foreach (var (what, value, bar, passed) in _figures)
        {
            var verdict = passed switch
            {
                true => "pass",
                false => "**fail**",
                null => "",
            };
            text.Append(CultureInfo.InvariantCulture, $"| {what} | {value} | {bar} | {verdict} |\n");
        }

        return text.Append($"\n{measured}\n").ToString();
    }

    private void Add(string what, FormattableString value, string bar, bool? passed)
    {
        var text = FormattableString.Invariant(value);
        _figures.Add((what, text, bar, passed));
        Console.WriteLine(
            $"{Name}: {what}: {text.Replace("**", "")}"
                + (passed is { } good ? $"  [bar {bar}: {(good ? "pass" : "FAIL")}]" : "")
        );
    }
}
