namespace Tributary.Integrations.Web;

/// <summary>What X-Robots-Tag headers forbid.</summary>
internal readonly record struct RobotsTags(bool NoIndex, bool NoFollow)
{
    /// <summary>Reads them: <c>noindex, nofollow</c> or <c>botname: noindex</c>, any number of times.</summary>
    public static RobotsTags Of(HttpResponseMessage response, string productToken)
    {
        if (!response.Headers.NonValidated.TryGetValues("X-Robots-Tag", out var values))
        {
            return default;
        }

        bool noIndex = false,
            noFollow = false;
        foreach (var value in values)
        {
            var rules = value;
            var colon = value.IndexOf(':');
            var name = colon < 0 ? "" : value[..colon].Trim();

            // "unavailable_after: <date>" has a colon too, but names no robot.
            if (colon >= 0 && !name.Contains(',') && name != "unavailable_after")
            {
                if (!name.Equals(productToken, StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                rules = value[(colon + 1)..];
            }

            foreach (var rule in rules.Split(',', StringSplitOptions.TrimEntries))
            {
                var isNone = rule.Equals("none", StringComparison.OrdinalIgnoreCase);
                noIndex |= isNone || rule.Equals("noindex", StringComparison.OrdinalIgnoreCase);
                noFollow |= isNone || rule.Equals("nofollow", StringComparison.OrdinalIgnoreCase);
            }
        }

        return new RobotsTags(noIndex, noFollow);
    }
}
