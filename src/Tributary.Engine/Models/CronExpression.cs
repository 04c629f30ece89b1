using System.Globalization;

namespace Tributary.Engine.Models;

/// <summary>
/// When a model is read: five-field cron in UTC (minute, hour, day of month, month, weekday 0–6 from Sunday), or
/// <c>@every</c> with hours, minutes and seconds (<c>@every 1h30m</c>). Where both day fields are restricted, either
/// suffices, as in every cron.
/// </summary>
public sealed class CronExpression
{
    private const string Every = "@every ";
    private const int DaysAhead = 366 * 9;

    /// <summary>A hundred years, in seconds: a longer interval counts as this, so that no calendar ends.</summary>
    private const long Longest = 100L * 365 * 86_400;

    private readonly long? _seconds;
    private readonly Field _minutes;
    private readonly Field _hours;
    private readonly Field _days;
    private readonly Field _months;
    private readonly Field _weekdays;

    private CronExpression(long seconds) => _seconds = seconds;

    private CronExpression(Field[] fields) =>
        (_minutes, _hours, _days, _months, _weekdays) = (fields[0], fields[1], fields[2], fields[3], fields[4]);

    /// <summary>The interval of an <c>@every</c>, in seconds; null for five fields.</summary>
    public long? EverySeconds => _seconds;

    /// <summary>Reads an expression.</summary>
    /// <exception cref="FormatException">It is none; the message says which part is wrong.</exception>
    public static CronExpression Parse(string text)
    {
        if (text.StartsWith(Every, StringComparison.Ordinal))
        {
            return new CronExpression(Duration(text[Every.Length..].Trim()));
        }

        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length != 5)
        {
            throw new FormatException(
                $"'{text}' is no schedule: write five fields (minute hour day month weekday) or '@every 1h30m'."
            );
        }

        var expression = new CronExpression([
            Field.Parse(parts[0], 0, 59, "minute"),
            Field.Parse(parts[1], 0, 23, "hour"),
            Field.Parse(parts[2], 1, 31, "day of the month"),
            Field.Parse(parts[3], 1, 12, "month"),
            Field.Parse(parts[4], 0, 6, "weekday"),
        ]);
        return expression.HasDay()
            ? expression
            : throw new FormatException($"'{text}' names a day that no year has, such as 31 February.");
    }

    /// <summary>The first instant after <paramref name="after"/>; an interval is measured from there.</summary>
    public DateTimeOffset Next(DateTimeOffset after)
    {
        if (_seconds is { } seconds)
        {
            return after.AddSeconds(seconds);
        }

        var from = after.ToUniversalTime();
        var minute = new DateTimeOffset(from.Year, from.Month, from.Day, from.Hour, from.Minute, 0, TimeSpan.Zero);
        for (var next = minute.AddMinutes(1); ; )
        {
            if (!IsDay(next))
            {
                next = new DateTimeOffset(next.UtcDateTime.Date, TimeSpan.Zero).AddDays(1);
            }
            else if (!_hours.Has(next.Hour))
            {
                next = next.AddMinutes(60 - next.Minute);
            }
            else if (!_minutes.Has(next.Minute))
            {
                next = next.AddMinutes(1);
            }
            else
            {
                return next;
            }
        }
    }

    /// <summary>
    /// The shortest time between two firings, in seconds, as the Cargo clients reckon it: the month is left out of
    /// account, since it can only make it longer.
    /// </summary>
    public long ShortestInterval()
    {
        if (_seconds is { } seconds)
        {
            return seconds;
        }

        var minutes = _hours.Values.SelectMany(hour => _minutes.Values.Select(minute => hour * 60 + minute)).ToList();
        var overnight = minutes[0] + ShortestDays() * 1440 - minutes[^1];
        return minutes.Zip(minutes.Skip(1), (left, right) => right - left).Append(overnight).Min() * 60L;
    }

    /// <summary>The least number of days between two days that match.</summary>
    private int ShortestDays()
    {
        if (_days.IsAny && _weekdays.IsAny)
        {
            return 1;
        }

        var byDay = _days.IsAny ? int.MaxValue : ShortestGap(_days.Values, Math.Max(28, _days.Values[^1]));
        var byWeekday = _weekdays.IsAny ? int.MaxValue : ShortestGap(_weekdays.Values, 7);
        return Math.Min(byDay, byWeekday);
    }

    private static int ShortestGap(IReadOnlyList<int> values, int cycle) =>
        values.Zip(values.Skip(1), (left, right) => right - left).Append(values[0] + cycle - values[^1]).Min();

    private bool IsDay(DateTimeOffset time)
    {
        if (!_months.Has(time.Month))
        {
            return false;
        }

        var (isDay, isWeekday) = (_days.Has(time.Day), _weekdays.Has((int)time.DayOfWeek));
        return _days.IsAny || _weekdays.IsAny ? isDay && isWeekday : isDay || isWeekday;
    }

    /// <summary>Whether any day matches; nine years hold a 29 February, also around 2100.</summary>
    private bool HasDay()
    {
        var start = new DateTimeOffset(2096, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return Enumerable.Range(0, DaysAhead).Any(day => IsDay(start.AddDays(day)));
    }

    private static long Duration(string text)
    {
        long total = 0;
        var at = 0;
        while (at < text.Length)
        {
            var end = at;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
            {
                end++;
            }

            long unit =
                end == text.Length ? 0
                : text[end] == 'h' ? 3600
                : text[end] == 'm' ? 60
                : text[end] == 's' ? 1
                : 0;
            if (
                unit == 0
                || !long.TryParse(text[at..end], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            )
            {
                total = 0;
                break;
            }

            total = Math.Min(total + Math.Min(count, Longest) * unit, Longest);
            at = end + 1;
        }

        return total > 0
            ? total
            : throw new FormatException(
                $"'{text}' is no interval: write hours, minutes and seconds after '@every', such as '1h30m'."
            );
    }

    /// <summary>One field: the values that match.</summary>
    private readonly record struct Field(ulong Bits, bool IsAny)
    {
        public bool Has(int value) => (Bits >> value & 1) != 0;

        public IReadOnlyList<int> Values
        {
            get
            {
                var bits = Bits;
                return [.. Enumerable.Range(0, 60).Where(value => (bits >> value & 1) != 0)];
            }
        }

        public static Field Parse(string text, int least, int most, string name)
        {
            ulong bits = 0;
            foreach (var part in text.Split(','))
            {
                var (first, last, step) = Range(part, least, most, name);
                for (var value = first; value <= last; value += step)
                {
                    bits |= 1UL << value;
                }
            }

            return new Field(bits, text == "*");
        }

        private static (int First, int Last, int Step) Range(string part, int least, int most, string name)
        {
            var slash = part.Split('/');
            var step = 1;
            if (slash.Length > 2 || (slash.Length == 2 && (!TryRead(slash[1], out step) || step < 1)))
            {
                throw Wrong();
            }

            if (slash[0] == "*")
            {
                return (least, most, step);
            }

            var ends = slash[0].Split('-');
            var last = 0;
            if (
                ends.Length > 2
                || !TryRead(ends[0], out var first)
                || (ends.Length == 2 && !TryRead(ends[1], out last))
            )
            {
                throw Wrong();
            }

            // A step from a single value runs to the end of the range.
            last =
                ends.Length == 2 ? last
                : slash.Length == 2 ? most
                : first;
            return first >= least && last <= most && first <= last ? (first, last, step) : throw Wrong();

            FormatException Wrong() =>
                new(
                    $"'{part}' is no {name} of a schedule: write numbers from {least} to {most}, '*', '-', ',' and '/'."
                );
        }

        private static bool TryRead(string text, out int number) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= 1000;
    }
}
