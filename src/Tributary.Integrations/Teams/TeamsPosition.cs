using System.Text.Json.Serialization;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk.Partitions;

namespace Tributary.Integrations.Teams;

/// <summary>Where a pass over the channels stands.</summary>
internal sealed record TeamsPosition
{
    /// <summary>What is being read: another selection begins afresh.</summary>
    public required string Selection { get; init; }

    /// <summary>By a short mark of the channel's id.</summary>
    public PartitionedPosition? Channels { get; init; }

    /// <summary>The teams that a name means, by a mark of the name.</summary>
    public SortedDictionary<string, IReadOnlyList<Guid>> Names { get; init; } = new(StringComparer.Ordinal);

    public IReadOnlyList<Guid> EarlierOf(string name) => Names.GetValueOrDefault(GraphMarks.MarkOf(name)) ?? [];

    /// <summary>As far as there is room: a checkpoint has its limit.</summary>
    public void Remember(string name, IReadOnlyList<Team> teams)
    {
        const int MostNames = 200;
        const int MostTeams = 5;
        if (!Guid.TryParse(name, out _) && teams.Count is > 0 and <= MostTeams && Names.Count < MostNames)
        {
            Names[GraphMarks.MarkOf(name)] =
            [
                .. teams
                    .Select(team => Guid.TryParse(team.Id, out var id) ? id : Guid.Empty)
                    .Where(id => id != Guid.Empty),
            ];
        }
    }

    /// <summary>A pass was cut off here.</summary>
    [JsonIgnore]
    public bool IsMidway => Channels is { } channels && (channels.DoneUpTo is not null || channels.Open.Count > 0);
}

/// <summary>Where a channel stands, in few characters: a thousand channels share one checkpoint. Times in milliseconds since 1970.</summary>
internal sealed record ChannelPosition
{
    /// <summary>Everything that changed before was read.</summary>
    [JsonPropertyName("s")]
    public long? Since { get; init; }

    /// <summary>The newest message when this pass began.</summary>
    [JsonPropertyName("n")]
    public long? Newest { get; init; }

    /// <summary>The oldest message that failed in this pass.</summary>
    [JsonPropertyName("h")]
    public long? Held { get; init; }

    /// <summary>Where in the listing.</summary>
    [JsonPropertyName("p")]
    public string? Next { get; init; }

    /// <summary>A mark of those who may read it.</summary>
    [JsonPropertyName("r")]
    public string? Readers { get; init; }

    /// <summary>The listing is that of changes.</summary>
    [JsonPropertyName("d")]
    public bool? Delta { get; init; }

    [JsonIgnore]
    public bool IsDelta
    {
        get => Delta == true;
        init => Delta = value ? true : null;
    }

    public ChannelPosition Begin(DateTimeOffset? newest) =>
        this with
        {
            Newest = Newest ?? newest?.ToUnixTimeMilliseconds(),
        };

    /// <summary>For listings in no order: the newest of all counts.</summary>
    public ChannelPosition Reach(DateTimeOffset? newest) =>
        newest?.ToUnixTimeMilliseconds() is { } time && !(Newest >= time) ? this with { Newest = time } : this;

    public ChannelPosition Hold(DateTimeOffset? changedAt)
    {
        var time = changedAt?.ToUnixTimeMilliseconds() ?? 0;
        return this with { Held = Held < time ? Held : time };
    }

    public ChannelPosition Complete()
    {
        var until = Newest > Since || Since is null ? Newest : Since;
        return new() { Since = Held < until ? Held - 1 : until, Readers = Readers };
    }
}
