using System.Globalization;
using System.Text.RegularExpressions;

namespace Tributary.Extraction.Mail;

/// <summary>Dates of mails (RFC 5322, 3.3 and 4.3), with the old zone names and two-digit years.</summary>
internal static partial class MailDate
{
    private static readonly string[] Months =
    [
        "jan",
        "feb",
        "mar",
        "apr",
        "may",
        "jun",
        "jul",
        "aug",
        "sep",
        "oct",
        "nov",
        "dec",
    ];

    /// <summary>The time in UTC; null when it cannot be understood.</summary>
    public static DateTimeOffset? Parse(string? text)
    {
        var match = Pattern().Match(text ?? "");
        if (!match.Success)
        {
            return null;
        }

        var year = Number(match, 3);
        year +=
            year < 50 ? 2000
            : year < 1000 ? 1900
            : 0;
        var month = Array.IndexOf(Months, match.Groups[2].Value.ToLowerInvariant()) + 1;
        var day = Number(match, 1);
        var (hour, minute, second) = (Number(match, 4), Number(match, 5), Math.Min(59, Number(match, 6)));
        if (
            year is < 1 or > 9998
            || month == 0
            || day < 1
            || day > DateTime.DaysInMonth(year, month)
            || hour > 23
            || minute > 59
        )
        {
            return null;
        }

        return new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero)
            - ZoneOf(match.Groups[7].Value);
    }

    private static TimeSpan ZoneOf(string zone)
    {
        if (
            zone.Length == 5
            && int.TryParse(zone[1..], CultureInfo.InvariantCulture, out var digits)
            && digits / 100 < 15
        )
        {
            var offset = new TimeSpan(digits / 100, digits % 100, 0);
            return zone[0] == '-' ? -offset : offset;
        }

        return TimeSpan.FromHours(
            zone.ToUpperInvariant() switch
            {
                "EST" or "CDT" => -5,
                "EDT" => -4,
                "CST" or "MDT" => -6,
                "MST" or "PDT" => -7,
                "PST" => -8,
                _ => 0,
            }
        );
    }

    private static int Number(Match match, int group) =>
        int.TryParse(match.Groups[group].Value, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex(
        @"(\d{1,2})\s+([A-Za-z]{3})[a-z]*\s+(\d{2,4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([+-]\d{4}|[A-Za-z]{1,5})?",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex Pattern();
}
