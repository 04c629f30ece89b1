using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Tributary.Sdk.Http;

/// <summary>Addresses below an API's root, where values can be nothing but values.</summary>
public static partial class ApiAddress
{
    /// <summary>
    /// An address below a root, which keeps its own path (a sub-folder install, a gateway's prefix):
    /// <c>root.At($"t/{id}/posts.json", ("page", 2), ("post_ids[]", ids), ("q", null))</c>.
    /// </summary>
    /// <param name="root">The API's root, with or without a slash at its end.</param>
    /// <param name="path">What stands in braces is escaped, a slash included; the rest is taken as it is.</param>
    /// <param name="query">Escaped; null leaves a parameter out, a list repeats it, times are written in ISO 8601 and UTC.</param>
    /// <exception cref="SourceException">A value of the path is empty, <c>.</c> or <c>..</c>, which would be another address.</exception>
    public static Uri At(this Uri root, FormattableString path, params ReadOnlySpan<(string Name, object? Value)> query)
    {
        var parts = path.GetArguments().Select(SegmentOf).ToArray<object>();
        var text = new StringBuilder(root.GetLeftPart(UriPartial.Path).TrimEnd('/'))
            .Append('/')
            .Append(string.Format(CultureInfo.InvariantCulture, path.Format, parts).TrimStart('/'));
        var separator = path.Format.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        foreach (var (name, value) in query)
        {
            foreach (var single in value is IEnumerable list and not string ? list.Cast<object?>() : [value])
            {
                if (single is not null)
                {
                    text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(TextOf(single)));
                    separator = '&';
                }
            }
        }

        return new Uri(text.ToString());
    }

    /// <summary>The address that a person typed: https where no scheme is given, without query, without a slash at its end.</summary>
    /// <exception cref="UriFormatException">It is none.</exception>
    public static Uri Parse(string typed)
    {
        var text = typed.Trim();
        var address = new Uri(Scheme().IsMatch(text) ? text : "https://" + text);
        return address is { Scheme: "http" or "https", UserInfo: "" }
            ? new Uri(address.GetLeftPart(UriPartial.Path).TrimEnd('/'))
            : throw new UriFormatException("It should be an http or https address without user name and password.");
    }

    /// <summary>What is wrong with an address that a person typed, for <see cref="Settings.IValidatable"/>; null when nothing is.</summary>
    public static string? Problem(string typed)
    {
        try
        {
            Parse(typed);
            return null;
        }
        catch (UriFormatException)
        {
            return "Should be a host like 'forum.example.com' or an address like 'https://example.com/forum', "
                + "without user name and password";
        }
    }

    private static string SegmentOf(object? value)
    {
        var text = value is null ? "" : TextOf(value);
        return text is "" or "." or ".."
            ? throw new SourceException(FailureKind.Source, $"The source names an item '{text}', which is no id.")
            : Uri.EscapeDataString(text);
    }

    private static string TextOf(object value) =>
        value switch
        {
            bool flag => flag ? "true" : "false",
            DateTimeOffset time => time.UtcDateTime.ToString(
                "yyyy-MM-dd'T'HH:mm:ss.fff'Z'",
                CultureInfo.InvariantCulture
            ),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9+.-]*://")]
    private static partial Regex Scheme();
}
