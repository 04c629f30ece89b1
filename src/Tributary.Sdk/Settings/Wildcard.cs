namespace Tributary.Sdk.Settings;

/// <summary>Patterns in which * stands for any run of characters, as robots.txt and settings have them.</summary>
public static class Wildcard
{
    /// <summary>Whether the whole text fits. Takes at most pattern × text steps, whatever the pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="text">The text.</param>
    /// <param name="ignoreCase">Whether upper and lower case are the same.</param>
    public static bool Fits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text, bool ignoreCase = false)
    {
        int at = 0,
            inText = 0,
            star = -1,
            resume = 0;
        while (inText < text.Length)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                star = at++;
                resume = inText;
            }
            else if (at < pattern.Length && Same(pattern[at], text[inText], ignoreCase))
            {
                at++;
                inText++;
            }
            else if (star >= 0)
            {
                // The last star takes one character more; earlier ones need not be tried again.
                at = star + 1;
                inText = ++resume;
            }
            else
            {
                return false;
            }
        }

        return pattern[at..].IndexOfAnyExcept('*') < 0;
    }

    private static bool Same(char left, char right, bool ignoreCase) =>
        left == right || (ignoreCase && char.ToUpperInvariant(left) == char.ToUpperInvariant(right));
}
