using System.Text;

namespace Tributary.Integrations.Web;

/// <summary>
/// A page's links inside the site as a document's note, so that they can be followed when the server says that the page
/// has not changed: a version, then one address a line, without its origin where that is the page's own.
/// </summary>
internal static class LinkNote
{
    private const int MaxBytes = 64 * 1024;
    private const string Version = "1";

    /// <summary>The note; null when it would be too large: then the page is fetched each time.</summary>
    public static string? Write(string page, IReadOnlyList<string> links)
    {
        if (links.Count == 0)
        {
            return Version;
        }

        var origin = new UrlParts(page).Origin;
        var note = new StringBuilder(Version);
        foreach (var link in links)
        {
            note.Append('\n')
                .Append(new UrlParts(link).Origin.SequenceEqual(origin) ? link.AsSpan(origin.Length) : link);
            if (note.Length > MaxBytes)
            {
                return null;
            }
        }

        // Normalised addresses are ASCII, so characters are bytes.
        return note.ToString();
    }

    /// <summary>The links; null when there is no note that we understand.</summary>
    public static IReadOnlyList<string>? Read(string page, string? note)
    {
        if (note is null || (note != Version && !note.StartsWith(Version + "\n", StringComparison.Ordinal)))
        {
            return null;
        }

        var origin = new UrlParts(page).Origin.ToString();
        return [.. note.Split('\n').Skip(1).Select(link => link.StartsWith('/') ? origin + link : link)];
    }
}
