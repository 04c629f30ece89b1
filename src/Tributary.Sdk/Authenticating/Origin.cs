using System.Collections.Immutable;

namespace Tributary.Sdk.Authenticating;

/// <summary>Scheme, host and port: what credentials are bound to.</summary>
internal static class Origin
{
    public static ImmutableArray<Uri> Of(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        && uri.UserInfo.Length == 0
            ? [uri]
            : throw new SourceException(
                FailureKind.Configuration,
                "The address of the source's API has to be a whole one that starts with https:// (or http://) and holds no user name."
            );

    public static ImmutableArray<Uri> Add(ImmutableArray<Uri> origins, IEnumerable<string> addresses) =>
        [.. origins, .. addresses.SelectMany(address => Of(address))];

    /// <summary>Whether an address is at the host of another, or at one below it.</summary>
    public static bool IsBelow(string address, string other)
    {
        var (one, home) = (new Uri(address), new Uri(other));
        return one.Scheme == home.Scheme
            && one.Port == home.Port
            && $".{one.IdnHost}".EndsWith($".{home.IdnHost}", StringComparison.OrdinalIgnoreCase);
    }

    public static bool IsSame(Uri one, Uri other) =>
        one.Scheme == other.Scheme
        && one.Port == other.Port
        && string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);
}
