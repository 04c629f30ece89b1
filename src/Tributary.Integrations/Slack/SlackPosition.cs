using System.Globalization;
using System.Text.Json.Serialization;

namespace Tributary.Integrations.Slack;

/// <summary>
/// Where a pass over the channels stands. Times are Slack's own (<c>ts</c>), compared as text: as numbers they lose digits.
/// </summary>
internal sealed record SlackPosition
{
    /// <summary>Parents this old are looked at again: they may have got replies.</summary>
    private static readonly TimeSpan LookBack = TimeSpan.FromDays(30);

    /// <summary>What is read of the channels: another choice reads everything again.</summary>
    public bool WithBots { get; init; }

    /// <summary>Channels that were read to their beginning; see <see cref="ReadChannels"/>.</summary>
    public string? Read { get; init; }

    /// <summary>A message that was there when the last pass began: whatever that pass missed is newer.</summary>
    public string? Since { get; init; }

    /// <summary>The newest message of the last pass, which was there when this one began.</summary>
    public string? Last { get; init; }

    /// <summary>The first message of this pass, which was there when its first channel was read.</summary>
    public string? First { get; init; }

    /// <summary>The newest message of this pass.</summary>
    public string? Newest { get; init; }

    /// <summary>The channel that is being read, those before it being done; null between passes.</summary>
    public string? Channel { get; init; }

    /// <summary>How far down it was read, when it is read to its beginning.</summary>
    public string? Before { get; init; }

    /// <summary>An item of <see cref="Channel"/> failed, so that the next pass has to come back to it.</summary>
    public bool HasFailed { get; init; }

    /// <summary>From where on channels are read that were read before; null for their beginning.</summary>
    [JsonIgnore]
    public string? Oldest =>
        long.TryParse(Since?.Split('.')[0], CultureInfo.InvariantCulture, out var seconds)
        && seconds > (long)LookBack.TotalSeconds
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds - (long)LookBack.TotalSeconds}.000000")
            : null;

    public SlackPosition See(IReadOnlyList<SlackMessage> messages)
    {
        var newest = messages.Select(message => message.Ts).Aggregate(Newest, Later);
        return this with { First = First ?? newest, Newest = newest };
    }

    public SlackPosition Complete(ReadChannels read) =>
        new()
        {
            WithBots = WithBots,
            Read = read.ToString(),
            Since = Later(Last, First),
            Last = Later(Last, Newest),
        };

    private static string? Later(string? left, string? right) =>
        left is null ? right
        : right is null ? left
        : string.CompareOrdinal(left.PadLeft(20), right.PadLeft(20)) > 0 ? left
        : right;
}
