using System.Text.Json;

namespace Tributary.Sdk.Partitions;

/// <summary>Where a read of many partitions stands: part of a reader's position.</summary>
public sealed record PartitionedPosition
{
    /// <summary>Every partition up to this key, in ordinal order, is done in this pass, but for those in <see cref="Open"/>.</summary>
    public string? DoneUpTo { get; init; }

    /// <summary>Positions of partitions that are being read.</summary>
    public SortedDictionary<string, JsonElement> Open { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Last positions of partitions that are done, e.g. their delta tokens, for the next pass: as many as there is room for.</summary>
    public SortedDictionary<string, JsonElement> Last { get; init; } = new(StringComparer.Ordinal);
}
