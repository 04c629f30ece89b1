using System.Text.RegularExpressions;

namespace Tributary.Sdk.Paging;

/// <summary>Addresses of next pages, which come from the source and are believed only as far as its own host.</summary>
internal static partial class NextLink
{
    /// <summary>The target of <c>rel="next"</c>; null when there is none.</summary>
    public static string? OfHeader(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Link", out var values)
            ? values
                .SelectMany(value => Link().Matches(value))
                .FirstOrDefault(match => Next().IsMatch(match.Groups["parameters"].Value))
                ?.Groups["target"]
                .Value
            : null;

    /// <summary>The absolute form of a link; null when there is none.</summary>
    /// <exception cref="SourceException">It leads to another host, where credentials must not go.</exception>
    public static string? Checked(Uri first, string? link) =>
        string.IsNullOrEmpty(link) ? null : Resolve(first, link).AbsoluteUri;

    /// <summary>The address of a position: the first page for null.</summary>
    /// <exception cref="SourceException">It leads to another host.</exception>
    public static Uri Resolve(Uri first, string? link)
    {
        if (link is null)
        {
            return first;
        }

        if (Uri.TryCreate(first, link, out var address))
        {
            var origin = first.GetLeftPart(UriPartial.Authority);
            if (address.GetLeftPart(UriPartial.Authority) == origin)
            {
                return address;
            }

            // Servers behind a proxy often know their host and not what stands before it: the scheme and the port.
            var isSameHost = string.Equals(address.IdnHost, first.IdnHost, StringComparison.OrdinalIgnoreCase);
            if (isSameHost && address is { Scheme: "http" or "https", IsDefaultPort: true, UserInfo: "" })
            {
                return new Uri(origin + address.PathAndQuery);
            }
        }

        throw new SourceException(
            FailureKind.Source,
            $"{first.GetLeftPart(UriPartial.Path)} continues its listing at {address?.Host ?? "no valid address"}: another "
                + "host is not followed, since credentials would go there."
        );
    }

    [GeneratedRegex("<(?<target>[^>]*)>(?<parameters>(?:\\s*;\\s*[^\\s;,=]+\\s*=\\s*(?:\"[^\"]*\"|[^\\s;,\"]*))*)")]
    private static partial Regex Link();

    [GeneratedRegex(";\\s*rel\\s*=\\s*(?:\"(?:[^\"]* )?next(?: [^\"]*)?\"|next(?![^\\s;,]))", RegexOptions.IgnoreCase)]
    private static partial Regex Next();
}
