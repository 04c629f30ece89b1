namespace Tributary.Engine.Proxy;

/// <summary>
/// Where a request through a connector goes. The connector decides on scheme, host, port and the beginning of the path;
/// nothing in the caller's path can change them.
/// </summary>
internal static class ProxyAddress
{
    private const int MaxLength = 16_000;
    private const int MostEscapes = 3;

    /// <summary>The address.</summary>
    /// <param name="api">The API's address.</param>
    /// <param name="path">What the caller adds, escaped.</param>
    /// <param name="query">With its question mark, or empty.</param>
    /// <exception cref="EngineException">Rejected, <c>invalidPath</c>.</exception>
    public static Uri Of(Uri api, string path, string query)
    {
        if (path.Length + query.Length > MaxLength)
        {
            throw Refused($"is longer than {MaxLength} characters");
        }

        if (path.StartsWith('/') || path.StartsWith('\\'))
        {
            throw Refused("begins with two slashes, which could name another host");
        }

        if (path.Any(IsStrange) || query.Any(IsStrange))
        {
            throw Refused("holds a backslash, '#', a space or a control character; escape it with %");
        }

        DemandNoWayUp(path);
        var start = api.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/";

        // The API's own query, e.g. a version, stays.
        var all = api.Query.Length > 1 ? api.Query + (query.Length > 1 ? "&" + query[1..] : "") : query;
        var isSame =
            Uri.TryCreate(start + path + all, UriKind.Absolute, out var target)
            && target.Scheme == api.Scheme
            && target.Port == api.Port
            && target.UserInfo.Length == 0
            && string.Equals(target.IdnHost, api.IdnHost, StringComparison.OrdinalIgnoreCase)
            && target.AbsolutePath.StartsWith(new Uri(start).AbsolutePath, StringComparison.Ordinal);
        return isSame ? target! : throw Refused("leads away from the API's address");
    }

    // Escaped slashes are part of names (group%2Fproject) and stay; but no server may find '..' behind any escape.
    private static void DemandNoWayUp(string path)
    {
        for (var round = 0; round <= MostEscapes; round++)
        {
            if (path.Split('/', '\\', ';').Any(segment => segment is "." or ".."))
            {
                throw Refused("holds '.' or '..' as a segment");
            }

            var plain = Uri.UnescapeDataString(path);
            if (plain == path)
            {
                return;
            }

            if (plain.Any(letter => letter is '\0' or '\r' or '\n' or '\\'))
            {
                throw Refused("holds an escaped backslash or control character");
            }

            path = plain;
        }
    }

    private static bool IsStrange(char letter) => letter is '\\' or '#' or ' ' or '\x7f' || char.IsControl(letter);

    private static EngineException Refused(string what) =>
        new(RefusalKind.Rejected, $"The path {what}.", "invalidPath");
}
