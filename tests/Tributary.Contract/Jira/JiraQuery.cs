using System.Globalization;
using System.Text.RegularExpressions;
using Tributary.Contract.Emulators;

namespace Tributary.Contract.Jira;

/// <summary>As much JQL as the emulator understands: clauses joined by AND, with times in somebody's time zone.</summary>
internal static partial class JiraQuery
{
    /// <returns>The items in the order asked for; an error text where Jira would refuse the query.</returns>
    public static (IReadOnlyList<CompanyItem> Items, string? Error) Run(string jql, Company company, TimeZoneInfo zone)
    {
        var parts = Regex.Split(jql, @"\s*\bORDER BY\b\s*");
        var clauses = Regex.Split(parts[0], @"\s+AND\s+").Select(clause => clause.Trim('(', ')', ' ')).ToList();
        if (clauses is [""])
        {
            return ([], "Unbounded JQL queries are not allowed here.");
        }

        var items = company.Items.AsEnumerable();
        foreach (var clause in clauses)
        {
            var match = Clause().Match(clause);
            var (field, value) = (match.Groups["field"].Value, match.Groups["value"].Value);
            switch (field, match.Groups["operator"].Value)
            {
                case ("project", "="):
                    var place = company.Places.SingleOrDefault(place =>
                        JiraEmulator.KeyOf(place) == value.ToUpperInvariant()
                    );
                    if (place is null)
                    {
                        return ([], $"The value '{value}' does not exist for the field 'project'.");
                    }

                    items = items.Where(item => item.PlaceId == place.Id);
                    break;
                case ("updated", ">="):
                    var local = DateTime.ParseExact(value, "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
                    if (zone.IsInvalidTime(local))
                    {
                        return ([], $"Date value '{value}' for field 'updated' is invalid.");
                    }

                    // Of an hour that comes twice, the later one is meant.
                    var offset = zone.IsAmbiguousTime(local)
                        ? zone.GetAmbiguousTimeOffsets(local).Min()
                        : zone.GetUtcOffset(local);
                    var since = new DateTimeOffset(local, offset);
                    items = items.Where(item => item.UpdatedAt >= since);
                    break;
                case ("text", "~"):
                    var found = company.With(value).ToHashSet();
                    items = items.Where(found.Contains);
                    break;
                case ("status", "="):
                    items = items.Where(item => value == (item.IsArchived ? "Done" : "To Do"));
                    break;
                default:
                    return ([], $"Error in the JQL Query: {clause}");
            }
        }

        return ([.. items.OrderBy(item => item.UpdatedAt).ThenBy(item => item.Id)], null);
    }

    [GeneratedRegex("""^(?<field>\w+) (?<operator>>=|=|~) "?(?<value>[^"]*)"?$""")]
    private static partial Regex Clause();
}
