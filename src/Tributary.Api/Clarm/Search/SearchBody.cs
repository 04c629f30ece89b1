using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Tributary.Api.Clarm.Search;

/// <summary>What to search for.</summary>
internal sealed record SearchBody
{
    [Description("The words. \"Phrases\", -without and prefix* are understood."), MinLength(1), MaxLength(10_000)]
    [RegularExpression(@"[\s\S]*\S[\s\S]*", ErrorMessage = "The query should hold at least one word")]
    public required string Query { get; init; }

    [Description("Continues an earlier exchange; it is echoed.")]
    public Guid? ChatSessionId { get; init; }

    [Description("Accepted; there is one agent, over all sources.")]
    public long AgentId { get; init; }

    [Description("Accepted; one round of search is made in any case.")]
    public bool UseAgenticSearch { get; init; }

    [Description("How much newer documents are preferred: 0 not at all, 1 normally."), Range(0, 1_000d)]
    public double RecencyBiasMultiplier { get; init; } = 1;

    [Description("Accepted; the answer is made of the found passages, without a language model.")]
    public string? Model { get; init; }

    [Description("Narrows the search.")]
    public SearchFilters? Filters { get; init; }

    [Description("At most this many citations."), Range(1, 100)]
    public int Limit { get; init; } = 10;

    [Description("next_cursor of the answer before.")]
    public string? Cursor { get; init; }
}

/// <summary>What found documents have to be like; all that is given has to hold.</summary>
internal sealed record SearchFilters
{
    [Description("One of these source types."), MaxLength(100)]
    public IReadOnlyList<string> SourceType { get; init; } = [];

    [Description("Of one of these sources."), MaxLength(1_000)]
    public IReadOnlyList<long> SourceIds { get; init; } = [];

    [Description("Of one of these collections' sources."), MaxLength(1_000)]
    public IReadOnlyList<long> CollectionIds { get; init; } = [];

    [Description("Of one of these owners: a name or an e-mail address."), MaxLength(100)]
    public IReadOnlyList<string> Owners { get; init; } = [];

    [Description("With all of these tags."), MaxLength(100)]
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    [Description("Updated at or after this.")]
    public DateTimeOffset? UpdatedAfter { get; init; }

    [Description("Updated before this.")]
    public DateTimeOffset? UpdatedBefore { get; init; }
}
