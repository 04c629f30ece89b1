namespace Tributary.Sdk.Incremental;

/// <summary>Leaves out what the page before had already, for listings whose pages overlap. Holds the ids of one page.</summary>
public sealed class PageBoundary
{
    private HashSet<string> _before = [];

    /// <summary>The items that are new on this page.</summary>
    /// <param name="items">The page's items.</param>
    /// <param name="mark">An item's id with its state, so that one that changed in between is new.</param>
    public IReadOnlyList<T> Fresh<T>(IReadOnlyList<T> items, Func<T, string> mark)
    {
        var here = new HashSet<string>(StringComparer.Ordinal);
        var fresh = items.Where(item => here.Add(mark(item)) && !_before.Contains(mark(item))).ToList();
        _before = here;
        return fresh;
    }
}
