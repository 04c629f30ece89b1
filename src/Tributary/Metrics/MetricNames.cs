namespace Tributary.Metrics;

/// <summary>Names of instruments in Prometheus' alphabet and manners.</summary>
internal static class MetricNames
{
    /// <summary><c>http.server.request.duration</c> in <c>s</c> becomes <c>http_server_request_duration_seconds</c>.</summary>
    public static string Metric(string instrument, string? unit, MetricKind kind)
    {
        var name = Sanitise(instrument, colons: true);
        var suffix = unit switch
        {
            "s" => "seconds",
            "ms" => "milliseconds",
            "By" => "bytes",
            "1" when kind == MetricKind.Gauge => "ratio",
            "%" => "percent",
            _ => "",
        };
        var isTotal = kind == MetricKind.Counter;
        if (isTotal && name.EndsWith("_total", StringComparison.Ordinal))
        {
            name = name[..^"_total".Length];
        }

        if (suffix.Length > 0 && !name.EndsWith(suffix, StringComparison.Ordinal))
        {
            name += "_" + suffix;
        }

        return isTotal ? name + "_total" : name;
    }

    /// <summary><c>http.route</c> becomes <c>http_route</c>.</summary>
    public static string Label(string tag)
    {
        var name = Sanitise(tag, colons: false);
        // Names that begin with two underscores are Prometheus' own.
        return name.StartsWith("__", StringComparison.Ordinal) ? "_" + name.TrimStart('_') : name;
    }

    private static string Sanitise(string name, bool colons)
    {
        var safe = string.Create(
            name.Length,
            (name, colons),
            static (span, state) =>
            {
                for (var index = 0; index < span.Length; index++)
                {
                    var character = state.name[index];
                    span[index] =
                        char.IsAsciiLetterOrDigit(character) || character == '_' || (state.colons && character == ':')
                            ? character
                            : '_';
                }
            }
        );
        return safe.Length == 0 || char.IsAsciiDigit(safe[0]) ? "_" + safe : safe;
    }
}
