using System.Text;

namespace Tributary.Extraction.Archives;

/// <summary>Paths of members as they may be shown: no roots, no "..", forward slashes, no control characters, each one once.</summary>
internal sealed class MemberPaths
{
    private const int MaxLength = 1_000;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>Whether the member is what operating systems leave behind, not what people packed.</summary>
    public static bool IsLitter(string name)
    {
        var parts = name.Replace('\\', '/').Split('/');
        return parts.Contains("__MACOSX")
            || parts[^1] is ".DS_Store" or "Thumbs.db" or "desktop.ini" or ""
            || parts[^1].StartsWith("._", StringComparison.Ordinal);
    }

    /// <summary>The safe path, with " (2)" before its extension when it was there before.</summary>
    public string Take(string name)
    {
        var safe = Clean(name);
        var unique = safe;
        for (var i = 2; !_seen.Add(unique); i++)
        {
            var dot = safe.LastIndexOf('.');
            dot = dot <= safe.LastIndexOf('/') + 1 ? safe.Length : dot;
            unique = $"{safe[..dot]} ({i}){safe[dot..]}";
        }

        return unique;
    }

    private static string Clean(string name)
    {
        var letters = new StringBuilder(Math.Min(name.Length, MaxLength));
        foreach (var letter in name.Replace('\\', '/'))
        {
            // Marks that turn the reading direction make "cod.exe" look like "exe.doc".
            var isMark = letter is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069' or '\u200E' or '\u200F';
            if (!char.IsControl(letter) && !isMark && letters.Length < MaxLength)
            {
                letters.Append(letter);
            }
        }

        var parts = letters.ToString().Split('/').Where(part => part.Trim() is not ("" or "." or ".."));
        var path = string.Join('/', parts);

        // "C:/x" and "C:x" are absolute elsewhere.
        path = path.Length > 1 && path[1] == ':' && char.IsAsciiLetter(path[0]) ? path[2..].TrimStart('/') : path;
        return path.Length == 0 ? "unnamed" : path;
    }
}
