using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace Tributary.Integrations.Web;

/// <summary>
/// One form for addresses that mean the same page (RFC 3986, section 6): scheme and host in lower case, no default port,
/// no fragment (but "#!"), dots resolved, unreserved escapes decoded, tracking and session parameters gone.
/// </summary>
internal static class UrlNormalizer
{
    /// <summary>The longest address that is followed; leaves room for a mark in a work list's key of 2,000.</summary>
    public const int MaxLength = 1_990;

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Dropped = new[]
    {
        "gclid",
        "gclsrc",
        "dclid",
        "gbraid",
        "wbraid",
        "fbclid",
        "msclkid",
        "yclid",
        "twclid",
        "igshid",
        "mc_cid",
        "mc_eid",
        "_ga",
        "_gl",
        "_hsenc",
        "_hsmi",
        "phpsessid",
        "jsessionid",
        "aspsessionid",
    }
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase)
        .GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly SearchValues<char> NeedsWork = SearchValues.Create("#?%;");

    /// <summary>An address that a person typed, https:// added when it has no scheme; null when it is none.</summary>
    public static Uri? ParseBase(string text)
    {
        text = text.Trim();
        if (!text.Contains("://", StringComparison.Ordinal))
        {
            text = "https://" + text;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && Normalize(uri) is { } key ? new Uri(key) : null;
    }

    /// <summary>The one form; null when it is not http or https, or carries a user name.</summary>
    public static string? Normalize(Uri uri)
    {
        if (
            !uri.IsAbsoluteUri
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
            || uri.UserInfo.Length > 0
            || uri.Host.Length == 0
        )
        {
            return null;
        }

        var text = uri.AbsoluteUri;
        if (uri.HostNameType == UriHostNameType.Dns && (!Ascii.IsValid(uri.Host) || uri.Host.EndsWith('.')))
        {
            var port = uri.IsDefaultPort ? "" : $":{uri.Port}";
            text = $"{uri.Scheme}://{uri.IdnHost.TrimEnd('.')}{port}{uri.PathAndQuery}{uri.Fragment}";
        }

        return text.AsSpan().IndexOfAny(NeedsWork) < 0 ? text : Trimmed(text);
    }

    /// <summary>Escapes in one form: unreserved characters decoded, hexadecimal digits in upper case, the rest as it is.</summary>
    public static string NormalizeEscapes(string text)
    {
        var percent = text.IndexOf('%');
        if (percent < 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length).Append(text, 0, percent);
        for (var index = percent; index < text.Length; index++)
        {
            if (
                text[index] == '%'
                && index + 2 < text.Length
                && char.IsAsciiHexDigit(text[index + 1])
                && char.IsAsciiHexDigit(text[index + 2])
            )
            {
                var octet = (char)Convert.ToByte(text.Substring(index + 1, 2), 16);
                if (char.IsAsciiLetterOrDigit(octet) || octet is '-' or '.' or '_' or '~')
                {
                    result.Append(octet);
                }
                else
                {
                    result.Append('%').Append(char.ToUpperInvariant(text[index + 1]));
                    result.Append(char.ToUpperInvariant(text[index + 2]));
                }

                index += 2;
            }
            else
            {
                result.Append(text[index]);
            }
        }

        return result.ToString();
    }

    private static string Trimmed(string text)
    {
        var hash = text.IndexOf('#');
        var fragment = hash >= 0 && hash + 1 < text.Length && text[hash + 1] == '!' ? text[hash..] : "";
        if (hash >= 0)
        {
            text = text[..hash];
        }

        var mark = text.IndexOf('?');
        var path = NormalizeEscapes(WithoutSession(mark < 0 ? text : text[..mark]));
        var query = mark < 0 ? "" : NormalizeEscapes(WithoutTracking(text.AsSpan(mark + 1)));
        return query.Length == 0 ? path + fragment : $"{path}?{query}{fragment}";
    }

    private static string WithoutSession(string path)
    {
        var start = path.IndexOf(";jsessionid=", StringComparison.OrdinalIgnoreCase);
        if (start < 0)
        {
            return path;
        }

        var end = path.IndexOf('/', start);
        return end < 0 ? path[..start] : path.Remove(start, end - start);
    }

    private static string WithoutTracking(ReadOnlySpan<char> query)
    {
        var result = new StringBuilder(query.Length);
        foreach (var range in query.Split('&'))
        {
            var parameter = query[range];
            var equals = parameter.IndexOf('=');
            var name = equals < 0 ? parameter : parameter[..equals];
            if (
                parameter.Length > 0
                && !name.StartsWith("utm_", StringComparison.OrdinalIgnoreCase)
                && !Dropped.Contains(name)
            )
            {
                result.Append(result.Length > 0 ? "&" : "").Append(parameter);
            }
        }

        return result.ToString();
    }
}
