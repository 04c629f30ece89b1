using System.Collections.Frozen;
using AngleSharp.Dom;

namespace Tributary.Extraction.Html;

/// <summary>Elements that begin a line of their own (https://html.spec.whatwg.org/#flow-content-3).</summary>
internal static class BlockElements
{
    private static readonly FrozenSet<string> Names = (
        "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form "
        + "h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav ol p pre search section summary table tbody td tfoot th thead tr ul"
    )
        .Split(' ')
        .ToFrozenSet();

    public static bool Contains(string name) => Names.Contains(name);

    /// <summary>Whether there is one in the element, down to so many levels.</summary>
    public static bool AreIn(IElement element, int depth)
    {
        foreach (var child in element.Children)
        {
            if (Names.Contains(child.LocalName) || depth > 0 && AreIn(child, depth - 1))
            {
                return true;
            }
        }

        return false;
    }
}
