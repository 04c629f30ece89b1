using System.Globalization;
using System.Text.RegularExpressions;

namespace Tributary.Contract.Confluence;

/// <summary>What the emulator's searches go through: pages, comments and attachments, flat.</summary>
internal sealed record Entry(string Id, string Type, string Space, string? Container, DateTimeOffset When)
{
    public IReadOnlyList<string> Ancestors { get; init; } = [];

    public IReadOnlyList<string> Labels { get; init; } = [];

    public string Text { get; init; } = "";

    /// <summary>Made for the page that it is on.</summary>
    public required Func<object> Json { get; init; }

    public bool IsBroken { get; init; }
}

/// <summary>As much CQL as the emulator understands: clauses joined by "and", each of alternatives joined by "or".</summary>
internal static partial class ConfluenceQuery
{
    public static (IReadOnlyList<Entry> Found, string? Error) Run(
        string cql,
        IEnumerable<Entry> entries,
        IReadOnlySet<string> spaces,
        TimeZoneInfo zone
    )
    {
        var parts = Regex.Split(cql, @"\s*\border by\b\s*");
        string? error = null;
        var clauses = Regex
            .Split(parts[0], @"\s+and\s+")
            .Select(clause => Regex.Split(clause, @"\s+or\s+").Select(Fitting).ToList())
            .ToList();
        var found = entries.Where(entry => clauses.TrueForAll(some => some.Exists(fits => fits(entry)))).ToList();
        foreach (var one in Regex.Split(parts[0], @"\s+and\s+|\s+or\s+"))
        {
            var match = Clause().Match(one.Trim('(', ' '));
            error ??=
                !match.Success ? $"Could not parse cql : {cql}"
                : match.Groups["field"].Value == "space" && !spaces.Contains(Values(match)[0])
                    ? "No space with this key"
                : null;
        }

        found = [.. found.OrderBy(entry => entry.When).ThenBy(entry => entry.Id, StringComparer.Ordinal)];
        if (parts.ElementAtOrDefault(1)?.EndsWith("desc", StringComparison.Ordinal) == true)
        {
            found.Reverse();
        }

        return (found, error);

        Func<Entry, bool> Fitting(string clause)
        {
            var match = Clause().Match(clause.Trim('(', ' '));
            var values = Values(match);
            var field = match.Groups["field"].Value;
            var least = field == "lastmodified" ? At(values[0], zone) : default;
            return entry =>
                field switch
                {
                    "type" => values.Contains(entry.Type),
                    "id" => values.Contains(entry.Id),
                    "space" => values.Contains(entry.Space),
                    "container" => values.Contains(entry.Container),
                    "ancestor" => values.Intersect(entry.Ancestors).Any(),
                    "label" => values.Intersect(entry.Labels).Any(),
                    "lastmodified" => entry.When >= least,
                    "text" => entry.Text.Contains(values[0], StringComparison.OrdinalIgnoreCase),
                    _ => false,
                };
        }
    }

    private static DateTimeOffset At(string text, TimeZoneInfo zone)
    {
        var local = DateTime.ParseExact(text, "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        return new DateTimeOffset(local, zone.GetUtcOffset(local));
    }

    private static string[] Values(Match match) =>
        [.. match.Groups["value"].Value.Trim('(', ')').Split(',').Select(value => value.Trim(' ', '"'))];

    [GeneratedRegex(
        """^(?<field>type|id|space|container|ancestor|label|lastmodified|text)\s*(?<operator>=|>=|in|~)\s*(?<value>[^=]+)$"""
    )]
    private static partial Regex Clause();
}
