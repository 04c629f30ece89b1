namespace Tributary.Integrations.Web;

/// <summary>The parts of a normalised address, as slices of it.</summary>
internal readonly ref struct UrlParts
{
    public UrlParts(ReadOnlySpan<char> url)
    {
        var start = url.IndexOf("://") + 3;
        var path = url[start..].IndexOf('/') + start;
        Scheme = url[..(start - 3)];
        Authority = url[start..path];
        Origin = url[..path];
        PathAndQuery = url[path..];
        var end = PathAndQuery.IndexOfAny('?', '#');
        Path = end < 0 ? PathAndQuery : PathAndQuery[..end];
        WithoutQuery = url[..(path + Path.Length)];
    }

    public ReadOnlySpan<char> Scheme { get; }

    /// <summary>Host, and port when it is not the scheme's.</summary>
    public ReadOnlySpan<char> Authority { get; }

    /// <summary>The authority without "www.": http and https, with and without "www.", are one site.</summary>
    public ReadOnlySpan<char> Site => Authority.StartsWith("www.") ? Authority[4..] : Authority;

    /// <summary>Scheme and authority.</summary>
    public ReadOnlySpan<char> Origin { get; }

    public ReadOnlySpan<char> Path { get; }

    public ReadOnlySpan<char> PathAndQuery { get; }

    public ReadOnlySpan<char> WithoutQuery { get; }

    public bool HasQuery => PathAndQuery.Length > Path.Length;

    public static bool SameSite(string left, string right) =>
        new UrlParts(left).Site.SequenceEqual(new UrlParts(right).Site);
}
