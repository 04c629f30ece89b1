namespace Tributary.Integrations.SharePoint;

/// <summary>The address of a site, a library or a folder, as the browser shows it.</summary>
/// <param name="Host">The tenant's host.</param>
/// <param name="Parts">The path, unescaped, without what the browser adds.</param>
internal sealed record SiteAddress(string Host, IReadOnlyList<string> Parts)
{
    /// <summary>How many parts name the site at least: two below /sites/ and /teams/, none for the root site.</summary>
    public int SiteParts => Parts is [var first, _, ..] && first.ToLowerInvariant() is "sites" or "teams" ? 2 : 0;

    public bool IsBelow(string suffix) =>
        Host.EndsWith($".{suffix.Trim().TrimStart('.')}", StringComparison.OrdinalIgnoreCase);

    /// <summary>A sharing link, e.g. <c>/:f:/s/Engineering/EkJ3…</c>, which only SharePoint can tell the meaning of.</summary>
    public bool IsSharingLink => Parts is [[':', _, ':'], ..];

    /// <summary>Null when it is none.</summary>
    public static SiteAddress? Parse(string typed)
    {
        var text = typed.Trim();
        if (!text.Contains("://", StringComparison.Ordinal))
        {
            text = "https://" + text;
        }

        // A hash is part of a name here; browsers that mean a fragment are rare.
        if (
            !Uri.TryCreate(text.Replace("#", "%23", StringComparison.Ordinal), UriKind.Absolute, out var address)
            || address.Scheme is not ("https" or "http")
            || address.UserInfo.Length > 0
        )
        {
            return null;
        }

        var parts = PartsOf(address.AbsolutePath);
        // Links that name what they lead to: /:f:/r/sites/X/Library/folder.
        if (parts is [[':', ..], "r", ..])
        {
            parts.RemoveRange(0, 2);
        }

        // The view of a library: …/Forms/AllItems.aspx, with the folder that is shown in its query.
        if (parts is [.., "Forms", var view] && view.EndsWith(".aspx", StringComparison.OrdinalIgnoreCase))
        {
            parts.RemoveRange(parts.Count - 2, 2);
            parts = FolderIn(address.Query) is { } folder ? PartsOf(folder) : parts;
        }

        return new SiteAddress(address.Host, parts);
    }

    private static List<string> PartsOf(string path) =>
        [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];

    /// <summary>The path in <c>?id=%2Fsites%2FX%2FLibrary%2Ffolder</c>, still escaped but for its slashes.</summary>
    private static string? FolderIn(string query) =>
        query
            .TrimStart('?')
            .Split('&')
            .Select(pair => pair.Split('=', 2))
            .Where(pair => pair is [var name, _] && name.ToLowerInvariant() is "id" or "rootfolder")
            .Select(pair => pair[1].Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Replace('+', ' '))
            .FirstOrDefault(path => path.StartsWith('/'));
}
