using System.Text.RegularExpressions;
using Tributary.Sdk;

namespace Tributary.Integrations.Slack;

/// <summary>Which channels are wanted, by name or pattern.</summary>
internal sealed class ChannelFilter(SlackConfig config)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    private readonly IReadOnlyList<Regex> _included = PatternsOf(config.Channels, config.ChannelRegexEnabled);
    private readonly IReadOnlyList<Regex> _excluded = PatternsOf(
        config.ExcludeChannels,
        config.ExcludeChannelRegexEnabled
    );

    /// <summary>Names that have to exist.</summary>
    public IReadOnlySet<string> Names { get; } =
        config.ChannelRegexEnabled
            ? new HashSet<string>()
            : config.Channels.Select(Bare).Where(name => name.Length > 0).ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a channel is to be read. An id counts as a name.</summary>
    public bool Takes(SlackChannel channel) =>
        (config.Channels.Count == 0 || IsOneOf(channel, _included)) && !IsOneOf(channel, _excluded);

    /// <summary>What is wrong with a pattern; null when nothing is.</summary>
    public static string? ProblemOf(string pattern)
    {
        try
        {
            PatternOf(pattern);
            return null;
        }
        catch (ArgumentException exception)
        {
            return $"Should be a regular expression: {exception.Message}";
        }
    }

    private static bool IsOneOf(SlackChannel channel, IReadOnlyList<Regex> patterns)
    {
        try
        {
            return patterns.Any(pattern => pattern.IsMatch(channel.Name ?? "") || pattern.IsMatch(channel.Id));
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"The pattern '{exception.Pattern}' takes too long to match channels' names. Write a simpler one.",
                exception
            )
            {
                Member = "config.channels",
            };
        }
    }

    private static List<Regex> PatternsOf(IReadOnlyList<string> names, bool arePatterns) =>
        [
            .. names
                .Select(Bare)
                .Where(name => name.Length > 0)
                .Select(name => PatternOf(arePatterns ? name : Regex.Escape(name))),
        ];

    private static Regex PatternOf(string pattern) =>
        new($@"\A(?:{Bare(pattern)})\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, Patience);

    private static string Bare(string name) => name.Trim().TrimStart('#');
}
