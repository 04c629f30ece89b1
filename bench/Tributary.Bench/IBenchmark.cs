namespace Tributary.Bench;

/// <summary>One benchmark, by whose name it is asked for.</summary>
internal interface IBenchmark
{
    string Name { get; }

    /// <summary>Measures.</summary>
    /// <param name="scale">How large.</param>
    Task<Section> RunAsync(Scale scale);
}

/// <summary>How large a run is.</summary>
/// <param name="IsQuick">Small sizes, to see that all works; the figures say little.</param>
internal sealed record Scale(bool IsQuick)
{
    /// <summary>Rounds of a comparison.</summary>
    public int Rounds => IsQuick ? 1 : 3;

    public int Of(int full, int quick) => IsQuick ? quick : full;
}
