using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Sdk.Settings;

namespace Tributary.Sdk.Actions;

/// <summary>What to search for.</summary>
public sealed record SearchInput
{
    /// <summary>The words.</summary>
    [Description("What to search for, in the words of the source's own search.")]
    [MinLength(1)]
    [MaxLength(300)]
    public required string Query { get; init; }

    /// <summary>How many.</summary>
    [Description("At most this many results.")]
    [Range(1, 100)]
    public int Limit { get; init; } = 10;
}

/// <summary>Which item.</summary>
public sealed record ItemInput
{
    /// <summary>The id.</summary>
    [Description("The item's id, as the action search gives it.")]
    [MinLength(1)]
    [MaxLength(300)]
    public required string Id { get; init; }
}
