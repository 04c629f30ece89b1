using System.Buffers;

namespace Tributary.Extraction.Html;

/// <summary>Links as browsers read them (https://url.spec.whatwg.org/): trimmed, line ends removed, backslashes as slashes.</summary>
internal static class Addresses
{
    private static readonly SearchValues<char> FragmentCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?"
    );

    // Longer ones are made by traps and scripts.
    private const int MaxLength = 8_192;

    /// <summary>The absolute http or https address; null when it is no such.</summary>
    /// <param name="start">Where relative links start from; null when nobody knows.</param>
    /// <param name="href">As written.</param>
    public static Uri? Resolve(Uri? start, string? href)
    {
        if (string.IsNullOrWhiteSpace(href) || href.Length > MaxLength)
        {
            return null;
        }

        href = href.Trim();
        if (href.AsSpan().IndexOfAny('\t', '\n', '\r') >= 0)
        {
            href = href.Replace("\t", "").Replace("\n", "").Replace("\r", "");
        }

        if (href.Contains('\\'))
        {
            var path = href.AsSpan().IndexOfAny('?', '#');
            href = path < 0 ? href.Replace('\\', '/') : href[..path].Replace('\\', '/') + href[path..];
        }

        // Without a start, "/x" would be taken for a file.
        var isAddress = start is null
            ? Uri.TryCreate(href, UriKind.Absolute, out var address) && !href.StartsWith('/')
            : Uri.TryCreate(start, href, out address);
        return isAddress && (address!.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? address
            : null;
    }

    /// <summary>The page's address with the fragment of an id; null when the page has no address.</summary>
    public static string? OfAnchor(Uri? page, string? id)
    {
        if (page is null || string.IsNullOrEmpty(id))
        {
            return null;
        }

        var escaped = id.AsSpan().ContainsAnyExcept(FragmentCharacters) ? Uri.EscapeDataString(id) : id;
        return page.GetLeftPart(UriPartial.Query) + "#" + escaped;
    }
}
