using System.Globalization;
using System.Text;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Web;

/// <summary>The rules of a robots.txt for one robot (RFC 9309).</summary>
internal sealed class RobotsTxt
{
    /// <summary>How much of a file is read; the RFC asks for at least 500 KiB.</summary>
    public const int MaxBytes = 1024 * 1024;

    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private readonly List<(string Pattern, int Octets, bool Allow)> _rules = [];

    private RobotsTxt() { }

    /// <summary>No rules.</summary>
    public static RobotsTxt Empty { get; } = new();

    /// <summary>The pause that the file asks for, at most 30 seconds. Not part of the RFC, but widely meant.</summary>
    public TimeSpan? CrawlDelay { get; private set; }

    /// <summary>The sitemaps that the file names, for every robot.</summary>
    public List<string> Sitemaps { get; } = [];

    /// <summary>Takes the rules of all groups for this robot, or else those for every robot.</summary>
    /// <param name="text">The file.</param>
    /// <param name="productToken">The robot's name, e.g. <c>Tributary</c>.</param>
    public static RobotsTxt Parse(string text, string productToken)
    {
        var own = new RobotsTxt();
        var general = new RobotsTxt();
        bool isOwn = false,
            isGeneral = false,
            hasRules = true,
            hasOwn = false;
        foreach (var line in text.TrimStart('\uFEFF').AsSpan().EnumerateLines())
        {
            var end = line.IndexOf('#');
            var content = end < 0 ? line : line[..end];
            var colon = content.IndexOf(':');
            if (colon < 0)
            {
                continue;
            }

            var value = content[(colon + 1)..].Trim();
            var name = content[..colon].Trim();
            if (name.Equals("user-agent", StringComparison.OrdinalIgnoreCase))
            {
                if (hasRules)
                {
                    isOwn = isGeneral = hasRules = false;
                }

                isOwn |= TokenOf(value).Equals(productToken, StringComparison.OrdinalIgnoreCase);
                isGeneral |= TokenOf(value) is "*";
                hasOwn |= isOwn;
                continue;
            }

            if (name.Equals("sitemap", StringComparison.OrdinalIgnoreCase))
            {
                own.Sitemaps.Add(value.ToString());
                general.Sitemaps.Add(value.ToString());
                continue;
            }

            var allow = name.Equals("allow", StringComparison.OrdinalIgnoreCase);
            var isRule = allow || name.Equals("disallow", StringComparison.OrdinalIgnoreCase);
            var isDelay = name.Equals("crawl-delay", StringComparison.OrdinalIgnoreCase);
            hasRules |= isRule;
            if (isRule || isDelay)
            {
                foreach (var target in (ReadOnlySpan<RobotsTxt?>)[isOwn ? own : null, isGeneral ? general : null])
                {
                    target?.Add(isDelay, allow, value);
                }
            }
        }

        return hasOwn ? own : general;
    }

    /// <summary>Whether an address may be fetched: the longest rule that fits decides, Allow on a tie, no rule allows.</summary>
    /// <param name="pathAndQuery">The path and query, escaped.</param>
    public bool Allows(string pathAndQuery)
    {
        if (_rules.Count == 0 || pathAndQuery == "/robots.txt")
        {
            return true;
        }

        var hash = pathAndQuery.IndexOf('#');
        var path = Comparable(hash < 0 ? pathAndQuery : pathAndQuery[..hash])
            .Replace("*", "%2A", StringComparison.Ordinal)
            .Replace("$", "%24", StringComparison.Ordinal);
        var longest = -1;
        var allowed = true;
        foreach (var (pattern, octets, allow) in _rules)
        {
            if ((octets > longest || (octets == longest && allow)) && Wildcard.Fits(pattern, path))
            {
                longest = octets;
                allowed = allow;
            }
        }

        return allowed;
    }

    private void Add(bool isDelay, bool allow, ReadOnlySpan<char> value)
    {
        if (isDelay)
        {
            if (
                double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
                && seconds > 0
            )
            {
                CrawlDelay = TimeSpan.FromSeconds(Math.Min(seconds, LongestDelay.TotalSeconds));
            }

            return;
        }

        if (value.Length is 0 or > 2_000)
        {
            return;
        }

        var rule = Comparable(value.ToString());
        var octets = rule.Length;
        var isAnchored = rule.EndsWith('$');
        rule = (isAnchored ? rule[..^1] : rule).Replace("$", "%24", StringComparison.Ordinal);
        _rules.Add((isAnchored ? rule : rule + "*", octets, allow));
    }

    private static ReadOnlySpan<char> TokenOf(ReadOnlySpan<char> userAgent)
    {
        var end = userAgent.IndexOfAny('/', ' ', '\t');
        return end < 0 ? userAgent : userAgent[..end];
    }

    // Section 2.2.2: octets outside ASCII are compared escaped, unreserved ones unescaped.
    private static string Comparable(string path)
    {
        if (Ascii.IsValid(path))
        {
            return UrlNormalizer.NormalizeEscapes(path);
        }

        var escaped = new StringBuilder(path.Length + 16);
        foreach (var octet in Encoding.UTF8.GetBytes(path))
        {
            if (octet < 0x80)
            {
                escaped.Append((char)octet);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
            }
        }

        return UrlNormalizer.NormalizeEscapes(escaped.ToString());
    }
}
