using System.Globalization;

namespace Tributary.Mutation;

/// <summary>What came of an area's mutants.</summary>
internal sealed class Report(Area area, int seed)
{
    /// <summary>The share of mutants that tests must notice.</summary>
    public const double Least = 0.85;

    private int _noticed;
    private int _tried;

    /// <summary>How many mutants there are to draw from.</summary>
    public int Among { get; set; }

    /// <summary>Those that are known to change nothing, which do not count.</summary>
    public int Equivalent { get; set; }

    /// <summary>The share of mutants that were noticed.</summary>
    public double Score => (double)_noticed / Math.Max(_tried, 1);

    /// <summary>In a few words.</summary>
    public string SoFar => $"{_noticed} of {_tried} noticed";

    public void Add(bool isNoticed)
    {
        _tried++;
        _noticed += isNoticed ? 1 : 0;
    }

    public void Write(TimeSpan took)
    {
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{area.Name}: {Score:P1} ({SoFar}, {Equivalent} equivalent; drawn from {Among} with seed {seed}; {took.TotalMinutes:F1} min)"
            )
        );
    }
}
