using System.Globalization;
using System.Text.RegularExpressions;

namespace Tributary.Cli;

/// <summary>Lengths of time as people write them.</summary>
internal static partial class Durations
{
    /// <summary>What <see cref="TryParse"/> understands, for messages and help.</summary>
    public const string Form = "seconds, or as 45s, 30m, 24h, 7d, 1h30m";

    /// <summary>Reads <see cref="Form"/> into seconds.</summary>
    public static bool TryParse(string text, out long seconds)
    {
        seconds = 0;
        text = text.Trim();
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds))
        {
            return true;
        }

        var match = Parts().Match(text);
        if (text.Length == 0 || !match.Success)
        {
            return false;
        }

        try
        {
            seconds = checked(
                (Part(match, "d") * 86_400) + (Part(match, "h") * 3600) + (Part(match, "m") * 60) + Part(match, "s")
            );
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    /// <summary>Seconds as a person reads them: <c>1d 2h</c>; at most two units.</summary>
    public static string Show(long seconds)
    {
        (string Unit, long Length)[] units = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];
        var parts = new List<string>();
        foreach (var (unit, length) in units)
        {
            if (seconds >= length && parts.Count < 2)
            {
                parts.Add($"{seconds / length}{unit}");
                seconds %= length;
            }
        }

        return parts.Count == 0 ? "0s" : string.Join(' ', parts);
    }

    private static long Part(Match match, string unit) =>
        match.Groups[unit].Success ? long.Parse(match.Groups[unit].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(
        @"^(?:(?<d>[0-9]{1,9})d)?(?:(?<h>[0-9]{1,9})h)?(?:(?<m>[0-9]{1,9})m)?(?:(?<s>[0-9]{1,9})s)?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Parts();
}
