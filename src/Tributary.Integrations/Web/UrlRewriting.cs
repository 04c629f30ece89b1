namespace Tributary.Integrations.Web;

/// <summary>url_rewrites: the beginning of stored addresses replaced.</summary>
internal static class UrlRewriting
{
    /// <summary>The address after the first rewrite whose source it begins with.</summary>
    public static string Apply(IReadOnlyList<UrlRewrite> rewrites, string url)
    {
        foreach (var rewrite in rewrites)
        {
            if (url.StartsWith(rewrite.Source, StringComparison.Ordinal))
            {
                return string.Concat(rewrite.Target, url.AsSpan(rewrite.Source.Length));
            }
        }

        return url;
    }
}
