namespace Tributary.Bench;

/// <summary>Measures a subject between two measurements of its baseline: B S B S B S B.</summary>
internal static class Rounds
{
    /// <summary>Runs the rounds. Each ratio is the subject's figure over the mean of the baselines before and after it.</summary>
    /// <param name="rounds">Rounds of the subject.</param>
    /// <param name="baseline">Measures the baseline once.</param>
    /// <param name="subject">Measures the subject once.</param>
    public static async Task<Comparison> CompareAsync(
        int rounds,
        Func<int, Task<double>> baseline,
        Func<int, Task<double>> subject
    )
    {
        var (bases, subjects, ratios) = (new List<double>(), new List<double>(), new List<double>());
        bases.Add(await baseline(0));
        for (var round = 1; round <= rounds; round++)
        {
            subjects.Add(await subject(round));
            bases.Add(await baseline(round));
            ratios.Add(subjects[^1] / ((bases[^2] + bases[^1]) / 2));
            Console.Error.WriteLine($"  round {round}: {subjects[^1]:N1} to {bases[^1]:N1}, ratio {ratios[^1]:N2}");
        }

        return new Comparison(bases, subjects, ratios);
    }
}

/// <summary>What a comparison has found.</summary>
/// <param name="Baselines">Figures of the baseline.</param>
/// <param name="Subjects">Figures of the subject.</param>
/// <param name="Ratios">Subject to baseline, round by round.</param>
internal sealed record Comparison(
    IReadOnlyList<double> Baselines,
    IReadOnlyList<double> Subjects,
    IReadOnlyList<double> Ratios
)
{
    public double Baseline => Statistics.Median(Baselines);

    public double Subject => Statistics.Median(Subjects);

    public double Ratio => Statistics.Median(Ratios);
}
