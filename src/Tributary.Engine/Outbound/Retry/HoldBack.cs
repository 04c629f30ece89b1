using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Tributary.Engine.Outbound.Retry;

/// <summary>Reads from an answer how long its sender wants to be left alone.</summary>
/// <remarks>
/// Retry-After (RFC 9110, 10.2.3), which wins where it is; RateLimit (draft-ietf-httpapi-ratelimit-headers) in its
/// present and its older forms; and the X-RateLimit family, whose reset is a Unix time with some and seconds with others.
/// </remarks>
internal static class HoldBack
{
    // Delta or Unix time? Nobody's window is thirty years long, and nobody's clock is in 2001.
    private const double FirstUnixSeconds = 1e9;
    private const double FirstUnixMilliseconds = 1e12;

    private static readonly string[] _remaining =
    [
        "X-RateLimit-Remaining",
        "X-Rate-Limit-Remaining",
        "RateLimit-Remaining",
    ];
    private static readonly string[] _reset = ["X-RateLimit-Reset", "X-Rate-Limit-Reset", "RateLimit-Reset"];

    /// <summary>
    /// How long nothing should be sent; zero when a wait was asked for that is over already; null when none was asked
    /// for, or in words that make no sense.
    /// </summary>
    public static TimeSpan? Of(HttpResponseMessage response, DateTimeOffset now)
    {
        if (IsRefusal(response.StatusCode) && RetryAfter(response, now) is { } delay)
        {
            return delay;
        }

        return UsedUp(response, now);
    }

    private static bool IsRefusal(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.Forbidden;

    private static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now)
    {
        if (First(response, "Retry-After") is not { } text)
        {
            return null;
        }

        if (Number(text) is { } seconds)
        {
            return Seconds(seconds);
        }

        // The answer's own Date is taken for the present: the sender's clock may be minutes off ours.
        return RetryConditionHeaderValue.TryParse(text, out var parsed) && parsed.Date is { } date
            ? Seconds((date - (response.Headers.Date ?? now)).TotalSeconds)
            : null;
    }

    private static TimeSpan? UsedUp(HttpResponseMessage response, DateTimeOffset now)
    {
        var headers = response.Headers.NonValidated;
        if (headers.Count == 0)
        {
            return null;
        }

        if (First(response, "RateLimit") is not null)
        {
            return Structured(string.Join(',', headers["RateLimit"]));
        }

        var remaining = _remaining.Select(name => First(response, name)).FirstOrDefault(value => value is not null);
        if (remaining is null || Number(remaining) is not <= 0)
        {
            return null;
        }

        var reset = _reset.Select(name => First(response, name)).FirstOrDefault(value => value is not null);
        return reset is not null && Number(reset) is { } number ? Until(number, response.Headers.Date ?? now) : null;
    }

    private static TimeSpan Until(double reset, DateTimeOffset now) =>
        reset switch
        {
            >= FirstUnixMilliseconds => Seconds((reset - now.ToUnixTimeMilliseconds()) / 1000),
            >= FirstUnixSeconds => Seconds(reset - now.ToUnixTimeMilliseconds() / 1000.0),
            _ => Seconds(reset),
        };

    // "default";r=0;t=30, "daily";r=5;t=4000 – or, before draft 08: limit=100, remaining=0, reset=30.
    private static TimeSpan? Structured(string value)
    {
        TimeSpan? longest = null;
        foreach (var policy in value.Contains(';') ? value.Split(',') : [value.Replace(',', ';')])
        {
            double? remaining = null;
            double? reset = null;
            foreach (var part in policy.Split(';', StringSplitOptions.TrimEntries))
            {
                switch (part.Split('=', 2, StringSplitOptions.TrimEntries))
                {
                    case ["r" or "remaining", var number]:
                        remaining = Number(number);
                        break;
                    case ["t" or "reset", var number]:
                        reset = Number(number);
                        break;
                }
            }

            if (remaining <= 0 && reset is { } seconds && (longest is null || Seconds(seconds) > longest))
            {
                longest = Seconds(seconds);
            }
        }

        return longest;
    }

    private static string? First(HttpResponseMessage response, string name)
    {
        if (!response.Headers.NonValidated.TryGetValues(name, out var values))
        {
            return null;
        }

        foreach (var value in values)
        {
            return value.Trim();
        }

        return null;
    }

    private static double? Number(string text) =>
        double.TryParse(
            text,
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : null;

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 1e9));
}
